"""One form of JSON for what is hashed: keys in order, no blanks, UTF-8. Pure."""

from __future__ import annotations

from typing import Any

import orjson


def canonical(said: Any) -> bytes:
    """Alike for alike values, whoever writes them and when.

    Raises TypeError for what JSON does not know, and for whole numbers beyond 64 bits.
    """
    return orjson.dumps(said, option=orjson.OPT_SORT_KEYS)
