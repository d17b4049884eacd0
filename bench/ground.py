"""The database of a run: made with the demonstration's district, dropped at the end."""

from __future__ import annotations

from typing import Any

import psycopg
from django.conf import settings
from django.core.management import call_command
from django.db import connection, connections
from django.db.backends.utils import CursorWrapper
from psycopg.sql import SQL, Identifier

from bench.generate.facts import fresh_random, read_facts
from gridcity.models import User
from parts.tiles import BUFFER, EXTENT, Tile

PLACES = 20_000
CASES = 20_000


def make() -> None:
    """Make the database anew and fill it with the demonstration's district."""
    drop()
    run_outside("create database {}")
    connection.ensure_connection()
    with connection.cursor() as cursor:
        cursor.execute("create extension if not exists postgis")
    call_command("migrate", interactive=False, verbosity=0)
    call_command("load_demonstration", verbosity=0)
    connections.close_all()  # the columns of new tables are read anew by fresh connections


def drop() -> None:
    """Forget the database of this run; others of the cluster are not touched."""
    connections.close_all()
    run_outside("drop database if exists {} with (force)")


def run_outside(statement: str) -> None:
    """Run a statement about the database itself, from beside it."""
    database: dict[str, Any] = settings.DATABASES["default"]
    with psycopg.connect(
        host=database["HOST"], port=database["PORT"], user=database["USER"],
        password=database["PASSWORD"], dbname="postgres", autocommit=True,
    ) as outside:  # fmt: skip
        outside.execute(SQL(statement).format(Identifier(database["NAME"])))


def exists() -> bool:
    """Whether an earlier run that was told to keep its database left one with cases in it."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("select exists (select from cases_case)")
            found: bool = cursor.fetchone()[0]
            return found
    except Exception as problem:  # no such database, or one from before the tables
        if type(problem).__module__ != "django.db.utils":
            raise
        connections.close_all()
        return False


def prepare_choices() -> None:
    """Tables from which the scripts of the floors choose places and cases by number."""
    random, facts = fresh_random(77), read_facts()
    supervisors = list(
        User.objects.filter(roles__contains=["supervisor"]).values_list("pk", flat=True)
    )
    with connection.cursor() as cursor:
        cursor.execute(
            """
            drop table if exists bench_place, bench_case, bench_open, bench_part_tile,
                bench_cell_tile;
            create table bench_place (
                n int primary key, lon float8, lat float8, class_id bigint, supervisor_id bigint);
            create table bench_case (n int primary key, id bigint, number text);
            create table bench_open (n int primary key, id bigint, number text);"""
        )
        with cursor.copy("copy bench_place from stdin") as copy:
            for n in range(1, PLACES + 1):
                cell = random.choice(facts.cells)
                lon, lat = random.choice(cell.spots).json.strip("[]").split(",")
                entry = random.choices(facts.classes, cum_weights=facts.class_weights)[0]
                copy.write_row((n, lon, lat, entry.id, random.choice(supervisors)))
        for table, condition in (("bench_case", "true"), ("bench_open", "ended_at is null")):
            cursor.execute(
                f"insert into {table} select row_number() over (), id, number from ("
                f"select id, number from cases_case where {condition} "
                f"order by hashint8(id) limit {CASES}) chosen"
            )
        for table, z in (("bench_part_tile", 16), ("bench_cell_tile", 12)):
            write_tiles(cursor, table, z)
        cursor.execute("vacuum (analyze) bench_place, bench_case, bench_open")


def write_tiles(cursor: CursorWrapper, table: str, z: int) -> None:
    """The tiles that hold the places, each as often as places lie in it, with their boxes."""
    cursor.execute("select lon, lat from bench_place order by n")
    tiles = [Tile.at(z, lon, lat) for lon, lat in cursor.fetchall()]
    cursor.execute(
        f"create table {table} (n int primary key, x int, y int, west float8, south float8,"
        " east float8, north float8)"
    )
    with cursor.copy(f"copy {table} from stdin") as copy:
        for n, tile in enumerate(tiles, start=1):
            copy.write_row((n, tile.x, tile.y, *tile.box(BUFFER / EXTENT)))
