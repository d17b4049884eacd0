"""Figures put together from sums of days, where these say exactly what the facts would say.

What flows comes from the sums of the months and days of a period; what stands at the cut is counted
from the facts that were alive then; and where life has gone on since the cut so that a fact is told
in a later version now, the two are exchanged. All other figures are counted from facts alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from typing import Any

from django.db import connection
from django.db.models import Exists, OuterRef, Q

from assessment.dimensions import DIMENSIONS
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
from assessment.models import FACTS, Span, SumsState
from assessment.periods import Period
from assessment.selectors.figures import (
    Counts,
    Figures,
    add,
    count_figures,
    counted_under,
    indicators_for,
    line_of,
    standing_at_cut,
    tally,
)
from assessment.selectors.remembered import as_then, over
from dispatch.selectors.visible import SEES_ALL
from gridcity.contracts import Actor

# By what sums can be broken down.
SUMMED = frozenset({"state", "street", "department", "class"})


def sums_state() -> SumsState | None:
    """What the sums know, where they are of today's definitions."""
    return SumsState.objects.filter(shape=shape(), known_until__isnull=False).first()


def quick_totals(actor: Actor, periods: Iterable[Period], keys: frozenset[str]) -> list[Counts]:
    """The whole counts of some figures in each of some periods."""
    state = sums_state()
    return [figures_by(state, actor, period, (), keys).total for period in periods]


def quick_figures(
    actor: Actor, period: Period, dimensions: Iterable[str], keys: frozenset[str] | None = None
) -> Figures:
    """As `count_figures`, from sums where they hold; values without any count are left out then."""
    return figures_by(sums_state(), actor, period, dimensions, keys)


def figures_by(
    state: SumsState | None,
    actor: Actor,
    period: Period,
    dimensions: Iterable[str],
    keys: frozenset[str] | None,
) -> Figures:
    """The same by sums that are known already."""
    by: dict[str, dict[Any, Counts]] = {key: {} for key in dimensions}
    if state is None or not actor.roles & SEES_ALL:
        return count_figures(actor, period, by, keys)
    if not SUMMED.issuperset(by) or not _knows_all(state, period):
        said = f"figures {sorted(by)} {sorted(keys or ())}"
        return as_then(period, said, state, lambda: count_figures(actor, period, by, keys))
    shown = [each for each in indicators_for(actor) if keys is None or each.key in keys]
    total = {each.key: 0 for each in shown}
    whole = frozenset(each.key for each in shown if arms_of(each.key) is None)
    if whole:
        counted = count_figures(actor, period, by, whole)
        total |= counted.total
        by |= {key: {value: dict(counts) for value, counts in values.items()}
               for key, values in counted.by.items()}  # fmt: skip
    summed = [each for each in shown if each.key not in whole]
    for key, value, counts in _known_lines(summed, sorted(by), period, state):
        if key is None:
            add(total, counts)
        else:
            add(by[key].setdefault(counted_under(key, value), {}), counts)
    return Figures(total, by)


Lines = Iterator[tuple[str | None, Any, Counts]]


def _known_lines(
    listed: list[Indicator], dimensions: list[str], period: Period, state: SumsState
) -> Lines:
    """As `_lines`; of a period that is over what cannot move any more is counted once."""
    lasting = [each for each in listed if not is_open_ended(each.key)]
    said = f"sums {dimensions} {sorted(each.key for each in lasting)}"
    yield from over(
        period, said, state, lambda: _joined(_lines(lasting, dimensions, period, state))
    )
    moving = [each for each in listed if is_open_ended(each.key)]
    yield from _lines(moving, dimensions, period, state)


def _joined(lines: Lines) -> Lines:
    """One line for each value: all grains together are read faster than each by itself."""
    found: dict[tuple[str | None, Any], Counts] = {}
    for key, value, counts in lines:
        add(found.setdefault((key, value), {}), counts)
    return ((key, value, counts) for (key, value), counts in found.items())


def _lines(
    listed: list[Indicator], dimensions: list[str], period: Period, state: SumsState
) -> Lines:
    """The counts of every grain, whole and by each dimension alone."""
    for grain in Grain:
        columns = {
            key: DIMENSIONS[key].columns[grain]
            for key in dimensions
            if grain in DIMENSIONS[key].columns
        }
        of_grain = [each for each in listed if each.grain == grain]
        if of_grain:
            yield from _counted(grain, of_grain, columns, period, state)


def _knows_all(state: SumsState, period: Period) -> bool:
    """As of an instant before the last event that sums know, the facts know better."""
    return state.known_until is not None and state.known_until < period.as_of


def _counted(
    grain: Grain,
    listed: list[Indicator],
    columns: Mapping[str, str],
    period: Period,
    state: SumsState,
) -> Lines:
    """What flowed, what stands, and what is told otherwise by now."""
    yield from _summed(grain, listed, columns, period)
    facts = FACTS[grain]._default_manager.filter(known_to=FOREVER)
    standing = {each.key: found for each in listed if (found := stock_of(each, period)) is not None}
    if standing:
        yield from tally(standing_at_cut(facts, period), standing, columns)
    if state.known_until is None or state.known_until < period.cut:
        return
    flows = {each.key: found for each in listed if (found := _flow_of(each, period))}
    then = facts.filter(valid_from__lt=period.cut, valid_to__gte=period.cut, valid_to__lt=FOREVER)
    if not flows or not then.exists():
        return
    same = then.filter(case_id=OuterRef("case_id"), key=OuterRef("key"))
    now = facts.filter(
        valid_to=FOREVER, valid_from__gte=period.cut, case_id__in=then.values("case_id")
    )
    yield from tally(then, flows, columns)
    for key, value, counts in tally(now.filter(Exists(same)), flows, columns):
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


def _summed(
    grain: Grain, listed: list[Indicator], columns: Mapping[str, str], period: Period
) -> Lines:
    """From the sums of a grain: whole (None), then by each dimension alone."""
    sums = _sums_of(grain, {each.key for each in listed})
    if not sums:
        return
    spans = spans_of(period)
    if spans[Span.DAY]:
        yield from _of_days(grain, sums, columns, spans[Span.DAY])
    if spans[Span.MONTH]:
        yield from _of_months(grain, sums, columns, spans[Span.MONTH])


def _sums_of(grain: Grain, wanted: set[str]) -> dict[str, str]:
    """How each figure is added up; bases and places are names and numbers of ours."""
    found: dict[str, str] = {}
    for base, slots in slots_of(grain).items():
        for place, slot in enumerate(slots, start=1):
            if slot.key in wanted:
                one = f"coalesce(sum(counts[{place}]) filter (where base = '{base}'), 0)"
                found[slot.key] = f"{found[slot.key]} + {one}" if slot.key in found else one
    return found


def _of_days(
    grain: Grain, sums: Mapping[str, str], columns: Mapping[str, str], days: list[date]
) -> Lines:
    """One pass over sums that are kept by all dimensions together."""
    marks = [f"grouping({column})" for column in columns.values()]
    sets = ", ".join(["()", *(f"({column})" for column in columns.values())])
    said = [*columns.values(), *marks, *sums.values()]
    for row in _ask(said, f"grouping sets ({sets})", grain, Span.DAY, days):
        yield line_of(row, list(columns), list(sums))


def _of_months(
    grain: Grain, sums: Mapping[str, str], columns: Mapping[str, str], months: list[date]
) -> Lines:
    """These are kept by each dimension alone."""
    held = ["by", *columns.values()]
    for by, *said in _ask([*held, *sums.values()], ", ".join(held), grain, Span.MONTH, months):
        counted = dict(zip(sums, said[len(columns) :], strict=True))
        if not by:
            yield None, None, counted
        elif by in columns:
            yield by, said[list(columns).index(by)], counted


def _ask(
    said: list[str], by: str, grain: Grain, span: Span, firsts: list[date]
) -> list[tuple[Any, ...]]:
    """Sums of some spans; what is said and by what stands in names and numbers of ours."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"select {', '.join(said)} from assessment_dailysum"  # noqa: S608
            f" where grain = %s and span = %s and first = any(%s::date[]) group by {by}",
            [str(grain), str(span), firsts],
        )
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found
