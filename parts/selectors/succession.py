"""From a cell of a former edition to the cells of today, and back.

A case keeps the cell that it was filed in, also while it runs and the grid changes beneath it. Who
patrols its place, what lies near it and where it is counted is asked of the cells of today.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from django.contrib.gis.geos import Point
from django.db import connection
from django.db.models import QuerySet

from parts.models import Cell, CellHeir, Edition, PatrolCell
from parts.selectors.compiled import planned_cursor
from parts.selectors.kept import Kept

#: The id of the current edition; 0 before the first one is published.
current_edition_id = Kept(
    lambda: (
        Edition.objects.filter(state=Edition.State.CURRENT).values_list("pk", flat=True).first()
        or 0
    )
)

# The cell itself while its edition is current; else the current cell at the point, or the nearest
# to it where the grid has drawn back.
_TODAY = """
    select coalesce(
        (select c.id from parts_cell c join parts_edition e on e.id = c.edition_id
         where c.id = %(cell)s and e.state = 'current' and c.end_on is null),
        (select c.id from parts_cell c
         where c.edition_id = (select id from parts_edition where state = 'current')
           and c.end_on is null
           and ST_Covers(c.geom, ST_SetSRID(ST_MakePoint(%(lon)s, %(lat)s), 4490))
         order by c.code limit 1),
        (select c.id from parts_cell c
         where c.edition_id = (select id from parts_edition where state = 'current')
           and c.end_on is null
         order by c.geom <-> ST_SetSRID(ST_MakePoint(%(lon)s, %(lat)s), 4490) limit 1))"""

# A cell, its neighbours, and every cell of any edition that lies on the same ground.
_AROUND = """
    with today as (
        select id, neighbours from parts_cell where id = %(cell)s
        union
        select c.id, c.neighbours from parts_cellheir h join parts_cell c on c.id = h.heir_id
        where h.former_id = %(cell)s
    ), near as (
        select id, true as is_here from today union all select unnest(neighbours), false from today
    ), every as (
        select id, is_here from near
        union all
        select h.former_id, near.is_here and h.is_main
        from parts_cellheir h join near on near.id = h.heir_id
    )
    select id, bool_or(is_here) from every group by id order by id"""


def cell_today(*, cell_id: int, point: Point | None) -> int:
    """The cell of the current edition where a case lies that was filed in `cell_id`; one query.

    `point` is its place in EPSG:4490; without one its cell is taken as it is.
    """
    if point is None:
        return cell_id
    cursor = planned_cursor()
    cursor.execute(_TODAY, {"cell": cell_id, "lon": point.x, "lat": point.y})
    (found,) = cursor.fetchone()
    return int(found) if found is not None else cell_id


@dataclass(frozen=True, slots=True)
class Around:
    """Cells around one, of every edition: those on its own ground, and those that touch it too."""

    here: frozenset[int]
    cells: tuple[int, ...]


def cells_around(cell_id: int) -> Around:
    """The cell, all that touch it, and what lay there in other editions; kept by the process."""
    return _around(cell_id, current_edition_id())


@lru_cache(maxsize=20_000)
def _around(cell_id: int, edition_id: int) -> Around:
    """Between two publications neither neighbours nor heirs change."""
    with connection.cursor() as cursor:
        cursor.execute(_AROUND, {"cell": cell_id})
        rows = cursor.fetchall()
    here = frozenset(pk for pk, is_here in rows if is_here)
    return Around(here, tuple(pk for pk, _is_here in rows))


def patrolled_cells(user_id: int | None) -> QuerySet[PatrolCell, tuple[int]]:
    """Ids of the cells a supervisor patrols, with those of former editions on their ground."""
    own = PatrolCell.objects.filter(patrol__supervisor_id=user_id)
    former = CellHeir.objects.filter(heir__patrol_cells__patrol__supervisor_id=user_id)
    return own.values_list("cell_id").union(former.values_list("former_id"), all=True)


def codes_today(cell_ids: list[int]) -> dict[int, str]:
    """The code under which each cell is counted today: its own, or its main heir's; one query."""
    rows = Cell.objects.filter(pk__in=cell_ids).values_list("pk", "code")
    heirs = dict(
        CellHeir.objects.filter(former_id__in=cell_ids, is_main=True).values_list(
            "former_id", "heir__code"
        )
    )
    return {pk: heirs.get(pk, code) for pk, code in rows}
