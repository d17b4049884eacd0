"""The rows behind what is sent: claimed before, marked after; nothing here sends anything.

A claim is a lease: whoever is killed between sending and marking leaves a row that is sent once
more when the lease is over (at least once). Only the earliest row owed of a case (or another
topic), receiver and channel can be claimed, so that each hears of a case in order. An outlet that
fails is left alone for a while, ever longer; the others go on.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Coalesce

from cases.models import Delivery, Outlet
from cases.models.notice import CAN_WAIT, OWED, Channel

LEASE = timedelta(minutes=2)
FIRST_PAUSE = timedelta(seconds=30)
LONGEST_PAUSE = timedelta(minutes=15)
AT_ONCE_BY_OUTLET = 50

_OUTLET = "CASE WHEN d.channel = 'webhook' THEN 'webhook-' || d.receiver_id ELSE d.channel END"
# While it is quiet, what can wait waits, unless something urgent of the same case comes after it:
# then the receiver is disturbed anyway, and hears it in order.
_CLAIM = """
    WITH ready AS (
        SELECT d.id, d.attempts, d.due_at, row_number() OVER (
            PARTITION BY {outlet} ORDER BY d.attempts, d.due_at, d.id) AS place
        FROM cases_delivery d
        WHERE d.done_at IS NULL AND d.dead_at IS NULL AND d.channel <> 'inbox'
          AND d.next_at <= %(at)s
          AND NOT EXISTS (
            SELECT FROM cases_outlet o WHERE o.name = {outlet} AND o.retry_at > %(at)s)
          AND NOT EXISTS (
            SELECT FROM cases_delivery e
            WHERE e.case_id = d.case_id AND e.receiver_id = d.receiver_id
              AND e.channel = d.channel AND e.id < d.id
              AND e.done_at IS NULL AND e.dead_at IS NULL AND e.channel <> 'inbox')
          AND NOT EXISTS (
            SELECT FROM cases_delivery e
            WHERE d.case_id IS NULL AND e.topic <> '' AND e.topic_id = d.topic_id
              AND e.topic = d.topic AND e.receiver_id = d.receiver_id
              AND e.channel = d.channel AND e.id < d.id
              AND e.done_at IS NULL AND e.dead_at IS NULL AND e.channel <> 'inbox')
          AND (NOT %(quiet)s OR d.channel = 'webhook' OR d.kind <> ALL(%(can_wait)s) OR EXISTS (
            SELECT FROM cases_delivery e
            WHERE e.case_id = d.case_id AND e.receiver_id = d.receiver_id
              AND e.channel = d.channel AND e.id > d.id AND e.kind <> ALL(%(can_wait)s)
              AND e.done_at IS NULL AND e.dead_at IS NULL AND e.channel <> 'inbox'))
    ), claimed AS (
        SELECT d.id FROM cases_delivery d JOIN ready USING (id)
        WHERE ready.place <= %(by_outlet)s
          AND d.done_at IS NULL AND d.dead_at IS NULL AND d.next_at <= %(at)s
        ORDER BY ready.place, ready.attempts, ready.due_at, d.id
        LIMIT %(limit)s
        FOR NO KEY UPDATE OF d SKIP LOCKED
    )
    UPDATE cases_delivery d SET next_at = %(at)s + %(lease)s FROM claimed
    WHERE d.id = claimed.id RETURNING d.id
"""


def claim(*, at: datetime, quiet: bool, limit: int) -> list[int]:
    """Take rows to be sent now, fairly by outlet; nobody else gets them until the lease ends."""
    said: dict[str, Any] = {
        "at": at,
        "quiet": quiet,
        "can_wait": [str(kind) for kind in CAN_WAIT],
        "by_outlet": AT_ONCE_BY_OUTLET,
        "limit": limit,
        "lease": LEASE,
    }
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM.format(outlet=_OUTLET), said)
        return [row[0] for row in cursor.fetchall()]


def mark_sent(*, ids: Collection[int], outlets: Collection[str], at: datetime) -> None:
    """They were taken; the outlets they went by work."""
    Delivery.objects.filter(pk__in=ids, done_at=None).update(done_at=at, last_error="")
    Outlet.objects.filter(name__in=outlets).delete()


def release(*, ids: Collection[int], at: datetime) -> None:
    """They were claimed and not tried: the next sweep may have them."""
    Delivery.objects.filter(OWED, pk__in=ids).update(next_at=at)


@transaction.atomic
def note_failure(
    *, delivery_id: int, outlet: str, error: str, outlet_fails: bool, is_final: bool, at: datetime
) -> None:
    """Try again later, with the whole outlet where it is the outlet that fails.

    What has failed for longer than the patience of the settings becomes a dead letter; so does
    what waited that long behind an outlet which failed all the time.
    """
    owed = Delivery.objects.filter(OWED, pk=delivery_id)
    row = owed.select_for_update(of=("self",), no_key=True).first()
    if row is None:
        return  # withdrawn meanwhile
    row.attempts += 1
    row.failing_since = row.failing_since or at
    row.last_error = error
    row.next_at = at if outlet_fails else at + pause_after(row.attempts)
    if is_final or at - row.failing_since >= settings.NOTICE_PATIENCE:
        row.dead_at = at
    row.save(update_fields=["attempts", "failing_since", "last_error", "next_at", "dead_at"])
    if outlet_fails and not is_final:
        _note_outlet(outlet, error, at)


def _note_outlet(name: str, error: str, at: datetime) -> None:
    """Leave the outlet alone for a while; bury what waited behind it for too long."""
    outlet, is_new = Outlet.objects.select_for_update().get_or_create(
        name=name,
        defaults={"failing_since": at, "retry_at": at + FIRST_PAUSE, "last_error": error},
    )
    if is_new:
        return
    outlet.failures += 1
    outlet.last_error = error
    outlet.retry_at = at + pause_after(outlet.failures)
    outlet.save(update_fields=["failures", "last_error", "retry_at"])
    if at - outlet.failing_since >= settings.NOTICE_PATIENCE:
        behind(name).filter(due_at__lte=at - settings.NOTICE_PATIENCE).update(
            dead_at=at, last_error=error, failing_since=Coalesce(F("failing_since"), at)
        )


def pause_after(failures: int) -> timedelta:
    """30 s after the first failure, then twice as long each time, a quarter of an hour at most."""
    doublings = min(failures - 1, 10)
    return min(FIRST_PAUSE * (1 << doublings), LONGEST_PAUSE)


def behind(outlet: str) -> QuerySet[Delivery]:
    """What is owed by an outlet."""
    channel, _dash, receiver = outlet.partition("-")
    owed = Delivery.objects.filter(OWED, channel=channel)
    return owed.filter(receiver_id=int(receiver)) if receiver else owed


@transaction.atomic
def retry_dead(*, ids: Sequence[int], at: datetime) -> int:
    """Begin anew with dead letters, at an administrator's wish; returns how many.

    Their outlets are tried at once. They come after what their receivers have heard meanwhile:
    the id in each message tells its place.
    """
    dead = Delivery.objects.filter(pk__in=ids, done_at=None, dead_at__isnull=False)
    ways: list[Any] = list(dead.values_list("channel", "receiver_id").distinct())
    count = dead.update(dead_at=None, failing_since=None, attempts=0, next_at=at, last_error="")
    Outlet.objects.filter(name__in=[outlet_of(*way) for way in ways]).update(
        retry_at=at, failing_since=at
    )
    return count


def outlet_of(channel: str, receiver_id: int) -> str:
    """By which outlet a delivery leaves; as `_OUTLET` says it in SQL."""
    return f"webhook-{receiver_id}" if channel == Channel.WEBHOOK else str(channel)
