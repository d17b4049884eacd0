"""`replay`: a month's cases from their events to the bytes of its snapshot.

Its floor is what no replay can do without: all events are read in order, and as many facts written.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.utils import timezone

from assessment.models import FACTS
from assessment.services.facts_at_large import rebuild_facts_at_large
from assessment.services.snapshots import content_of, fingerprint, scheme_for
from bench.simulate import CASES, DAYS, simulate_month
from cases.models import Case, Event

SCHEME = "region-street"
MOST_S = 20.0


@dataclass(frozen=True, slots=True)
class Replayed:
    """Seconds of folding and of the snapshot, and of reading events and writing facts by SQL."""

    cases: int
    events: int
    fold_s: float
    snapshot_s: float
    floor_s: float
    sha256: str

    @property
    def seconds(self) -> float:
        return self.fold_s + self.snapshot_s

    @property
    def ratio(self) -> float:
        return self.seconds / self.floor_s

    def missed(self) -> list[str]:
        """The target is for so many cases; another number is measured by its share."""
        most = MOST_S * self.cases / CASES
        return [f"{self.seconds:.1f} > {most:.1f} s"] if self.seconds > most else []

    def as_json(self) -> dict[str, Any]:
        return {
            "cases": self.cases, "events": self.events, "fold_s": round(self.fold_s, 2),
            "snapshot_s": round(self.snapshot_s, 2), "floor_s": round(self.floor_s, 2),
            "ratio": round(self.ratio, 2), "sha256": self.sha256, "target_s": MOST_S,
            "missed": self.missed(),
        }  # fmt: skip

    def line(self) -> str:
        mark = "missed: " + "; ".join(self.missed()) if self.missed() else "met"
        return (
            f"replay: {self.cases:,} cases, {self.events:,} events folded in {self.fold_s:.1f} s,"
            f" snapshot in {self.snapshot_s:.1f} s, SQL {self.floor_s:.1f} s: {self.ratio:.1f} × "
            f" {mark}"
        )


def measure_replay(say: Callable[[str], None]) -> Replayed:
    """A simulated district's days in the place of all cases, folded anew with all processors."""
    month = simulate_month()
    say(f"{Case.objects.count():,} cases of {DAYS} days; replaying them")
    began = time.perf_counter()
    rebuild_facts_at_large(os.cpu_count() or 1)
    folded = time.perf_counter()
    scheme, period = scheme_for(SCHEME, f"{month:%Y-%m}", timezone.now())
    sha256 = fingerprint(content_of(scheme, period))
    ended = time.perf_counter()
    return Replayed(
        Case.objects.count(), Event.objects.count(), folded - began, ended - folded, floor_s(),
        sha256,
    )  # fmt: skip


def floor_s() -> float:
    """Seconds in which the database hands out all events in order and writes all facts again."""
    began = time.perf_counter()
    events = f"select * from {Event._meta.db_table} order by case_id, seq"
    with connection.cursor() as cursor:
        with cursor.copy(f"copy ({events}) to stdout") as copy:
            for _line in copy:
                pass
        for model in FACTS.values():
            table = model._meta.db_table
            cursor.execute(f"create table bench_written as table {table}")
            cursor.execute("drop table bench_written")
    return time.perf_counter() - began
