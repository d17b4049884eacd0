"""From a point to its cell, community and street, and to the parts nearby."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from django.db import connection

from gridcity.contracts import OutsideDistrict
from parts.models import Cell, District
from parts.selectors.kept import Kept


@dataclass(frozen=True, slots=True)
class Location:
    """The unit grid cell that covers a point, and the areas it belongs to."""

    cell_id: int
    cell_code: str
    limit_area: str
    edition_id: int
    community_id: int
    community_code: str
    community_name: str
    street_id: int
    street_code: str
    street_name: str


@dataclass(frozen=True, slots=True)
class NearPart:
    """A part near a point; distance in metres, position in degrees (EPSG:4490)."""

    id: int
    code: str
    class_code: str
    class_name: str
    name: str
    state: str
    distance_m: float
    lon: float
    lat: float


# `covers`, by code, first wins: a point on a shared edge is in none by `contains` and in two by
# `covers`; ordered by code it is always in the same one (house style §5).
_LOCATE = """
    select c.id, c.code, c.limit_area, c.edition_id,
           m.id, m.code, m.name, s.id, s.code, s.name
    from parts_cell c
    join parts_edition e on e.id = c.edition_id and e.state = 'current'
    join parts_community m on m.id = c.community_id
    join parts_street s on s.id = m.street_id
    where c.end_on is null and ST_Covers(c.geom, ST_SetSRID(ST_MakePoint(%s, %s), 4490))
    order by c.code
    limit 1"""

# `<->` orders by degrees, in which a metre north is shorter than a metre east: four times as many
# are taken from the index and ordered by metres (stack.md, database).
_NEAREST = """
    with near as materialized (
        select p.id, p.code, p.name, p.state, p.geom, p.catalogue_class_id
        from parts_part p
        where p.state in ('intact', 'broken')
          and (%(class_id)s::bigint is null or p.catalogue_class_id = %(class_id)s)
          and p.geom && ST_Expand(ST_SetSRID(ST_MakePoint(%(lon)s, %(lat)s), 4490), %(reach)s)
        order by p.geom <-> ST_SetSRID(ST_MakePoint(%(lon)s, %(lat)s), 4490)
        limit %(take)s
    )
    select n.id, n.code, k.code, k.name, n.name, n.state,
           round(ST_Distance(
               n.geom::geography,
               ST_SetSRID(ST_MakePoint(%(lon)s, %(lat)s), 4490)::geography,
               false
           )::numeric, 1)::float8 as away,
           ST_X(ST_PointOnSurface(n.geom)), ST_Y(ST_PointOnSurface(n.geom))
    from near n join parts_catalogueclass k on k.id = n.catalogue_class_id
    order by away, n.id
    limit %(limit)s"""

# How far around a point parts are looked for, in degrees: about 200 m.
REACH_DEGREES = 0.002


def locate(*, lon: float, lat: float) -> Location:
    """The current cell that covers a point in degrees (EPSG:4490). Raises OutsideDistrict."""
    found = locate_place(lon=lon, lat=lat)
    if found is None:
        raise OutsideDistrict
    return found


def locate_place(*, lon: float, lat: float) -> Location | None:
    """The current cell that covers a point, or None outside the district; one query."""
    with connection.cursor() as cursor:
        cursor.execute(_LOCATE, [lon, lat])
        row = cursor.fetchone()
    return Location(*row) if row else None


def nearest_parts(
    *, lon: float, lat: float, limit: int = 5, class_id: int | None = None
) -> list[NearPart]:
    """The standing parts nearest to a point, within about 200 m, by metres; one query."""
    values = {
        "lon": lon,
        "lat": lat,
        "class_id": class_id,
        "reach": REACH_DEGREES,
        "take": limit * 4,
        "limit": limit,
    }
    with connection.cursor() as cursor:
        cursor.execute(_NEAREST, values)
        rows = cursor.fetchall()
    return [NearPart(*row) for row in rows]


def _first_district() -> str:
    code = District.objects.order_by("code").values_list("code", flat=True).first()
    return code or ""


#: The six digits of the district this installation runs.
district_code = Kept(_first_district)


@lru_cache(maxsize=20_000)
def cells_around(cell_id: int) -> list[int]:
    """The cell and those that touch it, of its edition; an edition never changes once current."""
    neighbours = Cell.objects.filter(pk=cell_id).values_list("neighbours", flat=True).first()
    return [cell_id, *(neighbours or [])]
