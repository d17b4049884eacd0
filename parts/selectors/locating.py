"""From a point to its cell, community and street, and to the parts nearby."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection

from gridcity.contracts import OutsideDistrict
from parts.models import District
from parts.selectors.compiled import planned_cursor
from parts.selectors.crosswalk import same_matter
from parts.selectors.kept import Kept
from parts.selectors.keys import class_by_id, community_of, street_of


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
    scheme: str
    class_code: str
    class_name: str
    name: str
    state: str
    distance_m: float
    lon: float
    lat: float


# `covers`, by code, first wins: a point on a shared edge is in none by `contains` and in two by
# `covers`; ordered by code it is always in the same one (house style §5). Names of areas and
# classes are kept by the process: joining them took longer to plan than the search takes.
_LOCATE = """
    select c.id, c.code, c.limit_area, c.edition_id, c.community_id
    from parts_cell c
    where c.edition_id = (select e.id from parts_edition e where e.state = 'current')
      and c.end_on is null and ST_Covers(c.geom, ST_SetSRID(ST_MakePoint(%s, %s), 4490))
    order by c.code
    limit 1"""

# `<->` orders by degrees, in which a metre north is shorter than a metre east: four times as many
# are taken from the index and ordered by metres (stack.md, database).
_NEAREST = """
    select n.id, n.code, n.catalogue_class_id, n.name, n.state, n.away,
           ST_X(ST_PointOnSurface(n.geom)), ST_Y(ST_PointOnSurface(n.geom))
    from (
        select p.*, ST_Distance(p.geom::geography,
                   ST_SetSRID(ST_MakePoint(%(lon)s, %(lat)s), 4490)::geography, false) as away
        from (
            select id, code, catalogue_class_id, name, state, geom
            from parts_part
            where state in ('intact', 'broken') {of_class}
              and geom && ST_Expand(ST_SetSRID(ST_MakePoint(%(lon)s, %(lat)s), 4490), %(reach)s)
            order by geom <-> ST_SetSRID(ST_MakePoint(%(lon)s, %(lat)s), 4490)
            limit %(take)s
        ) p
        order by away, p.id
        limit %(limit)s
    ) n
    order by n.away, n.id"""
_NEAREST_OF_ALL = _NEAREST.format(of_class="")
_NEAREST_OF_CLASS = _NEAREST.format(of_class="and catalogue_class_id = any(%(classes)s)")

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
    cursor = planned_cursor()
    cursor.execute(_LOCATE, [lon, lat])
    row = cursor.fetchone()
    if row is None:
        return None
    cell_id, cell_code, limit_area, edition_id, community_id = row
    community = community_of(community_id)
    street = street_of(community.street_id)
    return Location(
        cell_id=cell_id,
        cell_code=cell_code,
        limit_area=limit_area,
        edition_id=edition_id,
        community_id=community_id,
        community_code=community.code,
        community_name=community.name,
        street_id=street.pk,
        street_code=street.code,
        street_name=street.name,
    )


def nearest_parts(
    *, lon: float, lat: float, limit: int = 5, class_id: int | None = None
) -> list[NearPart]:
    """The standing parts nearest to a point, within about 200 m, by metres; one query.

    Of a class those too that confirmed pairs read as it: parts keep the class of their scheme.
    """
    values: dict[str, float | list[int]] = {
        "lon": lon,
        "lat": lat,
        "classes": same_matter(class_id) if class_id else [],
        "reach": REACH_DEGREES,
        "take": limit * 4,
        "limit": limit,
    }
    with connection.cursor() as cursor:
        cursor.execute(_NEAREST_OF_CLASS if class_id else _NEAREST_OF_ALL, values)
        rows = cursor.fetchall()
    return [near_part(*row) for row in rows]


def near_part(
    pk: int, code: str, class_id: int, name: str, state: str, away: float, lon: float, lat: float
) -> NearPart:
    """A row of the search with the code and name of its class."""
    entry = class_by_id(class_id)
    return NearPart(
        pk, code, entry.scheme_id, entry.code, entry.name, name, state, round(away, 1), lon, lat
    )


def _first_district() -> str:
    code = District.objects.order_by("code").values_list("code", flat=True).first()
    return code or ""


#: The six digits of the district this installation runs.
district_code = Kept(_first_district)
