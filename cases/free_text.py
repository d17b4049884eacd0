"""Free text of the history: what people wrote, beside a fingerprint that outlives it. Pure.

An event's link in the chain covers sha256(salt ‖ text) and not the text (domain law §11), so that
text and salt can be deleted on demand while the chain stays whole.

Events of before fingerprints keep their words for good. Their link covers the text itself: a
fingerprint in its place would change that link and all after it, which nobody could tell from a
forgery and the append-only table refuses; the text deleted alone would leave the link, a hash
without salt, by which anybody could prove his guess. The command that purges says which they are.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from cases.canonical import canonical

# Where an event keeps what somebody wrote, beside its reason.
KEYS = ("description", "place_text", "no_part_reason", "words", "result", "waiver")
# What stands in its place once it was deleted; of a change what was before, and after.
DELETED = "（已清除）"
SALT_BYTES = 16


def texts_of(reason: str, changes: Mapping[str, Any]) -> dict[str, Any]:
    """What was written with an event, by where it stands; empty where nothing was."""
    found = {key: changes[key] for key in KEYS if changes.get(key)}
    return found | {"reason": reason} if reason else found


def without_texts(changes: Mapping[str, Any], texts: Mapping[str, Any]) -> dict[str, Any]:
    """The changes but for what was written."""
    return {key: value for key, value in changes.items() if key not in texts}


def fingerprint_of(salt: bytes, texts: Mapping[str, Any]) -> bytes:
    """sha256(salt ‖ what was written)."""
    return hashlib.sha256(bytes(salt) + canonical(dict(texts))).digest()


def deleted(value: Any) -> Any:
    """What stands where a text was: the mark, or a pair of them where a change was."""
    return [DELETED, DELETED] if isinstance(value, list) else DELETED


def words_in(texts: Mapping[str, Any]) -> set[str]:
    """Every single text, to be found where the case repeats it."""
    found = set()
    for value in texts.values():
        found |= {one for one in (value if isinstance(value, list) else [value]) if one}
    return found - {DELETED}


# ---------------------------------------------------------------- salts


def _drawn(number: str, seq: int) -> bytes:
    return os.urandom(SALT_BYTES)


_salts: ContextVar[Callable[[str, int], bytes]] = ContextVar("salts", default=_drawn)


def new_salt(number: str, seq: int) -> bytes:
    """A fresh salt for an event of a case; where a district's life is replayed, the same again."""
    return _salts.get()(number, seq)


@contextmanager
def seeded_salts(seed: int) -> Iterator[None]:
    """Let all salts follow from a seed, as everything else of a simulation does."""
    token = _salts.set(
        lambda number, seq: hashlib.sha256(f"{seed}/{number}/{seq}".encode()).digest()[:SALT_BYTES]
    )
    try:
        yield
    finally:
        _salts.reset(token)
