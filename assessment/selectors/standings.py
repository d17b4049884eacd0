"""Streets and departments in order of a rate: like with like, small samples unranked (law §6)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.functional import Promise

from assessment.dimensions import DIMENSIONS
from assessment.indicators import INDICATORS, Indicator
from assessment.periods import Period
from assessment.scoring import ranks
from assessment.selectors.dashboard import Shown, Value, shown_by
from assessment.selectors.figures import beside_in, count_figures, indicators_for
from cases.clocks.numbers import LEAST_SAMPLE
from cases.selectors.settings import number_at
from dispatch.models import Department
from gridcity.contracts import Actor

RANKED = {"street": "closed_in_time", "department": "handled_in_time"}


@dataclass(frozen=True, slots=True)
class Standing:
    """One line; `rank` is None where too few cases, or none, allow none."""

    value: Value
    shown: Shown
    rank: int | None
    beside: Sequence[Shown] = ()


@dataclass(frozen=True, slots=True)
class Group:
    """Those that are compared with each other; streets are one group without a name."""

    name: str
    lines: list[Standing]


@dataclass(frozen=True, slots=True)
class Standings:
    """A ranking: by which figure, which others may be chosen, and its groups."""

    dimension: str
    title: Promise
    indicator: Indicator
    choices: list[Indicator]
    groups: list[Group]
    least: int
    # What stands beside it in every line.
    beside: Sequence[Indicator] = ()

    @property
    def whole(self) -> Indicator:
        """What the rate is a share of."""
        return INDICATORS[self.indicator.of]


def build_standings(
    actor: Actor, period: Period, lists: str, wanted: Mapping[str, str]
) -> list[Standings]:
    """Both rankings; `wanted` names a figure for a dimension, an unknown one gives the default."""
    return [_standings(actor, period, lists, key, wanted.get(key, "")) for key in RANKED]


def rankable(actor: Actor, dimension: str) -> list[Indicator]:
    """Rates with a better and a worse end that can be broken down so."""
    return [
        each
        for each in indicators_for(actor)
        if each.is_rate and each.better and each.grain in DIMENSIONS[dimension].columns
    ]


def _standings(actor: Actor, period: Period, lists: str, dimension: str, wanted: str) -> Standings:
    choices = rankable(actor, dimension)
    keys = {each.key for each in choices}
    indicator = INDICATORS[wanted if wanted in keys else RANKED[dimension]]
    others = beside_in(actor, dimension, indicator.key)
    parts = frozenset(key for each in (indicator, *others) for key in each.parts)
    figures = count_figures(actor, period, (dimension,), parts)
    named = [each.key for each in (indicator, *others)]
    groups = _groups_of(dimension)
    least = number_at(LEAST_SAMPLE, period.as_of)
    found: dict[str, list[tuple[Value, list[Shown]]]] = {}
    for value, shown in shown_by(figures, period, lists, dimension, named):
        found.setdefault(groups.get(value.code, ""), []).append((value, shown))
    return Standings(
        dimension, DIMENSIONS[dimension].label, indicator, choices,
        [
            Group(name, _ranked(lines, indicator.better, least))
            for name, lines in sorted(found.items())
        ],
        least, others,
    )  # fmt: skip


def _groups_of(dimension: str) -> dict[str, str]:
    if dimension != "department":
        return {}
    return dict(Department.objects.values_list("code", "assessment_group"))


def _ranked(lines: list[tuple[Value, list[Shown]]], better: int, least: int) -> list[Standing]:
    """Best first, equal rates with equal rank; then those with too few cases, most first."""

    def known(shown: Shown) -> Decimal | None:
        return None if (shown.whole or 0) < least else better * (shown.rate or Decimal())

    placed = ranks([known(shown[0]) for _value, shown in lines])
    standings = [
        Standing(value, shown[0], rank, shown[1:])
        for (value, shown), rank in zip(lines, placed, strict=True)
    ]
    return sorted(standings, key=_order)


def _order(one: Standing) -> tuple[Any, ...]:
    whole = one.shown.whole or 0
    return (one.rank is None, one.rank or -whole, one.value.code)
