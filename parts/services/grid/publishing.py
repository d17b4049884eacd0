"""Makes a checked draft the current edition: areas, cells, parts, patrols, rules, all at once.

Cases keep the cell that they were filed in. What is asked of their place today goes by the heirs
of that cell (`parts/selectors/succession.py`).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pghistory
import pgtrigger
from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.utils import timezone
from django.utils.translation import gettext as _

from gridcity.contracts import Actor, NotAllowed
from parts.models import Community, Edition, Level, Street
from parts.selectors import kept
from parts.services.grid import publishing_sql as sql
from parts.services.grid.drafting import held_draft, moment, name_of
from parts.services.grid.following import Passage, follow
from parts.services.grid.loading import TABLES, Progress, current_pattern
from parts.services.grid.shapes import code_length
from parts.services.grid.spots import lay_out_spots
from parts.services.rights import check_is_administrator

# Less of a former cell than this share is an edge redrawn, not ground that went over.
LEAST_SHARE = 0.01
SHOWN_CODES = 200
STEPS = 7


def check_can_publish(draft: Edition) -> None:
    """Raise NotAllowed with the sentence that says what is missing before it may be published."""
    if draft.checked_version != draft.version:
        raise NotAllowed(_("The draft has changed since it was checked. Check it again."))
    faults = draft.findings.filter(is_fault=True).count()
    if faults:
        raise NotAllowed(
            _("The checks found %(n)s faults. Mend them first.") % {"n": f"{faults:,}"}
        )
    current = Edition.objects.filter(state=Edition.State.CURRENT).first()
    if current is not None and current.pk != draft.base_id:
        raise NotAllowed(
            _(
                "%(who)s published “%(name)s” at %(when)s, after this draft was begun. Begin a "
                "new draft, which then holds those changes, and put yours into it."
            )
            % {
                "who": name_of(current.published_by),
                "name": current.name,
                "when": moment(current.published_at),
            }
        )


def publish_draft(
    *,
    actor: Actor,
    at: datetime,
    edition_id: int,
    version: int,
    progress: Progress,
    finish: Callable[[dict[str, Any]], None] | None = None,
) -> Edition:
    """Make the draft current; in one transaction, whose last deed is `finish` with the outcome.

    Raises StaleVersion where somebody changed it, NotAllowed where it was published, is not
    checked, has faults, or another edition came in between.
    """
    check_is_administrator(actor)
    on = timezone.localdate(at)
    history = pghistory.context(actor=actor.username, reason=f"edition {edition_id}")
    with transaction.atomic(), history, connection.cursor() as cursor:
        # whoever publishes holds the current edition: a second one waits, and is told; so does
        # whoever has found a cell of it and is about to write it down (`holding.py`)
        former = (
            Edition.objects.select_for_update(of=("self",))
            .filter(state=Edition.State.CURRENT)
            .first()
        )
        draft = held_draft(edition_id, version)
        check_can_publish(draft)
        values = values_of(draft, former, on)
        for table in sql.OF_THE_MOMENT:
            cursor.execute(f"drop table if exists pg_temp.{table}")
        outcome: dict[str, Any] = {}
        progress(_("Streets and communities"), 0, STEPS)
        outcome["areas"] = publish_areas(cursor, values)
        progress(_("Cells"), 1, STEPS)
        change_over(draft, former, actor, at)
        outcome["cells"] = publish_cells(cursor, values, draft)
        progress(_("Heirs of the former cells"), 2, STEPS)
        publish_heirs(cursor, values)
        progress(_("Parts"), 3, STEPS)
        outcome["parts"] = move_parts(cursor, values)
        progress(_("Patrols"), 4, STEPS)
        outcome["patrols"] = move_patrols(cursor, values)
        progress(_("Rules"), 5, STEPS)
        passage = passage_of(cursor, values, draft, at, on, outcome["areas"])
        outcome |= follow(actor, passage)
        progress(_("Closing"), 6, STEPS)
        draft.shapes.all().delete()
        draft.findings.all().delete()
        draft.outcome = outcome
        draft.save(update_fields=["outcome"])
        if finish is not None:
            finish({"edition": draft.name, "cells": outcome["cells"]["all"]})
    kept.forget()
    return draft


def values_of(draft: Edition, former: Edition | None, on: date) -> dict[str, Any]:
    """What the statements name."""
    pattern = current_pattern()
    return {
        "draft": draft.pk,
        "base": former.pk if former else 0,
        "on": on,
        "metres": settings.SRID_METRES,
        "least": LEAST_SHARE,
        "street_digits": code_length(Level.STREET, pattern),
        "community_digits": code_length(Level.COMMUNITY, pattern),
        "reason": _("Not in the edition “%(name)s”.") % {"name": draft.name},
    }


def change_over(draft: Edition, former: Edition | None, actor: Actor, at: datetime) -> None:
    """The former edition steps back, the draft becomes current; there is never more than one."""
    if former is not None:
        former.state, former.superseded_at = Edition.State.FORMER, at
        former.save(update_fields=["state", "superseded_at"])
    draft.state, draft.published_at = Edition.State.CURRENT, at
    draft.published_by_id = actor.user_id
    draft.save(update_fields=["state", "published_at", "published_by"])


def step(cursor: CursorWrapper, statements: str, values: dict[str, Any]) -> None:
    """Do one step of the publication, statement by statement."""
    for statement in statements.split(";\n"):
        cursor.execute(statement, values)


def publish_areas(cursor: CursorWrapper, values: dict[str, Any]) -> dict[str, Any]:
    """District, streets and communities: new, renamed, redrawn, ended with their successors."""
    said: dict[str, Any] = {}
    for level, model in ((Level.STREET, Street), (Level.COMMUNITY, Community)):
        before = dict(model.objects.filter(valid_to=None).values_list("code", "name"))
        cursor.execute(
            "select code, name, ends, successor_code from parts_draftshape"
            " where edition_id = %(draft)s and level = %(level)s order by code",
            values | {"level": level},
        )
        rows = cursor.fetchall()
        shapes = {code: name for code, name, ends, _successor in rows if not ends}
        said[level] = {
            "new": sorted(shapes.keys() - before.keys()),
            "renamed": [
                [code, before[code], name]
                for code, name in sorted(shapes.items())
                if code in before and before[code] != name
            ],
            "ended": [[code, successor] for code, _name, ends, successor in rows if ends],
        }
    cursor.execute(sql.DISTRICT_SQL, values)
    cursor.execute(sql.STREETS_SQL, values)
    cursor.execute(sql.COMMUNITIES_SQL, values)
    for level in (Level.COMMUNITY, Level.STREET):
        ended = sql.ENDINGS_SQL.format(table=TABLES[level])
        cursor.execute(ended, values | {"level": level})
    return said


def publish_cells(cursor: CursorWrapper, values: dict[str, Any], draft: Edition) -> dict[str, Any]:
    """The cells of the edition, their neighbours, and the codes that are voided by it."""
    cursor.execute(sql.CELLS_SQL, values)
    count = cursor.rowcount
    step(cursor, sql.GROUND_SQL, values)
    step(cursor, sql.NEIGHBOURS_SQL, values)
    cursor.execute(sql.VOIDED_SQL, values)
    voided = sorted(code for (code,) in cursor.fetchall())
    former = set(
        Edition.objects.get(pk=values["base"]).cells.values_list("code", flat=True)
        if values["base"]
        else ()
    )
    new = sorted(set(draft.cells.values_list("code", flat=True)) - former)
    return {
        "all": count, "new": len(new), "voided": len(voided),
        "new_codes": new[:SHOWN_CODES], "voided_codes": voided[:SHOWN_CODES],
    }  # fmt: skip


def publish_heirs(cursor: CursorWrapper, values: dict[str, Any]) -> None:
    """Where every cell of a former edition lies today."""
    step(cursor, sql.HEIRS_SQL, values)
    cursor.execute("delete from parts_cellheir")
    cursor.execute(sql.HEIRS_IN_SQL)


def move_parts(cursor: CursorWrapper, values: dict[str, Any]) -> dict[str, int]:
    """Give every standing part the cell that covers it now, with its community and street."""
    lay_out_spots(cursor)
    step(cursor, sql.PARTS_SQL, values)
    with pgtrigger.ignore("parts.Part:changed_update"):
        cursor.execute(sql.PARTS_STAY_SQL)
    cursor.execute(sql.PARTS_MOVE_SQL)
    cursor.execute("select count(*), count(*) filter (where moves) from grid_housed")
    (count, moved) = cursor.fetchone()
    return {"all": count, "moved": moved}


def move_patrols(cursor: CursorWrapper, values: dict[str, Any]) -> dict[str, Any]:
    """Patrols follow the ground that they walk; says which of them has other cells now."""
    step(cursor, sql.PATROLS_SQL, values)
    cursor.execute(sql.PATROLS_KEPT_SQL, values)
    users = get_user_model()._meta.db_table
    cursor.execute(sql.PATROLS_SAID_SQL.format(users=users), values)
    changed = [
        {
            "supervisor": full_name or username, "shift": shift,
            "before": len(before), "after": len(after),
            "lost": sorted(set(before) - set(after))[:SHOWN_CODES],
            "gained": sorted(set(after) - set(before))[:SHOWN_CODES],
        }
        for _pk, full_name, username, shift, before, after in cursor.fetchall()
    ]  # fmt: skip
    cursor.execute(sql.PATROLS_OUT_SQL, values)
    cursor.execute(sql.PATROLS_IN_SQL, values)
    cursor.execute(sql.UNWALKED_SQL, values)
    unwalked = [code for (code,) in cursor.fetchall()]
    return {"changed": changed, "unwalked": len(unwalked), "unwalked_codes": unwalked[:SHOWN_CODES]}


def passage_of(
    cursor: CursorWrapper,
    values: dict[str, Any],
    draft: Edition,
    at: datetime,
    on: date,
    areas: dict[str, Any],
) -> Passage:
    """What those who keep codes of cells and areas must know."""
    cursor.execute(sql.CAME_FROM_SQL, values)
    cells = dict(cursor.fetchall())
    came: dict[str, dict[str, str]] = {}
    for level, table in TABLES.items():
        cursor.execute(
            sql.AREA_CAME_FROM_SQL.format(table=table),
            values | {"level": level, "new": areas[level]["new"]},
        )
        came[level] = dict(cursor.fetchall())
    return Passage(draft.pk, at, on, cells, came[Level.COMMUNITY], came[Level.STREET])
