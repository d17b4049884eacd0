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
        before = {table for table in tables(cursor) if shipped.has_rows(cursor, table)}
        start = transaction.savepoint()
        district = small.lay_out()
        laid = [table for table in tables(cursor) if shipped.has_rows(cursor, table)]
        rows = {table: copy_out(cursor, table) for table in laid if table not in before}
        transaction.savepoint_rollback(start)
        cursor.execute("drop schema if exists laid_out cascade")
        cursor.execute("create schema laid_out")
        for table, content in rows.items():
            cursor.execute(f"create table laid_out.{table} (like public.{table})")
            copy_in(cursor, table, content)
        _kept[:] = [Kept(statement_for(cursor, rows), pickle.dumps(district))]


def put() -> small.TestDistrict:
    """The rows into the tables; the objects are this test's own."""
    (kept,) = _kept
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(kept.statement)
    district: small.TestDistrict = pickle.loads(kept.district)
    return district


def tables(cursor: Any) -> list[str]:
    return [
        table
        for table in connection.introspection.table_names(cursor)
        if table.startswith(shipped.OURS)
    ]


def statement_for(cursor: Any, rows: dict[str, bytes]) -> str:
    """Without guards, counters and references: they have seen these rows once."""
    inserts = []
    for table in rows:
        columns = written_columns(cursor, table)
        inserts.append(
            f"insert into public.{table} ({columns}) select {columns} from laid_out.{table}"
            " on conflict do nothing"
        )
    return ";".join(
        [
            "set local session_replication_role = replica",
            *inserts,
            "set local session_replication_role = origin",
        ]
    )


def written_columns(cursor: Any, table: str) -> str:
    """All but those that the database computes."""
    cursor.execute(
        "select string_agg(quote_ident(column_name), ', ') from information_schema.columns"
        " where table_schema = 'public' and table_name = %s and is_generated = 'NEVER'",
        [table],
    )
    names: str = cursor.fetchone()[0]
    return names


def copy_out(cursor: Any, table: str) -> bytes:
    columns = written_columns(cursor, table)
    with cursor.copy(f"copy public.{table} ({columns}) to stdout") as copy:
        return b"".join(bytes(block) for block in copy)


def copy_in(cursor: Any, table: str, content: bytes) -> None:
    with cursor.copy(
        f"copy laid_out.{table} ({written_columns(cursor, table)}) from stdin"
    ) as copy:
        copy.write(content)
