"""Words of an address as the database can take them."""

from __future__ import annotations

from collections.abc import Mapping

LONGEST = 64


def word_of(query: Mapping[str, str], key: str) -> str:
    """One value of the address, empty where it has none."""
    return clean_word(query.get(key, ""))


def clean_word(value: str) -> str:
    """Without the character that no text column holds, and no longer than any word of ours."""
    return value.replace("\0", "")[:LONGEST]
