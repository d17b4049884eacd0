"""Figures and the lists behind them at a number of facts: pages for officials, beside bare SQL."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django.db import connection
from django.test import Client
from django.utils import timezone

from assessment.indicators import INDICATORS
from assessment.periods import Period, period_from
from bench import floors
from bench.generate.facts import fresh_random
from bench.generate.lives import counted_facts, fill_facts
from bench.load import Talk, again_and_again, drive, request_bytes
from bench.measure import ask
from bench.processor import Spent
from bench.server import web
from bench.talks import by_session, session_of
from gridcity.contracts import Role
from parts.models import Street

SIZES = (500_000, 5_000_000)
MOST_GROWTH = 1.5
WARM_S, MEASURED_S, ANSWERS = 2.0, 10.0, 40
FLOOR_RUNS, FLOOR_S = 3, 2


@dataclass(frozen=True, slots=True)
class Page:
    """A page of figures, the most that nineteen in twenty may take, and its floor."""

    name: str
    most_ms: float
    sql: str


PAGES = (
    Page("dashboard", 150, "dashboard"),
    Page("dashboard closed", 50, "dashboard"),
    Page("drill", 50, "drill"),
)


@dataclass(slots=True)
class Figured:
    """What was seen of one page at one number of facts; milliseconds."""

    page: Page
    facts: int
    p50_ms: float
    p95_ms: float
    floor_ms: float
    empty_ms: float
    # Processor time of an answer, its backend's with it: others at work do not count.
    cpu_ms: float
    failures: dict[str, int] = field(default_factory=dict)

    def missed(self) -> list[str]:
        found = [f"failures {self.failures}"] if self.failures else []
        if self.p95_ms > self.page.most_ms:
            found.append(f"p95 {self.p95_ms:.0f} > {self.page.most_ms:.0f} ms")
        return found

    def as_json(self) -> dict[str, Any]:
        return {
            "page": self.page.name, "facts": self.facts, "p50_ms": round(self.p50_ms, 1),
            "p95_ms": round(self.p95_ms, 1), "sql_floor_ms": round(self.floor_ms, 2),
            "empty_page_ms": round(self.empty_ms, 1), "cpu_ms": round(self.cpu_ms, 1),
            "target_ms": self.page.most_ms,
            "missed": self.missed(),
        }  # fmt: skip

    def line(self) -> str:
        mark = "missed: " + "; ".join(self.missed()) if self.missed() else "met"
        return (
            f"{self.page.name:17} {self.facts:>9,} facts  p50 {self.p50_ms:>6.1f}  p95"
            f" {self.p95_ms:>6.1f} ms (at most {self.page.most_ms:.0f})  processor"
            f" {self.cpu_ms:.0f} ms  SQL {self.floor_ms:.1f} ms"
            f"  empty page {self.empty_ms:.1f} ms  {mark}"
        )


class Reader:
    """An official who looks at figures of many periods and opens what lies behind them."""

    def __init__(self) -> None:
        self.random = fresh_random(7)
        self.headers = by_session(session_of(Role.OFFICIAL))
        self.streets = list(Street.objects.filter(valid_to=None).values_list("code", flat=True))
        with connection.cursor() as cursor:
            cursor.execute("select min(reported_at) from assessment_casefact")
            self.first: date = timezone.localdate(cursor.fetchone()[0])
        self.now = timezone.now()

    def get(self, path: str, **query: str) -> bytes:
        return request_bytes("GET", f"{path}?{urlencode(query)}", self.headers)

    def empty(self) -> bytes:
        return self.get("/bench/empty-page/")

    def running(self) -> bytes:
        """The month that runs, of which every figure still moves."""
        return self.get("/dashboard/", period="month")

    def closed(self) -> bytes:
        return self.get("/dashboard/", **self.closed_period().query)

    def closed_period(self) -> Period:
        """A whole month of the past."""
        months = (timezone.localdate(self.now) - self.first).days // 31
        back = self.random.randint(1, max(months - 1, 1))
        day = timezone.localdate(self.now).replace(day=1)
        for _month in range(back):
            day = (day - timedelta(days=1)).replace(day=1)
        last = (day + timedelta(days=31)).replace(day=1) - timedelta(days=1)
        return period_from({"since": str(day), "until": str(last)}, self.now)

    def drill(self) -> bytes:
        """The first page of the rows behind any figure, now and then narrowed to a street."""
        running = {"period": self.random.choice(("today", "week", "month"))}
        query = running if self.random.random() < 0.5 else self.closed_period().query
        if self.random.random() < 0.5:
            query |= {"street": self.random.choice(self.streets)}
        return self.get("/dashboard/list/", figure=self.random.choice(list(INDICATORS)), **query)


def measure_figures(
    sizes: tuple[int, ...], wanted: set[str], say: Callable[[str], None]
) -> Iterator[Figured]:
    """Fill and measure at each size, where any of it is wanted."""
    for size in sizes if wanted else ():
        filled = fill_facts(size) if size else counted_facts()
        say(f"{filled.facts:,} facts of {filled.cases:,} cases in {filled.seconds:.0f} s")
        prepare_floors()
        reader = Reader()
        asked = {"dashboard": reader.running, "dashboard closed": reader.closed,
                 "drill": reader.drill}  # fmt: skip
        with web() as port:
            for page in PAGES:
                if page.name.split(" ")[0] in wanted:
                    yield measure_page(port, page, filled.facts, asked[page.name], reader)


def measure_page(
    port: int, page: Page, facts: int, request: Callable[[], bytes], reader: Reader
) -> Figured:
    """By one reader at a time, as the target has it; what is remembered is warm."""
    talk: Callable[[Callable[[], bytes]], Talk] = again_and_again
    drive(port, [talk(request)], WARM_S)
    run = drive(port, [talk(request)], MEASURED_S)
    empty = drive(port, [talk(reader.empty)], WARM_S)
    floor = floors.rate(page.sql, runs=FLOOR_RUNS, seconds=FLOOR_S, connections=1)
    return Figured(
        page, facts, run.percentile_ms(0.5), run.percentile_ms(0.95), 1000 / floor,
        empty.percentile_ms(0.5), processor_ms(request), dict(run.failures),
    )  # fmt: skip


def processor_ms(request: Callable[[], bytes]) -> float:
    """Processor time of one answer made in this process, its database backend included."""
    client = Client(HTTP_HOST="127.0.0.1")
    for _warm in range(3):
        ask(client, request())
    with Spent() as spent:
        for _answer in range(ANSWERS):
            ask(client, request())
    return spent.ms / ANSWERS


def prepare_floors() -> None:
    """The tables from which the scripts of all floors choose; these need only to be there."""
    with connection.cursor() as cursor:
        for table in ("place", "case", "open", "part_tile", "cell_tile"):
            cursor.execute(f"create table if not exists bench_{table} (n int primary key)")


def growth(seen: list[Figured]) -> dict[str, float]:
    """Cost at the most facts ÷ cost at the fewest, for each page."""
    found = {}
    for name in dict.fromkeys(one.page.name for one in seen):
        costs = [one.cpu_ms for one in seen if one.page.name == name]
        if len(costs) > 1:
            found[name] = costs[-1] / costs[0]
    return found
