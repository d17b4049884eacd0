"""What is owed to whom, written in the transaction of what it tells of (house style §3)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q

from cases.models import Case, Delivery, Message
from cases.models.notice import NoticeKind


def notify(
    case: Case,
    receivers: Iterable[int],
    kind: NoticeKind,
    *,
    at: datetime,
    values: dict[str, Any] | None = None,
) -> None:
    """Owe each of these users one notice in the in-app list."""
    Delivery.objects.bulk_create(
        Delivery(case=case, receiver_id=receiver, kind=kind, values=values or {}, due_at=at)
        for receiver in dict.fromkeys(receivers)
    )


def deliver(*, at: datetime, limit: int = 1000) -> int:
    """Carry out what is owed by now, oldest first; returns how many.

    Two sweeps at once take different rows. The message is unique by its delivery, so that a
    sweep killed between the two statements repeats nothing.
    """
    with transaction.atomic():
        owed = list(
            # Rows of another sweep are skipped, not waited for.
            Delivery.objects.select_for_update(skip_locked=True, of=("self",))
            .filter(Q(done_at=None), due_at__lte=at)
            .order_by("due_at", "id")[:limit]
        )
        Message.objects.bulk_create(
            (
                Message(
                    delivery=delivery,
                    receiver_id=delivery.receiver_id,
                    case_id=delivery.case_id,
                    kind=delivery.kind,
                    values=delivery.values,
                    at=at,
                )
                for delivery in owed
            ),
            ignore_conflicts=True,
        )
        Delivery.objects.filter(pk__in=[delivery.pk for delivery in owed]).update(done_at=at)
    return len(owed)


def mark_read(*, user_id: int, at: datetime, upto: int) -> int:
    """Mark a user's messages up to this id as read; returns how many were unread."""
    return Message.objects.filter(receiver_id=user_id, read_at=None, pk__lte=upto).update(
        read_at=at
    )
