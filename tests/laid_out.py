"""The small district as rows that lie ready, so that a test has its own after one statement.

Once a run it is laid out by its models (tests/district.py), and what that wrote is copied into a
schema beside the tables. To lay it out anew for each test took a quarter of the suite's time.
"""

from __future__ import annotations

import pickle
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction

from tests import district as small
from tests import shipped


@dataclass(frozen=True, slots=True)
class Kept:
    """What this process knows of the rows: the statement that puts them, the objects of them."""

    statement: str
    district: bytes


_kept: list[Kept] = []


def keep() -> None:
    """Lay the district out, copy its rows away, and take it back."""
    with transaction.atomic(), connection.cursor() as cursor:
        before = set(shipped.filled(cursor))
        start = transaction.savepoint()
        district = small.lay_out()
        laid = [table for table in shipped.filled(cursor) if table not in before]
        columns = {table: shipped.columns_of(cursor, table) for table in laid}
        rows = {table: copy_out(cursor, table, columns[table]) for table in laid}
        transaction.savepoint_rollback(start)
        cursor.execute("drop schema if exists laid_out cascade")
        cursor.execute("create schema laid_out")
        for table in laid:
            cursor.execute(f"create table laid_out.{table} (like public.{table})")
            copy_in(cursor, table, columns[table], rows[table])
        _kept[:] = [Kept(statement_for(columns), pickle.dumps(district))]


def put() -> small.TestDistrict:
    """The rows into the tables; the objects are this test's own."""
    (kept,) = _kept
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(kept.statement)
    district: small.TestDistrict = pickle.loads(kept.district)
    return district


def statement_for(columns: dict[str, str]) -> str:
    """Without guards, counters and references: they have seen these rows once."""
    inserts = (
        f"insert into public.{table} ({names}) select {names} from laid_out.{table}"
        " on conflict do nothing"
        for table, names in columns.items()
    )
    return ";".join(
        [
            "set local session_replication_role = replica",
            *inserts,
            "set local session_replication_role = origin",
        ]
    )


def copy_out(cursor: Any, table: str, columns: str) -> bytes:
    with cursor.copy(f"copy public.{table} ({columns}) to stdout") as copy:
        return b"".join(bytes(block) for block in copy)


def copy_in(cursor: Any, table: str, columns: str, content: bytes) -> None:
    with cursor.copy(f"copy laid_out.{table} ({columns}) from stdin") as copy:
        copy.write(content)
