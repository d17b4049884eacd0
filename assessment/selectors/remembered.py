"""What was counted of a period that is over, kept until something reaches back into it.

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
# Whether it still holds is asked each time, so this only bounds what is kept.
KEPT_S = 24 * 3600

Line = TypeVar("Line")


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
    words = f"{period.start} {period.end} {state.edition} {state.shape} {said}"
    name = f"over:{sha256(words.encode()).hexdigest()}"
    kept: tuple[datetime, list[Line]] | None = cache.get(name)
    if kept is not None and not is_moved(period.end, kept[0]):
        return kept[1]
    found = list(count())
    cache.set(name, (since, found), KEPT_S)
    return found


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
