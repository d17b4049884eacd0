"""`simulate`: the cases of some weeks written by `simulate --bulk`, without their facts.

Its floor is what no way of writing them can do without: the same rows copied into empty tables, and
the indexes of those tables made, by SQL alone.
"""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from assessment.services.facts import forget_facts
from dispatch.simulation.bare import build
from dispatch.simulation.large import simulate_at_large
from dispatch.simulation.record import WRITTEN
from dispatch.simulation.simulate import Order, forget_cases
from parts.services.copying import columns_of

CASES, CASES_A_DAY = 50_000, 1300
DAYS = -(-CASES // CASES_A_DAY)
LEAST_RATE = 1500.0  # cases a second


@dataclass(frozen=True, slots=True)
class Simulated:
    """Seconds of the whole simulation, and of its rows by SQL."""

    cases: int
    rows: int
    seconds: float
    floor_s: float

    @property
    def rate(self) -> float:
        return self.cases / self.seconds

    @property
    def ratio(self) -> float:
        return self.seconds / self.floor_s

    def missed(self) -> list[str]:
        return [f"{self.rate:,.0f} < {LEAST_RATE:,.0f} a second"] if self.rate < LEAST_RATE else []

    def as_json(self) -> dict[str, Any]:
        return {
            "cases": self.cases, "rows": self.rows, "seconds": round(self.seconds, 2),
            "cases_a_second": round(self.rate), "floor_s": round(self.floor_s, 2),
            "ratio": round(self.ratio, 2), "target": LEAST_RATE, "missed": self.missed(),
        }  # fmt: skip

    def line(self) -> str:
        mark = "missed: " + "; ".join(self.missed()) if self.missed() else "met"
        return (
            f"simulate: {self.cases:,} cases, {self.rows:,} rows in {self.seconds:.1f} s,"
            f" {self.rate:,.0f} a second, SQL {self.floor_s:.1f} s: {self.ratio:.1f} ×  {mark}"
        )


def measure_simulate() -> Simulated:
    """In the place of all cases, with all processors."""
    order = Order(first_day(), DAYS, CASES / DAYS, seed=1)
    forget_cases()
    forget_facts()
    began = time.perf_counter()
    cases = simulate_at_large(order, os.cpu_count() or 1)
    ended = time.perf_counter()
    rows = sum(model._base_manager.count() for model in WRITTEN)
    return Simulated(cases, rows, ended - began, floor_s())


def simulate_month() -> date:
    """The same with its facts, by the command; returns the first day."""
    first = first_day()
    call_command(
        "simulate", first=first, days=DAYS, cases_per_day=CASES / DAYS, seed=1, bulk=True,
        replace=True, verbosity=0,
    )  # fmt: skip
    return first


def first_day() -> date:
    """The first of the month three months ago."""
    day = timezone.localdate().replace(day=1)
    for _month in range(3):
        day = (day - timedelta(days=1)).replace(day=1)
    return day


def floor_s() -> float:
    """Seconds in which the database takes all these rows in and makes their indexes."""
    spent = 0.0
    with connection.cursor() as cursor:
        for model in WRITTEN:
            table, columns = model._meta.db_table, ", ".join(columns_of(model))
            with cursor.copy(f"copy {table} ({columns}) to stdout") as out:
                rows = [bytes(one) for one in out]
            cursor.execute(f"create table bench_copied (like {table} including generated)")
            began = time.perf_counter()
            with cursor.copy(f"copy bench_copied ({columns}) from stdin") as copy:
                for chunk in rows:
                    copy.write(chunk)
            for index in indexes_of(table):
                build(index)
            spent += time.perf_counter() - began
            cursor.execute("drop table bench_copied")
    return spent


def indexes_of(table: str) -> list[str]:
    """What makes the indexes of a table on its copy, named by the database."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select regexp_replace(pg_get_indexdef(indexrelid),"
            " 'INDEX .* ON \\S+', 'INDEX ON bench_copied') from pg_index"
            " where indrelid = %s::regclass",
            [table],
        )
        return [definition for (definition,) in cursor.fetchall()]
