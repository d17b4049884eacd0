"""Dear answers are kept until what they were made from has changed.

The cache may be lost: then the answer is found anew.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from django.core.cache import cache

Value = TypeVar("Value")

KEPT_S = 24 * 3600


@dataclass(frozen=True, slots=True)
class Answer(Generic[Value]):
    """What was found, of which version, and when."""

    value: Value
    version: str
    at: datetime


def kept(key: str, version: str, at: datetime, look: Callable[[], Value]) -> Answer[Value]:
    """The answer for this version: from the cache, else looked for now."""
    name = f"selfcheck:{key}"
    answer: Answer[Value] | None = cache.get(name)
    if answer is None or answer.version != version:
        answer = Answer(look(), version, at)
        cache.set(name, answer, KEPT_S)
    return answer


def forget(keys: list[str]) -> None:
    """Look anew the next time, whatever the version."""
    for key in keys:
        cache.delete(f"selfcheck:{key}")
