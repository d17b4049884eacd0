"""Divides communities of a draft into cells of a wished size along streets.

Lines are drawn, noded on the raster of the nine decimals of a degree that boundaries keep
(`codes.md`) and polygonized, so that cells share every corner and nothing is rounded afterwards: a
ring that is rounded may cross itself. The boundary of a community keeps its corners; where a cut
ends on one of its sides that side bends by less than a tenth of a millimetre.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.utils.translation import gettext as _

from gridcity.contracts import Invalid
from parts.division import Ring, area_of, chords, plots_in, without_slivers
from parts.frames import FRAMES, GCJ02
from parts.models import DraftShape, Edition, Level
from parts.numbering import in_order
from parts.services.grid.drafting import changed, held_draft, measure
from parts.services.grid.editing import Changed, Edit, end, next_codes, published_codes
from parts.services.grid.loading import Progress, current_pattern
from parts.services.grid.reading import read_features
from parts.services.rights import check_is_administrator

WISHED_M2 = 10_000
SMALLEST_WISH_M2, LARGEST_WISH_M2 = 1_000, 200_000
# Plots below this share of the wished size go to a neighbour.
LEAST_SHARE = 0.4
# How far a line is drawn past its end, in metres, so that it surely meets what it ends on.
PAST_M = 0.05
LINE_KINDS = (2, 5)

LINES_SQL = """
create temp table grid_line on commit drop as select (st_dump(geom)).geom as geom from parts_road
"""
NO_LINES_SQL = "create temp table grid_line (geom geometry) on commit drop"
LINE_SQL = """
insert into grid_line
select (st_dump(st_transform(st_geomfromwkb(%s, %s), 4490))).geom
"""
COMMUNITY_SQL = """
create temp table grid_part on commit drop as
with ground as (
    select geom from parts_draftshape where id = %(shape)s
)
select (st_dump(st_boundary(geom))).geom as geom from ground
union all
select l.geom from ground g join grid_line l on l.geom && g.geom and st_intersects(l.geom, g.geom)
"""
CUT_SQL = """
insert into grid_part values (st_transform(
    st_setsrid(st_makeline(st_makepoint(%s, %s), st_makepoint(%s, %s)), %s), 4490))
"""
FACES_SQL = """
create temp table grid_face on commit drop as
with face as (
    select (st_dump(st_polygonize(n.geom))).geom
    from (select st_unaryunion(st_collect(geom), 1e-9) as geom from grid_part) n
)
select row_number() over (order by st_xmin(f.geom), st_ymin(f.geom), st_area(f.geom)) as id,
       f.geom, st_transform(f.geom, %(metres)s) as m
from face f
join parts_draftshape g on g.id = %(shape)s and st_covers(g.geom, st_pointonsurface(f.geom))
"""
BORDERS_SQL = """
select a.id, b.id, st_length(st_transform(st_intersection(a.geom, b.geom), %(metres)s))
from grid_face a join grid_face b on a.id < b.id and a.geom && b.geom
     and st_relate(a.geom, b.geom, '****1****')
order by 1, 2
"""
# Where a cell lies is asked of what is kept of it, as the check of the order asks.
JOINED_SQL = """
with joined as (
    select g.head, st_union(f.geom) as geom
    from grid_face f
    join (select unnest(%(faces)s::int[]) as id, unnest(%(heads)s::int[]) as head) g using (id)
    group by g.head
)
select j.head, st_asewkb(j.geom), st_x(p.spot), st_y(p.spot),
       (select st_ymax(st_transform(geom, %(metres)s)) from parts_draftshape where id = %(shape)s)
from joined j, lateral (select st_pointonsurface(st_transform(j.geom, %(metres)s)) as spot) p
order by j.head
"""
# A new cell is described as the former one in which most of it lies.
LEND_SQL = """
update parts_draftshape n set management_class = o.management_class, limit_area = o.limit_area,
    responsible_body = o.responsible_body, land_use = o.land_use
from (
    select distinct on (n.id) n.id as cell, o.management_class, o.limit_area, o.responsible_body,
           o.land_use
    from parts_draftshape n
    join parts_draftshape o on o.edition_id = n.edition_id and o.level = 'cell' and o.ends
         and o.geom && n.geom and left(o.code, %(digits)s) = left(n.code, %(digits)s)
    where n.id = any(%(new)s)
    order by n.id, st_area(st_intersection(n.geom, o.geom)) desc, o.code
) o
where o.cell = n.id
"""


@dataclass(frozen=True, slots=True)
class Wish:
    """What is divided, into how large cells, along which lines besides the roads that we know."""

    communities: tuple[str, ...] = ()
    size_m2: float = WISHED_M2
    lines: Path | None = None
    frame: str = "4490"
    along_roads: bool = True


def divide_draft(*, edit: Edit, wish: Wish, progress: Progress) -> Changed:
    """Divide communities of a draft, all of them where none is named; numbered by the rule.

    Cells that they had in the draft end, their codes are not used again. Raises Invalid for a
    size out of range, an unknown community, or one that would need more serials than there are.
    """
    check_is_administrator(edit.actor)
    if not SMALLEST_WISH_M2 <= wish.size_m2 <= LARGEST_WISH_M2:
        sentence = _("Between %(low)s and %(high)s m².") % {
            "low": f"{SMALLEST_WISH_M2:,}",
            "high": f"{LARGEST_WISH_M2:,}",
        }
        raise Invalid(_("Cells of this size are none."), size=sentence)
    made: list[str] = []
    with transaction.atomic(), connection.cursor() as cursor:
        draft = held_draft(edit.edition_id, edit.version)
        shapes = chosen(draft, wish.communities)
        draw_lines(cursor, wish)
        for done, shape in enumerate(shapes):
            progress(_("Dividing"), done, len(shapes))
            made += divide_community(cursor, draft, shape, wish.size_m2)
        measure(cursor, draft)
        progress(_("Dividing"), len(shapes), len(shapes))
        return Changed(changed(draft, actor=edit.actor, at=edit.at), made)


def chosen(draft: Edition, codes: Sequence[str]) -> list[DraftShape]:
    """The communities that are meant, by code. Raises Invalid naming those that are not there."""
    shapes = draft.shapes.filter(level=Level.COMMUNITY, ends=False, geom__isvalid=True)
    found = {shape.code: shape for shape in shapes.order_by("code")}
    unknown = sorted(set(codes) - found.keys())
    if unknown:
        sentence = _("The draft has no such community: %(codes)s") % {"codes": ", ".join(unknown)}
        raise Invalid(sentence, communities=sentence)
    if not found:
        raise Invalid(_("The draft has no communities to divide."))
    return [shape for code, shape in found.items() if not codes or code in codes]


def draw_lines(cursor: CursorWrapper, wish: Wish) -> None:
    """The street lines in metres: our roads, a file's, both or none."""
    cursor.execute("drop table if exists pg_temp.grid_line")
    if wish.along_roads:
        cursor.execute(LINES_SQL)
    else:
        cursor.execute(NO_LINES_SQL)
    if wish.lines is not None:
        if wish.frame not in FRAMES or wish.frame == GCJ02:
            raise Invalid(_("Declare the coordinates of the file."), frame=_("Not in the list."))
        frame = FRAMES[wish.frame]
        rows = list(lines_of(wish.lines))
        if not rows:
            raise Invalid(_("There is no line in the file."), file=_("Empty."))
        cursor.executemany(LINE_SQL, [(row, frame.srid) for row in rows])
    cursor.execute("create index on grid_line using gist (geom)")


def lines_of(path: Path) -> Iterable[bytes]:
    """The lines of a file as well-known binary, flat."""
    for feature in read_features(path):
        shape = feature.shape
        if shape is not None and not shape.empty and shape.geom_type.num & 0xFF in LINE_KINDS:
            shape.set_3d(False)
            yield bytes(shape.wkb)


def divide_community(
    cursor: CursorWrapper, draft: Edition, shape: DraftShape, size_m2: float
) -> list[str]:
    """Cells of one community: blocks between streets, cut into plots, slivers given away."""
    values = {"metres": settings.SRID_METRES, "shape": shape.pk}
    cursor.execute("drop table if exists pg_temp.grid_part, pg_temp.grid_face")
    cursor.execute(COMMUNITY_SQL, values)
    cursor.execute(FACES_SQL, values)
    cut_blocks(cursor, size_m2)
    cursor.execute("drop table pg_temp.grid_face")
    cursor.execute(FACES_SQL, values)
    heads = without_slivers(*faces_of(cursor, values), size_m2 * LEAST_SHARE)
    cursor.execute(JOINED_SQL, values | {"faces": list(heads), "heads": list(heads.values())})
    rows = cursor.fetchall()
    order = in_order({n: (row[2], row[3]) for n, row in enumerate(rows)}, rows[0][4])
    return number(cursor, draft, shape.code, [bytes(rows[n][1]) for n in order])


def cut_blocks(cursor: CursorWrapper, size_m2: float) -> None:
    """Add the cuts of every block to the lines, each a little past both its ends."""
    cursor.execute("select st_astext(st_exteriorring(m), 4) from grid_face order by id")
    rows = []
    for (text,) in cursor.fetchall():
        pairs = (pair.split() for pair in text[len("LINESTRING(") : -1].split(","))
        ring: Ring = [(float(x), float(y)) for x, y in pairs][:-1]
        cuts = chords(ring, plots_in(area_of(ring), size_m2))
        rows += [longer(cut.start, cut.end) for cut in cuts if cut.length_m > PAST_M]
    cursor.executemany(CUT_SQL, [(*ends, settings.SRID_METRES) for ends in rows])


def longer(
    start: tuple[float, float], end: tuple[float, float]
) -> tuple[float, float, float, float]:
    """Both ends of a line drawn out by `PAST_M`."""
    length = ((end[0] - start[0]) ** 2 + (end[1] - start[1]) ** 2) ** 0.5
    x, y = (end[0] - start[0]) / length * PAST_M, (end[1] - start[1]) / length * PAST_M
    return start[0] - x, start[1] - y, end[0] + x, end[1] + y


def faces_of(
    cursor: CursorWrapper, values: dict[str, Any]
) -> tuple[dict[int, float], dict[int, dict[int, float]]]:
    """Areas of the faces, and metres of the borders that they share."""
    cursor.execute("select id, st_area(m) from grid_face order by id")
    areas = dict(cursor.fetchall())
    borders: dict[int, dict[int, float]] = {}
    cursor.execute(BORDERS_SQL, values)
    for one, other, metres in cursor.fetchall():
        borders.setdefault(one, {})[other] = metres
        borders.setdefault(other, {})[one] = metres
    return areas, borders


def number(
    cursor: CursorWrapper, draft: Edition, community: str, shapes: Sequence[bytes]
) -> list[str]:
    """Write the cells in the order of their serials, in the place of those that were there."""
    pattern = current_pattern()
    old: list[Any] = list(
        draft.shapes.filter(level=Level.CELL, ends=False, code__startswith=community).only(
            "pk", "code"
        )
    )
    published = published_codes(shape.code for shape in old)
    end(draft, old, published, _("Community %(code)s was divided anew.") % {"code": community})
    codes = next_codes(draft, community, len(shapes), pattern)
    ids = []
    for code, shape in zip(codes, shapes, strict=True):
        cursor.execute(INSERT_SQL, {"draft": draft.pk, "code": code, "shape": shape})
        ids.append(cursor.fetchone()[0])
    cursor.execute(LEND_SQL, {"new": ids, "digits": len(community)})
    return codes


INSERT_SQL = """
insert into parts_draftshape (edition_id, level, "row", code, name, geom, flaw, area_m2,
    management_class, limit_area, responsible_body, land_use, note, initial_on, origins, ends,
    end_reason, successor_code, padded_from)
values (%(draft)s, 'cell', 0, %(code)s, '', st_geomfromewkb(%(shape)s), '', null, '', '', '', '',
        '', null, '{}', false, '', '', '')
returning id
"""
