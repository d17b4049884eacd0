"""Filling tables fast: without their indexes and references, which are put back afterwards."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from django.db import connection

BUILDING_MEMORY = "256MB"
_CONSTRAINTS = """
    select conrelid::regclass::text, quote_ident(conname), contype::text, pg_get_constraintdef(oid)
    from pg_constraint
    where contype in ('f', 'p', 'u')
      and (conrelid = any(%(tables)s::regclass[]) or confrelid = any(%(tables)s::regclass[]))
    order by contype = 'f' desc, conname"""
_INDEXES = """
    select i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid)
    from pg_index i
    where i.indrelid = any(%(tables)s::regclass[])
      and not exists (select from pg_constraint c where c.conindid = i.indexrelid)"""


def build(index: str) -> None:
    """Make an index by its definition, with memory enough to sort at once."""
    with connection.cursor() as cursor:
        cursor.execute(f"set maintenance_work_mem = '{BUILDING_MEMORY}'")
        cursor.execute(index)
        cursor.execute("reset maintenance_work_mem")


def build_one_by_one(indexes: list[str]) -> None:
    for index in indexes:
        build(index)


@contextmanager
def bare_tables(
    tables: Sequence[str],
    *,
    checked: bool = True,
    build_all: Callable[[list[str]], None] = build_one_by_one,
) -> Iterator[None]:
    """Take indexes, keys and triggers off the tables, and put them back when the rows are in.

    Only their owner may, and nobody should be at work on them. Not `checked`, references are put
    back for new rows only: where the rows are right by their making, checking a million of them
    would take longer than writing them. `build_all` makes the indexes, last of all.
    """
    with connection.cursor() as cursor:
        cursor.execute(_CONSTRAINTS, {"tables": list(tables)})
        constraints = cursor.fetchall()
        cursor.execute(_INDEXES, {"tables": list(tables)})
        indexes = cursor.fetchall()
        for table, name, _kind, _definition in constraints:
            cursor.execute(f"alter table {table} drop constraint {name}")
        for name, _definition in indexes:
            cursor.execute(f"drop index {name}")
        for table in tables:
            cursor.execute(f"alter table {table} disable trigger user")
            cursor.execute(f"alter table {table} set (autovacuum_enabled = false)")
    try:
        yield
    finally:
        put_back(tables, constraints, checked=checked)
        build_all([definition for _name, definition in indexes])
        with connection.cursor() as cursor:
            for table in tables:
                cursor.execute(f"alter table {table} reset (autovacuum_enabled)")


def put_back(
    tables: Sequence[str],
    constraints: list[tuple[str, str, str, str]],
    *,
    checked: bool,
) -> None:
    """Keys first, then references, which need the keys, then triggers."""
    with connection.cursor() as cursor:
        cursor.execute(f"set maintenance_work_mem = '{BUILDING_MEMORY}'")
        for table, name, kind, definition in sorted(constraints, key=lambda row: row[2] == "f"):
            suffix = " not valid" if kind == "f" and not checked else ""
            cursor.execute(f"alter table {table} add constraint {name} {definition}{suffix}")
        for table in tables:
            cursor.execute(f"alter table {table} enable trigger user")
        cursor.execute("reset maintenance_work_mem")
