"""Figures put together from sums of days, where these say exactly what the facts would say.

What flows comes from the sums of the months and days of a period; what stands at the cut is counted
from the facts that were alive then; and where life has gone on since the cut so that a fact is told
in a later version now, the two are exchanged. All other figures are counted from facts alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from assessment.dimensions import columns_of, filter_of
from assessment.facts.versions import FOREVER
from assessment.indicators import Grain, Indicator
from assessment.indicators.arms import (
    STOCK,
    arms_of,
    at_instants,
    instants_of,
    is_open_ended,
    shape,
    slots_of,
    stock_of,
)
from assessment.models import FACTS, DailySum, Span, SumsState
from assessment.periods import Period
from assessment.selectors.figures import (
    EVERYTHING,
    Counts,
    Figures,
    Narrowed,
    add,
    add_up,
    count_figures,
    counted_under,
    indicators_for,
    standing_at_cut,
    tally,
    told_at,
)
from assessment.selectors.remembered import as_then, over
from dispatch.selectors.visible import SEES_ALL
from gridcity.contracts import Actor
from parts.selectors.compiled import compiled

# What is read of a sum.
_COLUMNS = (
    "by", "base", "counts", "street_id", "catalogue_class_id", "department_id", "state",
)  # fmt: skip
# By what sums can be broken down.
SUMMED = frozenset({"state", "street", "department", "class"})


def sums_state() -> SumsState | None:
    """What the sums know, where they are of today's definitions."""
    return _state_of.first(shape=shape())


@compiled
def _state_of(shape: Any) -> QuerySet[SumsState]:
    """The sums of these definitions."""
    found = SumsState.objects.filter(shape=shape, known_until__isnull=False)
    return found.order_by("pk")[:1]


def quick_totals(actor: Actor, periods: Iterable[Period], keys: frozenset[str]) -> list[Counts]:
    """The whole counts of some figures in each of some periods."""
    state = sums_state()
    return [figures_by(state, actor, period, (), keys).total for period in periods]


def quick_figures(
    actor: Actor,
    period: Period,
    dimensions: Iterable[str],
    keys: frozenset[str] | None = None,
    wanted: Narrowed = EVERYTHING,
) -> Figures:
    """As `count_figures`, from sums where they hold; values without any count are left out then."""
    return figures_by(sums_state(), actor, period, dimensions, keys, wanted)


def figures_by(
    state: SumsState | None,
    actor: Actor,
    period: Period,
    dimensions: Iterable[str],
    keys: frozenset[str] | None,
    wanted: Narrowed = EVERYTHING,
) -> Figures:
    """The same by sums that are known already."""
    by: dict[str, dict[Any, Counts]] = {key: {} for key in dimensions}
    if state is None or not actor.roles & SEES_ALL or not period.has_begun:
        return count_figures(actor, period, by, keys, wanted)
    if not _are_kept(by, wanted) or not _knows_all(state, period):
        said = f"figures {sorted(by)} {sorted(keys or ())} {sorted(wanted.items())}"
        return as_then(period, said, state, lambda: count_figures(actor, period, by, keys, wanted))
    shown = [each for each in indicators_for(actor) if keys is None or each.key in keys]
    total = {each.key: 0 for each in shown}
    whole = frozenset(each.key for each in shown if arms_of(each.key) is None)
    if whole:
        counted = count_figures(actor, period, by, whole, wanted)
        total |= counted.total
        by |= {key: {value: dict(counts) for value, counts in values.items()}
               for key, values in counted.by.items()}  # fmt: skip
    asked = _Asked([each for each in shown if each.key not in whole], sorted(by), period, wanted)
    for key, value, counts in _known_lines(asked, state):
        if key is None:
            add(total, counts)
        else:
            add(by[key].setdefault(counted_under(key, value), {}), counts)
    return Figures(total, by)


def _are_kept(dimensions: Iterable[str], wanted: Narrowed) -> bool:
    """Whether sums know values of these; months are kept by one dimension at a time."""
    broken_down = [*dimensions]
    is_single = not wanted or len(broken_down) + len(wanted) == 1
    return is_single and SUMMED.issuperset([*broken_down, *wanted])


@dataclass(frozen=True, slots=True)
class _Asked:
    """Some figures of a period, by each of some dimensions or narrowed to a value of one."""

    listed: list[Indicator]
    dimensions: list[str]
    period: Period
    wanted: Narrowed

    def only(self, listed: list[Indicator]) -> _Asked:
        return replace(self, listed=listed)


Lines = Iterator[tuple[str | None, Any, Counts]]


def _known_lines(asked: _Asked, state: SumsState) -> Lines:
    """As `_lines`; of a period that is over what cannot move any more is counted once."""
    lasting = [each for each in asked.listed if not is_open_ended(each.key)]
    keys = sorted(each.key for each in lasting)
    said = f"sums {asked.dimensions} {sorted(asked.wanted.items())} {keys}"
    sums = asked.only(lasting)
    yield from over(asked.period, said, state, lambda: _joined(_lines(sums, state)))
    moving = [each for each in asked.listed if is_open_ended(each.key)]
    yield from _lines(asked.only(moving), state)


def _joined(lines: Lines) -> Lines:
    """One line for each value: all grains together are read faster than each by itself."""
    found: dict[tuple[str | None, Any], Counts] = {}
    for key, value, counts in lines:
        add(found.setdefault((key, value), {}), counts)
    return ((key, value, counts) for (key, value), counts in found.items())


def _lines(asked: _Asked, state: SumsState) -> Lines:
    """The counts of every grain, whole and by each dimension alone."""
    for grain in Grain:
        of_grain = [each for each in asked.listed if each.grain == grain]
        if of_grain:
            yield from _counted(grain, asked.only(of_grain), state)


def _knows_all(state: SumsState, period: Period) -> bool:
    """As of an instant before the last event that sums know, the facts know better."""
    return state.known_until is not None and state.known_until < period.as_of


def _counted(grain: Grain, asked: _Asked, state: SumsState) -> Lines:
    """What flowed, what stands, and what is told otherwise by now."""
    listed, period, columns = asked.listed, asked.period, columns_of(grain, asked.dimensions)
    narrowed = filter_of(grain, asked.wanted)
    yield from _summed(grain, asked)
    facts = FACTS[grain]._default_manager.filter(known_to=FOREVER)
    standing = {each.key: found for each in listed if (found := stock_of(each, period)) is not None}
    if standing:
        yield from tally(standing_at_cut(facts.filter(narrowed), period), standing, columns)
    if state.known_until is None or state.known_until < period.cut:
        return
    flows = {each.key: found for each in listed if (found := _flow_of(each, period))}
    then = facts.filter(told_at(period), valid_to__lt=FOREVER)
    if not flows or not then.exists():
        return
    same = then.filter(case_id=OuterRef("case_id"), key=OuterRef("key"))
    now = facts.filter(
        valid_to=FOREVER, valid_from__gte=period.cut, case_id__in=then.values("case_id")
    )
    yield from tally(then.filter(narrowed), flows, columns)
    for key, value, counts in tally(now.filter(Exists(same), narrowed), flows, columns):
        yield key, value, {name: -count for name, count in counts.items()}


def _flow_of(indicator: Indicator, period: Period) -> Q:
    """What of a figure happened in a period."""
    whole = Q()
    for base, marked in (arms_of(indicator.key) or {}).items():
        if base != STOCK:
            whole |= at_instants(marked, instants_of(period))
    return whole


def spans_of(period: Period) -> dict[Span, list[date]]:
    """The whole months of a period, and the days that are left, by their first day."""
    found: dict[Span, list[date]] = {Span.DAY: [], Span.MONTH: []}
    day = period.first
    while day <= period.last:
        following = (day.replace(day=1) + timedelta(days=31)).replace(day=1)
        if day.day == 1 and following <= period.last + timedelta(days=1):
            found[Span.MONTH].append(day)
            day = following
        else:
            found[Span.DAY].append(day)
            day += timedelta(days=1)
    return found


def _summed(grain: Grain, asked: _Asked) -> Lines:
    """From the sums of a grain: whole (None), then by each dimension alone."""
    kept = _kept(grain, frozenset([each.key for each in asked.listed]))
    if not kept.sums:
        return
    columns = columns_of(grain, asked.dimensions)
    for span, firsts in spans_of(asked.period).items():
        if firsts:
            yield from _added(kept, columns, _read(kept, span, firsts, columns, asked.wanted))


@dataclass(frozen=True, slots=True)
class _Kept:
    """How figures of a grain are added up: SQL by key, of names and numbers of ours."""

    grain: Grain
    sums: Mapping[str, str]
    # By which instants these happen; no other sums are read.
    bases: list[str]


@lru_cache(maxsize=256)
def _kept(grain: Grain, wanted: frozenset[str]) -> _Kept:
    found: dict[str, str] = {}
    bases: dict[str, None] = {}
    for base, slots in slots_of(grain).items():
        for place, slot in enumerate(slots, start=1):
            if slot.key in wanted:
                one = f"coalesce(sum(counts[{place}]) filter (where base = '{base}'), 0)"
                found[slot.key] = f"{found[slot.key]} + {one}" if slot.key in found else one
                bases[base] = None
    return _Kept(grain, found, [*bases])


def _read(
    kept: _Kept, span: Span, firsts: list[date], columns: Iterable[str], wanted: Narrowed
) -> QuerySet[DailySum]:
    """The sums of some days or months that one index finds."""
    rows = DailySum.objects.filter(
        grain=kept.grain, span=span, first__in=firsts, base__in=kept.bases
    )
    return rows.filter(filter_of(kept.grain, wanted), by__in=list(wanted) or ["", *columns])


def _added(kept: _Kept, columns: Mapping[str, str], rows: QuerySet[DailySum]) -> Lines:
    """Added up over their spans; narrowed to one value they are the whole."""
    held = ["by", *columns.values()]
    read = rows.values(*_COLUMNS)
    for by, *said in add_up([*held, *kept.sums.values()], ", ".join(held), read):
        counted = dict(zip(kept.sums, said[len(columns) :], strict=True))
        if by in columns:
            yield by, said[list(columns).index(by)], counted
        else:
            yield None, None, counted
