"""Divides the district into streets, communities and cells that share every vertex.

Lines are drawn, noded once on a raster of a centimetre and polygonized, so that neighbours have
the very same corners and nothing is left to tolerance. Works in temporary tables of one
transaction in EPSG:4548; what is kept is in EPSG:4490 with nine decimals (`codes.md`).
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterable, Mapping
from typing import Any

from django.db.backends.utils import CursorWrapper

from parts.division import Ring, area_of, chords, plots_in
from parts.drawing import sketch
from parts.drawing.hints import COMMUNITY_HINTS
from parts.partition import ROOMY, Piece, joined, parted

# Mean area that the cuts aim at, in m²: gives about 4,400 cells after slivers are merged.
PLOT_M2 = 9_450
LEAST_M2 = 4_000
CRUMB_M2 = 50
LANE_PLOTS = 5  # a cut through a piece of at least so many plots is a lane, not a fence
LANE_LENGTH_M = 110

OUTLINE_SQL = """
create temp table drawn_area on commit drop as
select st_snaptogrid(st_transform(st_setsrid(st_geomfromgeojson(%s), 4490), 4548), 0.01) as geom;
create temp table drawn_line (geom geometry(linestring, 4548), is_parting boolean) on commit drop;
insert into drawn_line select (st_dump(st_boundary(geom))).geom, true from drawn_area;
"""
FACES_SQL = """
create temp table {name} on commit drop as
select row_number() over (order by st_xmin(f.geom), st_ymin(f.geom), st_area(f.geom)) as id, f.geom
from (select (st_dump(st_polygonize(noded))).geom
      from (select st_unaryunion(st_collect(geom), 0.01) as noded
            from drawn_line where {condition}) n) f
join drawn_area a on st_covers(a.geom, st_pointonsurface(f.geom));
create index on {name} using gist (geom);
analyze {name};
"""
STREETS_SQL = """
create temp table drawn_street on commit drop as
with label as (
    select t.code, st_transform(st_setsrid(st_makepoint(t.lon, t.lat), 4490), 4548) as point
    from jsonb_to_recordset(%s::jsonb) as t(code text, lon float, lat float)
), named as (
    select f.id, f.geom, l.code
    from street_face f left join label l on st_covers(f.geom, l.point)
), border as (
    select n.id, o.code,
           sum(st_length(st_intersection(st_boundary(n.geom), st_boundary(o.geom)))) as metres
    from named n join named o on n.code is null and o.code is not null
                 and n.geom && o.geom and st_intersects(n.geom, o.geom)
    group by n.id, o.code
), settled as (
    select n.geom, coalesce(n.code, (select b.code from border b where b.id = n.id
                                     order by b.metres desc, b.code limit 1)) as code
    from named n
)
select code, st_unaryunion(st_collect(geom)) as geom from settled group by code;
"""
# Boundaries pass through their nine decimals, so that what is judged here is what is shipped.
# A sliver goes to the face of its street with which it shares the longest side; the crumbs
# where sketched lines nearly meet go to any neighbour.
PLOTS_SQL = """
create temp table plot on commit drop as
select f.id, s.code as street, f.geom, st_area(f.geom) as area
from face f join drawn_street s on st_covers(s.geom, st_pointonsurface(f.geom));
create index on plot using gist (geom);
create temp table plot_border on commit drop as
select a.id, b.id as other,
       st_length(st_intersection(st_boundary(a.geom), st_boundary(b.geom))) as metres
from plot a join plot b on a.id <> b.id and a.geom && b.geom
     and (a.street = b.street or a.area < %(crumb)s)
where a.area < %(least)s and b.area >= %(least)s and st_intersects(a.geom, b.geom);
create temp table goes_to on commit drop as
select a.id, coalesce((select p.other from plot_border p where p.id = a.id and p.metres > 0
                       order by p.metres desc, p.other limit 1), a.id) as target
from plot a where a.area < %(least)s
union all select id, id from plot where area >= %(least)s;
create temp table drawn_cell on commit drop as
select g.target as id, t.street, st_unaryunion(st_collect(p.geom)) as geom_m,
       st_geomfromewkt(st_asewkt(
           st_transform(st_unaryunion(st_collect(p.geom)), 4490), 9)) as geom,
       null::text as community, null::text as code
from goes_to g join plot p using (id) join plot t on t.id = g.target
group by g.target, t.street;
create index on drawn_cell using gist (geom_m);
create index on drawn_cell using gist (geom);
analyze drawn_cell;
"""
TOUCHING_SQL = """
select a.id, b.id, st_length(st_intersection(st_boundary(a.geom_m), st_boundary(b.geom_m)))
from drawn_cell a join drawn_cell b on a.id < b.id and a.street = b.street
     and a.geom_m && b.geom_m and st_intersects(a.geom_m, b.geom_m)
order by 1, 2
"""
# The order of serials (`codes.md`): bands of 100 m from the community's northernmost point,
# in a band by easting, then northing, of the point on the surface in EPSG:4548.
CODES_SQL = """
with metres as (
    select id, community, st_transform(geom, 4548) as geom from drawn_cell
), top as (
    select community, max(st_ymax(geom)) as north from metres group by community
), placed as (
    select m.id, m.community, st_pointonsurface(m.geom) as p, t.north
    from metres m join top t using (community)
), numbered as (
    select id, community || lpad(row_number() over (
        partition by community
        order by floor((north - st_y(p)) / 100), st_x(p), st_y(p))::text, 3, '0') as code
    from placed
)
update drawn_cell c set code = n.code from numbered n where n.id = c.id
"""


def run(cursor: CursorWrapper, script: str, params: Any = None) -> None:
    """Several statements in one text; parameters go to the statements that name them."""
    for statement in filter(None, (part.strip() for part in script.split(";"))):
        cursor.execute(statement, params if "%" in statement else None)


def extended(course: sketch.Course, by: float) -> sketch.Course:
    """The course with both ends drawn out by `by` degrees, so that lines surely meet."""

    def beyond(end: tuple[float, float], inner: tuple[float, float]) -> tuple[float, float]:
        scale = by / math.dist(end, inner)
        return end[0] + (end[0] - inner[0]) * scale, end[1] + (end[1] - inner[1]) * scale

    return (beyond(course[0], course[1]), *course, beyond(course[-1], course[-2]))


def wkt_of(points: Iterable[tuple[float, float]]) -> str:
    """A line string in well-known text."""
    return "LINESTRING(" + ",".join(f"{x!r} {y!r}" for x, y in points) + ")"


def add_lines(cursor: CursorWrapper) -> None:
    """The sketched roads, and the lines between streets that are no roads."""
    parting = [r.course for r in sketch.ROADS if r.name in sketch.PARTING_ROADS]
    parting += sketch.STREET_LINES
    inner = [r.course for r in sketch.ROADS if r.name not in sketch.PARTING_ROADS]
    rows = [(wkt_of(extended(course, 0.0010)), True) for course in parting]
    rows += [(wkt_of(extended(course, 0.0004)), False) for course in inner]
    cursor.executemany(
        "insert into drawn_line values "
        "(st_transform(st_setsrid(st_geomfromtext(%s), 4490), 4548), %s)",
        rows,
    )


def cut_blocks(cursor: CursorWrapper, dice: random.Random) -> None:
    """Cut every block between roads into plots; the longer cuts are kept as lanes."""
    cursor.execute("select st_astext(st_exteriorring(geom), 3) from block order by id")
    rows = []
    for (text,) in cursor.fetchall():
        ring: Ring = [
            (float(x), float(y))
            for x, y in (pair.split() for pair in text[len("LINESTRING(") : -1].split(","))
        ][:-1]
        for chord in chords(ring, plots_in(area_of(ring), PLOT_M2), dice):
            is_lane = chord.plots >= LANE_PLOTS and chord.length_m >= LANE_LENGTH_M
            rows.append((*chord.start, *chord.end, is_lane))
    cursor.execute(
        "create temp table drawn_cut (geom geometry(linestring, 4548), is_lane boolean)"
        " on commit drop"
    )
    cursor.executemany(
        "insert into drawn_cut values "
        "(st_setsrid(st_makeline(st_makepoint(%s, %s), st_makepoint(%s, %s)), 4548), %s)",
        rows,
    )
    # A little past both ends, so that the raster cannot part a cut from the line it ends on.
    cursor.execute(
        "insert into drawn_line select st_makeline("
        " st_translate(st_startpoint(geom), -u.x, -u.y), st_translate(st_endpoint(geom), u.x, u.y)"
        "), false from drawn_cut, lateral (select"
        " (st_x(st_endpoint(geom)) - st_x(st_startpoint(geom))) / st_length(geom) * 0.05 as x,"
        " (st_y(st_endpoint(geom)) - st_y(st_startpoint(geom))) / st_length(geom) * 0.05 as y) u"
        " where st_length(geom) > 0.1"
    )


def touching(cursor: CursorWrapper) -> dict[int, dict[int, float]]:
    """Metres of border that cells of a street share; corners alone do not count."""
    cursor.execute(TOUCHING_SQL)
    found: dict[int, dict[int, float]] = {}
    for one, other, metres in cursor.fetchall():
        if metres > 5:
            found.setdefault(one, {})[other] = metres
            found.setdefault(other, {})[one] = metres
    return found


def name_communities(cursor: CursorWrapper) -> None:
    """Group the cells of each street into its communities, and name them by rough place."""
    near = touching(cursor)
    cursor.execute(
        "select street, id, st_xmin(geom_m), st_ymin(geom_m), st_xmax(geom_m), st_ymax(geom_m),"
        " st_area(geom_m) from drawn_cell order by id"
    )
    pieces: dict[str, list[Piece]] = {}
    for street, *values in cursor.fetchall():
        pieces.setdefault(street, []).append(Piece(*values))
    rows: list[tuple[str, int]] = []
    for street, cells in sorted(pieces.items()):
        codes = sorted(code for code in COMMUNITY_HINTS if code.startswith(street))
        group_of = joined(parted(cells, len(codes), ROOMY), near)
        code_of = matched(cells, group_of, codes)
        rows += [(code_of[group], cell) for cell, group in sorted(group_of.items())]
    cursor.executemany("update drawn_cell set community = %s where id = %s", rows)


def matched(cells: list[Piece], group_of: Mapping[int, int], codes: list[str]) -> dict[int, str]:
    """Community code of each group: swaps until no swap brings the hints nearer."""
    west, south = min(p.x_min for p in cells), min(p.y_min for p in cells)
    width = max(p.x_max for p in cells) - west
    height = max(p.y_max for p in cells) - south
    place: dict[int, tuple[float, float]] = {}
    for group in sorted(set(group_of.values())):
        own = [p.centre for p in cells if group_of[p.id] == group]
        place[group] = (
            (sum(x for x, _y in own) / len(own) - west) / width,
            (sum(y for _x, y in own) / len(own) - south) / height,
        )
    groups = sorted(place)
    order = list(codes)

    def far(group: int, code: str) -> float:
        return math.dist(place[group], COMMUNITY_HINTS[code]) ** 2

    improved = True
    while improved:
        improved = False
        for i in range(len(groups)):
            for j in range(i + 1, len(groups)):
                now = far(groups[i], order[i]) + far(groups[j], order[j])
                swapped = far(groups[i], order[j]) + far(groups[j], order[i])
                if swapped < now - 1e-9:
                    order[i], order[j] = order[j], order[i]
                    improved = True
    return dict(zip(groups, order, strict=True))


def divide(cursor: CursorWrapper, outline: str, labels: str, dice: random.Random) -> None:
    """Draw streets, communities and coded cells into temporary tables.

    `outline` is the district's boundary as GeoJSON in 4490, `labels` the streets' label points
    as JSON. Leaves `drawn_street`, `drawn_cut` and `drawn_cell`.
    """
    run(cursor, OUTLINE_SQL, [outline])
    add_lines(cursor)
    run(cursor, FACES_SQL.format(name="street_face", condition="is_parting"))
    run(cursor, STREETS_SQL, [labels])
    run(cursor, FACES_SQL.format(name="block", condition="true"))
    cut_blocks(cursor, dice)
    run(cursor, FACES_SQL.format(name="face", condition="true"))
    run(cursor, PLOTS_SQL, {"least": LEAST_M2, "crumb": CRUMB_M2})
    name_communities(cursor)
    cursor.execute(CODES_SQL)
