"""Items that a sweep could not do: listed, left out for a while, tried again (domain law §6.4)."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from dispatch.models import SweepError

log = logging.getLogger(__name__)

RETRY_AFTER = timedelta(minutes=5)
RETRY_AT_MOST = timedelta(hours=6)


def left_out(kind: str, at: datetime) -> list[int]:
    """Items that failed and are not to be tried again yet."""
    errors = SweepError.objects.filter(kind=kind, resolved_at=None, retry_at__gt=at)
    return list(errors.values_list("item_id", flat=True))


def resolve_errors(kind: str, items: list[int], at: datetime) -> None:
    """What failed before has been done now."""
    SweepError.objects.filter(kind=kind, item_id__in=items, resolved_at=None).update(resolved_at=at)


def list_error(kind: str, item: int, problem: Exception, at: datetime) -> None:
    """List a bad item, and when it will be tried again: later after each failure."""
    log.error("sweep of %s %s failed", kind, item, exc_info=problem)
    error, is_new = SweepError.objects.get_or_create(
        kind=kind,
        item_id=item,
        resolved_at=None,
        defaults={
            "error": f"{type(problem).__name__}: {problem}"[:2000],
            "first_at": at,
            "last_at": at,
            "retry_at": at + RETRY_AFTER,
        },
    )
    if not is_new:
        error.attempts += 1
        error.error = f"{type(problem).__name__}: {problem}"[:2000]
        error.last_at = at
        error.retry_at = at + min(RETRY_AFTER * 2 ** min(error.attempts, 10), RETRY_AT_MOST)
        error.save(update_fields=["attempts", "error", "last_at", "retry_at"])


def retry_errors(*, ids: list[int], at: datetime) -> int:
    """Let the next sweep try listed items again, at an administrator's wish; returns how many."""
    return SweepError.objects.filter(pk__in=ids, resolved_at=None).update(retry_at=at)
