"""Two cores for everything that is measured, however many the machine has."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from django.db import connection

CORES = 2


def confine() -> str:
    """Bind this process, its children and the database server to two cores; says how it went."""
    available = sorted(os.sched_getaffinity(0))
    if len(available) <= CORES:
        return f"{len(available)} cores, shared by web, PostgreSQL and load"
    chosen = set(available[:CORES])
    os.sched_setaffinity(0, chosen)
    bound = bind_database(chosen)
    where = "web, PostgreSQL and load" if bound else "web and load; PostgreSQL could not be bound"
    return f"{CORES} of {len(available)} cores for {where}"


def bind_database(cores: set[int]) -> bool:
    """Bind the server, so that each connection made from now on is bound too."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_backend_pid()")
        (backend,) = cursor.fetchone()
    connection.close()
    with suppress(OSError, ValueError, IndexError):
        server = int(Path(f"/proc/{backend}/stat").read_text().rpartition(")")[2].split()[1])
        os.sched_setaffinity(server, cores)
        return True
    return False
