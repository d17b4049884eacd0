"""Processor time of what this process does, its database backend's with it.

Others at work on the same machine do not count, so growth of cost is told by it.
"""

from __future__ import annotations

from pathlib import Path
from time import process_time
from types import TracebackType

from django.db import connection


class Spent:
    """`with Spent() as spent:` measures a block; `spent.ms` afterwards, in milliseconds."""

    def __enter__(self) -> Spent:
        connection.ensure_connection()
        self._backend = Path(f"/proc/{connection.connection.info.backend_pid}/schedstat")
        self._began = self._seconds()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:  # fmt: skip
        self.ms = (self._seconds() - self._began) * 1000

    def _seconds(self) -> float:
        """The first number is the time on a processor in nanoseconds (proc(5), schedstat)."""
        return process_time() + int(self._backend.read_text().split()[0]) / 1e9
