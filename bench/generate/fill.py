"""Fill the tables with a number of cases, 40,000 a month up to now, in several processes."""

from __future__ import annotations

import time
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from zoneinfo import ZoneInfo

from django.db import connections

from bench.generate import tables
from bench.generate.columns import DAY_S, TABLES
from bench.generate.facts import Facts, fresh_random, read_facts
from bench.generate.story import OPEN_STATES, Story
from parts.codes import build_case_number

CASES_A_DAY = 1300
BATCH = 5000
SHANGHAI = ZoneInfo("Asia/Shanghai")
# When reports come in, hour by hour of the local day (shares of a whole).
HOURS = (1, 1, 1, 1, 1, 2, 4, 7, 9, 9, 8, 6, 5, 6, 8, 8, 7, 5, 4, 3, 2, 1, 1, 0.5)
# Of the newest tenth of all cases 15 % are open, of the others 0.5 %: about 2 % in all.
OPEN_NEW, OPEN_OLD = 0.15, 0.005


@dataclass(frozen=True, slots=True)
class Filled:
    """What was written, and how fast."""

    cases: int
    seconds: float
    rows: int

    @property
    def per_second(self) -> float:
        return self.rows / self.seconds if self.seconds else 0.0


@dataclass(frozen=True, slots=True)
class Span:
    """The days over which the cases come in, and where each year's numbers begin."""

    count: int
    first_midnight: int
    last: int

    @classmethod
    def up_to(cls, until: datetime, count: int) -> Span:
        days = max(-(-count // CASES_A_DAY), 2)
        midnight = datetime.combine(
            until.astimezone(SHANGHAI).date(), datetime.min.time(), SHANGHAI
        )
        return cls(
            count, int((midnight - timedelta(days=days)).timestamp()), int(until.timestamp())
        )

    @property
    def a_day(self) -> float:
        return self.count / ((self.last - self.first_midnight) // DAY_S)

    def at(self, index: int) -> int:
        """When the case of this index was reported; later indexes never come in earlier."""
        day, place = divmod(index, self.a_day)
        return int(self.first_midnight + day * DAY_S + second_of_day(place / self.a_day))

    def year(self, index: int) -> int:
        return datetime.fromtimestamp(self.at(index), SHANGHAI).year

    def first_of_years(self) -> dict[int, int]:
        """The index of the first case of each year."""
        firsts = {self.year(0): 0}
        for year in range(self.year(0) + 1, self.year(self.count - 1) + 1):
            low, high = 0, self.count
            while low < high:
                middle = (low + high) // 2
                low, high = (middle + 1, high) if self.year(middle) < year else (low, middle)
            firsts[year] = low
        return firsts


_SUM = sum(HOURS)


def second_of_day(share: float) -> float:
    """The second of the local day by which this share of the day's reports has come in."""
    left = share * _SUM
    for hour, weight in enumerate(HOURS):
        if left < weight:
            return (hour + left / weight) * 3600
        left -= weight
    return DAY_S - 1


def fill(count: int, *, processes: int = 2, until: datetime | None = None) -> Filled:
    """Replace all cases by `count` generated ones. The tables must be reachable as their owner."""
    began = time.monotonic()
    facts = read_facts()
    span = Span.up_to(until or datetime.now(UTC), count)
    tables.empty()
    with ExitStack() as stack:
        stack.enter_context(tables.bare_tables())
        if processes == 1:
            remember(facts, span)
            rows = write_share(0, 1)
        else:
            connections.close_all()  # a connection cannot be shared with a forked process
            # What the processes are given at their start is inherited and never pickled.
            pool = ProcessPoolExecutor(
                processes, get_context("fork"), initializer=remember, initargs=(facts, span)
            )
            stack.enter_context(pool)
            rows = sum(pool.map(write_share, range(processes), [processes] * processes))
    firsts = span.first_of_years()
    ends = [*list(firsts.values())[1:], count]
    tables.set_serials(
        {year: end - first for (year, first), end in zip(firsts.items(), ends, strict=True)}
    )
    return Filled(count, time.monotonic() - began, rows)


_known: tuple[Facts, Span] | None = None


def remember(facts: Facts, span: Span) -> None:
    """Give a generating process what it works with."""
    global _known
    _known = facts, span


def write_share(share: int, shares: int) -> int:
    """Tell and write every n-th batch of cases; returns the number of rows."""
    assert _known is not None
    facts, span = _known
    written = 0
    firsts = sorted(span.first_of_years().items(), reverse=True)
    random = fresh_random(share)
    states, weights = list(OPEN_STATES), list(OPEN_STATES.values())
    for first in range(share * BATCH, span.count, shares * BATCH):
        rows: dict[str, list[str]] = {table: [] for table in TABLES}
        for index in range(first, min(first + BATCH, span.count)):
            year, begins = next(item for item in firsts if index >= item[1])
            number = build_case_number(facts.district, year, index - begins + 1)
            is_new = index > span.count * 0.9
            is_open = random.random() < (OPEN_NEW if is_new else OPEN_OLD)
            stop = random.choices(states, weights)[0] if is_open else None
            Story(facts, random, rows, index + 1, number).tell(span.at(index), span.last, stop)
        tables.copy_rows(rows)
        written += sum(map(len, rows.values()))
    return written
