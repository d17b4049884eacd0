"""Regions by their score: what shades the map with real grades, and the table that says it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from django.urls import reverse

from assessment.models import Snapshot
from assessment.periods import Period
from assessment.scoring import Grade, grades_from
from assessment.selectors.cell_grades import scores_by_key
from assessment.selectors.snapshots import visible_snapshots
from gridcity.contracts import Actor

# What an address names instead of a figure.
SCORE = "score"


@dataclass(frozen=True, slots=True)
class ScoredPlace:
    """A region with its score and grade; `url` explains it."""

    code: str
    name: str
    total: str | None
    letter: str | None
    grade_name: str
    url: str


@dataclass(frozen=True, slots=True)
class ScoreMap:
    """The regions of one level, the best first; no snapshot where the period has none."""

    level: str
    snapshot: Snapshot | None
    grades: list[Grade] = field(default_factory=list)
    places: list[ScoredPlace] = field(default_factory=list)

    @property
    def counts(self) -> dict[str, tuple[float, str]]:
        """What shades the map: code → score and the letter of its grade."""
        return {
            one.code: (float(one.total), one.letter)
            for one in self.places
            if one.total is not None and one.letter is not None
        }


def build_score_map(actor: Actor, period: Period, level: str) -> ScoreMap:
    """The latest snapshot of these very days that this actor reads, as known at the data time."""
    found = visible_snapshots(actor).filter(
        subject=level, start=period.start, end=period.end, as_of__lte=period.as_of
    )
    snapshot = found.defer("content").order_by("-as_of", "scheme__key", "-pk").first()
    if snapshot is None:
        return ScoreMap(level, None)
    grades = grades_from(snapshot.scheme.grades)
    places = sorted(_places(snapshot, grades), key=_order)
    return ScoreMap(level, snapshot, sorted(grades, key=lambda one: -one.least), places)


def _places(snapshot: Snapshot, grades: Iterable[Grade]) -> Iterator[ScoredPlace]:
    names = {one.letter: one.name for one in grades}
    explained = reverse("assessment:explained", args=[snapshot.pk, "KEY"])
    for key, one in scores_by_key(snapshot.pk).items():
        url = explained.replace("KEY", key)
        grade_name = names.get(one.letter or "", "")
        yield ScoredPlace(key, one.name or key, one.total, one.letter, grade_name, url)


def _order(one: ScoredPlace) -> tuple[bool, Decimal, str]:
    return (one.total is None, -Decimal(one.total or 0), one.code)
