"""Writing the rows of a bulk simulation by COPY, as the models give them."""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter
from typing import Any

from django.db.models import Model

from dispatch.simulation.record import WRITTEN, Record
from parts.services.copying import Instants, columns_of, copy_rows

AT_ONCE = 2000
# How the values of a row are read from it.
_VALUES = {model: attrgetter(*columns_of(model)) for model in WRITTEN}


class Copier:
    """Takes the records that are over and copies them, so many at once."""

    def __init__(self, told: Callable[[int], None] = lambda count: None) -> None:
        self.told = told
        self.written = 0
        self._waiting: list[Record] = []

    def keep(self, record: Record) -> None:
        self._waiting.append(record)
        if len(self._waiting) >= AT_ONCE:
            self.flush()

    def flush(self) -> None:
        """Copy what waits, table by table."""
        rows: dict[type[Model], list[tuple[Any, ...]]] = {model: [] for model in WRITTEN}
        for record in self._waiting:
            for model, listed in record.rows():
                rows[model] += map(_VALUES[model], listed)
        instants = Instants()
        for model, values in rows.items():
            copy_rows(model, values, instants)
        self.written += len(self._waiting)
        self._waiting.clear()
        self.told(self.written)
