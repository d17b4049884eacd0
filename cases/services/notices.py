"""What is owed to whom, written in the transaction of what it tells of (house style §3)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any

from django.contrib.auth import get_user_model
from django.db import connection, transaction

from cases.channels import offered
from cases.clocks.numbers import UNDO_SECONDS
from cases.models import Case, Delivery, Message
from cases.models.notice import Channel, NoticeKind, Topic
from cases.selectors.preferences import is_default
from cases.selectors.settings import number_at
from parts.selectors.compiled import planned_cursor

# What may be undone within seconds leaves the site after that: an e-mail cannot be called back.
UNDOABLE = frozenset({NoticeKind.DISPATCHED, NoticeKind.ANSWERED})
READERS_AT_ONCE = 400  # what the database tells at a time is at most 8,000 bytes


@dataclass(frozen=True, slots=True)
class Owed:
    """One notice of a case to one person, by whichever channels he wants it.

    Of what is no case its topic and id are given, and no case.
    """

    case_id: int | None
    receiver_id: int
    kind: NoticeKind
    values: dict[str, Any] = field(default_factory=dict)
    topic: str = ""
    topic_id: int | None = None


def notify(
    case: Case,
    receivers: Iterable[int],
    kind: NoticeKind,
    *,
    at: datetime,
    values: dict[str, Any] | None = None,
) -> None:
    """Owe each of these users one notice."""
    owe([Owed(case.pk, one, kind, values or {}) for one in dict.fromkeys(receivers)], at=at)


def notify_of(
    topic: Topic,
    topic_id: int,
    receivers: Iterable[int],
    kind: NoticeKind,
    *,
    at: datetime,
    values: dict[str, Any],
) -> None:
    """Owe each of these users one notice of something that is no case."""
    told = dict.fromkeys(receivers)
    owe([Owed(None, one, kind, values, topic, topic_id) for one in told], at=at)


# One statement for all: a delivery for the list, and one for each channel that the receiver wants
# this kind by and has an address for. Ids follow the order in which the notices are given.
_OWE = """
    INSERT INTO cases_delivery
        (case_id, topic, topic_id, receiver_id, channel, kind, values, state, due_at, next_at)
    SELECT o.case_id, o.topic, o.topic_id, o.receiver_id, c.channel, o.kind,
        %(said)s::jsonb -> (o.place - 1)::int, coalesce(s.state, ''), %(at)s,
        CASE WHEN c.channel <> 'inbox' THEN %(at)s + c.held END
    FROM unnest(%(cases)s::bigint[], %(topics)s::text[], %(topic_ids)s::bigint[],
            %(receivers)s::bigint[], %(kinds)s::text[])
        WITH ORDINALITY AS o (case_id, topic, topic_id, receiver_id, kind, place)
    JOIN unnest(%(of)s::text[], %(channels)s::text[], %(defaults)s::bool[], %(held)s::interval[])
        AS c (kind, channel, is_default, held) USING (kind)
    LEFT JOIN cases_case s ON s.id = o.case_id
    JOIN {users} u ON u.id = o.receiver_id
    LEFT JOIN cases_webhook w ON w.receiver_id = o.receiver_id AND w.is_active
    LEFT JOIN cases_noticechoice p
        ON p.user_id = o.receiver_id AND p.kind = o.kind AND p.channel = c.channel
    WHERE c.channel = 'inbox' OR (
        u.is_active AND coalesce(p.is_wanted, c.is_default)
        AND CASE c.channel
            WHEN 'email' THEN u.email <> '' WHEN 'sms' THEN u.mobile <> ''
            WHEN 'webhook' THEN w.id IS NOT NULL ELSE true END)
    ORDER BY o.place, c.channel
"""


def owe(owed: Sequence[Owed], *, at: datetime) -> None:
    """Owe many notices in one statement, in this order."""
    if not owed:
        return
    ways = _ways(frozenset(one.kind for one in owed), tuple(offered()), number_at(UNDO_SECONDS, at))
    planned_cursor().execute(
        _owing(),
        {
            "at": at,
            "cases": _array(one.case_id for one in owed),
            "topics": _array(one.topic for one in owed),
            "topic_ids": _array(one.topic_id for one in owed),
            "receivers": _array(one.receiver_id for one in owed),
            "kinds": _array(one.kind for one in owed),
            "said": json.dumps([one.values for one in owed]),
            **ways,
        },
    )


@cache
def _owing() -> str:
    return _OWE.format(users=get_user_model()._meta.db_table)


@cache
def _ways(
    kinds: frozenset[NoticeKind], channels: tuple[str, ...], grace_s: int
) -> dict[str, str]:  # fmt: skip
    """Each of the kinds by each of the channels, and how long it is held back, as arrays."""
    ways = [(kind, channel) for kind in sorted(kinds) for channel in channels]
    return {
        "of": _array(kind for kind, _channel in ways),
        "channels": _array(channel for _kind, channel in ways),
        "defaults": _array(is_default(kind, channel) for kind, channel in ways),
        "held": _array(f"{grace_s if kind in UNDOABLE else 0}s" for kind, _channel in ways),
    }


def _array(values: Iterable[int | str | None]) -> str:
    """An array as the database reads it, of numbers and codes, which need no quotes."""
    told = ("NULL" if value is None else str(value) or '""' for value in values)
    return f"{{{','.join(told)}}}"


def deliver(*, at: datetime, limit: int = 1000) -> int:
    """Write what is owed to the in-app lists by now, oldest first; returns how many.

    Two sweeps at once take different rows. The message is unique by its delivery, so that a
    sweep killed between the two statements repeats nothing.
    """
    with transaction.atomic():
        owed = list(
            # Rows of another sweep are skipped, not waited for.
            Delivery.objects.select_for_update(skip_locked=True, of=("self",))
            .filter(channel=Channel.INBOX, done_at=None, due_at__lte=at)
            .order_by("due_at", "id")[:limit]
        )
        if not owed:
            return 0
        Message.objects.bulk_create(
            (
                Message(
                    delivery=delivery,
                    receiver_id=delivery.receiver_id,
                    case_id=delivery.case_id,
                    topic=delivery.topic,
                    topic_id=delivery.topic_id,
                    kind=delivery.kind,
                    values=delivery.values,
                    at=at,
                )
                for delivery in owed
            ),
            ignore_conflicts=True,
        )
        Delivery.objects.filter(pk__in=[delivery.pk for delivery in owed]).update(done_at=at)
        _ring({delivery.receiver_id for delivery in owed})
    return len(owed)


def withdraw(case: Case, kind: NoticeKind, *, at: datetime) -> None:
    """Take back what was told of an act at `at` that was undone, from people's lists too.

    A line that stayed would lead to a case that its reader may not see. What has left the site
    cannot be called back; it is held until nothing can be undone any more.
    """
    # The sweep that fills the lists holds the same rows: it has told all of one, or nothing.
    told = list(
        Delivery.objects.select_for_update(of=("self",))
        .filter(case=case, kind=kind, due_at=at)
        .order_by("id")
    )
    ids = [one.pk for one in told if one.channel == Channel.INBOX or one.done_at is None]
    Message.objects.filter(delivery__in=ids).delete()
    Delivery.objects.filter(pk__in=ids).delete()
    _ring({one.receiver_id for one in told if one.done_at is not None})


def _ring(readers: set[int]) -> None:
    """Tell open pages of these users, with the commit, that their bell counts more."""
    listed = sorted(readers)
    with connection.cursor() as cursor:
        for start in range(0, len(listed), READERS_AT_ONCE):
            told = json.dumps({"readers": listed[start : start + READERS_AT_ONCE]})
            cursor.execute("SELECT pg_notify('live', %s)", [told])


def mark_read(*, user_id: int, at: datetime, upto: int) -> int:
    """Mark a user's messages up to this id as read; returns how many were unread."""
    return Message.objects.filter(receiver_id=user_id, read_at=None, pk__lte=upto).update(
        read_at=at
    )
