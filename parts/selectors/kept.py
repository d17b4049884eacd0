"""What changes a few times a year and is asked for all the time: kept by each process.

An edit holds everywhere after `KEPT_S` seconds at the latest; nothing is told between processes.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Generic, TypeVar

Value = TypeVar("Value")

KEPT_S = 5.0

_ALL: list[Kept[object]] = []


class Kept(Generic[Value]):
    """One value, loaded anew when it is older than a few seconds."""

    def __init__(self, load: Callable[[], Value]) -> None:
        self._load = load
        self._value: Value | None = None
        self._until = 0.0
        _ALL.append(self)  # type: ignore[arg-type]

    def __call__(self) -> Value:
        now = time.monotonic()
        if now >= self._until:
            self._value, self._until = self._load(), now + KEPT_S
        return self._value  # type: ignore[return-value]

    def forget(self) -> None:
        """Load anew at the next call."""
        self._until = 0.0


def forget() -> None:
    """Load everything anew: after an edit in this process, and between tests."""
    for kept in _ALL:
        kept.forget()
