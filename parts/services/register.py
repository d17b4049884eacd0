"""Parts by hand: added, changed, moved, reclassified. Where a part lies is never typed in.

Cell, community and street follow from the position; the old values and the reason stay in the
part's history, which the database writes.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import pghistory
from django.contrib.gis.geos import GEOSGeometry
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from gridcity.contracts import Actor, Invalid
from parts.models import CatalogueClass, Part
from parts.selectors.catalogue import current_scheme
from parts.selectors.locating import district_code, locate
from parts.selectors.part_history import ADDED
from parts.services.attributes import check_geometry, clean_attributes, clean_reason
from parts.services.holding import hold_edition
from parts.services.locking import change_day, lock_part
from parts.services.rights import check_is_administrator
from parts.services.serials import next_code
from parts.services.states import check_not_reclassified

PLACED = ("geom", "cell", "street", "community")


def add_part(
    *,
    actor: Actor,
    at: datetime,
    class_code: str,
    geometry: GEOSGeometry,
    said: Mapping[str, Any],
    reason: str = "",
) -> Part:
    """A new part of the current scheme, with the next code of its class.

    Raises Invalid for a class that is none of parts, a geometry of another kind, a wrong credit
    code; OutsideDistrict for a position in no cell.
    """
    check_is_administrator(actor)
    entry = class_for(class_code)
    values = clean_attributes(said, at=at)
    values["name"] = values.get("name") or entry.name
    values.setdefault("accuracy_class", entry.accuracy_class)
    values.setdefault("initial_on", timezone.localdate(at))
    with transaction.atomic(), pghistory.context(actor=actor.username, reason=reason.strip()[:200]):
        hold_edition()
        part = Part(catalogue_class=entry, **values)
        place(part, geometry)
        part.code = next_code(district=district_code(), entry=entry)
        insert(part)
    return part


def class_for(code: str) -> CatalogueClass:
    """A class of parts in use in the current scheme. Raises Invalid."""
    found = (
        CatalogueClass.objects.select_related("scheme")
        .filter(scheme_id=current_scheme(), kind=CatalogueClass.Kind.PART, code=code)
        .filter(is_active=True)
        .first()
    )
    if found is None:
        raise Invalid(_("There is no such class of parts."), class_code=_("Choose a class."))
    return found


def insert(part: Part) -> None:
    """Write a new part and, in its history, who added it."""
    part.save(force_insert=True)
    pghistory.create_event(part, label=ADDED)


def place(part: Part, geometry: GEOSGeometry) -> None:
    """Put a part somewhere: its cell covers a point on its surface (house style §5)."""
    part.geom = check_geometry(geometry, part.catalogue_class)
    spot = part.geom if part.geom.geom_type == "Point" else part.geom.point_on_surface
    found = locate(lon=spot.x, lat=spot.y)
    part.cell_id, part.street_id = found.cell_id, found.street_id
    part.community_id = found.community_id


def change_part(
    *,
    actor: Actor,
    at: datetime,
    part_id: int,
    said: Mapping[str, Any],
    reason: str,
    seen: int | None = None,
) -> Part:
    """Change attributes of a part; what is said as it was changes nothing, not even the date.

    Raises Invalid naming the fields, NotVisible, StaleVersion when it changed since `seen`.
    """
    check_is_administrator(actor)
    values = clean_attributes(said, at=at)
    words = clean_reason(reason)
    with transaction.atomic(), pghistory.context(actor=actor.username, reason=words):
        part = lock_part(part_id=part_id, seen=seen)
        changed = {name: value for name, value in values.items() if getattr(part, name) != value}
        if changed:
            for name, value in changed.items():
                setattr(part, name, value)
            part.change_on = change_day(part, at)
            part.save(update_fields=[*changed, "change_on"])
    return part


def move_part(
    *,
    actor: Actor,
    at: datetime,
    part_id: int,
    geometry: GEOSGeometry,
    reason: str,
    accuracy_class: str | None = None,
    seen: int | None = None,
) -> Part:
    """Put a part where it stands; `accuracy_class` is what the new position was measured with.

    Raises OutsideDistrict, Invalid for another kind of geometry, NotVisible, StaleVersion.
    """
    check_is_administrator(actor)
    words = clean_reason(reason)
    more = {} if accuracy_class is None else {"accuracy_class": accuracy_class}
    values = clean_attributes(more, at=at)
    with transaction.atomic(), pghistory.context(actor=actor.username, reason=words):
        hold_edition()
        part = lock_part(part_id=part_id, seen=seen)
        before = part.geom
        place(part, geometry)
        if not part.geom.equals_exact(before):
            for name, value in values.items():
                setattr(part, name, value)
            part.change_on = change_day(part, at)
            part.save(update_fields=[*PLACED, *values, "change_on"])
    return part


def reclassify_part(
    *,
    actor: Actor,
    at: datetime,
    part_id: int,
    class_code: str,
    reason: str,
    seen: int | None = None,
) -> Part:
    """End a part as 移除（归类更正） and begin it anew in another class; returns the new one.

    The register's key goes over to the new part, so that the next import finds it there. Raises
    Invalid for the same class or one with another kind of geometry, NotAllowed for a part that was
    reclassified before.
    """
    check_is_administrator(actor)
    entry = class_for(class_code)
    words = clean_reason(reason)
    with transaction.atomic(), pghistory.context(actor=actor.username, reason=words):
        hold_edition()
        old = lock_part(part_id=part_id, seen=seen)
        check_not_reclassified(old)
        if entry.pk == old.catalogue_class_id:
            raise Invalid(_("The part has this class."), class_code=_("Choose another one."))
        made = Part.objects.get(pk=old.pk)
        made.pk, made._state.adding = None, True
        made.catalogue_class, made.predecessor = entry, old
        made.geom = check_geometry(old.geom, entry)
        made.accuracy_class, made.change_on = entry.accuracy_class, None
        made.initial_on = timezone.localdate(at)
        if made.name == old.catalogue_class.name:
            made.name = entry.name
        if made.state not in Part.STANDING:
            made.change_on = made.initial_on
        made.code = next_code(district=district_code(), entry=entry)
        old.state, old.change_on = Part.State.REMOVED, change_day(old, at)
        old.source_key = old.source_id = ""
        old.save(update_fields=["state", "change_on", "source_key", "source_id"])
        insert(made)
    return made
