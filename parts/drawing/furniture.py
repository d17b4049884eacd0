"""Places the demonstration's parts: rows and scatters along roads, areas inside cells.

All in metres of EPSG:4548 until the end; then points keep seven decimals of a degree and
boundaries nine (`codes.md`), and each part gets the cell that covers it.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from django.db.backends.utils import CursorWrapper

from parts.division import Point, between
from parts.drawing import census, landmarks

SPACING_M = 1.6  # two parts of a class closer than this would be a remark in an import


class Draft(NamedTuple):
    """A part before it has a cell: class, place in words, geometry in metres as text."""

    class_code: str
    text: str
    wkt: str


@dataclass(frozen=True, slots=True)
class Track:
    """A road or watercourse in metres."""

    name: str
    klass: str
    width_m: float
    points: tuple[Point, ...]

    @property
    def length_m(self) -> float:
        return sum(math.dist(a, b) for a, b in pairwise(self.points))

    def at(self, metres: float, across_m: float) -> tuple[Point, Point]:
        """The point so far along and so far to the right, and the direction there."""
        for a, b in pairwise(self.points):
            step = math.dist(a, b)
            if metres <= step:
                break
            metres -= step
        ux, uy = (b[0] - a[0]) / step, (b[1] - a[1]) / step
        x, y = between(a, b, min(metres / step, 1.0))
        return (x + uy * across_m, y - ux * across_m), (ux, uy)

    def side(self, direction: Point, across_m: float) -> str:
        """The side of the road in words."""
        if abs(across_m) < 1:
            return self.name
        east, north = direction[1] * across_m, -direction[0] * across_m
        if abs(east) > abs(north):
            return f"{self.name}{'东侧' if east > 0 else '西侧'}"
        return f"{self.name}{'北侧' if north > 0 else '南侧'}"


def point(place: Point) -> str:
    return f"POINT({place[0]:.3f} {place[1]:.3f})"


def line(places: list[Point]) -> str:
    return "LINESTRING(" + ",".join(f"{x:.3f} {y:.3f}" for x, y in places) + ")"


def area(places: list[Point]) -> str:
    ring = ",".join(f"{x:.3f} {y:.3f}" for x, y in [*places, places[0]])
    return f"POLYGON(({ring}))"


def along(tracks: list[Track], count: int, dice: random.Random) -> Iterator[tuple[Track, float]]:
    """Random stations, longer tracks more often."""
    weights = [track.length_m for track in tracks]
    for track in dice.choices(tracks, weights, k=count):
        yield track, dice.uniform(8, max(9.0, track.length_m - 8))


def rows(tracks: list[Track], dice: random.Random) -> Iterator[Draft]:
    """Lamps and trees at even distances on both sides, with gaps where none is wanted."""
    for rule in census.ROWS:
        for track in (t for t in tracks if t.klass in rule.roads):
            half = track.width_m / 2 * rule.across
            for number in range(int(track.length_m / rule.spacing_m)):
                for across in (half, -half):
                    if dice.random() > rule.share or (track.klass == "lane" and across < 0):
                        continue
                    metres = (number + 0.5) * rule.spacing_m + dice.uniform(-1, 1)
                    place, way = track.at(metres, across)
                    yield Draft(rule.class_code, track.side(way, across), point(place))


def scattered(
    tracks: list[Track], rules: tuple[census.Scatter, ...], dice: random.Random
) -> Iterator[Draft]:
    """Covers in the carriageway, boxes on the pavement and whatever else stands singly."""
    for rule in rules:
        chosen = [t for t in tracks if t.klass in rule.roads]
        for track, metres in along(chosen, rule.number, dice):
            across = dice.uniform(*rule.across) * track.width_m / 2
            if rule.across[0] > 0 and dice.random() < 0.5:
                across = -across
            place, way = track.at(metres, across)
            yield Draft(rule.class_code, track.side(way, across), point(place))


def strips(tracks: list[Track], dice: random.Random) -> Iterator[Draft]:
    """Rails and walls along a road or a river; bridges and passages across it."""
    for rule in census.STRIPS:
        chosen = [t for t in tracks if t.klass in rule.roads]
        for track, metres in along(chosen, rule.number, dice):
            if rule.length_m:
                across = rule.across * track.width_m / 2 * dice.choice((1, -1))
                end = min(metres + rule.length_m * dice.uniform(0.6, 1.2), track.length_m - 1)
                first, way = track.at(metres, across)
                last, _way = track.at(end, across)
                if math.dist(first, last) > 10:
                    yield Draft(rule.class_code, track.side(way, across), line([first, last]))
            else:
                yield Draft(rule.class_code, track.name, crossing_area(track, metres, rule.width_m))


def crossing_area(track: Track, metres: float, width_m: float) -> str:
    """A rectangle across the track, a little longer than it is wide."""
    half = track.width_m / 2 + 3
    left, (ux, uy) = track.at(metres, -half)
    right, _way = track.at(metres, half)
    dx, dy = ux * width_m / 2, uy * width_m / 2
    return area(
        [
            (left[0] - dx, left[1] - dy),
            (right[0] - dx, right[1] - dy),
            (right[0] + dx, right[1] + dy),
            (left[0] + dx, left[1] + dy),
        ]
    )


def at_crossings(
    cursor: CursorWrapper, dice: random.Random, name: Callable[[str, str], str]
) -> Iterator[Draft]:
    """Lights and name plates at the corners where roads of some width meet."""
    cursor.execute(
        "select a.name, b.name, st_x(p), st_y(p), a.width_m, b.width_m from drawn_road a"
        " join drawn_road b on a.name < b.name and st_intersects(a.geom_m, b.geom_m),"
        " lateral (select st_pointonsurface(st_intersection(a.geom_m, b.geom_m)) as p) c"
        " where a.klass <> 'lane' and b.klass <> 'lane' and a.klass <> 'river'"
        " and b.klass <> 'river' order by 1, 2"
    )
    for one, other, x, y, width, other_width in cursor.fetchall():
        reach_x, reach_y = max(width, other_width) / 2 + 1, max(width, other_width) / 2 + 2
        corners = [(1, 1), (-1, 1), (-1, -1), (1, -1)]
        for class_code, used, chance in census.CROSSINGS:
            for east, north in corners[:used]:
                if dice.random() < chance:
                    shift = dice.uniform(0, 4)
                    place = (x + east * (reach_x + shift), y + north * (reach_y + shift))
                    yield Draft(class_code, name(one, other), point(place))


# Cells of the wanted land use in an order that looks random and never changes.
SPOT_SQL = """
with chosen as (
    select c.geom_m, s.x, s.y, d.w, d.h
    from drawn_cell c, generate_series(1, 3) as round,
         lateral (select st_generatepoints(st_buffer(c.geom_m, -6), 1,
                         mod(abs(hashtext(c.code || %(class)s || round)), 99991) + 1) as g) p,
         lateral (select st_x(st_geometryn(p.g, 1)) as x, st_y(st_geometryn(p.g, 1)) as y) s,
         lateral (select %(size)s * (0.7 + mod(abs(hashtext(c.code || 'w')), 100) / 160.0) as w,
                         %(size)s * (0.5 + mod(abs(hashtext(c.code || 'h')), 100) / 140.0) as h) d
    where c.land_use like %(land)s || '%%' and (%(size)s = 0 or round = 1)
    order by round, md5(c.code || %(class)s)
    limit %(count)s
)
select st_astext(case
    when %(size)s = 0 then st_setsrid(st_makepoint(x, y), 4548)
    when %(size)s > 60 then st_buffer(geom_m, -7, 'join=mitre')
    else st_intersection(st_buffer(geom_m, -3, 'join=mitre'),
             st_makeenvelope(x - w / 2, y - h / 2, x + w / 2, y + h / 2, 4548))
end, 3)
from chosen
"""


def spots(cursor: CursorWrapper) -> Iterator[Draft]:
    """Points and areas inside cells; their place in words comes from the cell later."""
    for rule in census.SPOTS:
        cursor.execute(
            SPOT_SQL,
            {
                "class": rule.class_code,
                "size": rule.size_m,
                "land": rule.land,
                "count": rule.number,
            },
        )
        for (wkt,) in cursor.fetchall():
            if wkt and wkt.startswith(("POINT", "POLYGON((")):
                yield Draft(rule.class_code, "", wkt)


LAND_USE_SQL = """
alter table drawn_cell add land_use text, add park text;
update drawn_cell set (land_use, park) = (select p.land_use, p.name
    from jsonb_to_recordset(%s::jsonb) as p(name text, land_use text, box float[])
    where st_covers(st_makeenvelope(p.box[1], p.box[2], p.box[3], p.box[4], 4490),
                    st_pointonsurface(geom)) limit 1);
update drawn_cell set land_use = (array[
    'R2 居住用地', 'R2 居住用地', 'R2 居住用地', 'R2 居住用地', 'R2 居住用地', 'R2 居住用地',
    'R2 居住用地', 'R2 居住用地', 'B1 商业用地', 'B1 商业用地', 'B2 商务用地', 'A1 行政办公用地',
    'A3 教育科研用地', 'A5 医疗卫生用地', 'U1 公用设施用地', 'G1 公园绿地'
])[mod(abs(hashtext(code)), 16) + 1] where land_use is null
"""
# The first of two that stand too close to each other stays.
PARTS_SQL = """
create temp table drawn_part on commit drop as
with placed as (
    select n, class_code, text, geom_m,
           st_geomfromewkt(st_asewkt(st_transform(geom_m, 4490),
               case when geometrytype(geom_m) = 'POINT' then 7 else 9 end)) as geom
    from part_draft
), housed as (
    select p.*, (select c.code from drawn_cell c
                 where st_covers(c.geom, st_pointonsurface(p.geom))
                 order by c.code limit 1) as cell
    from placed p
    where not exists (select 1 from part_draft o where o.class_code = p.class_code and o.n < p.n
                      and o.geom_m && st_expand(p.geom_m, %(spacing)s)
                      and st_dwithin(o.geom_m, p.geom_m, %(spacing)s))
)
select h.class_code, h.cell, h.geom,
       coalesce(nullif(h.text, ''), c.park, replace(t.name, '居委会', '') || '内') as text,
       row_number() over (partition by h.class_code
                          order by h.cell, st_ymax(h.geom) desc, st_xmin(h.geom)) as serial
from housed h
join drawn_cell c on c.code = h.cell
join drawn_name t on t.code = c.community
"""

# Cells cut no part (`codes.md`): a line or an area keeps the largest piece that lies in its cell,
# some 30 cm off its edge, so that no other cell has it, too.
TRIM_SQL = """
update drawn_part p set geom = st_geomfromewkt(st_asewkt(k.geom, 9))
from (
    select o.class_code, o.serial, d.geom,
           row_number() over (partition by o.class_code, o.serial
                              order by st_length(d.geom) desc, st_area(d.geom) desc) as nth
    from drawn_part o
    join drawn_cell c on c.code = o.cell and not st_containsproperly(c.geom, o.geom),
    lateral st_dump(st_intersection(o.geom, st_buffer(c.geom, -3e-6))) d
    where st_dimension(o.geom) > 0 and st_dimension(d.geom) = st_dimension(o.geom)
) k
where k.nth = 1 and p.class_code = k.class_code and p.serial = k.serial
"""


def road_tracks(cursor: CursorWrapper) -> list[Track]:
    """Every drawn road and watercourse in metres, piece by piece, in a fixed order."""
    cursor.execute(
        "select name, klass, width_m, st_astext(g.geom, 3) from drawn_road,"
        " lateral st_dump(geom_m) g order by n, g.path"
    )
    return [
        Track(name, klass, width, tuple((float(x), float(y)) for x, y in pairs))
        for name, klass, width, text in cursor.fetchall()
        if len(pairs := [p.split() for p in text[text.index("(") + 1 : -1].split(",")]) > 1
    ]


def place_parts(cursor: CursorWrapper, dice: random.Random) -> None:
    """Fill `drawn_part` with coded parts; needs `drawn_cell`, `drawn_road` and `drawn_name`."""
    tracks = [t for t in road_tracks(cursor) if t.length_m > 30]
    drafts = [
        *rows(tracks, dice),
        *scattered(tracks, census.SCATTERS + census.WATERSIDE, dice),
        *strips(tracks, dice),
        *at_crossings(cursor, dice, lambda one, other: f"{one}与{other}路口"),
        *spots(cursor),
    ]
    cursor.execute(
        "create temp table part_draft"
        " (n int, class_code text, text text, geom_m geometry(geometry, 4548)) on commit drop"
    )
    with cursor.copy("copy part_draft from stdin") as copy:
        for number, draft in enumerate(drafts):
            copy.write_row((number, draft.class_code, draft.text, f"SRID=4548;{draft.wkt}"))
    cursor.execute("create index on part_draft using gist (geom_m)")
    cursor.execute("analyze part_draft")
    cursor.execute(PARTS_SQL, {"spacing": SPACING_M})
    cursor.execute(TRIM_SQL)


def parks_json() -> list[dict[str, object]]:
    """The parks as `LAND_USE_SQL` reads them."""
    return [
        {"name": p.name, "land_use": p.land_use, "box": [p.west, p.south, p.east, p.north]}
        for p in landmarks.PARKS
    ]
