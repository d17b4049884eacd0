"""`deadline`: due instants of random starts and limits over years of calendar, in one process."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from statistics import median
from typing import Any

from bench.generate.facts import SEED
from cases.clocks.calendar import SHANGHAI, WorkingCalendar, WorkingDates
from cases.clocks.deadlines import Limit, Unit, deadline
from cases.clocks.published import published_year, published_years

COUNT = 100_000
RUNS = 5
MOST_US = 20.0
FIRST = datetime(2004, 1, 1, tzinfo=SHANGHAI)
SECONDS = int((datetime(2026, 12, 31, tzinfo=SHANGHAI) - FIRST).total_seconds())
# Limits as standards state them (domain law §7).
LIMITS = tuple(
    Limit(value, unit)
    for unit, values in (
        (Unit.MINUTE, (30, 90)),
        (Unit.URGENT_HOUR, (1, 2, 8)),
        (Unit.CALENDAR_DAY, (1, 2)),
        (Unit.WORKING_HOUR, (2, 4, 6)),
        (Unit.WORKING_DAY, (1, 2, 3, 5, 15)),
    )
    for value in values
)


@dataclass(frozen=True, slots=True)
class Deadlines:
    """Microseconds a due instant costs, and what adding a timedelta costs in the same loop."""

    us: float
    floor_us: float

    def missed(self) -> list[str]:
        return [] if self.us <= MOST_US else [f"{self.us:.1f} > {MOST_US:.0f} µs"]

    def as_json(self) -> dict[str, Any]:
        return {
            "us": round(self.us, 2), "floor_us": round(self.floor_us, 2),
            "target_us": MOST_US, "missed": self.missed(),
        }  # fmt: skip


def measure_deadlines() -> Deadlines:
    """The median of some runs over the same random starts and limits, working days included."""
    calendar, random = published_calendar(), Random(SEED)
    asked = [
        (FIRST + timedelta(seconds=random.randrange(SECONDS)), random.choice(LIMITS))
        for _number in range(COUNT)
    ]
    day = timedelta(days=1)

    def due_instants() -> None:
        for start, limit in asked:
            deadline(start, limit, calendar)

    def additions() -> None:
        for start, _limit in asked:
            start + day

    due_instants()  # the tables of the calendar are made at their first use
    return Deadlines(cost_us(due_instants), cost_us(additions))


def published_calendar() -> WorkingCalendar:
    years = published_years()
    entries = {on: day.kind for year in years for on, day in published_year(year).items()}
    return WorkingCalendar(WorkingDates(entries, frozenset(years)))


def cost_us(call: Callable[[], None]) -> float:
    found = []
    for _run in range(RUNS):
        began = time.perf_counter()
        call()
        found.append((time.perf_counter() - began) / COUNT * 1e6)
    return median(found)
