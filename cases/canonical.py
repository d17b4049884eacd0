"""How events tell things: one form of JSON for what is hashed, one of text for instants. Pure."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import orjson


def canonical(said: Any) -> bytes:
    """JSON in UTF-8 with keys in order and no blanks: alike for alike values.

    Raises TypeError for what JSON does not know, and for whole numbers beyond 64 bits.
    """
    return orjson.dumps(said, option=orjson.OPT_SORT_KEYS)


def utc_text(at: datetime) -> str:
    """An instant by ISO 8601, in UTC, as `datetime.isoformat` writes it."""
    return orjson.dumps(at.astimezone(UTC))[1:-1].decode()
