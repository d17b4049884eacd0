"""Of larger regions the mean over the scores of their cells, beside the region's own score.

Both are asked for, and which is which is said (assessment law §5).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from django.db.models import Q

from assessment.indicators import defined_as
from assessment.models import Scheme, Snapshot, Subject
from assessment.scoring import Grade, grade_of, grades_from, shown
from assessment.selectors.cell_grades import scores_in
from assessment.selectors.scores import lines_by
from assessment.selectors.snapshots import definitions_of, period_of
from assessment.selectors.trials import score_all
from parts.models import Cell

LARGER = {Subject.STREET: "community__street_id", Subject.COMMUNITY: "community_id"}


@dataclass(frozen=True, slots=True)
class CellsMean:
    """What the cells of one region score in the mean; None where none of them has a score."""

    total: str | None
    grade: Grade | None
    scored: int
    cells: int


@dataclass(frozen=True, slots=True)
class CellsMeans:
    """The means of all regions of a snapshot, by their ids: under which scheme, and from where.

    `snapshot` is that of the cells; None where their scores were computed here.
    """

    scheme: Scheme
    snapshot: Snapshot | None
    by_region: Mapping[int, CellsMean]

    def of(self, pk: int) -> CellsMean:
        return self.by_region.get(pk, CellsMean(None, None, 0, 0))


def cells_means(snapshot: Snapshot, *, compute: bool) -> CellsMeans | None:
    """Beside a snapshot of streets or communities the means over their cells' scores.

    From the cells' snapshot of the same period and data time; where there is none they are scored
    now as of then, if `compute` says so. None for what has no cells, or no scheme of cells.
    """
    column = LARGER.get(Subject(snapshot.subject))
    scheme = _scheme_of_cells(snapshot)
    if column is None or scheme is None:
        return None
    made = (
        Snapshot.objects.select_related("scheme")
        .defer("content")
        .filter(period=snapshot.period, as_of=snapshot.as_of, scheme__key=scheme.key)
        .order_by("pk")
        .first()
    )
    if made is not None:
        totals = {one.pk: one.total for one in scores_in(made.pk)}
        return CellsMeans(made.scheme, made, _means(column, totals, made.scheme))
    if not compute:
        return None
    return CellsMeans(scheme, None, _means(column, _computed(snapshot, scheme), scheme))


def _scheme_of_cells(snapshot: Snapshot) -> Scheme | None:
    """The scheme of cells that held when the period began: that of the same family of keys first.

    `region-cell` goes with `region-street`.
    """
    held = Scheme.objects.filter(
        Q(valid_from__lte=period_of(snapshot).first), subject=Subject.CELL, is_active=True
    ).order_by("key", "-valid_from", "-version")
    latest = list(held.distinct("key"))
    wanted = snapshot.scheme.key.removesuffix(snapshot.subject) + Subject.CELL
    return min(latest, key=lambda one: (one.key != wanted, one.key), default=None)


def _computed(snapshot: Snapshot, scheme: Scheme) -> dict[int, str | None]:
    period = period_of(snapshot)
    with defined_as(definitions_of(snapshot)):
        scored = score_all(scheme, period, lines_by(Subject.CELL, period))
    return {pk: one.total for pk, one in scored.items()}


def _means(column: str, totals: Mapping[int, str | None], scheme: Scheme) -> dict[int, CellsMean]:
    """By region: the mean of those of its cells that have a score, every cell counting alike."""
    grades = grades_from(scheme.grades)
    by_region: dict[int, list[str | None]] = {}
    for pk, region in Cell.objects.filter(pk__in=totals).values_list("pk", column).order_by("pk"):
        by_region.setdefault(region, []).append(totals[pk])
    return {region: _mean(found, grades) for region, found in by_region.items()}


def _mean(totals: Iterable[str | None], grades: Iterable[Grade]) -> CellsMean:
    every = list(totals)
    scored = [Fraction(one) for one in every if one is not None]
    if not scored:
        return CellsMean(None, None, 0, len(every))
    mean = sum(scored, Fraction()) / len(scored)
    return CellsMean(str(shown(mean)), grade_of(mean, list(grades)), len(scored), len(every))
