"""Changes of a draft by hand: cells cut, joined, voided, described; areas named, followed.

New cells take the next free serials of their community and know the codes they came from. A code
that was in force is kept with the reason why it is no more (`codes.md`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.gis.geos import GEOSGeometry, LineString
from django.db import connection, transaction
from django.utils.translation import gettext as _

from gridcity.contracts import Actor, Invalid
from parts.codes import CodeError, Pattern, build_cell_code, parse_cell_code
from parts.division import Ring, line_at
from parts.models import Cell, DraftShape, Edition, LandUse, Level
from parts.numbering import SerialsExhausted, free_serials, in_order
from parts.services.grid.drafting import changed, held_draft
from parts.services.grid.loading import current_pattern
from parts.services.rights import check_is_administrator

# A piece that small is a slip of the hand, not a cell.
LEAST_PIECE_M2 = 100
ATTRIBUTES = ("management_class", "limit_area", "responsible_body", "land_use", "note")

# Noded on the nine decimals that are kept, so that no piece has to be rounded afterwards.
SPLIT_SQL = """
select st_asewkb(p.geom), st_area(p.m), st_x(p.spot), st_y(p.spot),
       coalesce((select st_ymax(st_transform(c.geom, %(metres)s)) from parts_draftshape c
                 where c.edition_id = %(draft)s and c.level = 'community' and c.code = %(community)s
                   and not c.ends limit 1), max(st_ymax(p.m)) over ())
from (select g.geom, t.m, st_pointonsurface(t.m) as spot
      from st_dump(st_polygonize(array(
          select d.geom from st_dump(st_unaryunion(st_collect(
              st_boundary(%(shape)s::geometry), %(line)s::geometry), 1e-9)) d))) g,
      lateral (select st_transform(g.geom, %(metres)s) as m) t
      where st_covers(%(shape)s::geometry, st_pointonsurface(g.geom))) p
"""
# Shapes that touch are one; a corner that lies on the side of the other is drawn onto it first.
JOIN_SQL = """
with piece as (
    select st_geomfromewkb(unnest(%(shapes)s::bytea[])) as geom
), whole as (
    select st_union(geom) as plain, st_unaryunion(st_snap(st_collect(geom), st_collect(geom), 1e-7))
           as drawn from piece
), one as (
    select case when st_numgeometries(plain) = 1 then plain else drawn end as geom from whole
)
select st_numgeometries(geom), st_asewkb(case when st_numgeometries(geom) = 1 then
    st_makepolygon(st_exteriorring(st_geometryn(geom, 1)), array(
        select st_exteriorring(r.geom) from st_dumprings(st_geometryn(geom, 1)) r
        where r.path[1] > 0 and st_area(st_transform(r.geom, %(metres)s)) >= 1)) end)
from one
"""
RING_SQL = """
select st_astext(st_exteriorring(st_transform(%(shape)s::geometry, %(metres)s)), 3)
"""
BACK_SQL = """
select st_astext(st_transform(st_geomfromtext(%(line)s, %(metres)s), 4490), 9)
"""


@dataclass(frozen=True, slots=True)
class Edit:
    """Who edits which draft, and the version of it that he saw."""

    actor: Actor
    at: datetime
    edition_id: int
    version: int | None


@dataclass(frozen=True, slots=True)
class Changed:
    """A draft after an edit, and the codes that it brought."""

    draft: Edition
    codes: list[str] = field(default_factory=list)


# ---------------------------------------------------------------- cut and join


def split_cell(*, edit: Edit, code: str, line: LineString) -> Changed:
    """Cut a cell of a draft along a line (EPSG:4490) that runs from edge to edge.

    Raises Invalid naming `line` where it does not part the cell, or leaves a crumb.
    """
    check_is_administrator(edit.actor)
    with transaction.atomic(), connection.cursor() as cursor:
        draft = held_draft(edit.edition_id, edit.version)
        shape = cell_of(draft, code)
        values = {
            "metres": settings.SRID_METRES, "shape": ewkb_of(shape), "line": line.ewkb,
            "draft": draft.pk, "community": parse_cell_code(current_pattern(), code).community,
        }  # fmt: skip
        cursor.execute(SPLIT_SQL, values)
        pieces = cursor.fetchall()
        if len(pieces) < 2:
            sentence = _("The line does not cross the cell from edge to edge.")
            raise Invalid(sentence, line=sentence)
        crumb = min(area for _geom, area, *_rest in pieces)
        if crumb < LEAST_PIECE_M2:
            sentence = _("A piece of %(n)d m² would be left over.") % {"n": crumb}
            raise Invalid(sentence, line=sentence)
        order = in_order({n: (row[2], row[3]) for n, row in enumerate(pieces)}, pieces[0][4])
        shapes = [GEOSGeometry(memoryview(pieces[n][0])) for n in order]
        codes = replace(draft, [shape], shapes)
        return Changed(changed(draft, actor=edit.actor, at=edit.at), codes)


def merge_cells(*, edit: Edit, codes: Sequence[str]) -> Changed:
    """Join cells of one community into one. Raises Invalid naming `codes`.

    The new cell is described as the largest of them.
    """
    check_is_administrator(edit.actor)
    wanted = sorted(set(codes))
    if len(wanted) < 2:
        raise Invalid(_("Choose at least two cells."), codes=_("Two or more."))
    with transaction.atomic(), connection.cursor() as cursor:
        draft = held_draft(edit.edition_id, edit.version)
        shapes = [cell_of(draft, code) for code in wanted]
        pattern = current_pattern()
        if len({parse_cell_code(pattern, shape.code).community for shape in shapes}) > 1:
            sentence = _("Cells of different communities cannot be one.")
            raise Invalid(sentence, codes=sentence)
        cursor.execute(
            JOIN_SQL,
            {
                "metres": settings.SRID_METRES,
                "shapes": [bytes(ewkb_of(shape)) for shape in shapes],
            },
        )
        count, whole = cursor.fetchone()
        if count != 1:
            sentence = _("These cells do not all touch each other along a side.")
            raise Invalid(sentence, codes=sentence)
        largest = sorted(shapes, key=lambda shape: (-(shape.area_m2 or 0), shape.code))
        made = replace(draft, largest, [GEOSGeometry(memoryview(whole))])
        return Changed(changed(draft, actor=edit.actor, at=edit.at), made)


def replace(draft: Edition, old: Sequence[DraftShape], new: Sequence[Any]) -> list[str]:
    """Put new cells in the place of old ones; the first of the old ones lends its attributes."""
    pattern = current_pattern()
    community = parse_cell_code(pattern, old[0].code).community
    codes = next_codes(draft, community, len(new), pattern)
    published = published_codes(shape.code for shape in old)
    origins = sorted(
        {
            origin
            for shape in old
            for origin in ([shape.code] if shape.code in published else shape.origins)
        }
    )
    lent = {name: getattr(old[0], name) for name in ATTRIBUTES}
    end(draft, old, published, _("Replaced by %(codes)s.") % {"codes": ", ".join(codes)})
    DraftShape.objects.bulk_create(
        DraftShape(
            edition=draft, level=Level.CELL, code=code, geom=shape, origins=origins,
            area_m2=area_of(shape), **lent,
        )
        for code, shape in zip(codes, new, strict=True)
    )  # fmt: skip
    return codes


def end(draft: Edition, shapes: Sequence[DraftShape], published: set[str], reason: str) -> None:
    """Take cells out of a draft: what was in force is kept with the reason, the rest is gone."""
    kept = [shape.pk for shape in shapes if shape.code in published]
    draft.shapes.filter(pk__in=kept).update(ends=True, end_reason=reason[:200])
    draft.shapes.filter(pk__in=[shape.pk for shape in shapes]).exclude(pk__in=kept).delete()


def area_of(shape: Any) -> float:
    """Square metres of a shape in EPSG:4490, by the plane that areas are measured in."""
    return round(float(shape.transform(settings.SRID_METRES, clone=True).area), 1)


def next_codes(draft: Edition, community: str, wanted: int, pattern: Pattern) -> list[str]:
    """Codes that no cell of the community has ever had. Raises Invalid when they run out."""
    ever = Cell.objects.filter(code__startswith=community).values_list("code", flat=True)
    here = draft.shapes.filter(level=Level.CELL, code__startswith=community)
    used = set()
    for code in {*ever, *here.values_list("code", flat=True)}:
        try:
            used.add(parse_cell_code(pattern, code).serial)
        except CodeError:
            continue
    try:
        serials = free_serials(used, wanted, 10**pattern.cell_serial - 1)
    except SerialsExhausted:
        raise Invalid(
            _("Community %(code)s has no serials left: there are %(most)d of them.")
            % {"code": community, "most": 10**pattern.cell_serial - 1},
            code="serials_exhausted",
        ) from None
    return [build_cell_code(pattern, community, serial) for serial in serials]


def published_codes(codes: Any) -> set[str]:
    """Those of the codes that were ever in force."""
    rows = Cell.objects.filter(code__in=list(codes)).exclude(edition__state=Edition.State.DRAFT)
    return set(rows.values_list("code", flat=True))


def cell_of(draft: Edition, code: str) -> DraftShape:
    """A cell in use of a draft, by code. Raises Invalid naming `codes`."""
    found = draft.shapes.filter(level=Level.CELL, code=code, ends=False).first()
    if found is None or found.geom is None or found.geom.geom_type != "Polygon":
        sentence = _("The draft has no cell %(code)s with one sound boundary.") % {"code": code}
        raise Invalid(sentence, codes=sentence)
    return found


def ewkb_of(shape: DraftShape) -> Any:
    """The boundary of a cell as the database reads it."""
    assert shape.geom is not None  # `cell_of` looked
    return shape.geom.ewkb


def cut_line(*, edition_id: int, code: str, bearing: float, share: float) -> LineString:
    """The straight line of a bearing that leaves a share of a cell's area on its left.

    `bearing` in degrees from north, clockwise; `share` above 0 and below 1. For whoever cuts
    without a pointer. In EPSG:4490, a little longer than the cell.
    """
    if not 0 < share < 1:
        raise Invalid(_("The share lies between 1 and 99 %."), share=_("Out of range."))
    shape = cell_of(Edition.objects.get(pk=edition_id), code)
    metres = settings.SRID_METRES
    with connection.cursor() as cursor:
        cursor.execute(RING_SQL, {"shape": ewkb_of(shape), "metres": metres})
        ring: Ring = [
            (float(x), float(y))
            for x, y in (pair.split() for pair in cursor.fetchone()[0][11:-1].split(","))
        ][:-1]
        (x1, y1), (x2, y2) = line_at(ring, bearing, share)
        cursor.execute(
            BACK_SQL, {"line": f"LINESTRING({x1!r} {y1!r},{x2!r} {y2!r})", "metres": metres}
        )
        line = GEOSGeometry(cursor.fetchone()[0], srid=4490)
    assert isinstance(line, LineString)
    return line


# ---------------------------------------------------------------- void, take back, describe


def void_cell(*, edit: Edit, code: str, reason: str) -> Changed:
    """Take a cell out of the draft; its code is kept with the reason, never to be given again."""
    check_is_administrator(edit.actor)
    if not reason.strip():
        raise Invalid(_("A reason is required."), reason=_("A reason is required."))
    with transaction.atomic():
        draft = held_draft(edit.edition_id, edit.version)
        shape = cell_of(draft, code)
        end(draft, [shape], published_codes([code]), reason.strip())
        return Changed(changed(draft, actor=edit.actor, at=edit.at))


def restore_cell(*, edit: Edit, code: str) -> Changed:
    """Take back what was done to a cell in this draft: the new ones go, the old ones are there.

    With it go back all cells that were joined or cut together with it.
    """
    check_is_administrator(edit.actor)
    with transaction.atomic():
        draft = held_draft(edit.edition_id, edit.version)
        ended = draft.shapes.filter(level=Level.CELL, ends=True)
        back, made = {code}, set[int]()
        while True:
            rows = draft.shapes.filter(level=Level.CELL, ends=False, origins__overlap=list(back))
            found = {pk: set(origins) for pk, origins in rows.values_list("pk", "origins")}
            wider = back.union(*found.values())
            made |= found.keys()
            if wider == back:
                break
            back = wider
        if not ended.filter(code=code).exists():
            sentence = _("Cell %(code)s was not changed in this draft.") % {"code": code}
            raise Invalid(sentence, codes=sentence)
        draft.shapes.filter(pk__in=made).delete()
        ended.filter(code__in=back).update(ends=False, end_reason="")
        return Changed(changed(draft, actor=edit.actor, at=edit.at), sorted(back))


def describe_cells(*, edit: Edit, codes: Sequence[str], values: dict[str, str]) -> Changed:
    """Set attributes of cells of a draft. Raises Invalid naming the field."""
    check_is_administrator(edit.actor)
    unknown = set(values) - set(ATTRIBUTES)
    if unknown:
        raise Invalid(_("Unknown filter."), values=_("Unknown value."))
    if values.get("management_class", "1") not in {"1", "2"}:
        raise Invalid(_("There is no such class."), management_class=_("Not in the list."))
    if values.get("limit_area", "B") not in {"A", "B", "C"}:
        raise Invalid(_("There is no such limit area."), limit_area=_("Not in the list."))
    land_use = values.get("land_use", "")
    if land_use and not LandUse.objects.filter(code=land_use, is_active=True).exists():
        raise Invalid(_("There is no such land use."), land_use=_("Not in the list."))
    with transaction.atomic():
        draft = held_draft(edit.edition_id, edit.version)
        shapes = draft.shapes.filter(level=Level.CELL, ends=False, code__in=list(codes))
        if not shapes.update(**values):
            raise Invalid(_("Choose at least one cell."), codes=_("One or more."))
        return Changed(changed(draft, actor=edit.actor, at=edit.at))


def describe_area(
    *, edit: Edit, level: str, code: str, name: str | None = None, successor: str | None = None
) -> Changed:
    """Name a street or community of a draft, or say who follows one that ends."""
    check_is_administrator(edit.actor)
    if level not in {Level.STREET, Level.COMMUNITY, Level.DISTRICT}:
        raise Invalid(_("Say what the file holds."), level=_("Not in the list."))
    with transaction.atomic():
        draft = held_draft(edit.edition_id, edit.version)
        shape = draft.shapes.filter(level=level, code=code).first()
        if shape is None:
            raise Invalid(_("There is no such area."), area=_("Unknown value."))
        if name is not None:
            if not 0 < len(name.strip()) <= 64:
                raise Invalid(_("A name has 1 to 64 characters."), name=_("Required."))
            shape.name = name.strip()
        if successor is not None:
            alive = draft.shapes.filter(level=level, ends=False, code=successor)
            if not alive.exists():
                sentence = _("The draft has no such area that goes on.")
                raise Invalid(sentence, successor=sentence)
            shape.successor_code = successor
        shape.save(update_fields=["name", "successor_code"])
        return Changed(changed(draft, actor=edit.actor, at=edit.at))
