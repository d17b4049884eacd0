"""The state of a part: changed with a reason, dated, and never by deleting the part."""

from __future__ import annotations

from datetime import datetime

import pghistory
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from gridcity.contracts import Actor, Invalid, NotAllowed
from parts.models import Part
from parts.services.attributes import clean_reason
from parts.services.locking import change_day, lock_part
from parts.services.rights import check_is_administrator


def change_part_state(
    *,
    actor: Actor,
    at: datetime,
    part_id: int,
    state: str,
    reason: str,
    seen: int | None = None,
    case_number: str = "",
) -> Part:
    """Put a part into a state; the reason and the old values stay in its history.

    The change is dated by the day of `at` in Asia/Shanghai. The same state again changes nothing.
    Raises Invalid for an unknown state or a missing reason, NotVisible for an unknown part,
    NotAllowed for one that was reclassified, StaleVersion when it changed since `seen`.
    """
    check_is_administrator(actor)
    if state not in Part.State.values:
        raise Invalid(_("There is no such state."), state=_("Unknown state."))
    said = {"actor": actor.username, "reason": clean_reason(reason)}
    if case_number:
        said["case"] = case_number
    with transaction.atomic(), pghistory.context(**said):
        part = lock_part(part_id=part_id, seen=seen)
        if part.state != state:
            check_not_reclassified(part)
            part.state = state
            part.change_on = change_day(part, at)
            part.save(update_fields=["state", "change_on"])
    return part


def check_not_reclassified(part: Part) -> None:
    """Raise NotAllowed for a part that goes on under another code."""
    after = Part.objects.filter(predecessor=part).values_list("code", flat=True).first()
    if after:
        raise NotAllowed(_("This part was reclassified: it goes on as %(code)s.") % {"code": after})
