"""Judges all rows of a file together, in temporary tables of the import's transaction.

One statement a question, none a row: which points are crowds, which cell covers what, what is
near what, which rows are parts already.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db.backends.utils import CursorWrapper
from django.utils.translation import gettext as _

from parts.frames import GCJ_EAST_M, GCJ_NORTH_M, GCJ_SLACK_M
from parts.services.imports.cleaning import Clean
from parts.services.imports.faults import CROWD, Fault, Remark

STAGED = (
    "source_id", "code", "class_id", "lon", "lat", "wkt", "swapped", "name", "state",
    "competent_name", "competent_uscc", "owner_name", "owner_uscc", "maintainer_name",
    "maintainer_uscc", "cell_code", "initial_on", "change_on", "source", "location", "note",
    "fault", "col", "value",
)  # fmt: skip
# An earlier import of the same transaction may have left its tables.
CLEAR_SQL = """
drop table if exists pg_temp.import_row, pg_temp.import_remark, pg_temp.import_shape,
    pg_temp.import_housed, pg_temp.import_known, pg_temp.import_change, pg_temp.import_new
"""
TABLES_SQL = """
create temp table import_row (
    n int, source_id text, code text, class_id bigint, lon float8, lat float8, wkt text,
    swapped bool, name text, state text, competent_name text, competent_uscc text,
    owner_name text, owner_uscc text, maintainer_name text, maintainer_uscc text,
    cell_code text, initial_on date, change_on date, source text, location text, note text,
    fault text, col text, value text
) on commit drop
"""
REMARKS_SQL = """
create temp table import_remark (n int, kind text, col text, value text) on commit drop
"""
ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})

REPEATED_SQL = """
update import_row r set fault = %(fault)s, col = %(col)s, value = r.{field}
from (select n, row_number() over (partition by {field} order by n) as turn
      from import_row where {field} <> '') d
where r.n = d.n and d.turn > 1 and r.fault = ''
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
update import_row r set fault = %(fault)s, col = %(col)s, value = r.lon || ', ' || r.lat
from crowd c
where r.wkt = '' and round(r.lon * 1e5) = c.x and round(r.lat * 1e5) = c.y and r.fault = ''
"""
SHAPE_SQL = """
create temp table import_shape on commit drop as
select n, class_id, case when wkt = '' then st_setsrid(st_makepoint(lon, lat), 4490)
                         else st_geomfromtext(wkt, 4490) end as geom,
       case when wkt = '' then st_setsrid(st_makepoint(lon, lat), 4490)
            else st_pointonsurface(st_geomfromtext(wkt, 4490)) end as spot
from import_row where fault = '' order by n
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
update import_row r set fault = %(fault)s, col = %(col)s,
    value = case when r.wkt = '' then r.lon || ', ' || r.lat else left(r.wkt, 200) end
from off where r.n = off.n and r.fault = ''
"""
OUTSIDE_SQL = """
update import_row r set fault = case when r.swapped then %(swapped)s else %(outside)s end,
    col = %(col)s,
    value = case when r.wkt = '' then r.lon || ', ' || r.lat else left(r.wkt, 200) end
where r.fault = '' and not exists (select 1 from import_housed h where h.n = r.n)
"""
# A window of degrees that holds a metre at this latitude; the metre itself is measured.
NEAR_EARLIER_SQL = """
insert into import_remark
select distinct on (a.n) a.n, %(kind)s, %(col)s, format(%(said)s, b.n + 1)
from import_housed a
join import_housed b on b.class_id = a.class_id and b.n < a.n
     and b.geom && st_expand(a.geom, 0.000013)
     and st_dwithin(a.geom::geography, b.geom::geography, 1)
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
     and a.geom && st_expand(p.geom, 0.000013)
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
update import_row r set fault = %(fault)s, col = %(col)s, value = r.code
from import_known k
where k.n = r.n and r.fault = '' and k.by_source <> k.by_code
"""
RECLASSED_SQL = """
update import_row r set fault = %(fault)s, col = %(col)s, value = p.code
from import_known k join parts_part p on p.id = k.part_id
where k.n = r.n and r.fault = '' and p.catalogue_class_id <> r.class_id
"""


def as_copied(row: Clean, number: int) -> str:
    """One line of COPY's text format."""
    words = [str(number)]
    for name in STAGED[:-3]:
        value = getattr(row, name)
        if value is None:
            words.append("\\N")
        elif value is True or value is False:
            words.append("t" if value else "f")
        else:
            words.append(str(value).translate(ESCAPES))
    words += [str(v).translate(ESCAPES) for v in (row.fault, row.column, row.value)]
    return "\t".join(words) + "\n"


def copy_rows(cursor: CursorWrapper, rows: Iterable[tuple[int, Clean]]) -> int:
    """Stage every row, refused or not; returns how many. Row n is line n + 1 of the file."""
    cursor.execute(CLEAR_SQL)
    cursor.execute(TABLES_SQL)
    cursor.execute(REMARKS_SQL)
    remarks = []
    count = 0
    with cursor.copy(f"copy import_row (n, {', '.join(STAGED)}) from stdin") as copy:
        lines: list[str] = []
        for number, row in rows:
            count += 1
            lines.append(as_copied(row, number))
            remarks += [(number, *remark) for remark in row.remarks]
            if len(lines) >= 2000:
                copy.write("".join(lines))
                lines.clear()
        copy.write("".join(lines))
    if remarks:
        with cursor.copy("copy import_remark from stdin") as copy:
            for remark in remarks:
                copy.write_row(remark)
    cursor.execute("analyze import_row")
    return count


def judge_together(cursor: CursorWrapper, *, source_key: str, columns: dict[str, str]) -> None:
    """Faults and remarks that need other rows, the cells or the register.

    `columns` names the columns of the file; the order of the questions is the order in which a
    row's faults count: crowds before places outside.
    """
    at = {"col": columns["lon"]}
    cursor.execute(CROWD_SQL, at | {"fault": Fault.ONE_POINT, "crowd": CROWD})
    for field in ("source_id", "code"):
        said = {"fault": Fault.REPEATED, "col": columns[field]}
        cursor.execute(REPEATED_SQL.format(field=field), said)
    cursor.execute(SHAPE_SQL)
    cursor.execute("create index on import_shape using gist (spot)")
    cursor.execute("analyze import_shape")
    cursor.execute(HOUSED_SQL)
    # near and known rows are looked for by place and by number
    cursor.execute("create index on import_housed using gist (geom)")
    cursor.execute("create index on import_housed (n)")
    cursor.execute("analyze import_housed")
    cursor.execute(KNOWN_SQL, {"source_key": source_key})
    vector = {"east": GCJ_EAST_M, "north": GCJ_NORTH_M, "slack": GCJ_SLACK_M}
    cursor.execute(GCJ_SQL, at | vector | {"fault": Fault.GCJ})
    cursor.execute(OUTSIDE_SQL, at | {"swapped": Fault.SWAPPED, "outside": Fault.OUTSIDE})
    cursor.execute(TAKEN_SQL, {"fault": Fault.CODE_TAKEN, "col": columns["code"]})
    cursor.execute(RECLASSED_SQL, {"fault": Fault.CLASS_CHANGED, "col": columns["class_code"]})
    cursor.execute(
        "delete from import_housed h using import_row r where r.n = h.n and r.fault <> ''"
    )
    remark_together(cursor, source_key=source_key, columns=columns)


def remark_together(cursor: CursorWrapper, *, source_key: str, columns: dict[str, str]) -> None:
    """What is told of accepted rows; remarks of refused ones go."""
    at = {"col": columns["lon"]}
    said = {"kind": Remark.NEAR_EARLIER, "said": _("row %s")}
    cursor.execute(NEAR_EARLIER_SQL, at | said)
    cursor.execute(NEAR_EXISTING_SQL, at | {"kind": Remark.NEAR_EXISTING, "source_key": source_key})
    cursor.execute(
        "insert into import_remark select r.n, %s, %s, r.lat || ', ' || r.lon"
        " from import_row r where r.fault = '' and r.swapped",
        [Remark.AXES, columns["lon"]],
    )
    cursor.execute(
        "insert into import_remark select r.n, %s, %s, r.cell_code"
        " from import_row r join import_housed h using (n)"
        " where r.cell_code <> '' and r.cell_code <> h.cell_code",
        [Remark.CELL_DIFFERS, columns["cell_code"]],
    )
    cursor.execute(
        "delete from import_remark m using import_row r where r.n = m.n and r.fault <> ''"
    )
