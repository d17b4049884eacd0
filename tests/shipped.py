"""What migrations ship, kept where a database is used again by the next run (`--reuse-db`).

Tests with transactions of their own end with empty tables: a new database is made for each run
else, so nobody misses what they took. Of a database that is kept a copy is made when it is new.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from django.db import connection, transaction

OURS = ("gridcity_", "assessment_", "dispatch_", "cases_", "parts_", "jobs_")


def put_back(only: Collection[str] = ()) -> None:
    """Copy what a new database has been given; into an older one put back what is missing.

    `only` names tables: those that a test needs, where others before it have emptied them.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("select to_regnamespace('shipped') is null")
        if cursor.fetchone()[0]:
            cursor.execute("create schema shipped")
            for table in filled(cursor):
                cursor.execute(f"create table shipped.{table} as table public.{table}")
        cursor.execute("select tablename from pg_tables where schemaname = 'shipped'")
        for (table,) in cursor.fetchall():
            if (not only or table in only) and not has_rows(cursor, table):
                # Those that the copy has: a migration may have added others since.
                columns = columns_of(cursor, table, schema="shipped")
                cursor.execute(
                    f"insert into public.{table} ({columns}) select {columns} from shipped.{table}"
                )


def filled(cursor, tables: Iterable[str] | None = None) -> list[str]:
    """Which of these tables have rows; of all of ours, where none are named."""
    if tables is None:
        names = connection.introspection.table_names(cursor)
        tables = [table for table in names if table.startswith(OURS)]
    return [table for table in tables if has_rows(cursor, table)]


def has_rows(cursor, table: str) -> bool:
    cursor.execute(f"select exists (select from public.{table})")
    return cursor.fetchone()[0]


def columns_of(cursor, table: str, *, schema: str = "public") -> str:
    """All that can be written: none that the database computes."""
    cursor.execute(
        "select string_agg(quote_ident(column_name), ', ') from information_schema.columns"
        " where table_schema = %s and table_name = %s and is_generated = 'NEVER'",
        [schema, table],
    )
    return cursor.fetchone()[0]
