"""Measuring the paths at one size of the data, each beside its floors."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from statistics import median
from typing import Any, TypeVar

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from bench import floors
from bench.load import Run, drive
from bench.processor import Spent
from bench.talks import Talks
from parts.selectors import locate, nearest_parts

CONNECTIONS = 8
FLOOR_RUNS, FLOOR_S = 3, 2
# Answers by which the processor time is told, and those before in which a process warms.
ANSWERS, WARMED = 80, 4

Watched = TypeVar("Watched")


@dataclass(frozen=True, slots=True)
class Path:
    """One path of `performance.md`: its floors, and the rate it has to reach."""

    name: str
    talk: str
    sql: str
    http: str
    target: float
    sql_ratio: float | None = None
    queries: int | None = None
    p99_ms: float | None = None


PATHS = (
    Path("locate", "locate", "locate", "empty_api", 200),
    Path("report", "report", "report", "empty_api", 120, sql_ratio=10, queries=12),
    Path("queue", "queue", "queue", "empty_api", 120, queries=8, p99_ms=60),
    Path("queue page", "page", "queue", "empty_page", 70, queries=8, p99_ms=60),
    Path("case", "case", "case", "empty_api", 120),
    Path("action", "action", "action", "empty_api", 100),
    # The same answered with the whole case, as other systems may want it.
    Path("action whole", "action_whole", "action_whole", "empty_api", 0),
)

# Measured at sizes of the district instead of numbers of cases (bench/district.py).
TILE_PATHS = (
    Path("tile parts", "tile_parts", "tile_parts", "empty_page", 0, sql_ratio=3),
    Path("tile cells", "tile_cells", "tile_cells", "empty_page", 0, sql_ratio=3),
    Path("tile 304", "tile_unchanged", "tile_version", "empty_page", 500),
    Path("locate parts", "locate", "locate", "empty_api", 200),
)


@dataclass(frozen=True, slots=True)
class Effort:
    """How long is measured."""

    runs: int = 5
    seconds: float = 5.0


@dataclass(slots=True)
class Measured:
    """What was seen of one path at one size of the data."""

    path: Path
    cases: int
    runs: list[float] = field(default_factory=list)
    p50_ms: float = 0.0
    p99_ms: float = 0.0
    sql_floor: float = 0.0
    http_floor: float = 0.0
    queries: int = 0
    # Of one answer, its backend's with it.
    cpu_ms: float = 0.0
    failures: dict[str, int] = field(default_factory=dict)

    @property
    def rate(self) -> float:
        return median(self.runs) if self.runs else 0.0

    @property
    def sql_ratio(self) -> float:
        return self.sql_floor / self.rate if self.rate else float("inf")

    @property
    def http_ratio(self) -> float:
        return self.http_floor / self.rate if self.rate else float("inf")

    def missed(self) -> list[str]:
        """The targets that were not met, in words; failed requests are one of them."""
        path, found = self.path, []
        if self.failures:
            found.append(f"failures {self.failures}")
        if self.rate < path.target:
            found.append(f"rate {self.rate:.0f} < {path.target:.0f}/s")
        if path.sql_ratio and self.sql_ratio > path.sql_ratio:
            found.append(f"SQL floor ÷ rate {self.sql_ratio:.1f} > {path.sql_ratio:.0f}")
        if path.queries and self.queries > path.queries:
            found.append(f"{self.queries} queries > {path.queries}")
        if path.p99_ms and self.p99_ms > path.p99_ms:
            found.append(f"p99 {self.p99_ms:.0f} > {path.p99_ms:.0f} ms")
        return found

    def as_json(self) -> dict[str, Any]:
        return {
            "path": self.path.name,
            "cases": self.cases,
            "rate": round(self.rate, 1),
            "runs": [round(one, 1) for one in self.runs],
            "one_connection_p50_ms": round(self.p50_ms, 2),
            "one_connection_p99_ms": round(self.p99_ms, 2),
            "sql_floor": round(self.sql_floor, 1),
            "sql_ratio": round(self.sql_ratio, 2),
            "http_floor": round(self.http_floor, 1),
            "http_ratio": round(self.http_ratio, 2),
            "queries": self.queries,
            "processor_ms": round(self.cpu_ms, 2),
            "target": self.path.target,
            "missed": self.missed(),
        }


def measure(path: Path, talks: Talks, port: int, cases: int, effort: Effort) -> Measured:
    """Run the path and its floors; the warm-up before is not counted."""
    seen = Measured(path, cases)
    seen.queries = queries_of(path, talks)
    seen.cpu_ms = processor_ms(path, talks)
    drive(port, talks.talks(path.talk, CONNECTIONS), 1.0)
    for _run in range(effort.runs):
        run = drive(port, talks.talks(path.talk, CONNECTIONS), effort.seconds)
        seen.runs.append(run.rate)
        count_failures(seen, run)
    alone = drive(port, talks.talks(path.talk, 1), effort.seconds)
    count_failures(seen, alone)
    seen.p50_ms, seen.p99_ms = alone.percentile_ms(0.5), alone.percentile_ms(0.99)
    seen.http_floor = median(
        drive(port, talks.talks(path.http, CONNECTIONS), FLOOR_S).rate for _run in range(FLOOR_RUNS)
    )
    seen.sql_floor = floors.rate(path.sql, runs=FLOOR_RUNS, seconds=FLOOR_S)
    return seen


def count_failures(seen: Measured, run: Run) -> None:
    for failure, count in run.failures.items():
        seen.failures[failure] = seen.failures.get(failure, 0) + count


# Opens and ends a transaction; asks nothing.
CONTROL = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE")


def queries_of(path: Path, talks: Talks) -> int:
    """The most queries that one of some requests makes, asked of the product in this process.

    The second of two equal requests counts: what a process keeps in memory is there by then.
    """
    seen = watch(path, talks, 12, lambda: CaptureQueriesContext(connection))
    asked = [[one for one in each if not one["sql"].startswith(CONTROL)] for each in seen]
    return max(map(len, asked), default=0)


def processor_ms(path: Path, talks: Talks) -> float:
    """The processor time of one answer, the half of them faster."""
    return median(spent.ms for spent in watch(path, talks, ANSWERS, Spent))


def watch(
    path: Path, talks: Talks, answers: int, watched: Callable[[], AbstractContextManager[Watched]]
) -> list[Watched]:
    """Talk with the product in this process, each answer being watched but for the first few."""
    client = Client(HTTP_HOST="127.0.0.1", raise_request_exception=False)
    seen = []
    for talk in talks.talks(path.talk, 1):
        request = next(talk)
        for _answer in range(answers):
            with watched() as one:
                answer = ask(client, request)
            seen.append(one)
            try:
                request = talk.send((answer.status_code, answer.content))
            except StopIteration:
                break
    return seen[WARMED:]


def ask(client: Client, request: bytes) -> Any:
    """Put a request of the load client to the product in this process."""
    head, _gap, body = request.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    method, path, _version = first.split(" ")
    headers = dict(line.split(": ", 1) for line in lines)
    kind = headers.pop("Content-Type", "application/json")
    headers.pop("Host")
    if method == "POST":
        return client.post(path, body, content_type=kind, headers=headers)
    return client.get(path, headers=headers)


@dataclass(slots=True)
class Locating:
    """The selector of `locate` in one process, beside the same statements by pgbench."""

    selector: float
    floor: float
    most: float = 3.0

    @property
    def ratio(self) -> float:
        return self.floor / self.selector if self.selector else float("inf")


def measure_selector(talks: Talks, effort: Effort) -> Locating:
    def both() -> None:
        lon, lat = talks.spot()
        locate(lon=lon, lat=lat)
        nearest_parts(lon=lon, lat=lat)

    rates = [calls_a_second(both, effort.seconds) for _run in range(FLOOR_RUNS)]
    floor = floors.rate("locate", runs=FLOOR_RUNS, seconds=FLOOR_S, connections=1)
    return Locating(median(rates), floor)


def calls_a_second(call: Callable[[], None], seconds: float) -> float:
    for _warm in range(20):
        call()
    count, began = 0, time.perf_counter()
    while (took := time.perf_counter() - began) < seconds:
        call()
        count += 1
    return count / took
