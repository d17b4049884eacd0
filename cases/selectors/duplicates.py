"""Cases that may be the same matter: ranked, each with its reasons (domain law §9)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.gis.db.models.functions import Distance
from django.contrib.gis.geos import Point
from django.db.models import Q

from cases.models import Case
from cases.workflow import State
from parts.selectors import cells_around

RECENT = timedelta(days=30)
NEAR_M = 30
LIMIT = 5
# What may be shown as the same matter: open cases and those closed a short while ago.
CLOSED_STATES = (State.CLOSED, State.FORCE_CLOSED)
IGNORED_STATES = (State.NOT_ACCEPTED, State.NOT_FILED, State.VOIDED, State.MERGED)


@dataclass(frozen=True, slots=True)
class Candidate:
    """One case that may be the same, with why; `distance_m` is None without two points."""

    number: str
    state: str
    class_name: str
    street_name: str
    reported_at: datetime
    distance_m: float | None
    same_part: bool
    reasons: tuple[str, ...]


def duplicate_candidates(
    *,
    class_id: int,
    cell_id: int,
    point: Point | None,
    part_id: int | None,
    at: datetime,
    exclude_id: int | None = None,
    limit: int = LIMIT,
) -> list[Candidate]:
    """Open or recently closed cases of the same class or part, here or in a neighbouring cell.

    Ranked by part, distance, time. `point` in EPSG:4490, distances in metres. One query.
    """
    same = Q(catalogue_class_id=class_id)
    if part_id is not None:
        same |= Q(part_id=part_id)
    rows = (
        Case.objects.filter(same, cell_id__in=cells_around(cell_id))
        .exclude(state__in=IGNORED_STATES)
        .exclude(state__in=CLOSED_STATES, state_since__lt=at - RECENT)
        .exclude(pk=exclude_id or 0)
        .select_related("catalogue_class", "street")
        .only(
            "number",
            "state",
            "reported_at",
            "point",
            "part_id",
            "cell_id",
            "catalogue_class__name",
            "street__name",
        )  # fmt: skip
        .order_by("-id")[: limit * 4]
    )
    if point is not None:
        rows = rows.annotate(away=Distance("point", point, spheroid=False))
    found = [candidate_of(row, cell_id, part_id) for row in rows]
    found.sort(key=rank)
    return found[:limit]


def candidate_of(row: Case, cell_id: int, part_id: int | None) -> Candidate:
    """A row as a candidate, with its reasons as stable keys that the pages put into words."""
    away = getattr(row, "away", None)
    distance_m = None if away is None else round(away.m, 1)
    same_part = part_id is not None and row.part_id == part_id
    reasons = [
        key
        for key, holds in (
            ("same_part", same_part),
            ("near", distance_m is not None and distance_m <= NEAR_M),
            ("same_cell", row.cell_id == cell_id),
            ("neighbouring_cell", row.cell_id != cell_id),
        )
        if holds
    ]
    return Candidate(
        number=row.number,
        state=row.state,
        class_name=row.catalogue_class.name,
        street_name=row.street.name if row.street else "",
        reported_at=row.reported_at,
        distance_m=distance_m,
        same_part=same_part,
        reasons=tuple(reasons),
    )


def rank(candidate: Candidate) -> tuple[bool, float, float]:
    """The same part first, then the nearest, then the newest."""
    away = candidate.distance_m if candidate.distance_m is not None else float("inf")
    return (not candidate.same_part, away, -candidate.reported_at.timestamp())
