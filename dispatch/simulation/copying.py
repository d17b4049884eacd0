"""Writing the rows of a bulk simulation by COPY, as the models give them."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from django.db import connection
from django.db.models import Field, FileField, JSONField, Model
from psycopg import sql

from dispatch.simulation.record import WRITTEN, Record

AT_ONCE = 2000


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
        rows: dict[type[Model], list[Model]] = {model: [] for model in WRITTEN}
        for record in self._waiting:
            for row in record.rows():
                rows[type(row)].append(row)
        for model, listed in rows.items():
            if listed:
                copy_rows(model, listed)
        self.written += len(self._waiting)
        self._waiting.clear()
        self.told(self.written)


def copy_rows(model: type[Model], rows: list[Model]) -> None:
    """Copy rows of one table, each with all its columns but those that the database makes."""
    fields = [field for field in model._meta.concrete_fields if not field.generated]
    readers = [(field.attname, reader_of(field)) for field in fields]
    statement = sql.SQL("copy {} ({}) from stdin").format(
        sql.Identifier(model._meta.db_table),
        sql.SQL(", ").join(sql.Identifier(field.column) for field in fields),
    )
    connection.ensure_connection()
    with connection.connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            said = row.__dict__
            copy.write_row([read(said[name]) if read else said[name] for name, read in readers])


def reader_of(field: Field[Any, Any]) -> Callable[[Any], Any] | None:
    """How a value of this column is given to COPY; None: as it is, points as they are written."""
    if isinstance(field, JSONField):
        return as_json
    return str if isinstance(field, FileField) else None


# Made once: with options of its own `json.dumps` makes an encoder for each value.
as_json = json.JSONEncoder(ensure_ascii=False, check_circular=False).encode
