"""`deadline`: due instants of random starts and limits over years of calendar, in one process.

Its floor is what no reckoning by a calendar can do without: the working time up to the start is
looked up by bisection in a list of periods, and the end of the limit in the same list.
"""

from __future__ import annotations

import time
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from random import Random
from statistics import median
from typing import Any

from bench.generate.facts import SEED
from cases.clocks.calendar import SHANGHAI, WorkingCalendar, WorkingDates
from cases.clocks.deadlines import Limit, Unit, deadline
from cases.clocks.published import published_year, published_years

COUNT = 100_000
PERIOD_S = 4 * 3600
RUNS = 5
MOST_US = 20.0
MOST_GROWTH = 1.3
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
    """Microseconds a due instant costs, and what two bare look-ups cost in the same loop.

    `long_us`: with limits ten times as long, which must not be walked through day by day.
    """

    us: float
    floor_us: float
    long_us: float

    @property
    def ratio(self) -> float:
        return self.us / self.floor_us

    @property
    def growth(self) -> float:
        return self.long_us / self.us

    def missed(self) -> list[str]:
        found = [] if self.us <= MOST_US else [f"{self.us:.1f} > {MOST_US:.0f} µs"]
        if self.growth > MOST_GROWTH:
            found.append(f"costs {self.growth:.2f} × more with limits ten times as long")
        return found

    def as_json(self) -> dict[str, Any]:
        return {
            "us": round(self.us, 2), "floor_us": round(self.floor_us, 2),
            "ratio": round(self.ratio, 2), "growth": round(self.growth, 2),
            "target_us": MOST_US, "missed": self.missed(),
        }  # fmt: skip


def measure_deadlines() -> Deadlines:
    """The median of some runs over the same random starts and limits, working days included."""
    calendar, random = published_calendar(), Random(SEED)
    asked = [
        (FIRST + timedelta(seconds=random.randrange(SECONDS)), random.choice(LIMITS))
        for _number in range(COUNT)
    ]
    longer = [(start, Limit(limit.value * 10, limit.unit)) for start, limit in asked]
    periods = Periods.of_weekdays(FIRST, SECONDS)
    bare = [(start.timestamp(), random.randrange(1, 40) * 3600) for start, _limit in asked]

    def due_instants(of: list[tuple[datetime, Limit]]) -> None:
        for start, limit in of:
            deadline(start, limit, calendar)

    def look_ups() -> None:
        for start, length in bare:
            periods.due(start, length)

    due_instants(asked)  # the tables of the calendar are made at their first use
    return Deadlines(
        us=cost_us(lambda: due_instants(asked)),
        floor_us=cost_us(look_ups),
        long_us=cost_us(lambda: due_instants(longer)),
    )


@dataclass(frozen=True, slots=True)
class Periods:
    """Working periods: their starts in Unix seconds, and the working seconds before each."""

    starts: Sequence[float]
    before: Sequence[int]

    @classmethod
    def of_weekdays(cls, first: datetime, seconds: int) -> Periods:
        """Four hours from 8 and from 14 o'clock on weekdays, and a year past the last start."""
        days = (first + timedelta(days=n) for n in range(seconds // 86_400 + 366))
        starts = [
            (day + timedelta(hours=hour)).timestamp()
            for day in days
            if day.weekday() < 5
            for hour in (8, 14)
        ]
        return cls(starts, [0, *accumulate([PERIOD_S] * len(starts))])

    def due(self, start: float, length: int) -> datetime:
        """When so many working seconds have run from `start` on."""
        at = bisect_right(self.starts, start) - 1
        run = self.before[at] + min(start - self.starts[at], PERIOD_S) if at >= 0 else 0
        end = bisect_left(self.before, run + length) - 1
        return datetime.fromtimestamp(self.starts[end] + run + length - self.before[end], UTC)


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
