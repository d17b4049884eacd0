"""Filling tables fast: without their indexes and references, which are put back afterwards."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager

from django.apps import apps
from django.db import connection
from django.db.models import NOT_PROVIDED
from django.utils import timezone
from psycopg import sql

from bench.generate.columns import TABLES
from cases.models.guards import MAY_TRUNCATE
from cases.services.cell_counts import recount_open
from dispatch.simulation import bare
from gridcity.contracts import CLOCK

# The columns that a generator writes, by table.
Written = Mapping[str, tuple[str, ...]]


@contextmanager
def bare_tables() -> Iterator[None]:
    """The tables without indexes and keys; what the generator leaves out gets its default.

    References are put back for new rows only: those of the generator are right by its making,
    which its tests check.
    """
    with bare.bare_tables(list(TABLES), checked=False), defaults_of_models():
        yield


@contextmanager
def defaults_of_models(written: Written = TABLES) -> Iterator[None]:
    """Columns that the generator says nothing of take the value that the model gives them."""
    with connection.cursor() as cursor:
        for table, column, value in left_out(written):
            cursor.execute(alter_default(table, column, sql.SQL("set default {}").format(value)))
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            for table, column, _value in left_out(written):
                cursor.execute(alter_default(table, column, sql.SQL("drop default")))


def left_out(written: Written = TABLES) -> Iterator[tuple[str, str, sql.Literal]]:
    """Columns of which neither generator nor database says anything, with the model's value."""
    for model in apps.get_models():
        table = model._meta.db_table
        for field in model._meta.local_concrete_fields if table in written else ():
            has_default = field.generated or field.db_default is not NOT_PROVIDED
            if field.column not in written[table] and not (field.null or has_default):
                value = field.get_db_prep_save(field.get_default(), connection)
                yield table, field.column, sql.Literal(value)


def alter_default(table: str, column: str, change: sql.Composable) -> sql.Composed:
    return sql.SQL("alter table {} alter column {} {}").format(
        sql.Identifier(table), sql.Identifier(column), change
    )


def empty() -> None:
    """Forget every case with all that hangs on it."""
    with connection.cursor() as cursor:
        cursor.execute("select set_config(%s, 'on', false)", [MAY_TRUNCATE])
        cursor.execute("truncate cases_case restart identity cascade")


def copy_rows(rows: dict[str, list[str]]) -> None:
    """Write rows that are in the text format of COPY, in one transaction."""
    connection.ensure_connection()
    driver = connection.connection
    with driver.transaction(), driver.cursor() as cursor:
        for table, listed in rows.items():
            if not listed:
                continue
            columns = ", ".join(TABLES[table])
            with cursor.copy(f"copy {table} ({columns}) from stdin") as copy:
                for part in chunks(listed, 2000):
                    copy.write("\n".join(part) + "\n")


def chunks(listed: list[str], size: int) -> Iterable[list[str]]:
    return (listed[first : first + size] for first in range(0, len(listed), size))


def set_serials(last_serials: dict[int, int]) -> None:
    """Let identities and case numbers go on after the generated ones."""
    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(
                "select setval(pg_get_serial_sequence(%s, 'id'), "
                f"(select coalesce(max(id), 0) + 1 from {table}))",
                [table],
            )
        for year, last in last_serials.items():
            cursor.execute("select cases_next_serial(%s)", [year])
            cursor.execute("select setval(%s, %s)", [f"cases_serial_{year}", last])
        cursor.execute(f"vacuum (analyze) {', '.join(TABLES)}")
    recount_open(actor=CLOCK, at=timezone.now())  # triggers were off
