"""Old notices are forgotten: what was delivered, and the lines behind the bell (law §6.4, deliver).

The history of a case says who was told by its events; the rows of delivery are kept as long as
administrators want to look at them.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from cases.clocks.numbers import NOTICE_DAYS
from cases.models import Delivery, Message
from cases.selectors.settings import days_at

BATCH = 5000


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
