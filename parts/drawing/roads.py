"""The roads of the demonstration: sketched ones clipped to the district, and lanes named."""

from __future__ import annotations

from collections import defaultdict

from django.db.backends.utils import CursorWrapper

from parts.drawing import landmarks, sketch
from parts.drawing.division import wkt_of

NUMERALS = "头二三四五六七八九十"
LANE_WIDTH_M = 7
# Communities of these streets lie inside the old city wall, where a lane is a hutong.
OLD_CITY = frozenset(f"1101010{n:02d}" for n in (1, 2, 3, 4, 5, 6, 7, 8, 11))
# Names of estates that no lane would carry.
MODERN = ("苑", "家园", "城", "区", "馨园", "大街", "总政", "总院", "体育")

# Names that are lanes already: 多福巷 has a 多福巷头条, not a 多福巷胡同.
LANES = ("巷", "街", "条", "路", "里")

LANES_SQL = """
select c.community, replace(t.name, '社区居委会', ''),
       abs(st_xmax(l.geom) - st_xmin(l.geom)) > abs(st_ymax(l.geom) - st_ymin(l.geom)),
       st_astext(l.geom, 3)
from drawn_cut l,
     lateral (select community from drawn_cell
              where st_dwithin(geom_m, st_lineinterpolatepoint(l.geom, 0.5), 1)
              order by code limit 1) c
join drawn_name t on t.code = c.community
where l.is_lane and not exists (
    select 1 from jsonb_to_recordset(%s::jsonb) as p(box float[])
    where st_intersects(st_makeenvelope(p.box[1], p.box[2], p.box[3], p.box[4], 4490),
                        st_transform(st_lineinterpolatepoint(l.geom, 0.5), 4490)))
order by c.community, st_ymax(l.geom) desc, st_xmin(l.geom)
"""
CLIP_SQL = """
insert into drawn_road
select row_number() over (order by r.rank, r.name, st_astext(r.geom)), r.name, r.klass, r.width_m,
       st_multi(st_collectionextract(st_intersection(r.geom, a.geom), 2)),
       st_multi(st_snaptogrid(st_transform(
           st_collectionextract(st_intersection(r.geom, a.geom), 2), 4490), 1e-7))
from road_draft r, (select st_buffer(geom, 12) as geom from drawn_area) a
where st_intersects(r.geom, a.geom)
"""


def lane_name(community: str, base: str, lies_east_west: bool, number: int) -> str:
    """A plausible name: 头条, 二条 … for lanes that run east, 巷 for those across."""
    numeral = NUMERALS[number] if number < len(NUMERALS) else str(number + 1)
    if community[:9] in OLD_CITY and not base.endswith(MODERN):
        if number == 0 and not base.endswith(LANES):
            return f"{base}胡同" if lies_east_west else f"{base}巷"
        return f"{base}{numeral}条" if lies_east_west else f"{base}{numeral.replace('头', '一')}巷"
    kind = "街" if lies_east_west else "路"
    if number == 0 and not base.endswith(LANES):
        return f"{base}{kind}"
    return f"{base}{numeral.replace('头', '一')}{kind}"


def draw_roads(cursor: CursorWrapper, parks: str) -> None:
    """Fill `drawn_road` (n, name, klass, width_m, geom_m, geom); `parks` is JSON of boxes."""
    cursor.execute(
        "create temp table road_draft"
        " (rank int, name text, klass text, width_m int, geom geometry(geometry, 4548))"
        " on commit drop"
    )
    cursor.execute(
        "create temp table drawn_road (n int, name text, klass text, width_m int,"
        " geom_m geometry(multilinestring, 4548), geom geometry(multilinestring, 4490))"
        " on commit drop"
    )
    sketched = [(0, r.name, r.klass, r.width_m, wkt_of(r.course)) for r in sketch.ROADS]
    sketched += [
        (1, name, "river", width, wkt_of(course)) for name, width, course in landmarks.WATER
    ]
    cursor.executemany(
        "insert into road_draft values"
        " (%s, %s, %s, %s, st_transform(st_setsrid(st_geomfromtext(%s), 4490), 4548))",
        sketched,
    )
    cursor.execute(LANES_SQL, [parks])
    counts: defaultdict[tuple[str, bool], int] = defaultdict(int)
    lanes = []
    taken = {road.name for road in sketch.ROADS}
    for community, base, lies_east_west, wkt in cursor.fetchall():
        name = ""
        while not name or name in taken:
            number = counts[community, lies_east_west]
            counts[community, lies_east_west] += 1
            name = lane_name(community, base, lies_east_west, number)
        taken.add(name)
        lanes.append((2, name, "lane", LANE_WIDTH_M, wkt))
    cursor.executemany(
        "insert into road_draft values (%s, %s, %s, %s, st_setsrid(st_geomfromtext(%s), 4548))",
        lanes,
    )
    cursor.execute(CLIP_SQL)
