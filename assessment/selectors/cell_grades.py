"""The grade of a unit grid cell, as the latest snapshot of its month has it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from django.db.models import QuerySet
from django.urls import reverse

from assessment.models import Snapshot, Subject
from assessment.periods import SPANS
from assessment.scoring import grades_from
from assessment.selectors.snapshots import visible_snapshots
from gridcity.contracts import Actor


@dataclass(frozen=True, slots=True)
class GradeOfCell:
    """What a month's snapshot says of a cell; `url` explains it to whoever reads snapshots."""

    snapshot: Snapshot
    total: str | None
    letter: str | None
    name: str
    url: str


def grade_of_cell(code: str, actor: Actor) -> GradeOfCell | None:
    """The newest one that this actor may read, else the newest published; at most three queries.

    None where no snapshot scores the cell, or the month had too few cases for a score.
    """
    read = _monthly(actor).first()
    published = Snapshot.objects.filter(subject=Subject.CELL, published_at__isnull=False)
    snapshot = read or _of_months(published).first()
    if snapshot is None:
        return None
    found = scores_by_key(snapshot.pk).get(code)
    if found is None or found.letter is None:
        return None
    names = {grade.letter: grade.name for grade in grades_from(snapshot.scheme.grades)}
    url = reverse("assessment:explained", args=[snapshot.pk, code]) if read else ""
    return GradeOfCell(snapshot, found.total, found.letter, names.get(found.letter, ""), url)


def _monthly(actor: Actor) -> QuerySet[Snapshot]:
    return _of_months(visible_snapshots(actor).filter(subject=Subject.CELL))


def _of_months(rows: QuerySet[Snapshot]) -> QuerySet[Snapshot]:
    months = rows.filter(period__regex=SPANS["month"][1])
    return months.select_related("scheme").defer("content").order_by("-start", "-as_of", "pk")


class Scored(NamedTuple):
    """One object of a snapshot with its score; an object of old may bear the key of another."""

    pk: int
    key: str
    name: str
    total: str | None
    letter: str | None


@lru_cache(maxsize=4)
def scores_in(pk: int) -> tuple[Scored, ...]:
    """All that a snapshot scores; it never changes, so it is kept by the process."""
    content = Snapshot.objects.values_list("content", flat=True).get(pk=pk)
    return tuple(
        Scored(row["id"], row["key"], row["name"], row["score"]["total"], row["score"]["grade"])
        for row in json.loads(content)["rows"]
    )


@lru_cache(maxsize=4)
def scores_by_key(pk: int) -> dict[str, Scored]:
    """The same by key."""
    return {one.key: one for one in scores_in(pk)}
