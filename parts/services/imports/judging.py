"""Judges all rows of a file together, in the temporary tables of `staging`.

One statement a question, none a row: which points are crowds, which cell covers what, what is
near what, which rows are parts already.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.backends.utils import CursorWrapper
from django.utils.translation import gettext as _

from parts.frames import GCJ_EAST_M, GCJ_NORTH_M, GCJ_SLACK_M, Frame
from parts.services.imports.faults import CROWD, ROUNDED_FROM, Fault, Remark

# Metres of a declared plane frame into degrees, wherever they can lie in China.
PLANE_SQL = """
update import_row set
    lon = round(st_x(st_transform(st_setsrid(st_makepoint(lon, lat), %(srid)s), 4490))::numeric, 7),
    lat = round(st_y(st_transform(st_setsrid(st_makepoint(lon, lat), %(srid)s), 4490))::numeric, 7)
where wkt = '' and fault = '' and lon between %(west)s and %(east)s
  and lat between %(south)s and %(north)s;
update import_row
set wkt = st_astext(st_transform(st_geomfromtext(wkt, %(srid)s), 4490), 9)
where wkt <> '' and fault = '';
update import_row set fault = %(fault)s, "column" = %(col)s, value = left(wkt, 200)
where wkt <> '' and fault = '' and not st_isvalid(st_geomfromtext(wkt, 4490))
"""
REPEATED_SQL = """
update import_row r set fault = %(fault)s, "column" = %(col)s, value = r.{field}
from (select {field} as key, min(n) as first from import_row where {field} <> ''
      group by 1 having count(*) > 1) d
where r.{field} = d.key and r.n > d.first and r.fault = ''
"""
# In a CSV a rounded number looks like text. Fewer codes than are needed to be sure, of which all
# end so, are a remark.
ROUNDED_SQL = """
with long as (
    select n, substr({field}, 16) ~ '^0+$' as is_round from import_row
    where length({field}) > 15 and {field} ~ '^[0-9]+$' and ({apart})
), told as (
    select count(*) as many, count(*) filter (where is_round) as round from long
), suspect as (
    select n, many >= %(enough)s as is_sure from long, told
    where is_round and (many >= %(enough)s and round * 2 > many or many > 1 and round = many)
), remarked as (
    insert into import_remark
    select n, %(kind)s, %(col)s, {field} from suspect join import_row using (n) where not is_sure
)
update import_row r set fault = %(fault)s, "column" = %(col)s, value = r.{field}
from suspect s where s.n = r.n and s.is_sure and r.fault = ''
"""
# A stand-in that came through a conversion scatters by millimetres, so points are counted in
# boxes of a hundred-thousandth of a degree (a metre) together with the boxes around them.
CROWD_SQL = """
with box as (
    select round(lon * 1e5) as x, round(lat * 1e5) as y, count(*) as rows
    from import_row where wkt = '' and lon is not null group by 1, 2
), near as (
    select distinct a.x, a.y, a.rows
    from box h join box a on a.x between h.x - 1 and h.x + 1 and a.y between h.y - 1 and h.y + 1
    where h.rows >= %(crowd)s / 9
), crowd as (
    select a.x, a.y
    from near a join near b on b.x between a.x - 1 and a.x + 1 and b.y between a.y - 1 and a.y + 1
    group by 1, 2 having sum(b.rows) >= %(crowd)s
)
update import_row r set fault = %(fault)s, "column" = %(col)s, value = r.lon || ', ' || r.lat
from crowd c
where r.wkt = '' and round(r.lon * 1e5) = c.x and round(r.lat * 1e5) = c.y and r.fault = ''
"""
SHAPE_SQL = """
create temp table import_shape on commit drop as
select n, class_id, case when wkt = '' then st_setsrid(st_makepoint(lon, lat), 4490)
                         else st_geomfromtext(wkt, 4490) end as geom,
       case when wkt = '' then st_setsrid(st_makepoint(lon, lat), 4490)
            else st_pointonsurface(st_geomfromtext(wkt, 4490)) end as spot
from import_row where fault = ''
"""
# The loop runs over cells, so that each cell's boundary is prepared once for all its points.
HOUSED_SQL = """
create temp table import_housed on commit drop as
select distinct on (p.n) p.n, p.class_id, p.geom, c.id as cell_id, c.code as cell_code,
       m.id as community_id, m.street_id
from parts_cell c
join parts_edition e on e.id = c.edition_id and e.state = 'current'
join parts_community m on m.id = c.community_id
join import_shape p on p.spot && c.geom and st_covers(c.geom, p.spot)
where c.end_on is null
order by p.n, c.code
"""
# Two witnesses of where a row truly lies: the registered part that it names, and the cell that
# it says it lies in. The window in degrees spares most rows the measuring.
GCJ_SQL = """
with shifted as (
    select n, spot, st_translate(spot, -%(east)s / (111320 * cos(radians(st_y(spot)))),
                                 -%(north)s / 111320.0) as true_spot
    from import_shape
), off as (
    select s.n from shifted s
    join import_known k on k.n = s.n
    join parts_part p on p.id = k.part_id
    where not p.geom && st_expand(s.spot, 0.001)
      and st_dwithin(s.true_spot::geography, st_pointonsurface(p.geom)::geography, %(slack)s)
    union
    select s.n from shifted s
    join import_row r on r.n = s.n and r.cell_code <> ''
    join parts_cell c on c.code = r.cell_code
    join parts_edition e on e.id = c.edition_id and e.state = 'current'
    where not c.geom && st_expand(s.spot, 0.001)
      and st_dwithin(s.true_spot::geography, c.geom::geography, %(slack)s)
)
update import_row r set fault = %(fault)s, "column" = %(col)s,
    value = case when r.wkt = '' then r.lon || ', ' || r.lat else left(r.wkt, 200) end
from off where r.n = off.n and r.fault = ''
"""
OUTSIDE_SQL = """
update import_row r set fault = case when r.swapped then %(swapped)s else %(outside)s end,
    "column" = %(col)s,
    value = case when r.wkt = '' then r.lon || ', ' || r.lat else left(r.wkt, 200) end
where r.fault = '' and not exists (select 1 from import_housed h where h.n = r.n)
"""
# Rows at the very same spot are one here. Spots are looked for in boxes, laid four times, each time
# half a box farther: two spots within a metre share a box of one of them. A box is wide enough up
# to 54° N; the metre itself is measured.
NEAR_EARLIER_SQL = """
with spot as materialized (
    select class_id, geom, min(n) as n from import_housed where st_dimension(geom) = 0 group by 1, 2
), box as materialized (
    select p.n, p.class_id, p.geom, (floor(st_x(p.geom) / 3.2e-5 + s.east)::int8 << 26)
           + floor(st_y(p.geom) / 1.82e-5 + s.north)::int8 * 4 + s.k as box
    from spot p, (values (0, 0, 0), (1, 0.5, 0), (2, 0, 0.5), (3, 0.5, 0.5)) s (k, east, north)
), shared as materialized (
    select * from (select *, count(*) over (partition by class_id, box) as spots from box) b
    where spots > 1
), near as materialized (
    select a.n, min(b.n) as first from shared a join shared b using (class_id, box)
    where b.n < a.n and st_dwithin(a.geom::geography, b.geom::geography, 1) group by 1
)
insert into import_remark
select h.n, %(kind)s, %(col)s, format(%(said)s, coalesce(e.first, p.n) + %(ahead)s)
from import_housed h join spot p using (class_id, geom) left join near e on e.n = p.n
where h.n > p.n or e.first is not null
"""
# A window of degrees that holds a metre at this latitude; the metre itself is measured.
NEAR_EARLIER_SHAPE_SQL = """
insert into import_remark
select distinct on (a.n) a.n, %(kind)s, %(col)s, format(%(said)s, b.n + %(ahead)s)
from import_housed a
join import_housed b on b.class_id = a.class_id and b.n < a.n
     and b.geom && st_expand(a.geom, 0.000016)
     and st_dwithin(a.geom::geography, b.geom::geography, 1)
where st_dimension(a.geom) > 0
order by a.n, b.n
"""
# Written so that the loop runs over registered parts, of which a class has fewer than the file.
NEAR_EXISTING_SQL = """
insert into import_remark
select distinct on (a.n) a.n, %(kind)s, %(col)s, p.code
from (select p.code, p.catalogue_class_id, p.geom from parts_part p
      where p.catalogue_class_id in (select distinct class_id from import_housed)
        and p.state in ('intact', 'broken') and p.source_key <> %(source_key)s offset 0) p
join import_housed a on a.class_id = p.catalogue_class_id
     and a.geom && st_expand(p.geom, 0.000016)
     and st_dwithin(a.geom::geography, p.geom::geography, 1)
join import_row r on r.n = a.n and r.code <> p.code
order by a.n, p.code
"""
KNOWN_SQL = """
create temp table import_known on commit drop as
select r.n, coalesce(c.id, s.id) as part_id, s.id as by_source, c.id as by_code
from import_row r
left join parts_part s on s.source_key = %(source_key)s and s.source_id = r.source_id
left join parts_part c on r.code <> '' and c.code = r.code
where r.fault = '' and (s.id is not null or c.id is not null)
"""
TAKEN_SQL = """
update import_row r set fault = %(fault)s, "column" = %(col)s, value = r.code
from import_known k
where k.n = r.n and r.fault = '' and k.by_source <> k.by_code
"""
RECLASSED_SQL = """
update import_row r set fault = %(fault)s, "column" = %(col)s, value = p.code
from import_known k join parts_part p on p.id = k.part_id
where k.n = r.n and r.fault = '' and p.catalogue_class_id <> r.class_id
"""


AXES_SQL = """
insert into import_remark
select r.n, %(kind)s, %(col)s, r.lat || ', ' || r.lon
from import_row r where r.fault = '' and r.swapped and r.wkt = ''
union all
select r.n, %(kind)s, %(col)s, '' from import_row r
where r.fault = '' and r.swapped and r.wkt <> ''
"""
CELL_DIFFERS_SQL = """
insert into import_remark
select r.n, %(kind)s, %(col)s, r.cell_code
from import_row r join import_housed h using (n)
where r.cell_code <> '' and r.cell_code <> h.cell_code
"""
AREA_DIFFERS_SQL = """
insert into import_remark
select r.n, %(kind)s, %(col)s, r.{field}
from import_row r join import_housed h using (n) join parts_{table} a on a.id = h.{table}_id
where r.{field} <> '' and r.{field} <> a.code
"""


@dataclass(frozen=True, slots=True)
class Told:
    """How faults and remarks name what they are about.

    `columns` names the columns of the file, `place` the one of the position; row n of the staging
    is line n + `ahead` of the file.
    """

    columns: Mapping[str, str]
    place: str
    ahead: int

    def of(self, kind: Fault | Remark, field: str = "") -> dict[str, Any]:
        name = "fault" if isinstance(kind, Fault) else "kind"
        return {name: kind.value, "col": self.columns[field] if field else self.place}


def judge_together(cursor: CursorWrapper, *, source_key: str, told: Told, frame: Frame) -> None:
    """Faults and remarks that need other rows, the cells or the register.

    The order of the questions is the order in which a row's faults count: crowds before places
    outside.
    """
    if frame.box[2] > 180:
        into_degrees(cursor, told, frame)
    cursor.execute(CROWD_SQL, {**told.of(Fault.ONE_POINT), "crowd": CROWD})
    for field, apart in (("code", "true"), ("source_id", "source_id <> code")):
        told_of = {**told.of(Fault.DIGITS_LOST, field), **told.of(Remark.ROUNDED, field)}
        statement = ROUNDED_SQL.format(field=field, apart=apart)
        cursor.execute(statement, {**told_of, "enough": ROUNDED_FROM})
    for field in ("source_id", "code"):
        cursor.execute(REPEATED_SQL.format(field=field), told.of(Fault.REPEATED, field))
    find_cells(cursor)
    cursor.execute(KNOWN_SQL, {"source_key": source_key})
    cursor.execute("analyze import_known")
    vector = {"east": GCJ_EAST_M, "north": GCJ_NORTH_M, "slack": GCJ_SLACK_M}
    cursor.execute(GCJ_SQL, {**told.of(Fault.GCJ), **vector})
    cursor.execute(
        OUTSIDE_SQL, {"swapped": Fault.SWAPPED, "outside": Fault.OUTSIDE, "col": told.place}
    )
    cursor.execute(TAKEN_SQL, told.of(Fault.CODE_TAKEN, "code"))
    cursor.execute(RECLASSED_SQL, told.of(Fault.CLASS_CHANGED, "class_code"))
    cursor.execute(
        "delete from import_housed h using import_row r where r.n = h.n and r.fault <> ''"
    )
    remark_together(cursor, source_key=source_key, told=told)


def into_degrees(cursor: CursorWrapper, told: Told, frame: Frame) -> None:
    """Convert what was declared in metres."""
    west, south, east, north = frame.box
    box = {"srid": frame.srid, "west": west, "south": south, "east": east, "north": north}
    cursor.execute(PLANE_SQL, {**told.of(Fault.BAD_GEOMETRY), **box})


def find_cells(cursor: CursorWrapper) -> None:
    """Make the shapes of rows without fault, and house them in the cells of the current edition."""
    cursor.execute(SHAPE_SQL)
    cursor.execute("create index on import_shape using gist (spot)")
    cursor.execute("analyze import_shape")
    cursor.execute(HOUSED_SQL)
    # near and known rows are looked for by place and by number
    cursor.execute("create index on import_housed using gist (geom)")
    cursor.execute("create index on import_housed (n)")
    cursor.execute("analyze import_housed")


def remark_together(cursor: CursorWrapper, *, source_key: str, told: Told) -> None:
    """What is told of accepted rows; remarks of refused ones go."""
    earlier = {**told.of(Remark.NEAR_EARLIER), "said": _("row %s"), "ahead": told.ahead}
    cursor.execute(NEAR_EARLIER_SQL, earlier)
    cursor.execute(NEAR_EARLIER_SHAPE_SQL, earlier)
    existing = {**told.of(Remark.NEAR_EXISTING), "source_key": source_key}
    cursor.execute(NEAR_EXISTING_SQL, existing)
    cursor.execute(AXES_SQL, told.of(Remark.AXES))
    cursor.execute(CELL_DIFFERS_SQL, told.of(Remark.CELL_DIFFERS, "cell_code"))
    for field, table in (("street_code", "street"), ("community_code", "community")):
        statement = AREA_DIFFERS_SQL.format(field=field, table=table)
        cursor.execute(statement, told.of(Remark.AREA_DIFFERS, field))
    cursor.execute(
        "delete from import_remark m using import_row r where r.n = m.n and r.fault <> ''"
    )
