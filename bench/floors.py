"""The same work as bare SQL: scripts for pgbench, prepared statements, no web server."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path
from statistics import median
from typing import Any

from django.conf import settings
from django.db import connection

from deploy.packages import pg_bin

SQL = Path(__file__).resolve().parent / "sql"
_TPS = re.compile(r"tps = ([0-9.]+)")


class FloorFailed(Exception):
    """A script of a floor does not fit the tables any more; the message is pgbench's."""


def environment() -> dict[str, str]:
    """How libpq finds the database of this run; the password never stands in argv."""
    database: dict[str, Any] = settings.DATABASES["default"]
    return {
        "PATH": os.environ["PATH"],
        "PGHOST": str(database["HOST"]),
        "PGPORT": str(database["PORT"]),
        "PGUSER": str(database["USER"]),
        "PGPASSWORD": str(database["PASSWORD"]),
        "PGDATABASE": str(database["NAME"]),
        "PGOPTIONS": "-c max_parallel_workers_per_gather=0 -c jit=off",
    }


def rate(name: str, *, runs: int, seconds: int, connections: int = 4) -> float:
    """Transactions a second of `sql/NAME.sql`, the median of some runs."""
    return median(one_run(name, seconds, connections) for _ in range(runs))


def one_run(name: str, seconds: int, connections: int) -> float:
    return _pgbench(name, connections, f"--time={seconds}", sizes())


def spent(name: str, *, batches: int, batch: int, connections: int) -> float:
    """Batches a second of `sql/NAME.sql`, which uses up what is there: each runs once.

    The batches are shared out evenly among the connections.
    """
    each = batches // connections
    return _pgbench(name, connections, f"--transactions={each}", {"batch": batch})


def _pgbench(name: str, connections: int, bound: str, defined: dict[str, int]) -> float:
    threads = min(connections, 2)
    command = [
        pg_bin("pgbench"), "--no-vacuum", "--protocol=prepared", f"--client={connections}",
        f"--jobs={threads}", bound, f"--file={SQL / f'{name}.sql'}",
        *(f"--define={key}={value}" for key, value in defined.items()),
    ]  # fmt: skip
    done = subprocess.run(command, env=environment(), capture_output=True, text=True, check=False)
    found = _TPS.search(done.stdout)
    if done.returncode or found is None or "aborted" in done.stderr:
        raise FloorFailed(f"{name}: {done.stderr.strip()[:600]}")
    return float(found[1])


def sizes() -> dict[str, int]:
    """How many prepared places and cases the scripts may choose from."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select (select max(n) from bench_place), (select max(n) from bench_case), "
            "(select max(n) from bench_open), (select max(n) from bench_part_tile), "
            "(select max(n) from bench_cell_tile)"
        )
        found = cursor.fetchone()
    names = ("places", "cases", "opened", "part_tiles", "cell_tiles")
    return {name: number or 0 for name, number in zip(names, found, strict=True)}
