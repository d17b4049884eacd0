"""The same request twice acts once and gives one answer, also when both arrive together.

The one thing that a repetition does not give again is the reporter's name and phone.

The key's row is written first, in the transaction of the work. A second request with the same
key waits inside PostgreSQL on the unique index until the first has ended: after its commit it
finds the answer, after its rollback it does the work itself. A refused request leaves no row, so
that the corrected one may use the same key.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection
from rest_framework.utils.encoders import JSONEncoder

from cases.services.transactions import whole_request
from gridcity.contracts import KeyReused

Answer = tuple[int, Any]

_CLAIM = """
    insert into cases_idempotencykey (user_id, key, content_sha256, created_at)
    values (%s, %s, %s, %s) on conflict do nothing returning true"""
_RECALL = """
    select content_sha256, status, answer
    from cases_idempotencykey where user_id = %s and key = %s"""
_KEEP = "update cases_idempotencykey set status = %s, answer = %s where user_id = %s and key = %s"


def once(
    *, user_id: int, key: UUID | None, content: bytes, at: datetime, act: Callable[[], Answer]
) -> Answer:
    """Do `act` once for this key and return its answer, now and at every repetition.

    Without a key it is simply done. Raises KeyReused when the key came with other content.
    """
    if key is None:
        return act()
    with whole_request(), connection.cursor() as cursor:
        cursor.execute(_CLAIM, [user_id, key, content, at])
        if cursor.fetchone() is None:
            cursor.execute(_RECALL, [user_id, key])
            seen, status, answer = cursor.fetchone()
            if bytes(seen) != content:
                raise KeyReused
            return status, json.loads(json.loads(answer))
        status, body = act()
        # Encoded as it would be sent without a key: the other encoder drops microseconds.
        kept = json.dumps(body, cls=JSONEncoder)
        # Kept as one JSON text: the database would give an object's fields back in another order.
        text = json.dumps(json.dumps(without_person(json.loads(kept))))
        cursor.execute(_KEEP, [status, text, user_id, key])
        return status, json.loads(kept)


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
