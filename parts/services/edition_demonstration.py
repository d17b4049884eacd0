"""Editions of the demonstration's grid: the one before today's, and a draft of the next.

The former edition is written row by row beside the one that is shipped, not published: a
publication of the whole district takes longer than the demonstration has.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.backends.utils import CursorWrapper
from django.utils import timezone

from gridcity.contracts import Actor, Role
from parts.models import Cell, CellHeir, Edition, Part
from parts.services.demonstration import EDITION
from parts.services.field_demonstration import somebody
from parts.services.grid import publishing_sql as sql
from parts.services.grid.checking import check_draft
from parts.services.grid.drafting import begin_draft
from parts.services.grid.editing import Edit, cut_line, merge_cells, split_cell, void_cell
from parts.services.grid.publishing import LEAST_SHARE, step

FORMER, DRAFT = "示范网格（上一版）", "示范网格调整"
FORMER_HELD = timedelta(days=730)
PAIRS = 6
VOIDED_REASON = "示范：随相邻网格一并重划，尚未划入。"

# In some communities two cells of today were one, whose code was given up when it was cut.
PAIRS_SQL = """
create temp table shipped_pairs on commit drop as
select distinct on (street) community, first, second, code, geom from (
    select left(a.code, 9) as street, left(a.code, 12) as community,
           a.id as first, b.id as second,
           left(a.code, 12) || lpad(((select max(right(m.code, 3)::int) from parts_cell m
               where m.edition_id = %(draft)s and m.community_id = a.community_id) + 1)::text,
               3, '0') as code,
           st_union(a.geom, b.geom) as geom
    from parts_cell a join parts_cell b on b.community_id = a.community_id
         and b.edition_id = a.edition_id and b.id = any(a.neighbours) and a.code < b.code
    where a.edition_id = %(draft)s and right(a.code, 3)::int <= 12
) p
where st_geometrytype(geom) = 'ST_Polygon' and st_numinteriorrings(geom) = 0
order by street, community, code, first, second limit %(pairs)s
"""
CELLS_SQL = """
insert into parts_cell (edition_id, code, community_id, geom, area_m2, management_class,
    limit_area, responsible_body, land_use, note, initial_on, void_reason, neighbours)
select %(base)s, code, community_id, geom, area_m2, management_class, limit_area, responsible_body,
       land_use, note, %(since)s::date, '', '{}'::bigint[]
from parts_cell where edition_id = %(draft)s
     and id not in (select first from shipped_pairs union select second from shipped_pairs)
union all
select %(base)s, p.code, c.community_id, p.geom,
       round(st_area(st_transform(p.geom, %(metres)s))::numeric, 1), c.management_class,
       c.limit_area, c.responsible_body, c.land_use, c.note, %(since)s::date, '', '{}'::bigint[]
from shipped_pairs p join parts_cell c on c.id = p.first
"""
ORIGINS_SQL = """
update parts_cell c set origins = array[p.code] from shipped_pairs p where c.id in (first, second)
"""
TOUCHING_SQL = """
select a.code, b.code from parts_cell a join parts_cell b
     on b.id = any(a.neighbours) and b.community_id = a.community_id and a.code < b.code
where a.id = any(%(cells)s) and b.id = any(%(cells)s)
      and st_dimension(st_intersection(a.geom, b.geom)) = 1
order by a.code, b.code limit 1
"""


def load_editions(*, actor: Actor, at: datetime) -> str:
    """A former edition and a draft with edits and a fault; what is there already stays."""
    office = somebody(Role.ADMINISTRATOR)
    current = Edition.objects.filter(name=EDITION, state=Edition.State.CURRENT).first()
    if office is None or current is None:
        return "nothing"
    if not Edition.objects.filter(state=Edition.State.FORMER).exists():
        load_former(current)
    if not Edition.objects.filter(state=Edition.State.DRAFT).exists():
        load_draft(office, at)
    return "1 former edition, 1 draft"


def load_former(current: Edition) -> Edition:
    """The edition before today's, in which some pairs of cells were still one."""
    assert current.published_at is not None
    former = Edition.objects.create(
        name=FORMER,
        state=Edition.State.FORMER,
        published_at=current.published_at - FORMER_HELD,
        superseded_at=current.published_at,
        note="示范数据：用于历史网格查询。",
    )
    on = timezone.localdate(current.published_at)
    values: dict[str, Any] = {
        "draft": current.pk, "base": former.pk, "metres": settings.SRID_METRES, "pairs": PAIRS,
        "since": on - FORMER_HELD, "on": on, "least": LEAST_SHARE,
        "reason": f"不在“{current.name}”中。",
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("drop table if exists pg_temp.shipped_pairs")
        for table in sql.OF_THE_MOMENT:
            cursor.execute(f"drop table if exists pg_temp.{table}")
        cursor.execute(PAIRS_SQL, values)
        cursor.execute(CELLS_SQL, values)
        cursor.execute(ORIGINS_SQL)
        current.outcome = outcome_of(cursor, values)
    current.base = former
    current.save(update_fields=["base", "outcome"])
    return former


def outcome_of(cursor: CursorWrapper, values: dict[str, Any]) -> dict[str, Any]:
    """Heirs of the former cells and the codes that were given up, counted as a publication does."""
    step(cursor, sql.GROUND_SQL, values)
    cursor.execute(sql.VOIDED_SQL, values)
    voided = sorted(code for (code,) in cursor.fetchall())
    step(cursor, sql.HEIRS_SQL, values)
    CellHeir.objects.all().delete()
    cursor.execute(sql.HEIRS_IN_SQL)
    cells = Cell.objects.filter(edition_id=values["draft"])
    new = sorted(cells.exclude(origins=[]).values_list("code", flat=True))
    return {
        "cells": {"all": cells.count(), "new": len(new), "voided": len(voided),
                  "new_codes": new, "voided_codes": voided},
        "areas": {}, "parts": {"all": Part.objects.count(), "moved": 0},
        "rules": {"copied": 0}, "patrols": {"changed": [], "unwalked": 0},
    }  # fmt: skip


def load_draft(office: Actor, at: datetime) -> Edition:
    """A draft in work: one cell cut, two joined, one taken out whose ground nobody has yet."""
    draft = begin_draft(
        actor=office, at=at, name=DRAFT, note="示范数据：拆分、合并与一处待改问题。"
    )
    edit = Edit(office, at, draft.pk, None)
    cells = list(Cell.objects.current().order_by("code").only("code"))
    middle = len(cells) // 2
    cut, out = cells[middle], cells[middle + 100]
    split_cell(
        edit=edit, code=cut.code,
        line=cut_line(edition_id=draft.pk, code=cut.code, bearing=0, share=0.5),
    )  # fmt: skip
    merge_cells(edit=edit, codes=touching(cells[middle + 20 : middle + 80]))
    void_cell(edit=edit, code=out.code, reason=VOIDED_REASON)
    draft.refresh_from_db()
    return check_draft(
        actor=office, at=at, edition_id=draft.pk, version=draft.version, progress=unheard
    )


def unheard(_step: str, _done: int, _total: int | None) -> None:
    """Nobody watches the progress of the demonstration's check."""


def touching(cells: list[Cell]) -> list[str]:
    """The first two of these cells that are of one community and have a side in common."""
    with connection.cursor() as cursor:
        cursor.execute(TOUCHING_SQL, {"cells": [cell.pk for cell in cells]})
        return list(cursor.fetchone())
