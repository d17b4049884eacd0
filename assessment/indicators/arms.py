"""What of a figure happens on one day, and what stands at the cut: taken from its declaration.

A condition is split into arms of which a row meets at most one. A *flow* happens at one instant of
the row within the period (its `base`), so counts of single days add up to any period. A *stock* is
what has not ended at the cut; it is counted for the period that is asked, never added up
(assessment law §§2–3). What can be split into neither is counted whole.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from hashlib import sha256
from itertools import product
from typing import Any

from django.db.models import Q

from assessment.indicators import INDICATORS, Grain, Indicator, condition_of
from assessment.periods import Period

# Three instants that no row has: where they stand in a condition, a period's own are put.
START, CUT, AS_OF = (datetime(1900, 1, day, 1, 2, 3, 4567, UTC) for day in (1, 2, 3))
_MARKED = Period(START, CUT, AS_OF)
Instants = Mapping[datetime, Any]
STOCK = ""  # the base of what stands at the cut
HOW_KEPT = "days and months, each in all and by one dimension"


def instants_of(period: Period) -> Instants:
    return {START: period.start, CUT: period.cut, AS_OF: period.as_of}


@cache
def arms_of(key: str) -> dict[str, Q] | None:
    """The marked arms of a figure by their base; None where it can only be counted whole.

    Of flows by the same instant a row may meet several; they are one arm. No row is in two arms
    of different bases, which the tests hold for every figure.
    """
    found: dict[str, Q] = {}
    for parts in _essential(_arms(condition_of(INDICATORS[key], _MARKED, INDICATORS))):
        bases = _bases(parts)
        if len(bases) > 1 or (not bases and not any(map(_stands, parts))):
            return None
        base = next(iter(bases), STOCK)
        found[base] = found.get(base, Q()) | Q(*_once(parts))
    return found


def _once(parts: list[Part]) -> list[Part]:
    """Each part once: a planner takes what is said twice for twice as rare."""
    return list({repr(part): part for part in parts}.values())


@dataclass(frozen=True, slots=True)
class Slot:
    """A place in the sums of a grain and base: the figure that is counted there, and how."""

    key: str
    marked: Q


@cache
def slots_of(grain: Grain) -> dict[str, tuple[Slot, ...]]:
    """Of each base of a grain what is summed by it, in the order of the registry."""
    found: dict[str, list[Slot]] = {}
    for indicator in INDICATORS.values():
        if indicator.grain == grain:
            for base, marked in (arms_of(indicator.key) or {}).items():
                if base != STOCK:
                    found.setdefault(base, []).append(Slot(indicator.key, marked))
    return {base: tuple(slots) for base, slots in found.items()}


def stock_of(indicator: Indicator, period: Period) -> Q | None:
    """What of a figure stands at the cut of a period; None for what only flows."""
    marked = (arms_of(indicator.key) or {}).get(STOCK)
    return None if marked is None else at_instants(marked, instants_of(period))


@cache
def is_open_ended(key: str) -> bool:
    """Whether what happens after the cut still changes the figure, up to the data time."""
    arms = (arms_of(key) or {}).values()
    return any(leaf[1] == AS_OF for arm in arms for leaf in _all_leaves(arm))


@cache
def shape() -> str:
    """A fingerprint of all that is summed: another definition makes older sums useless."""
    said: list[object] = [HOW_KEPT]
    said += [
        (str(grain), base, [(slot.key, repr(slot.marked)) for slot in slots])
        for grain in Grain
        for base, slots in slots_of(grain).items()
    ]
    return sha256(repr(said).encode()).hexdigest()


Part = Any  # a Q, or a pair of lookup and value


def _arms(part: Part) -> list[list[Part]]:
    """Alternatives, each a list of what must hold; only what happens in time is spread out."""
    if not isinstance(part, Q) or part.negated:
        return [[part]]
    if part.connector == Q.AND:
        spread = product(*(_arms(child) for child in part.children))
        return [[one for listed in alternative for one in listed] for alternative in spread]
    if part.connector == Q.OR and _bases(list(_leaves(part))):
        return [arm for child in part.children for arm in _arms(child)]
    return [[part]]


def _essential(arms: list[list[Part]]) -> list[list[Part]]:
    """Without those that only narrow another one: a or (a and b) is a."""
    return [
        arm
        for place, arm in enumerate(arms)
        if not any(
            all(part in arm for part in other)
            and (len(other) < len(set(map(repr, arm))) or n < place)
            for n, other in enumerate(arms)
            if n != place
        )
    ]


def _bases(parts: list[Part]) -> set[str]:
    """The columns that must lie between start and cut."""
    said = {(part[0], part[1]) for part in parts if _is_marked(part)}
    begun = {name.removesuffix("__gte") for name, at in said if at == START}
    return {name for name in begun if (f"{name}__lt", CUT) in said}


def _is_marked(part: Part) -> bool:
    return isinstance(part, tuple) and isinstance(part[1], datetime)


def _leaves(part: Part) -> list[Part]:
    if not isinstance(part, Q):
        return [part]
    return [] if part.negated else [leaf for child in part.children for leaf in _leaves(child)]


def _all_leaves(part: Part) -> list[Part]:
    if isinstance(part, Q):
        return [leaf for child in part.children for leaf in _all_leaves(child)]
    return [part] if _is_marked(part) else []


def _stands(part: Part) -> bool:
    """Whether this alone says that the row had not ended at the cut."""
    if isinstance(part, tuple):
        return part in {("ended_at", None), ("ended_at__gte", CUT)} if _plain(part) else False
    if part.negated:
        return False
    whether: Callable[[Any], bool] = all if part.connector == Q.OR else any
    return whether(_stands(child) for child in part.children)


def _plain(part: tuple[str, Any]) -> bool:
    return part[1] is None or isinstance(part[1], datetime)


def at_instants(part: Part, instants: Instants) -> Part:
    """The same condition with other instants in the marked places."""
    if isinstance(part, tuple):
        name, value = part
        return (name, instants.get(value, value)) if isinstance(value, datetime) else part
    children = [at_instants(child, instants) for child in part.children]
    return Q(*children, _connector=part.connector, _negated=part.negated)
