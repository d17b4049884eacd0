"""What was counted and cannot have moved: of a period that is over, or as of an instant of before.

Life that goes on after the end of a period changes no figure of it that is read at its end; only
what is told late or judged anew does (`assessment.facts.versions`). Such versions are few and have
an index of their own, so whether there are any is asked each time instead of counting.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, TypeVar

from django.core.cache import cache
from django.db import connection

from assessment.models import FACTS, SumsState
from assessment.models.facts import LATE
from assessment.periods import Period

# After so long nothing is recorded any more for an instant, whoever was slow to be folded.
SETTLED = timedelta(hours=1)
# Either holds as long as nobody asks otherwise: these only bound what is kept.
THEN_KEPT_S, OVER_KEPT_S = 3600, 24 * 3600

Line = TypeVar("Line")
Found = TypeVar("Found")


def as_then(period: Period, said: str, state: SumsState, count: Callable[[], Found]) -> Found:
    """What `count` finds as of an instant well past: the same for ever, so counted once."""
    if state.known_until is None or period.as_of >= state.known_until - SETTLED:
        return count()
    name = _name("then", state, f"{period.start} {period.end} {period.as_of} {said}")
    kept: Found | None = cache.get(name)
    if kept is None:
        kept = count()
        cache.set(name, kept, THEN_KEPT_S)
    return kept


def over(
    period: Period, said: str, state: SumsState | None, count: Callable[[], Iterable[Line]]
) -> list[Line]:
    """What `count` finds of a period; of one that is over it is counted once.

    `said` names what is counted; `state` knows by which definitions, and when the last event was
    recorded that facts tell. A look at an earlier data time is none of what is kept.
    """
    known = state.known_until if state else None
    if state is None or known is None or known > period.as_of:
        return list(count())
    since = known - SETTLED
    if period.end >= since - LATE:
        return list(count())
    name = _name("over", state, f"{period.start} {period.end} {said}")
    kept: tuple[datetime, list[Line]] | None = cache.get(name)
    if kept is not None and not is_moved(period.end, kept[0]):
        return kept[1]
    found = list(count())
    cache.set(name, (since, found), OVER_KEPT_S)
    return found


def _name(kind: str, state: SumsState, said: str) -> str:
    """Where it is kept: other definitions, or facts that were made anew, find nothing of before."""
    words = f"{state.edition} {state.shape} {said}"
    return f"{kind}:{sha256(words.encode()).hexdigest()}"


def is_moved(end: datetime, since: datetime) -> bool:
    """Whether a fact tells since then of life before `end` what it did not tell before."""
    # The names are those of our tables; the conditions those of the indexes `…_fact_late`.
    moved = " or ".join(
        f"exists (select 1 from {model._meta.db_table} where known_from - valid_from > %s"  # noqa: S608
        " and known_from > %s and valid_from < %s)"
        for model in FACTS.values()
    )
    said: list[Any] = [LATE, since, end] * len(FACTS)
    with connection.cursor() as cursor:
        cursor.execute(f"select {moved}", said)
        return bool(cursor.fetchone()[0])
