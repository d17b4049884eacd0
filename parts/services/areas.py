"""Names, successors and attributes of what is in force: changed with a reason, old values kept."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pghistory
from django.db import transaction
from django.utils.translation import gettext as _

from gridcity.contracts import Actor, Invalid, NotVisible
from parts.models import Cell, Community, LandUse, Street
from parts.selectors import kept
from parts.services.rights import check_is_administrator

CELL_ATTRIBUTES = frozenset(
    {"management_class", "limit_area", "responsible_body", "land_use", "note"}
)


def change_area(
    *,
    actor: Actor,
    at: datetime,
    area: type[Street] | type[Community],
    area_id: int,
    name: str,
    successor: str,
    reason: str,
) -> Street | Community:
    """Name a street or community, or correct the successor of one that ended.

    The former name and the reason stay in its history. Raises Invalid naming the field.
    """
    check_is_administrator(actor)
    if not reason.strip():
        raise Invalid(_("A reason is required."), reason=_("A reason is required."))
    if not 0 < len(name.strip()) <= 64:
        raise Invalid(_("A name has 1 to 64 characters."), name=_("Required."))
    history = pghistory.context(actor=actor.username, reason=reason.strip()[:200])
    with transaction.atomic(), history:
        # two administrators at one area: the second sees what the first made of it
        rows: Any = area.objects.select_for_update(of=("self",), no_key=True)
        row = rows.filter(pk=area_id).first()
        if row is None:
            raise NotVisible
        row.name = name.strip()
        row.successor = next_area(area, row, successor.strip())
        row.save(update_fields=["name", "successor"])
    kept.forget()
    return row  # type: ignore[no-any-return]


def next_area(area: type[Street] | type[Community], row: Any, code: str) -> Any:
    """The successor by its code; None without one. Raises Invalid naming `successor`."""
    if not code:
        return None
    if row.valid_to is None:
        sentence = _("An area that is in force has no successor.")
        raise Invalid(sentence, successor=sentence)
    found = area.objects.filter(code=code).exclude(pk=row.pk).first()
    if found is None:
        raise Invalid(_("There is no such area."), successor=_("There is no such area."))
    return found


def change_cell(*, actor: Actor, at: datetime, cell_id: int, values: dict[str, Any]) -> Cell:
    """Set attributes of a cell in force; cases filed before keep the limits that they copied.

    Code, boundary and area are none of them: those change with an edition. Raises Invalid.
    """
    check_is_administrator(actor)
    if set(values) - CELL_ATTRIBUTES:
        raise Invalid(_("Code, boundary and area of a cell change with an edition only."))
    land_use = values.get("land_use", "")
    with transaction.atomic(), pghistory.context(actor=actor.username):
        cell = Cell.objects.select_for_update(of=("self",), no_key=True).filter(pk=cell_id).first()
        if cell is None:
            raise NotVisible
        known = LandUse.objects.filter(code=land_use, is_active=True).exists()
        if land_use and not known and land_use != cell.land_use:
            raise Invalid(_("There is no such land use."), land_use=_("Not in the list."))
        for name, value in values.items():
            setattr(cell, name, value)
        if values:
            cell.save(update_fields=sorted(values))
    return cell


def change_land_use(
    *, actor: Actor, at: datetime, code: str, name: str, is_active: bool, note: str, is_new: bool
) -> LandUse:
    """A row of the table of land use: a new one, or another name for an old one.

    Codes stay: cells name them. Raises Invalid naming `land_use` or `name`.
    """
    check_is_administrator(actor)
    if not name.strip():
        raise Invalid(_("A name has 1 to 64 characters."), name=_("Required."))
    values = {"name": name.strip()[:64], "is_active": is_active, "note": note.strip()[:200]}
    with transaction.atomic(), pghistory.context(actor=actor.username):
        if is_new:
            if LandUse.objects.filter(code=code).exists():
                sentence = _("There is a land use of this code already.")
                raise Invalid(sentence, land_use=sentence)
            return LandUse.objects.create(code=code, **values)
        row = LandUse.objects.select_for_update(no_key=True).filter(code=code).first()
        if row is None:
            raise NotVisible
        for field, value in values.items():
            setattr(row, field, value)
        row.save(update_fields=sorted(values))
    return row
