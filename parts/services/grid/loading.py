"""Puts the shapes of a file into a draft, in the place of what the draft had of their level."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.db.models.functions import Left
from django.utils.translation import gettext as _

from gridcity.contracts import Actor, Invalid
from parts.codes import Pattern
from parts.frames import FRAMES, Frame
from parts.models import CodingScheme, Edition, Level
from parts.services.grid.drafting import changed, held_draft, measure
from parts.services.grid.reading import read_features
from parts.services.grid.shapes import Shape, parent_digits, shapes_of
from parts.services.rights import check_is_administrator

Progress = Callable[[str, int, int | None], None]

READ_SQL = """
create temp table grid_read (
    "row" int, code text, name text, wkb bytea, flaw text, padded_from text, initial_on date,
    management_class text, limit_area text, responsible_body text, land_use text, note text,
    successor_code text
) on commit drop
"""
# Nine decimals of a degree for boundaries: seven made a real polygon cross itself (codes.md).
INSERT_SQL = """
insert into parts_draftshape (edition_id, level, "row", code, name, geom, flaw, area_m2,
    management_class, limit_area, responsible_body, land_use, note, initial_on, origins, ends,
    end_reason, successor_code, padded_from)
select %(draft)s, %(level)s, r."row", r.code, r.name,
       case when st_numgeometries(g.geom) = 1 then st_geometryn(g.geom, 1) else g.geom end,
       r.flaw, null, r.management_class, r.limit_area, r.responsible_body, r.land_use, r.note,
       r.initial_on, '{}', false, '', r.successor_code, r.padded_from
from grid_read r left join lateral (
    select st_snaptogrid(st_transform(st_geomfromwkb(r.wkb, %(srid)s), 4490), 1e-9) as geom
    where r.wkb is not null
) g on true
"""
# A cell that goes on under its code keeps what the file says nothing of.
INHERIT_SQL = """
update parts_draftshape s set
    initial_on = coalesce(s.initial_on, c.initial_on),
    management_class = coalesce(nullif(s.management_class, ''), c.management_class::text),
    limit_area = coalesce(nullif(s.limit_area, ''), c.limit_area),
    responsible_body = coalesce(nullif(s.responsible_body, ''), c.responsible_body),
    land_use = coalesce(nullif(s.land_use, ''), c.land_use),
    note = coalesce(nullif(s.note, ''), c.note)
from parts_cell c
where s.edition_id = %(draft)s and s.level = 'cell' and s."row" > 0
  and c.edition_id = %(base)s and c.code = s.code and c.end_on is null
"""
# Areas in force that the draft has no more: they end when it is published.
ENDINGS_SQL = """
insert into parts_draftshape (edition_id, level, "row", code, name, geom, flaw, area_m2,
    management_class, limit_area, responsible_body, land_use, note, initial_on, origins, ends,
    end_reason, successor_code, padded_from)
select %(draft)s, %(level)s, 0, a.code, a.name, a.geom, '', null, '', '', '', '', '', null, '{{}}',
       true, '', '', ''
from {table} a
where a.valid_to is null and not exists (
    select 1 from parts_draftshape s
    where s.edition_id = %(draft)s and s.level = %(level)s and s.code = a.code)
"""
# The successor is the area of the draft in which most of the ended one lies.
SUCCESSORS_SQL = """
update parts_draftshape s set successor_code = h.code
from (
    select distinct on (e.id) e.id, n.code
    from parts_draftshape e
    join parts_draftshape n on n.edition_id = e.edition_id and n.level = e.level and not n.ends
         and n.geom && e.geom
    where e.edition_id = %(draft)s and e.level = %(level)s and e.ends and e.successor_code = ''
    order by e.id, st_area(st_intersection(st_makevalid(n.geom), st_makevalid(e.geom))) desc, n.code
) h
where h.id = s.id
"""
TABLES = {Level.STREET: "parts_street", Level.COMMUNITY: "parts_community"}
INHERITED = ("management_class", "limit_area", "responsible_body", "land_use", "note")


@dataclass(frozen=True, slots=True)
class Source:
    """How a file is to be taken, by what its sender declares."""

    level: str
    frame: str
    layer: str = ""
    # only the shapes of the areas that the file names are replaced, the others stay
    is_partial: bool = False
    columns: dict[str, str] = field(default_factory=dict)


def current_pattern() -> Pattern:
    """The lengths of codes that new objects get. Raises Invalid without a current scheme."""
    scheme = CodingScheme.objects.filter(is_current=True).first()
    if scheme is None:
        raise Invalid(_("No coding scheme is current: set one first."))
    return scheme.pattern


def load_file(
    *,
    actor: Actor,
    at: datetime,
    edition_id: int,
    version: int,
    path: Path,
    source: Source,
    progress: Progress,
) -> Edition:
    """Read a file and put its shapes into a draft; in the caller's transaction, if there is one.

    What is wrong with single shapes is kept with them and told by the checks. Raises Invalid for
    what makes the whole file useless, StaleVersion where somebody changed the draft meanwhile.
    """
    check_is_administrator(actor)
    frame, level = known(source)
    pattern = current_pattern()
    progress(_("Reading the file"), 0, None)
    features = read_features(path, layer=source.layer)
    if not features:
        raise Invalid(_("There is no shape in the file."), file=_("Empty."))
    shapes = []
    for shape in shapes_of(
        features, frame=frame, level=level, pattern=pattern, columns=source.columns
    ):
        shapes.append(shape)
        if len(shapes) % 500 == 0:
            progress(_("Reading the shapes"), len(shapes), len(features))
    with transaction.atomic(), connection.cursor() as cursor:
        draft = held_draft(edition_id, version)
        progress(_("Putting them into the draft"), 0, len(shapes))
        put(cursor, draft, shapes, source, frame)
        return changed(draft, actor=actor, at=at)


def known(source: Source) -> tuple[Frame, str]:
    """Frame and level by their names. Raises Invalid naming the field."""
    if source.frame not in FRAMES:
        raise Invalid(_("Declare the coordinates of the file."), frame=_("Not in the list."))
    if source.level not in Level.values:
        raise Invalid(_("Say what the file holds."), level=_("Not in the list."))
    return FRAMES[source.frame], source.level


def put(
    cursor: CursorWrapper, draft: Edition, shapes: Sequence[Shape], source: Source, frame: Frame
) -> None:
    """Take out what is replaced, put in what was read, and mark the areas that end by it."""
    cursor.execute("drop table if exists pg_temp.grid_read")
    cursor.execute(READ_SQL)
    with cursor.copy("copy grid_read from stdin") as copy:
        for shape in shapes:
            copy.write_row(
                (
                    shape.row, shape.code, shape.name, shape.wkb, shape.flaw, shape.padded_from,
                    shape.initial_on, *(shape.values.get(name, "") for name in INHERITED),
                    shape.values.get("successor_code", ""),
                )
            )  # fmt: skip
    values = {
        "draft": draft.pk, "base": draft.base_id, "level": source.level, "srid": frame.srid,
    }  # fmt: skip
    replaced = draft.shapes.filter(level=source.level)
    if source.is_partial:
        digits = parent_digits(source.level, current_pattern())
        parents = {shape.code[:digits] for shape in shapes}
        replaced = replaced.annotate(parent=Left("code", digits)).filter(parent__in=parents)
    replaced.delete()
    cursor.execute(INSERT_SQL, values)
    cursor.execute(INHERIT_SQL, values)
    table = TABLES.get(Level(source.level))
    if table is not None:
        cursor.execute(ENDINGS_SQL.format(table=table), values)
        cursor.execute(SUCCESSORS_SQL, values)
    measure(cursor, draft)
