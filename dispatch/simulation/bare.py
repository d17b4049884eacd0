"""Filling tables fast: without their indexes and references, which are put back afterwards."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

from django.db import connection

BUILDING_MEMORY = "256MB"
_KEYS = """
    select conrelid::regclass::text, quote_ident(conname), pg_get_indexdef(conindid),
           case contype when 'p' then 'primary key' else 'unique' end,
           case when condeferrable then 'deferrable' else '' end
               || case when condeferred then ' initially deferred' else '' end
    from pg_constraint
    where contype in ('p', 'u') and conrelid = any(%(tables)s::regclass[])
    order by conname"""
_REFERENCES = """
    select conrelid::regclass::text, quote_ident(conname), pg_get_constraintdef(oid)
    from pg_constraint
    where contype = 'f'
      and (conrelid = any(%(tables)s::regclass[]) or confrelid = any(%(tables)s::regclass[]))
    order by conname"""
_INDEXES = """
    select i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid)
    from pg_index i
    where i.indrelid = any(%(tables)s::regclass[])
      and not exists (select from pg_constraint c where c.conindid = i.indexrelid)"""


def build(statement: str) -> None:
    """Make an index, or look references over, with memory enough to sort at once."""
    with connection.cursor() as cursor:
        cursor.execute(f"set maintenance_work_mem = '{BUILDING_MEMORY}'")
        cursor.execute(statement)
        cursor.execute("reset maintenance_work_mem")


def build_one_by_one(statements: list[str]) -> None:
    for statement in statements:
        build(statement)


def side_by_side(works: Iterable[Callable[[], None]], processes: int) -> None:
    """Do works that need nothing of each other, each over a connection of its own.

    Raises what the first of them to fail has raised.
    """

    def alone(work: Callable[[], None]) -> None:
        try:
            work()
        finally:
            connection.close()

    with ThreadPoolExecutor(processes) as pool:
        for _done in pool.map(alone, works):
            pass


def build_side_by_side(statements: list[str], processes: int) -> None:
    side_by_side([partial(build, one) for one in statements], processes)


@dataclass(frozen=True, slots=True)
class Taken:
    """What was taken off some tables, as the statements that put it back."""

    indexes: list[str]  # those of keys first
    keys: list[str]
    references: list[str]
    proofs: list[str]  # that what is there keeps the references, a statement for each table


@contextmanager
def bare_tables(
    tables: Sequence[str],
    *,
    checked: bool = True,
    build_all: Callable[[list[str]], None] = build_one_by_one,
    prove_all: Callable[[list[str]], None] = build_one_by_one,
) -> Iterator[None]:
    """Take indexes, keys and triggers off the tables, and put them back when the rows are in.

    Only their owner may, and nobody should be at work on them. Not `checked`, references are put
    back for new rows only: where the rows are right by their making, checking a million of them
    would take longer than writing them. `build_all` makes the indexes, of keys too, and
    `prove_all` looks the references over: what takes long, and may go side by side. Triggers come
    back first, so that they guard the tables even where an index cannot be made.
    """
    taken = take_off(tables, checked=checked)
    try:
        yield
    finally:
        guard(tables)
        build_all(taken.indexes)
        put_back(tables, taken)
        prove_all(taken.proofs)


def take_off(tables: Sequence[str], *, checked: bool) -> Taken:
    """References first, then the keys that they need, then all other indexes."""
    with connection.cursor() as cursor:
        cursor.execute(_KEYS, {"tables": list(tables)})
        keys = cursor.fetchall()
        cursor.execute(_REFERENCES, {"tables": list(tables)})
        references = cursor.fetchall()
        cursor.execute(_INDEXES, {"tables": list(tables)})
        indexes = cursor.fetchall()
        for table, name, *_said in [*references, *keys]:
            cursor.execute(f"alter table {table} drop constraint {name}")
        for name, _definition in indexes:
            cursor.execute(f"drop index {name}")
        for table in tables:
            cursor.execute(f"alter table {table} disable trigger user")
            cursor.execute(f"alter table {table} set (autovacuum_enabled = false)")
    proven: dict[str, list[str]] = {}
    for table, name, _definition in references if checked else ():
        proven.setdefault(table, []).append(f"validate constraint {name}")
    return Taken(
        indexes=[index for _table, _name, index, *_said in keys] + [index for _, index in indexes],
        keys=[
            f"alter table {table} add constraint {name} {kind} using index {name} {when}"
            for table, name, _index, kind, when in keys
        ],
        references=[
            f"alter table {table} add constraint {name} {definition} not valid"
            for table, name, definition in references
        ],
        proofs=[f"alter table {table} {', '.join(parts)}" for table, parts in proven.items()],
    )


def guard(tables: Sequence[str]) -> None:
    """Let their triggers act again."""
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"alter table {table} enable trigger user")


def put_back(tables: Sequence[str], taken: Taken) -> None:
    """Keys by their indexes, then references, which need the keys."""
    with connection.cursor() as cursor:
        for statement in [*taken.keys, *taken.references]:
            cursor.execute(statement)
        for table in tables:
            cursor.execute(f"alter table {table} reset (autovacuum_enabled)")
