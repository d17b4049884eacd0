"""The state of a part: changed with a reason, dated, and never by deleting the part."""

from __future__ import annotations

from datetime import datetime

import pghistory
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from gridcity.contracts import Actor, Invalid, NotVisible
from parts.models import Part
from parts.services.rights import check_is_administrator


def change_part_state(*, actor: Actor, at: datetime, part_id: int, state: str, reason: str) -> Part:
    """Put a part into a state; the reason and the old values stay in its history.

    The change is dated by the day of `at` in Asia/Shanghai. The same state again changes nothing.
    Raises Invalid for an unknown state or a missing reason, NotVisible for an unknown part.
    """
    check_is_administrator(actor)
    if state not in Part.State.values:
        raise Invalid(_("There is no such state."), state=_("Unknown state."))
    if not reason.strip():
        raise Invalid(_("A reason is required."), reason=_("A reason is required."))
    history = pghistory.context(actor=actor.username, reason=reason.strip()[:200])
    with transaction.atomic(), history:
        # two people at one part: the second sees what the first made of it
        part = Part.objects.select_for_update(of=("self",), no_key=True).filter(pk=part_id).first()
        if part is None:
            raise NotVisible
        if part.state != state:
            part.state = state
            part.change_on = max(part.initial_on, timezone.localdate(at))
            part.save(update_fields=["state", "change_on"])
    return part
