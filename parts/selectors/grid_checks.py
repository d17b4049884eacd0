"""What is wrong in an edition of the grid, found by the database: gaps, overlaps, strays, codes.

For the current edition as for a draft: everything takes the edition's id and changes nothing.
Areas in m² by `settings.SRID_METRES`, positions in degrees (EPSG:4490, lon before lat). What is
smaller than `least_m2` is what rounding leaves on shared edges, no gap (`codes.md`, unit grid).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.conf import settings
from django.db import connection

from parts.codes import CodeError, Pattern, parse_cell_code

# Nine decimals of a degree are a tenth of a millimetre: along a kilometre they leave 0.1 m².
LEAST_M2: Final = 1.0
# Published means lie at 15,000–18,000 m², the aim at 10,000; outside this band is a remark.
SMALLEST_M2: Final = 2_000
LARGEST_M2: Final = 50_000


@dataclass(frozen=True, slots=True)
class Patch:
    """A stretch of ground that is wrong: where, how large, and the codes of what it concerns."""

    codes: tuple[str, ...]
    area_m2: float
    lon: float
    lat: float
    geojson: str


@dataclass(frozen=True, slots=True)
class Fault:
    """A cell that is wrong in itself, and in one word why; `said` is the value at fault."""

    code: str
    why: str
    said: str = ""


# ---------------------------------------------------------------- ground

# The community without its cells: each piece of it alone. A community without any is all gap.
# Of communities those in force, and those that a draft fills before they are.
_GAPS = """
with own as (
    select community_id, ST_Union(geom) as geom from parts_cell
    where edition_id = %(edition)s and end_on is null group by community_id
), wanted as (
    select m.code, case when o.geom is null then m.geom else ST_Difference(m.geom, o.geom) end
           as geom
    from parts_community m left join own o on o.community_id = m.id
    where m.valid_to is null or o.geom is not null
), pieces as (
    select w.code, (ST_Dump(w.geom)).geom as geom from wanted w where not ST_IsEmpty(w.geom)
)
select array[p.code], round(a.m2::numeric, 1)::float, ST_X(s.at), ST_Y(s.at),
       ST_AsGeoJSON(p.geom, 9)
from pieces p, lateral (select ST_Area(ST_Transform(p.geom, %(metres)s)) as m2) a,
     lateral (select ST_PointOnSurface(p.geom) as at) s
where ST_Dimension(p.geom) = 2 and a.m2 >= %(least)s
order by a.m2 desc, p.code limit %(limit)s"""

# What no community covers: the district's outline less the communities in force.
_BARE = """
with pieces as (
    select (ST_Dump(ST_Difference(d.geom, m.geom))).geom as geom
    from (select ST_Union(geom) as geom from parts_district where code = %(district)s) d,
         (select ST_Union(geom) as geom from parts_community
          where valid_to is null and left(code, 6) = %(district)s) m
    where d.geom is not null and m.geom is not null
)
select '{}'::text[], round(a.m2::numeric, 1)::float, ST_X(s.at), ST_Y(s.at),
       ST_AsGeoJSON(p.geom, 9)
from pieces p, lateral (select ST_Area(ST_Transform(p.geom, %(metres)s)) as m2) a,
     lateral (select ST_PointOnSurface(p.geom) as at) s
where ST_Dimension(p.geom) = 2 and a.m2 >= %(least)s
order by a.m2 desc limit %(limit)s"""

# Pairs come from `cell_geom_gist`; `relate` sorts out those that only touch, for a third of the
# time of cutting them.
_OVERLAPS = """
select array[p.one, p.other], round(a.m2::numeric, 1)::float, ST_X(s.at), ST_Y(s.at),
       ST_AsGeoJSON(p.geom, 9)
from (
    select a.code as one, b.code as other,
           ST_CollectionExtract(ST_Intersection(a.geom, b.geom), 3) as geom
    from parts_cell a join parts_cell b on a.geom && b.geom and a.id < b.id
    where a.edition_id = %(edition)s and b.edition_id = %(edition)s
      and a.end_on is null and b.end_on is null and ST_Relate(a.geom, b.geom, '2********')
) p, lateral (select ST_Area(ST_Transform(p.geom, %(metres)s)) as m2) a,
     lateral (select ST_PointOnSurface(p.geom) as at) s
where a.m2 >= %(least)s
order by a.m2 desc, p.one, p.other limit %(limit)s"""

# What of a cell lies outside its own community.
_STRAYS = """
select array[p.code, p.community], round(a.m2::numeric, 1)::float, ST_X(s.at), ST_Y(s.at),
       ST_AsGeoJSON(p.geom, 9)
from (
    select c.code, m.code as community,
           ST_CollectionExtract(ST_Difference(c.geom, m.geom), 3) as geom
    from parts_cell c join parts_community m on m.id = c.community_id
    where c.edition_id = %(edition)s and c.end_on is null and not ST_Covers(m.geom, c.geom)
) p, lateral (select ST_Area(ST_Transform(p.geom, %(metres)s)) as m2) a,
     lateral (select ST_PointOnSurface(p.geom) as at) s
where a.m2 >= %(least)s
order by a.m2 desc, p.code limit %(limit)s"""

MOST_LISTED: Final = 1000


def gaps(edition_id: int, *, least_m2: float = LEAST_M2, limit: int = MOST_LISTED) -> list[Patch]:
    """Ground of a community that no cell of the edition covers, the largest first."""
    return _patches(_GAPS, edition_id, least_m2, limit)


def bare_ground(
    district: str, *, least_m2: float = LEAST_M2, limit: int = MOST_LISTED
) -> list[Patch]:
    """Ground of the district that no community in force covers, the largest first."""
    return _patches(_BARE, 0, least_m2, limit, district)


def overlaps(
    edition_id: int, *, least_m2: float = LEAST_M2, limit: int = MOST_LISTED
) -> list[Patch]:
    """Ground that two cells of the edition both cover; `codes` names the two."""
    return _patches(_OVERLAPS, edition_id, least_m2, limit)


def strays(edition_id: int, *, least_m2: float = LEAST_M2, limit: int = MOST_LISTED) -> list[Patch]:
    """Ground of cells outside their community; `codes` names the cell, then the community."""
    return _patches(_STRAYS, edition_id, least_m2, limit)


def _patches(
    sql: str, edition_id: int, least_m2: float, limit: int, district: str = ""
) -> list[Patch]:
    values: dict[str, int | float | str] = {
        "edition": edition_id,
        "metres": settings.SRID_METRES,
        "least": least_m2,
        "limit": limit,
        "district": district,
    }
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return [Patch(tuple(codes), *rest) for codes, *rest in cursor.fetchall()]


# ---------------------------------------------------------------- codes

NOT_A_CODE, OTHER_COMMUNITY, GIVEN_BEFORE = "form", "community", "given_before"
ODD_AREA, UNTRUE_AREA = "odd_area", "untrue_area"

# A code of the edition that a cell of an earlier one bore when it was voided. A cell that goes on
# from edition to edition keeps its code: only a voided one is never given again.
_GIVEN_BEFORE = """
select c.code, string_agg(distinct e.name, ' ' order by e.name)
from parts_cell c
join parts_cell v on v.code = c.code and v.id <> c.id and v.end_on is not null
join parts_edition e on e.id = v.edition_id
where c.edition_id = %s and c.end_on is null
group by c.code order by c.code"""


def wrong_codes(edition_id: int, *, pattern: Pattern | None = None) -> list[Fault]:
    """Cells whose code breaks the pattern, names another community, or was voided before."""
    found = []
    with connection.cursor() as cursor:
        cursor.execute(
            "select c.code, m.code from parts_cell c join parts_community m on m.id ="
            " c.community_id where c.edition_id = %s and c.end_on is null order by c.code",
            [edition_id],
        )
        for code, community in cursor.fetchall():
            try:
                parsed = parse_cell_code(pattern or Pattern(), code)
            except CodeError as wrong:
                found.append(Fault(code, NOT_A_CODE, wrong.why))
                continue
            if parsed.community != community:
                found.append(Fault(code, OTHER_COMMUNITY, community))
        cursor.execute(_GIVEN_BEFORE, [edition_id])
        found += [Fault(code, GIVEN_BEFORE, editions) for code, editions in cursor.fetchall()]
    return found


_UNTRUE_AREAS = """
select c.code, c.area_m2, a.m2
from parts_cell c,
     lateral (select ST_Area(ST_Transform(c.geom, %(metres)s)) as m2) a
where c.edition_id = %(edition)s and c.end_on is null and abs(c.area_m2 - a.m2) > %(least)s
order by c.code"""


def untrue_areas(edition_id: int, *, least_m2: float = LEAST_M2) -> list[Fault]:
    """Cells whose area is not that of their boundary: it is computed, never typed in."""
    values = {"edition": edition_id, "metres": settings.SRID_METRES, "least": least_m2}
    with connection.cursor() as cursor:
        cursor.execute(_UNTRUE_AREAS, values)
        return [
            Fault(code, UNTRUE_AREA, f"{kept:,.1f} / {true:,.1f}")
            for code, kept, true in cursor.fetchall()
        ]


def odd_areas(edition_id: int) -> list[Fault]:
    """Remarks: cells outside the usual band of areas (2,000–50,000 m²)."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select code, area_m2 from parts_cell where edition_id = %s and end_on is null"
            " and (area_m2 < %s or area_m2 > %s) order by area_m2, code",
            [edition_id, SMALLEST_M2, LARGEST_M2],
        )
        return [Fault(code, ODD_AREA, f"{area:,.0f}") for code, area in cursor.fetchall()]


# ---------------------------------------------------------------- one sign for all of it

_VERSION = """
select concat_ws('-', %(edition)s,
    (select count(*) || '.' || coalesce(max(id), 0) from parts_cell where edition_id = %(edition)s),
    (select max(pgh_id) from parts_cellhistory),
    (select max(pgh_id) from parts_communityhistory),
    (select count(*) || '.' || coalesce(max(id), 0) from parts_community))"""


def grid_version(edition_id: int) -> str:
    """A sign that changes whenever a cell of the edition or a community has: to keep answers by."""
    with connection.cursor() as cursor:
        cursor.execute(_VERSION, {"edition": edition_id})
        (version,) = cursor.fetchone()
    return str(version)
