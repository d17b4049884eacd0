"""What is kept for some time only: notices that were delivered, and answers to repeated requests.

The history of a case says who was told by its events; the rows of delivery and the lines behind
the bell are kept as long as administrators want to look at them (law §6.4, deliver).
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from cases.clocks.numbers import NOTICE_DAYS
from cases.models import Delivery, IdempotencyKey, Message
from cases.selectors.settings import days_at

BATCH = 5000
# Nobody repeats a request after so long; a phone keeps what it could not send for some days.
KEYS_KEPT = timedelta(days=30)


def forget_notices(*, at: datetime) -> int:
    """Delete what was delivered or given up so many days ago, in batches; returns how many."""
    before = at - days_at(NOTICE_DAYS, at)
    forgotten = 0
    while count := forget_batch(before=before):
        forgotten += count
    return forgotten


@transaction.atomic
def forget_batch(*, before: datetime) -> int:
    """The oldest ones first; two sweeps at once take different rows.

    What was sent lies on `delivery_done`, what was given up on `delivery_dead`.
    """
    rows = Delivery.objects.select_for_update(skip_locked=True, of=("self",))
    sent = rows.filter(done_at__lt=before).order_by("done_at")
    ids = list(sent.values_list("pk", flat=True)[:BATCH])
    if not ids:
        given_up = rows.filter(done_at=None, dead_at__lt=before).order_by("dead_at")
        ids = list(given_up.values_list("pk", flat=True)[:BATCH])
    Message.objects.filter(delivery__in=ids).delete()
    Delivery.objects.filter(pk__in=ids).delete()
    return len(ids)


def forget_keys(*, at: datetime) -> int:
    """Delete the keys of requests that were carried out 30 days ago, in batches; how many."""
    forgotten = 0
    while count := forget_batch_of_keys(before=at - KEYS_KEPT):
        forgotten += count
    return forgotten


@transaction.atomic
def forget_batch_of_keys(*, before: datetime) -> int:
    """The first rows are the oldest: the table needs no index of instants that every request pays.

    Two sweeps at once take different rows.
    """
    rows = IdempotencyKey.objects.select_for_update(skip_locked=True, of=("self",)).order_by("pk")
    oldest = rows.values_list("pk", "created_at")[:BATCH]
    ids = [pk for pk, created_at in oldest if created_at < before]
    IdempotencyKey.objects.filter(pk__in=ids).delete()
    return len(ids)
