"""Counts of all indicators by all dimensions, one query a grain; and the rows behind each count.

Both start from the same rows and add the same condition, so a list is as long as its figure says.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import BooleanField, ExpressionWrapper, F, Q, QuerySet

from assessment.beside import beside
from assessment.dimensions import DIMENSIONS, POSTED, columns_of, filter_of
from assessment.indicators import Grain, Indicator, condition_of, registry
from assessment.models import FACTS
from assessment.models.facts import Lifetime
from assessment.periods import Period
from assessment.posts import charged_to
from dispatch.selectors.visible import SEES_ALL, visible_cases
from gridcity.contracts import Actor, Role
from parts.selectors.crosswalk import counted_as

# So long after a cut most of what stood then stands still.
OF_LATE = timedelta(days=1)
# The supervision side scores over all cases, whoever reads it later.
SCORER = Actor(None, "scorer", frozenset({Role.OFFICIAL}))

Counts = dict[str, int]
# Values of dimensions, as an address names them.
Narrowed = Mapping[str, str]
EVERYTHING: Narrowed = {}

__all__ = [
    "EVERYTHING", "SCORER", "Counts", "Figures", "Narrowed", "add", "add_up", "base_rows",
    "beside_in", "count_figures", "counted_under", "facts_seen", "facts_since", "held_at",
    "indicators_for", "known_at", "rows_behind", "standing_at_cut", "told_at",
]  # fmt: skip


def indicators_for(actor: Actor) -> list[Indicator]:
    """The figures whose rows this actor may see: the command side sees no unfiled cases."""
    sees_all = bool(actor.roles & SEES_ALL)
    return [each for each in registry().values() if sees_all or not each.before_filing]


def beside_in(actor: Actor, dimension: str, key: str) -> list[Indicator]:
    """What stands beside a figure, of everything or by a dimension: what the actor sees, and what
    can be broken down so."""
    wanted = beside(key, dimension)
    return [
        each
        for each in indicators_for(actor)
        if each.key in wanted and (not dimension or each.grain in DIMENSIONS[dimension].columns)
    ]


def base_rows(grain: Grain, actor: Actor, period: Period) -> QuerySet[Any]:
    """The facts of a grain as they were at the cut, as known at the data time; as the actor sees.

    Of every fact at most one version. What no figure of the period can count any more is left out
    by one range of one index (`…_fact_needed`). Of a period that has not begun there are none.
    """
    if not period.has_begun:
        return facts_seen(grain, actor).none()
    return facts_since(grain, actor, period.start).filter(held_at(period))


def facts_since(grain: Grain, actor: Actor, start: datetime) -> QuerySet[Any]:
    """Every version that a period beginning at `start` or later may count, as the actor sees."""
    return facts_seen(grain, actor).filter(needed_until__gte=start)


def facts_seen(grain: Grain, actor: Actor) -> QuerySet[Any]:
    """Every version that the actor may see."""
    rows: QuerySet[Any] = FACTS[grain]._default_manager.all()
    return rows if actor.roles & SEES_ALL else rows.filter(case__in=visible_cases(actor))


def held_at(period: Period) -> Q:
    """The version of a fact that tells of life at the cut, as it was known at the data time."""
    return told_at(period) & known_at(period)


def told_at(period: Period) -> Q:
    """The versions that tell of life at the cut."""
    return Q(valid_from__lt=period.cut, valid_to__gte=period.cut)


def known_at(period: Period) -> Q:
    """The versions that were believed at the data time."""
    return Q(known_from__lte=period.as_of, known_to__gt=period.as_of)


def standing_at_cut(rows: QuerySet[Any], period: Period) -> QuerySet[Any]:
    """Versions that tell of life at the cut, of what had not gone by then.

    Two indexes know them: of late by what is needed still, for that is little; of long ago by what
    was needed then.
    """
    alive: QuerySet[Any] = rows.filter(valid_to__gte=period.cut)
    if period.as_of - period.cut <= OF_LATE:
        return alive.filter(needed_until__gte=period.cut, valid_from__lt=period.cut)
    alive = alive.alias(lifetime=Lifetime())
    return alive.filter(lifetime__contains=period.cut)


def rows_behind(
    indicator: Indicator, actor: Actor, period: Period, wanted: Mapping[str, str]
) -> QuerySet[Any]:
    """The rows that a figure counts, narrowed to values of dimensions. Raises Invalid.

    By post and person those that are charged to them; a person only to whom may see him.
    """
    regions = {key: value for key, value in wanted.items() if key not in POSTED}
    rows = base_rows(indicator.grain, actor, period).filter(filter_of(indicator.grain, regions))
    if "person" in wanted or "post" in wanted:
        return rows.filter(
            charged_to(indicator, actor, period, wanted.get("post", ""), wanted.get("person", ""))
        )
    return rows.filter(condition_of(indicator, period))


@dataclass(frozen=True, slots=True)
class Figures:
    """All counts: of everything, and by the values of each dimension (ids, or state keys)."""

    total: Counts
    by: Mapping[str, Mapping[Any, Counts]]

    def of(self, dimension: str, value: Any) -> Counts:
        """The counts of one value; zeros where it has no rows."""
        return self.by[dimension].get(value, {}) if dimension else self.total


def count_figures(
    actor: Actor,
    period: Period,
    dimensions: Iterable[str],
    keys: frozenset[str] | None = None,
    wanted: Narrowed = EVERYTHING,
) -> Figures:
    """Every figure this actor may see, whole and by each dimension; one query a grain.

    `keys` names those that are wanted, with the denominators of rates; None: all. Raises Invalid
    where one of them cannot be narrowed so.
    """
    by: dict[str, dict[Any, Counts]] = {key: {} for key in dimensions}
    shown = [each for each in indicators_for(actor) if keys is None or each.key in keys]
    total = {each.key: 0 for each in shown}
    for grain in Grain:
        listed = [each for each in shown if each.grain == grain]
        if not listed:
            continue
        flags = {each.key: condition_of(each, period) for each in listed}
        rows = base_rows(grain, actor, period).filter(filter_of(grain, wanted))
        for key, value, counts in tally(rows, flags, columns_of(grain, by)):
            if key is None:
                total |= counts
            else:
                add(by[key].setdefault(counted_under(key, value), {}), counts)
    return Figures(total, by)


def counted_under(dimension: str, value: Any) -> Any:
    """Under which value a row is counted: classes over a change of scheme by the crosswalk."""
    if dimension == "group":
        return value or None
    return counted_as(value) if dimension == "class" and value is not None else value


def add(counts: Counts, more: Counts) -> None:
    """Add the counts of rows that are counted under the same value."""
    if counts.keys().isdisjoint(more):
        counts.update(more)
        return
    for key, number in more.items():
        counts[key] = counts.get(key, 0) + number


def tally(
    found: QuerySet[Any], conditions: Mapping[str, Q], columns: Mapping[str, str]
) -> list[tuple[str | None, Any, Counts]]:
    """Sums over flags, in one pass over the rows: whole (None), then by each dimension alone."""
    flags = {f"f{place}": flag_of(each) for place, each in enumerate(conditions.values())}
    names = {f"d{index}": F(column) for index, column in enumerate(columns.values())}
    rows = found.annotate(**names, **flags).values(*names, *flags)
    marks = [f"grouping({name})" for name in names]
    sums = [f"count(*) filter (where {flag})" for flag in flags]
    sets = ", ".join(["()", *(f"({name})" for name in names)])
    answer = add_up([*names, *marks, *sums], f"grouping sets ({sets})", rows)
    return [line_of(row, list(columns), list(conditions)) for row in answer]


def add_up(said: Iterable[str], by: str, rows: QuerySet[Any, Any]) -> list[tuple[Any, ...]]:
    """What is said of rows made by `.values()`, grouped `by`; nothing where no row can be meant.

    Only names and numbers of ours and SQL made by Django are put together; values stay parameters.
    """
    try:
        inner, values = rows.query.sql_with_params()
    except EmptyResultSet:
        return []
    with connection.cursor() as cursor:
        cursor.execute(f"select {', '.join(said)} from ({inner}) as told group by {by}", values)  # noqa: S608
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found


def flag_of(condition: Q) -> ExpressionWrapper[Any]:
    """Whether a row counts, as a column."""
    return ExpressionWrapper(condition, output_field=BooleanField())


def line_of(
    row: tuple[Any, ...], keys: list[str], counted: list[str]
) -> tuple[str | None, Any, Counts]:
    """One line of the answer; `grouping()` is 0 for the column that the line is grouped by."""
    width = len(keys)
    values, marks, sums = row[:width], row[width : 2 * width], row[2 * width :]
    counts = dict(zip(counted, sums, strict=True))
    if 0 not in marks:
        return None, None, counts
    place = marks.index(0)
    return keys[place], values[place], counts
