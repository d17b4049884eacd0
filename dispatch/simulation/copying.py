"""Writing the rows of a bulk simulation by COPY, as the models give them."""

from __future__ import annotations

import json
from collections.abc import Callable
from operator import itemgetter

from django.db import connection
from django.db.models import JSONField, Model
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
    """Copy rows of one table, each with all its columns but those that the database makes.

    Values are taken as they are: points as the database reads them, files by their names. The rows
    are used up by it.
    """
    fields = [field for field in model._meta.concrete_fields if not field.generated]
    values = itemgetter(*(field.attname for field in fields))
    as_text = [field.attname for field in fields if isinstance(field, JSONField)]
    statement = sql.SQL("copy {} ({}) from stdin").format(
        sql.Identifier(model._meta.db_table),
        sql.SQL(", ").join(sql.Identifier(field.column) for field in fields),
    )
    connection.ensure_connection()
    with connection.connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            said = row.__dict__
            for name in as_text:
                said[name] = as_json(said[name])
            copy.write_row(values(said))


# Made once: with options of its own `json.dumps` makes an encoder for each value.
as_json = json.JSONEncoder(ensure_ascii=False, check_circular=False).encode
