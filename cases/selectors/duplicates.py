"""Cases that may be the same matter: ranked, each with its reasons (domain law §9)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib.gis.geos import Point
from django.db.models import F, FloatField, Func, Q, QuerySet

from cases.models import Case
from cases.workflow import State
from parts.selectors import cells_around, class_by_id, same_matter, streets
from parts.selectors.compiled import compiled_by, one_of

RECENT = timedelta(days=30)
NEAR_M = 30
LIMIT = 5
# Of more like cases than this around a place the newest are ranked; a street corner has few.
RANKED = 200
# Closer than positions can tell apart, the newer report is the likelier one.
SAME_PLACE_M = 10
# What may be shown as the same matter: open cases and those closed a short while ago.
CLOSED_STATES = (State.CLOSED, State.FORCE_CLOSED)
IGNORED_STATES = (State.NOT_ACCEPTED, State.NOT_FILED, State.VOIDED, State.MERGED)


@dataclass(frozen=True, slots=True)
class Candidate:
    """One case that may be the same, with why; `distance_m` is None without two points."""

    number: str
    state: str
    class_id: int
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

    Ranked by part, distance, time and class. `point` in EPSG:4490, distances in metres. One query.
    """
    around = cells_around(cell_id)
    # after a change of the coding scheme the same matter may stand under the class of either
    alike = same_matter(class_id)
    read = _alike(
        names_part=part_id is not None,
        part_id=part_id,
        cells=list(around.cells),
        classes=alike,
        since=at - RECENT,
        own=exclude_id or 0,
        lon=None if point is None else point.x,
        lat=None if point is None else point.y,
    )
    found = [candidate_of(row, alike, around.here, part_id) for row in read]
    return sorted(found, key=lambda one: rank(one, alike))[:limit]


READ = ("number", "state", "reported_at", "part_id", "cell_id", "catalogue_class_id", "street_id")


@compiled_by("names_part")
def _alike(
    names_part: bool, part_id: Any, cells: Any, classes: Any, since: Any, own: Any,
    lon: Any, lat: Any,
) -> QuerySet[Case, tuple[Any, ...]]:  # fmt: skip
    """Plain values, and names from what the process keeps: every report asks this."""
    same = Q(one_of("catalogue_class_id", classes))
    if names_part:
        same |= Q(part_id=part_id)
    is_recent = ~Q(state__in=CLOSED_STATES) | Q(state_since__gte=since)
    rows = (
        Case.objects.filter(same, is_recent, one_of("cell_id", cells))
        .exclude(state__in=IGNORED_STATES)
        .exclude(pk=own)
        .order_by("-id")
    )
    spot = Func(lon, lat, template="st_setsrid(st_makepoint(%(expressions)s), 4490)")
    away = Func(F("point"), spot, function="st_distancesphere", output_field=FloatField())
    return rows.values_list(*READ, away)[:RANKED]


def candidate_of(
    row: tuple[Any, ...], alike: Sequence[int], here: frozenset[int], part_id: int | None
) -> Candidate:
    """A row as a candidate, with its reasons as stable keys that the pages put into words."""
    number, state, reported_at, of_part, in_cell, of_class, street_id, away = row
    distance_m = None if away is None else round(away, 1)
    same_part = part_id is not None and of_part == part_id
    reasons = [
        key
        for key, holds in (
            ("same_part", same_part),
            ("near", distance_m is not None and distance_m <= NEAR_M),
            ("same_cell", in_cell in here),
            ("neighbouring_cell", in_cell not in here),
            ("same_class", of_class in alike),
            ("closed_lately", state in CLOSED_STATES),
        )
        if holds
    ]
    street = streets().get(street_id)
    return Candidate(
        number=number,
        state=state,
        class_id=of_class,
        class_name=class_by_id(of_class).name,
        street_name=street.name if street else "",
        reported_at=reported_at,
        distance_m=distance_m,
        same_part=same_part,
        reasons=tuple(reasons),
    )


def rank(candidate: Candidate, alike: Sequence[int]) -> tuple[bool, float, float, bool]:
    """The same part first, then the nearest, the newest, and what is of the same class."""
    away = candidate.distance_m
    return (
        not candidate.same_part,
        float("inf") if away is None else away // SAME_PLACE_M,
        -candidate.reported_at.timestamp(),
        candidate.class_id not in alike,
    )
