"""Giving a case an id and a number out of turn, through the sequences of the database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import connection

CASE_IDS = "pg_get_serial_sequence('cases_case', 'id')::regclass"


@dataclass(frozen=True, slots=True)
class Identity:
    """The id of a case, and its serial in the year of its number."""

    case_id: int
    year: int
    serial: int

    @contextmanager
    def given(self) -> Iterator[None]:
        """The next case takes it; the one after that goes on where the last one before had been."""
        ids, serials = self._last()
        self._set(self.case_id - 1, self.serial - 1)
        try:
            yield
        finally:
            self._set(ids, serials)

    def reach(self) -> None:
        """Let the sequences go on after it, if they are not further already."""
        ids, serials = self._last()
        self._set(max(ids, self.case_id), max(serials, self.serial))

    def _last(self) -> tuple[int, int]:
        with connection.cursor() as cursor:
            cursor.execute(
                f"select coalesce(pg_sequence_last_value({CASE_IDS}), 0),"
                " coalesce(pg_sequence_last_value(to_regclass(%s)), 0)",
                [f"cases_serial_{self.year}"],
            )
            ids, serials = cursor.fetchone()
        return ids, serials

    def _set(self, ids: int, serials: int) -> None:
        with connection.cursor() as cursor:
            cursor.execute("select cases_next_serial(%s)", [self.year])  # makes the year's sequence
            for sequence, last in ((CASE_IDS, ids), ("to_regclass(%s)", serials)):
                name = [] if sequence == CASE_IDS else [f"cases_serial_{self.year}"]
                cursor.execute(
                    f"select setval({sequence}, greatest(%s, 1), %s)",
                    [*name, last, last > 0],
                )
