"""Sums of days kept current with the facts, in the transaction that writes them.

Before the facts of some cases are put away, what they had added is taken off; when the new ones are
there, it is added. A rebuild sums all facts anew; a check does so beside and compares.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import BooleanField, ExpressionWrapper, F, Func, Max, Q, QuerySet

from assessment.facts.versions import FOREVER
from assessment.indicators.arms import AS_OF, CUT, START, at_instants, shape, slots_of
from assessment.models import FACTS, DailySum, Grain, SumsState
from cases.models import Event

_KEY = "grain, span, first, base, by, street_id, catalogue_class_id, department_id, state"
# The dimensions that a sum is kept by: its column, what stands there for none, and which grains
# have it.
KEPT: dict[str, tuple[str, str, tuple[Grain, ...]]] = {
    "street": ("street_id", "null::bigint", tuple(Grain)),
    "class": ("catalogue_class_id", "null::bigint", tuple(Grain)),
    "department": ("department_id", "null::bigint", (Grain.TURN, Grain.TASK)),
    "state": ("state", "''::varchar", (Grain.STAY,)),
}


class DayOf(Func):
    """The local midnight before an instant; `DayAfter` the one after it."""

    template = f"date_trunc('day', %(expressions)s, '{settings.TIME_ZONE}')"


class DayAfter(DayOf):
    template = f"{DayOf.template} + interval '1 day'"


def take_off_sums(case_ids: Sequence[int]) -> None:
    """What the facts of these cases had added, before they are written anew."""
    if sums_are_current():
        _add(-1, case_ids)


def add_to_sums(case_ids: Sequence[int]) -> None:
    """What the facts of these cases say now; the sums know their events from then on."""
    if sums_are_current():
        _add(1, case_ids)
        recorded = Event.objects.filter(case_id__in=case_ids).aggregate(last=Max("at"))["last"]
        _know(recorded)


def rebuild_sums() -> None:
    """Sum all facts anew; inside a transaction in which nobody else writes facts."""
    forget_sums()
    _add(1, None)
    end_sums()


def end_sums() -> None:
    """Every fact is summed, by the definitions of today."""
    SumsState.objects.create(pk=1, shape=shape())
    _know(Event.objects.aggregate(last=Max("at"))["last"])


def count_statements() -> int:
    """How many statements sum all facts; no two of them write the same sum."""
    return sum(len(slots_of(grain)) for grain in FACTS)


def sum_all(place: int) -> None:
    """Sum what one of the statements sums."""
    with connection.cursor() as cursor:
        _put(cursor, *next(islice(_summed(1, None), place, None)))


def forget_sums() -> None:
    """No sums: figures are counted from facts until they are made anew."""
    SumsState.objects.all().delete()
    DailySum.objects.all()._raw_delete(using="default")


def sums_that_differ(most: int = 20) -> tuple[int, list[str]]:
    """How many sums were compared with the facts, and some of those that tell otherwise."""
    if not sums_are_current():
        return 0, ["of other definitions"]
    told = " union all ".join(f"({sql})" for sql, _said in _summed(1, None))
    said = [value for _sql, values in _summed(1, None) for value in values]
    with connection.cursor() as cursor:
        cursor.execute(
            f"select {_KEY}, count(*) from (select {_KEY}, counts from assessment_dailysum"  # noqa: S608
            f" where 0 < any (counts) or 0 > any (counts) except all ({told})"
            f" union all ({told} except all select {_KEY}, counts from assessment_dailysum))"
            f" differing group by {_KEY} order by {_KEY} limit %s",
            [*said, *said, most],
        )
        wrong = [" ".join(map(str, row[:-1])) for row in cursor.fetchall()]
    return DailySum.objects.count(), wrong


def sums_are_current() -> bool:
    """Whether the sums are of today's definitions; others wait for a rebuild."""
    return SumsState.objects.filter(shape=shape()).exists()


def _know(recorded: Any) -> None:
    if recorded is not None:
        SumsState.objects.filter(Q(known_until=None) | Q(known_until__lt=recorded)).update(
            known_until=recorded
        )


def _add(sign: int, case_ids: Sequence[int] | None) -> None:
    """Add (or take off) what the facts of some cases say, or of all."""
    with connection.cursor() as cursor:
        for summed, said in _summed(sign, case_ids):
            _put(cursor, summed, said)


def _put(cursor: Any, summed: str, said: list[Any]) -> None:
    """Add what a statement sums to what is there."""
    cursor.execute(
        f"insert into assessment_dailysum as kept ({_KEY}, counts) {summed}"  # noqa: S608
        f" on conflict ({_KEY}) do update set counts = array("
        "select old + new from unnest(kept.counts, excluded.counts)"
        " with ordinality as pairs (old, new, n) order by n)",
        said,
    )


def _summed(sign: int, case_ids: Sequence[int] | None) -> Iterator[tuple[str, list[Any]]]:
    """For each grain and base the statement that sums it by day and by month."""
    for grain, model in FACTS.items():
        rows = model._default_manager.filter(valid_to=FOREVER, known_to=FOREVER)
        if case_ids is not None:
            rows = rows.filter(case_id__in=case_ids)
        for base in slots_of(grain):
            yield _summed_by(sign, grain, base, rows)


def _summed_by(sign: int, grain: Grain, base: str, rows: QuerySet[Any]) -> tuple[str, list[Any]]:
    instants = {START: DayOf(F(base)), CUT: DayAfter(F(base)), AS_OF: FOREVER}
    flags = {
        f"f{place}": ExpressionWrapper(
            at_instants(slot.marked, instants), output_field=BooleanField()
        )
        for place, slot in enumerate(slots_of(grain)[base])
    }
    held = [column for column, _none, grains in KEPT.values() if grain in grains]
    happened = rows.filter(**{f"{base}__isnull": False})
    inner, said = happened.annotate(**flags).values(base, *held, *flags).query.sql_with_params()
    marked = [f"count(*) filter (where {flag})::int as {flag}" for flag in flags]
    local = f"(told.{base} at time zone '{settings.TIME_ZONE}')::date"
    # Only names made here and SQL made by Django are put together; values stay parameters.
    sql = (
        f"with days as (select {', '.join([f'{local} as first', *held, *marked])}"  # noqa: S608
        f" from ({inner}) told where {' or '.join(flags)}"
        f" group by {', '.join(['1', *held])})"
        f" {' union all '.join(_spans(sign, held, list(flags)))}"
    )
    return sql, [*said, *[str(grain), base] * 2 * (len(held) + 1)]


def _spans(sign: int, held: list[str], flags: list[str]) -> Iterator[str]:
    """What is added to a day and to its month, in all and by each dimension alone."""

    def line(span: str, by: str, first: str, column: str) -> str:
        keys = [one if one == column else none for one, none, _grains in KEPT.values()]
        counts = ", ".join(f"{sign} * sum({flag})::int" for flag in flags)
        return (
            f"select %s::varchar, '{span}', {first}, %s::varchar, '{by}', {', '.join(keys)},"  # noqa: S608
            f" array[{counts}] from days group by {', '.join(filter(None, [first, column]))}"
        )

    for span, first in (("d", "first"), ("m", "date_trunc('month', first)::date")):
        yield line(span, "", first, "")
        for key, (column, _none, _grains) in KEPT.items():
            if column in held:
                yield line(span, key, first, column)
