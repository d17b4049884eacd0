"""`refresh`: from the commit of a report to the first page for officials that counts it.

Its floor is that page alone. Beat asks for what waits every few seconds, which is added as a whole:
what is shown at worst.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.test import Client
from django.utils import timezone

from assessment.periods import period_from
from assessment.selectors.summed import quick_totals
from assessment.services.facts import ensure_sums, refresh_facts
from bench.figures import Reader
from bench.generate.facts import read_facts
from bench.load import HOST, percentile
from bench.measure import ask
from bench.talks import People, Talks, users
from gridcity.celery import app
from gridcity.contracts import Actor, Role

REPORTS, MOST_S = 40, 5.0
FIGURE = frozenset({"reported"})


@dataclass(frozen=True, slots=True)
class Refreshed:
    """Seconds for a report to be folded, and for the page that shows it, nineteen in twenty."""

    counted: int
    fold_s: float
    page_s: float
    beat_s: float

    @property
    def shown_s(self) -> float:
        return self.beat_s + self.fold_s + self.page_s

    def missed(self) -> list[str]:
        found = [f"{REPORTS - self.counted} not counted"] if self.counted < REPORTS else []
        if self.shown_s > MOST_S:
            found.append(f"{self.shown_s:.1f} > {MOST_S} s")
        return found

    def as_json(self) -> dict[str, Any]:
        return {
            "reports": REPORTS, "counted": self.counted, "fold_p95_s": round(self.fold_s, 4),
            "page_p95_s": round(self.page_s, 4), "beat_s": self.beat_s,
            "shown_s": round(self.shown_s, 3), "target_s": MOST_S, "missed": self.missed(),
        }  # fmt: skip

    def line(self) -> str:
        mark = "missed: " + "; ".join(self.missed()) if self.missed() else "met"
        return (
            f"refresh: {self.counted} of {REPORTS} reports counted, folded in"
            f" {self.fold_s * 1000:.0f} ms, page {self.page_s * 1000:.0f} ms, asked every"
            f" {self.beat_s:.0f} s: shown within {self.shown_s:.1f} s (at most {MOST_S:.0f})"
            f"  {mark}"
        )


def measure_refresh() -> Refreshed:
    """Report through the interface, fold as the worker does, read as an official does."""
    ensure_sums()
    while refresh_facts():  # what others left behind
        pass
    talks, reader = Talks(read_facts(), People.log_in()), Reader()
    client = Client(HTTP_HOST=HOST)
    ask(client, reader.running())
    seen = list(rounds(lambda: ask(client, talks.report()), lambda: ask(client, reader.running())))
    return Refreshed(
        sum(found.is_counted for found in seen),
        percentile(sorted(found.fold_s for found in seen), 0.95),
        percentile(sorted(found.page_s for found in seen), 0.95),
        float(app.conf.beat_schedule["refresh-facts"]["schedule"]),
    )


@dataclass(frozen=True, slots=True)
class Round:
    """One report: whether it was counted, and what that took."""

    is_counted: bool
    fold_s: float
    page_s: float


def rounds(report: Callable[[], Any], read: Callable[[], Any]) -> Iterator[Round]:
    for _report in range(REPORTS):
        before = reported_today()
        answer = report()
        if answer.status_code != 201:
            raise OSError(f"a report was answered {answer.status_code}: {answer.content[:200]!r}")
        began = time.perf_counter()
        while refresh_facts():
            pass
        folded = time.perf_counter()
        read()
        yield Round(reported_today() == before + 1, folded - began, time.perf_counter() - folded)


def reported_today() -> int:
    """The count that the page shows, read as the page reads it."""
    today = period_from({"period": "today"}, timezone.now())
    (counts,) = quick_totals(Actor.of(users(Role.OFFICIAL, 1)[0]), [today], FIGURE)
    return counts["reported"]
