"""Which coding scheme serves new objects; what was coded before keeps its codes."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from gridcity.contracts import Actor, Invalid, NotAllowed, NotVisible
from parts.models import CodingScheme, SchemeSwitch
from parts.selectors.kept import forget
from parts.selectors.schemes import preview_switch
from parts.services.rights import check_is_administrator

REASON_LIMIT = 200


def switch_scheme(
    *, actor: Actor, at: datetime, target: str, seen: str, reason: str
) -> SchemeSwitch:
    """Let new objects take the scheme `target`; `seen` is the current one that the preview showed.

    Parts, cases, standards and rules that exist stay as they are (`codes.md`). Raises NotVisible
    for an unknown scheme, Invalid without a reason, NotAllowed when it is current already, when
    it has no classes for new cases, or when somebody else was faster.
    """
    check_is_administrator(actor)
    words = reason.replace("\0", "").strip()
    if not words:
        raise Invalid(_("A reason is required."), reason=_("A reason is required."))
    with transaction.atomic():
        # all schemes in one order: two administrators switch one after the other
        rows = CodingScheme.objects.select_for_update(no_key=True).order_by("key")
        schemes = {row.key: row for row in rows}
        new = schemes.get(target)
        if new is None:
            raise NotVisible
        old = next((row for row in schemes.values() if row.is_current), None)
        check_may_switch(old, new, seen)
        preview = preview_switch(new, on=timezone.localdate(at))
        if not preview.events:
            raise NotAllowed(
                _("This scheme has no class of events: no case could take it. Add classes first.")
            )
        for scheme in filter(None, (old, new)):
            scheme.is_current = scheme is new
            scheme.save(update_fields=["is_current"])
        switch = SchemeSwitch.objects.create(
            from_scheme=old,
            to_scheme=new,
            at=at,
            by_id=actor.user_id,
            reason=words[:REASON_LIMIT],
            counted=preview.counted(),
        )
        transaction.on_commit(forget)
    return switch


def check_may_switch(old: CodingScheme | None, new: CodingScheme, seen: str) -> None:
    """Raise NotAllowed when the scheme is current already, or not what the preview showed."""
    if new.is_current:
        raise NotAllowed(_("This scheme is the current one already."))
    if (old.key if old else "") != seen:
        raise NotAllowed(
            _("The current scheme has changed since you looked: look at the preview again.")
        )
