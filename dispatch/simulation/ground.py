"""The ground of a simulation: cells with points in them, classes with their standards."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from itertools import accumulate

from django.db import connection
from django.db.models import Q

from parts.models import CatalogueClass, FilingStandard
from parts.selectors import current_scheme

POINTS_A_CELL = 12
POINTS_SEED = 20261126


@dataclass(frozen=True, slots=True)
class CellFacts:
    """A cell with its areas and some points well inside it, in degrees (EPSG:4490)."""

    id: int
    code: str
    community_id: int
    street_id: int
    limit_area: str
    points: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class ClassFacts:
    """A class with its standards; `key` is its coding scheme."""

    id: int
    kind: str
    scheme: str
    code: str
    family: str
    self_handled: bool
    deferrable: bool
    standards: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Ground:
    """Where a simulation plays, each list in a fixed order."""

    cells: tuple[CellFacts, ...]
    cell_weights: tuple[float, ...]
    classes: dict[str, tuple[ClassFacts, ...]]  # by family of events, "part" for all parts


def read_ground(on: date) -> Ground:
    """The district of today; standards that hold on this date."""
    cells = read_cells()
    return Ground(
        cells=cells,
        cell_weights=tuple(accumulate(busyness(place) for place in range(len(cells)))),
        classes=read_classes(on),
    )


def busyness(place: int) -> float:
    """How much happens in a cell beside others: a fifth of the cells has half of the reports."""
    return (4.0, 1.0, 1.6, 0.6, 0.8)[place % 5]


def read_cells() -> tuple[CellFacts, ...]:
    """Cells of the current edition; points at seven decimals that only their own cell covers."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            select c.id, c.code, c.community_id, m.street_id, c.limit_area,
                   array_agg(array[p.x, p.y] order by p.place)
            from parts_cell c
            join parts_edition e on e.id = c.edition_id and e.state = 'current'
            join parts_community m on m.id = c.community_id
            cross join lateral (
                select round(ST_X(d.geom)::numeric, 7)::float8 as x,
                       round(ST_Y(d.geom)::numeric, 7)::float8 as y, d.path[1] as place
                from ST_DumpPoints(ST_GeneratePoints(c.geom, %s, %s)) d
            ) p
            where c.end_on is null
              and ST_ContainsProperly(c.geom, ST_SetSRID(ST_MakePoint(p.x, p.y), 4490))
            group by c.id, m.street_id order by c.code""",
            [POINTS_A_CELL, POINTS_SEED % 10_000],
        )
        rows = cursor.fetchall()
    return tuple(
        CellFacts(pk, code, community, street, area, tuple((east, north) for east, north in points))
        for pk, code, community, street, area, points in rows
    )


def read_classes(on: date) -> dict[str, tuple[ClassFacts, ...]]:
    """Classes of the current scheme that can be filed on a date, events by family."""
    in_force = Q(valid_to=None) | Q(valid_to__gte=on)
    standards: dict[int, list[int]] = {}
    for class_id, pk in (
        FilingStandard.objects.filter(in_force, valid_from__lte=on)
        .order_by("position", "id")
        .values_list("catalogue_class_id", "id")
    ):
        standards.setdefault(class_id, []).append(pk)
    found: dict[str, list[ClassFacts]] = {}
    rows = CatalogueClass.objects.filter(
        scheme=current_scheme(), is_active=True, pk__in=standards
    ).order_by("kind", "code")
    for row in rows:
        family = row.family if row.kind == "event" else "part"
        found.setdefault(family, []).append(
            ClassFacts(
                row.pk, row.kind, row.scheme_id, row.code, row.family, row.self_handled_allowed,
                row.deferral_allowed, tuple(standards[row.pk]),
            )
        )  # fmt: skip
    return {family: tuple(listed) for family, listed in sorted(found.items())}
