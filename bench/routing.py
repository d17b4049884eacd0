"""The pure routing: answers for class × cell in one process, beside lookups in a plain dict.

Two ways are measured. `propose` finds each answer anew, as for one case; `Answers` remembers, as
coverage and dry runs do. Both give the department with the reason.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import product
from random import Random
from statistics import median
from typing import Any

from django.utils import timezone

from bench.generate.facts import SEED
from dispatch.coverage import Answers, Areas, ClassOf
from dispatch.routing import Question, propose
from dispatch.selectors.routing import index_of, manned_departments
from dispatch.selectors.rule_checks import places
from parts.selectors import list_classes

PAIRS = 200_000
RUNS = 3
TARGET = 100_000  # answers a second

Pair = tuple[ClassOf, Areas]


@dataclass(frozen=True, slots=True)
class Routing:
    """Answers a second of both ways, and of the floor: one lookup of the same keys in a dict."""

    pairs: int
    answers: float
    proposals: float
    floor: float
    most: float = 6.0
    most_proposal: float = 40.0

    @property
    def ratio(self) -> float:
        return self.floor / self.answers if self.answers else float("inf")

    @property
    def proposal_ratio(self) -> float:
        return self.floor / self.proposals if self.proposals else float("inf")

    def missed(self) -> list[str]:
        """The targets that were not met, in words."""
        found = []
        if self.answers < TARGET:
            found.append(f"{self.answers:,.0f} answers < {TARGET:,}/s")
        if self.ratio > self.most:
            found.append(f"a remembered answer takes {self.ratio:.1f} × its floor")
        if self.proposal_ratio > self.most_proposal:
            found.append(f"an answer found anew takes {self.proposal_ratio:.1f} × its floor")
        return found

    def as_json(self) -> dict[str, Any]:
        return {
            "pairs": self.pairs,
            "answers_a_second": round(self.answers),
            "proposals_a_second": round(self.proposals),
            "floor": round(self.floor),
            "ratio": round(self.ratio, 2),
            "proposal_ratio": round(self.proposal_ratio, 2),
            "missed": self.missed(),
        }


def measure_routing() -> Routing:
    """Every way over the same pairs of class and cell, in the same order, one after the other."""
    pairs = pairs_of()
    today = timezone.localdate()
    index, manned = index_of(None), frozenset(manned_departments())
    known = dict.fromkeys(pairs, 1)

    def look_up() -> None:
        for pair in pairs:
            known[pair]

    def remember() -> None:
        answers = Answers(index, manned, today)  # knows nothing yet: finding is part of the time
        for entry, areas in pairs:
            answers(entry, areas)

    def find() -> None:
        for entry, areas in pairs:
            propose(index, Question(*entry, areas, today), manned)

    return Routing(len(pairs), *(rate(call, len(pairs)) for call in (remember, find, look_up)))


def pairs_of() -> list[Pair]:
    """Some of all pairs of a class in use and a cell, in an order that no cache can like."""
    classes = [
        (entry.kind, entry.scheme_id, entry.code)
        for kind in ("event", "part")
        for entry in list_classes(kind=kind)
    ]
    cells = [areas for listed in places().values() for areas in listed]
    every = list(product(classes, cells))
    return Random(SEED).sample(every, min(PAIRS, len(every)))


def rate(call: Callable[[], None], count: int) -> float:
    """How many of `count` are done a second: the median of some runs."""
    rates = []
    for _run in range(RUNS):
        began = time.perf_counter()
        call()
        rates.append(count / (time.perf_counter() - began))
    return median(rates)
