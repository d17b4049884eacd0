"""What changes a few times a year and is asked for all the time: kept by each process.

An edit holds everywhere after `KEPT_S` seconds at the latest; nothing is told between processes.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from typing import Generic, TypeVar

Value = TypeVar("Value")

KEPT_S = 5.0

_ALL: list[Kept[object]] = []
# The number of a time in which nothing changes, below zero; each such time has its own.
_stills = count(-1, -1)
_still = 0


def tick() -> int:
    """Which few seconds run now: what is kept under this number is read anew in the next ones."""
    return _still or int(time.monotonic() / KEPT_S)


@contextmanager
def nothing_changes() -> Iterator[None]:
    """Read everything once at most meanwhile; for a process that has the tables to itself."""
    global _still
    _still = next(_stills)
    try:
        yield
    finally:
        _still = 0


class Kept(Generic[Value]):
    """One value, loaded anew when it is older than a few seconds."""

    def __init__(self, load: Callable[[], Value]) -> None:
        self._load = load
        self._value: Value | None = None
        self._loaded_in: int | None = None
        _ALL.append(self)  # type: ignore[arg-type]

    def __call__(self) -> Value:
        now = tick()
        if now != self._loaded_in:
            self._value, self._loaded_in = self._load(), now
        return self._value  # type: ignore[return-value]

    def forget(self) -> None:
        """Load anew at the next call."""
        self._loaded_in = None


def forget() -> None:
    """Load everything anew: after an edit in this process, and between tests."""
    for kept in _ALL:
        kept.forget()
