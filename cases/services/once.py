"""The same request twice acts once and gives one answer, also when both arrive together.

The one thing that a repetition does not give again is the reporter's name and phone.

The key's row is written first, in the transaction of the work. A second request with the same
key waits inside PostgreSQL on the unique index until the first has ended: after its commit it
finds the answer, after its rollback it does the work itself. A refused request leaves no row, so
that the corrected one may use the same key.

An answer may hold what a case says of its reporter and his words. It is kept for some weeks only,
and shortened before where these are purged (domain law §11).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection
from django.db.models import F
from rest_framework.utils.encoders import JSONEncoder

from cases.models import Event
from cases.services.transactions import whole_request
from gridcity.contracts import KeyReused
from parts.selectors.compiled import planned_cursor

Answer = tuple[int, Any]
# Longer than any outbox waits: a phone that was away for a week still gets its answers.
KEPT_FOR = timedelta(days=30)
BATCH = 5000

_CLAIM = """
    insert into cases_idempotencykey (user_id, key, content_sha256, created_at)
    values (%s, %s, %s, %s) on conflict do nothing returning true"""
_RECALL = """
    select content_sha256, status, answer
    from cases_idempotencykey where {whose} and key = %(key)s"""
_KEEP = """
    update cases_idempotencykey set status = %(status)s, answer = %(answer)s
    where {whose} and key = %(key)s"""
# Of a user, and of somebody without an account: each by an index of its own.
_WHOSE = {True: "user_id = %(user)s", False: "user_id is null"}
# Ids rise with time: the oldest lie at the head of the primary key, no other index is wanted.
_FORGET = """
    delete from cases_idempotencykey where id in (
        select id from (
            select id, created_at from cases_idempotencykey order by id limit %s) as oldest
        where created_at < %s)"""
# By the index of users and keys; the pattern spares most answers the reading.
_SHORTEN = """
    update cases_idempotencykey set answer = %(short)s
    where user_id = any(%(users)s) and created_at >= %(since)s
        and answer #>> '{}' like %(pattern)s
        and (answer #>> '{}')::jsonb ->> 'number' = %(number)s"""


def once(
    *,
    user_id: int | None,
    key: UUID | None,
    content: bytes,
    at: datetime,
    act: Callable[[], Answer],
) -> Answer:
    """Do `act` once for this key and return its answer, now and at every repetition.

    `user_id` is None for somebody without an account. Without a key it is simply done. Raises
    KeyReused when the key came with other content.
    """
    if key is None:
        return act()
    whose = _WHOSE[user_id is not None]
    with whole_request():
        cursor = planned_cursor()
        cursor.execute(_CLAIM, [user_id, key, content, at])
        if cursor.fetchone() is None:
            cursor.execute(_RECALL.format(whose=whose), {"user": user_id, "key": key})
            seen, status, answer = cursor.fetchone()
            if bytes(seen) != content:
                raise KeyReused
            return status, json.loads(json.loads(answer))
        status, body = act()
        # Encoded as it would be sent without a key: the other encoder drops microseconds.
        kept = json.dumps(body, cls=JSONEncoder)
        # Kept as one JSON text: the database would give an object's fields back in another order.
        text = json.dumps(json.dumps(without_person(json.loads(kept))))
        said: dict[str, Any] = {"status": status, "answer": text, "user": user_id, "key": key}
        planned_cursor().execute(_KEEP.format(whose=whose), said)
        return status, json.loads(kept)


def answer_of(*, user_id: int | None, key: UUID) -> Any:
    """The body of the answer that this user, or nobody, got for a key; None where there is none."""
    with connection.cursor() as cursor:
        whose = _WHOSE[user_id is not None]
        cursor.execute(_RECALL.format(whose=whose), {"user": user_id, "key": key})
        found = cursor.fetchone()
    return json.loads(json.loads(found[2])) if found else None


def forget_keys(*, at: datetime) -> int:
    """Delete the keys that are older than `KEPT_FOR`, in batches; returns how many."""
    forgotten = 0
    with connection.cursor() as cursor:
        while True:
            cursor.execute(_FORGET, [BATCH, at - KEPT_FOR])
            if not cursor.rowcount:
                return forgotten
            forgotten += cursor.rowcount


def shorten_answers(*, case_ids: Collection[int], at: datetime) -> None:
    """Leave of the kept answers about these cases the number alone: what they said is purged.

    Every request that was answered has an event of its user, so only answers to those who did
    something of late are looked through. A repetition still acts no second time.
    """
    acted = Event.objects.filter(
        case__in=case_ids, actor__isnull=False, at__gte=at - KEPT_FOR
    ).values_list(F("case__number"), "actor_id")
    users: dict[str, set[int]] = {}
    for number, user_id in acted.distinct():
        users.setdefault(number, set()).add(user_id)
    with connection.cursor() as cursor:
        for number, of_case in users.items():
            said: dict[str, Any] = {
                "short": json.dumps(json.dumps({"number": number})),
                "users": sorted(of_case),
                "since": at - KEPT_FOR,
                "pattern": f"%{number}%",
                "number": number,
            }
            cursor.execute(_SHORTEN, said)


def without_person(body: Any) -> Any:
    """An answer as it is kept: who reported lies in a table of its own and nowhere else (law §11).

    So a repetition shows nobody's name to a department whose turn is over by then (law §1).
    """
    return body | {"reporter": None} if isinstance(body, dict) and "reporter" in body else body


def content_sha256(target: str, fields: Any, files: Iterable[tuple[str, UploadedFile]]) -> bytes:
    """A fingerprint of what a request asks for: its target, its fields and the bytes of its files.

    Not of the raw body: a browser draws a new multipart boundary at every retry.
    """
    digest = hashlib.sha256(target.encode())
    digest.update(json.dumps(fields, sort_keys=True, cls=DjangoJSONEncoder).encode())
    for name, upload in files:
        digest.update(f"\0{name}\0{upload.size}\0".encode())
        upload.seek(0)
        for chunk in upload.chunks():
            digest.update(chunk)
        upload.seek(0)
    return digest.digest()
