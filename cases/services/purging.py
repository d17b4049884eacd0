"""Forgetting who reported: value and salt go, the chain of events stays whole (domain law §11)."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from cases.clocks.numbers import PURGE_DAYS
from cases.models import Case, Rating, Reporter
from cases.selectors.settings import number_at
from cases.services.transition import lock_case

BATCH = 500


def purge_due(*, at: datetime, days: int | None = None) -> int:
    """Purge all reporters whose case ended so many days ago, in batches; returns how many."""
    after = timedelta(days=number_at(PURGE_DAYS, at) if days is None else days)
    purged = 0
    while count := purge_batch(at=at, ended_before=at - after):
        purged += count
    return purged


@transaction.atomic
def purge_batch(*, at: datetime, ended_before: datetime) -> int:
    """Purge some reporters; two purges at once take different ones.

    Whoever reported a merged case follows it by his number until its leading case has ended. The
    code by which a citizen follows his case is made with the salt, so it goes too.
    """
    is_over = Q(case__ended_at__lt=ended_before) & (
        Q(case__merged_into=None) | Q(case__merged_into__ended_at__lt=ended_before)
    )
    due = (
        Reporter.objects.select_for_update(of=("self",), no_key=True, skip_locked=True)
        .filter(is_over, purged_at=None)
        .order_by("id")
        .values_list("pk", flat=True)[:BATCH]
    )
    return _forget(list(due), at)


@transaction.atomic
def purge_on_demand(*, at: datetime, number: str) -> int:
    """Forget who reported a case, whenever he asks for it, and what he said in his rating.

    Those of cases merged into it are other people: they ask for themselves, by their own number.
    Raises NotVisible for an unknown number.
    """
    case = lock_case(number)
    Rating.objects.filter(reporter__case=case).exclude(words="").update(words="")
    return _forget(list(case.reporters.filter(purged_at=None).values_list("pk", flat=True)), at)


def _forget(ids: list[int], at: datetime) -> int:
    """Take values and salts away; whom nobody can call any more waits for no call."""
    Case.objects.filter(reporters__in=ids, to_call_back=True).update(to_call_back=False)
    return Reporter.objects.filter(pk__in=ids).update(
        name="", phone="", salt=b"", query_code_sha256=None, may_call=False, user=None, purged_at=at
    )
