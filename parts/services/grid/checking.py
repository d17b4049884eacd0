"""Checks a draft whole: every fault and remark becomes a row, with the area that it concerns."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from gridcity.contracts import Actor
from parts.codes import CodeError, Pattern, digits, parse_cell_code
from parts.frames import GCJ_EAST_M, GCJ_NORTH_M, GCJ_SLACK_M
from parts.models import Check, DraftFinding, Edition, LandUse, Level
from parts.models.drafts import REMARKS, DraftShape
from parts.numbering import in_order
from parts.selectors.register_checks import CUT_FROM_M
from parts.services.grid import checks_sql as sql
from parts.services.grid.drafting import held_draft
from parts.services.grid.loading import Progress, current_pattern
from parts.services.grid.shapes import code_length
from parts.services.grid.spots import lay_out_spots
from parts.services.rights import check_is_administrator

LIMIT_AREAS = frozenset({"", "A", "B", "C"})
MANAGEMENT_CLASSES = frozenset({"", "1", "2"})
LONGEST_NAME = 64
LONGEST_BODY = 100
LONGEST_LAND_USE = 32


@dataclass
class Desk:
    """One check of one draft at work: where it asks and where it writes down."""

    cursor: CursorWrapper
    draft: Edition
    pattern: Pattern
    values: dict[str, Any]
    shapes: list[DraftShape]
    found: list[DraftFinding] = field(default_factory=list)

    def ask(self, statement: str) -> list[tuple[Any, ...]]:
        self.cursor.execute(statement, self.values)
        rows: list[tuple[Any, ...]] = self.cursor.fetchall()
        return rows

    def note(
        self,
        check: Check,
        *codes: str,
        level: str = "",
        row: int = 0,
        geom: Any = None,
        area_m2: float | None = None,
        **values: Any,
    ) -> None:
        """Write a finding down; `geom` in EPSG:4490 or nothing, `area_m2` in m²."""
        self.found.append(
            DraftFinding(
                edition=self.draft, check_key=check, is_fault=check not in REMARKS, level=level,
                codes=list(codes), row=row, geom=geom, area_m2=area_m2, values=values,
            )
        )  # fmt: skip


def check_draft(
    *, actor: Actor, at: datetime, edition_id: int, version: int | None, progress: Progress
) -> Edition:
    """Check a draft and keep what was found in the place of what was found before.

    In one transaction; the draft counts as checked in the version that it has. Raises
    StaleVersion, NotAllowed.
    """
    check_is_administrator(actor)
    with transaction.atomic(), connection.cursor() as cursor:
        draft = held_draft(edition_id, version)
        desk = opened(cursor, draft)
        for done, (label, check) in enumerate(CHECKS):
            progress(str(label), done, len(CHECKS))
            check(desk)
        draft.findings.all().delete()
        DraftFinding.objects.bulk_create(desk.found, batch_size=1000)
        draft.checked_version, draft.checked_at = draft.version, at
        draft.save(update_fields=["checked_version", "checked_at"])
        progress(str(_("Done")), len(CHECKS), len(CHECKS))
    return draft


def opened(cursor: CursorWrapper, draft: Edition) -> Desk:
    """The shapes that count, in metres, ready to be asked."""
    pattern = current_pattern()
    values = {
        "draft": draft.pk,
        "metres": settings.SRID_METRES,
        "sliver": sql.SLIVER_M2,
        "shown": sql.SHOWN_PARTS,
        "reach": CUT_FROM_M,
        "serials": 10**pattern.cell_serial - 1,
        "district_digits": code_length(Level.DISTRICT, pattern),
        "street_digits": code_length(Level.STREET, pattern),
        "community_digits": code_length(Level.COMMUNITY, pattern),
    }
    cursor.execute("drop table if exists pg_temp.grid_shape")
    for statement in sql.SHAPES_SQL.split(";\n"):
        cursor.execute(statement, values if "%(" in statement else None)
    shapes = list(draft.shapes.defer("geom").order_by("pk"))
    return Desk(cursor, draft, pattern, values, shapes)


# ---------------------------------------------------------------- row by row


def check_read(desk: Desk) -> None:
    """What the reading could not take, and boundaries that cross themselves."""
    if not any(shape.level == Level.CELL and not shape.ends for shape in desk.shapes):
        desk.note(Check.EMPTY, level=Level.CELL)
    for shape in desk.shapes:
        if shape.flaw:
            desk.note(Check(shape.flaw), shape.code, level=shape.level, row=shape.row)
        if shape.padded_from:
            desk.note(
                Check.PADDED, shape.code, level=shape.level, row=shape.row, was=shape.padded_from
            )
    for level, code, row, geom, reason, location in desk.ask(sql.INVALID_SQL):
        desk.note(Check.CROSSES_ITSELF, code, level=level, row=row, geom=location or geom,
                  reason=reason)  # fmt: skip
    desk.cursor.execute(
        'select code, "row", geom, st_numgeometries(geom) from parts_draftshape'
        " where edition_id = %(draft)s and level = 'cell' and not ends"
        " and st_numgeometries(geom) > 1 order by id",
        desk.values,
    )
    for code, row, geom, pieces in desk.cursor.fetchall():
        desk.note(Check.SEVERAL_PIECES, code, level=Level.CELL, row=row, geom=geom, n=pieces)


def check_codes(desk: Desk) -> None:
    """Codes of the right form, each given once, each in an area that the draft has."""
    counts = Counter((shape.level, shape.code) for shape in desk.shapes if not shape.ends)
    told = set()
    for shape in desk.shapes:
        if shape.ends:
            continue
        key = (shape.level, shape.code)
        if counts[key] > 1 and key not in told:
            told.add(key)
            desk.note(Check.CODE_TWICE, shape.code, level=shape.level, row=shape.row, n=counts[key])
        try:
            parent = parent_of(shape, desk.pattern)
        except CodeError as error:
            desk.note(
                Check.CODE_FORM, shape.code, level=shape.level, row=shape.row,
                digits=code_length(shape.level, desk.pattern), why=error.why,
            )  # fmt: skip
            continue
        if parent is not None and not counts[parent]:
            desk.note(Check.NO_PARENT, shape.code, parent[1], level=shape.level, row=shape.row)


def parent_of(shape: DraftShape, pattern: Pattern) -> tuple[str, str] | None:
    """Level and code of the area that a code names; None for the district. Raises CodeError."""
    if shape.level == Level.CELL:
        return Level.COMMUNITY, parse_cell_code(pattern, shape.code).community
    code = digits(shape.code, code_length(shape.level, pattern))
    above = {Level.COMMUNITY: Level.STREET, Level.STREET: Level.DISTRICT}.get(Level(shape.level))
    return (above, code[: code_length(above, pattern)]) if above else None


def check_values(desk: Desk) -> None:
    """Names of areas, successors of those that end, and attributes that are understood."""
    alive = {(shape.level, shape.code) for shape in desk.shapes if not shape.ends}
    land_uses = set(LandUse.objects.filter(is_active=True).values_list("code", flat=True))
    for shape in desk.shapes:
        if shape.level != Level.CELL:
            if shape.ends and (shape.level, shape.successor_code) not in alive:
                desk.note(Check.SUCCESSOR, shape.code, shape.successor_code, level=shape.level)
            if not shape.ends and not 0 < len(shape.name) <= LONGEST_NAME:
                desk.note(Check.NAME, shape.code, level=shape.level, row=shape.row)
            continue
        if shape.ends:
            continue
        for name, value in unclear(shape, land_uses):
            desk.note(
                Check.ATTRIBUTE, shape.code, level=shape.level, row=shape.row, field=name,
                value=value[:60],
            )  # fmt: skip


def unclear(shape: DraftShape, land_uses: set[str]) -> list[tuple[str, str]]:
    """Attributes of a cell that publishing would leave at their default, or shorten."""
    found = []
    if shape.management_class not in MANAGEMENT_CLASSES:
        found.append(("management_class", shape.management_class))
    if shape.limit_area.upper() not in LIMIT_AREAS:
        found.append(("limit_area", shape.limit_area))
    if shape.land_use and shape.land_use.split()[0] not in land_uses:
        found.append(("land_use", shape.land_use))
    if len(shape.responsible_body) > LONGEST_BODY:
        found.append(("responsible_body", shape.responsible_body))
    return found


# ---------------------------------------------------------------- shape against shape


def check_shift(desk: Desk) -> None:
    """Data that lies off by the vector of GCJ-02, or by its opposite (`codes.md`, coordinates)."""
    for level, east, north, _count in desk.ask(sql.SHIFT_SQL) or desk.ask(sql.SHIFT_OF_ALL_SQL):
        for sign in (1, -1):
            off = max(abs(east - sign * GCJ_EAST_M), abs(north - sign * GCJ_NORTH_M))
            if off <= GCJ_SLACK_M:
                desk.note(
                    Check.SHIFTED, level=level, east=round(east), north=round(north),
                    is_gcj=sign == 1,
                )  # fmt: skip


def check_gaps(desk: Desk) -> None:
    """Ground of an area that nothing below it covers."""
    for level, code, geom, area in desk.ask(sql.GAPS_SQL):
        desk.note(Check.GAP, code, level=level, geom=geom, area_m2=area)


def check_overlaps(desk: Desk) -> None:
    """Ground that two of a level claim."""
    for level, codes, geom, area in desk.ask(sql.OVERLAPS_SQL):
        desk.note(Check.OVERLAP, *codes, level=level, geom=geom, area_m2=area)


def check_outside(desk: Desk) -> None:
    """Shapes that stick out of the area of their code, or lie elsewhere altogether."""
    for level, codes, geom, area, share, row in desk.ask(sql.OUTSIDE_SQL):
        check = Check.OUTSIDE if share > 0.99 else Check.ACROSS
        desk.note(check, *codes, level=level, row=row, geom=geom, area_m2=area,
                  percent=round(share * 100, 1))  # fmt: skip


def check_used(desk: Desk) -> None:
    """Codes that were voided, or that mean another place today: none is ever given again."""
    for code, row, geom, end_on, reason, state, edition, share in desk.ask(sql.USED_SQL):
        if end_on is not None or state != Edition.State.CURRENT:
            desk.note(
                Check.CODE_VOIDED, code, level=Level.CELL, row=row, geom=geom, edition=edition,
                on=end_on.isoformat() if end_on else "", reason=reason,
            )  # fmt: skip
        elif share < sql.SAME_PLACE:
            desk.note(Check.CODE_MOVED, code, level=Level.CELL, row=row, geom=geom,
                      percent=round(share * 100))  # fmt: skip
    for level, code, row, geom, ended in desk.ask(sql.USED_AREA_SQL):
        desk.note(Check.CODE_VOIDED, code, level=level, row=row, geom=geom, edition="",
                  on=ended.isoformat(), reason="")  # fmt: skip


def check_parts(desk: Desk) -> None:
    """Standing parts that no cell of the draft would have, and those that its cells would cut."""
    lay_out_spots(desk.cursor)
    desk.cursor.execute("drop table if exists pg_temp.grid_housed")
    for statement in sql.HOUSED_SQL.split(";\n"):
        desk.cursor.execute(statement)
    for check, statement in ((Check.PARTS_OUTSIDE, sql.PARTS_SQL), (Check.CUTS_PARTS, sql.CUT_SQL)):
        ((count, codes, geom),) = desk.ask(statement)
        if count:
            desk.note(check, *codes, level=Level.CELL, geom=geom, n=count)


def check_serials(desk: Desk) -> None:
    """Communities with more cells than there are serials: none is given twice (`codes.md`)."""
    for code, row, geom, count in desk.ask(sql.SERIALS_SQL):
        desk.note(Check.TOO_MANY, code, level=Level.COMMUNITY, row=row, geom=geom, n=count,
                  most=desk.values["serials"])  # fmt: skip


def check_cells(desk: Desk) -> None:
    """Remarks: cells of unusual size, and serials in another order than ours."""
    for shape in desk.shapes:
        area = shape.area_m2
        if shape.level != Level.CELL or shape.ends or area is None:
            continue
        if not sql.SMALLEST_M2 <= area <= sql.LARGEST_M2:
            desk.note(Check.AREA_BAND, shape.code, level=Level.CELL, row=shape.row,
                      area_m2=float(area))  # fmt: skip
    communities: defaultdict[str, dict[str, tuple[float, float]]] = defaultdict(dict)
    north: dict[str, float] = {}
    for _id, code, parent, x, y, top in desk.ask(sql.CELLS_SQL):
        if not is_cell_code(desk.pattern, code):
            continue
        communities[parent][code] = (x, y)
        north[parent] = top
    for parent, points in communities.items():
        wanted = in_order(points, north[parent])
        moved = [code for code, other in zip(sorted(points), wanted, strict=True) if code != other]
        if moved:
            desk.note(Check.ORDER, *moved[:20], level=Level.CELL, n=len(moved), community=parent)


def is_cell_code(pattern: Pattern, code: str) -> bool:
    try:
        parse_cell_code(pattern, code)
    except CodeError:
        return False
    return True


CHECKS: tuple[tuple[str | Promise, Callable[[Desk], None]], ...] = (
    (_("Boundaries"), check_read),
    (_("Codes"), check_codes),
    (_("Attributes"), check_values),
    (_("Coordinates"), check_shift),
    (_("Overlaps"), check_overlaps),
    (_("Gaps"), check_gaps),
    (_("Cells across boundaries"), check_outside),
    (_("Codes used before"), check_used),
    (_("Serials"), check_serials),
    (_("Parts"), check_parts),
    (_("Sizes and order"), check_cells),
)
