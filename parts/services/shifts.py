"""Shifts: their names and hours, in Asia/Shanghai."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, time

import pghistory
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from gridcity.contracts import Actor, Invalid, NotAllowed, NotVisible, StaleVersion
from parts.models import PatrolCell, Shift
from parts.selectors.kept import forget
from parts.services.rights import check_is_administrator

KEY = re.compile(r"[a-z][a-z0-9-]{0,15}")


@dataclass(frozen=True, slots=True)
class ShiftSaid:
    """What an editor says of a shift, or has seen of it."""

    name: str
    begins: time
    ends: time

    @classmethod
    def of(cls, shift: Shift) -> ShiftSaid:
        return cls(shift.name, shift.begins, shift.ends)


def check_said(said: ShiftSaid) -> None:
    """Raise Invalid naming the field."""
    if not said.name.strip():
        raise Invalid(_("A shift needs a name."), name=_("This field is required."))
    if said.begins == said.ends:
        raise Invalid(
            _("A shift cannot begin and end at the same time."), ends=_("Choose another time.")
        )


def add_shift(*, actor: Actor, at: datetime, key: str, said: ShiftSaid) -> Shift:
    """A new shift; nobody is on duty in it until cells are given. Raises Invalid."""
    check_is_administrator(actor)
    check_said(said)
    if not KEY.fullmatch(key):
        raise Invalid(
            _("The key of a shift is a short word of small Latin letters."),
            key=_("Small letters, digits and hyphens, at most 16."),
        )
    with transaction.atomic():
        if Shift.objects.filter(pk=key).exists():
            raise Invalid(_("There is a shift of this key already."), key=_("Choose another."))
        shift = Shift.objects.create(
            key=key, name=said.name.strip(), begins=said.begins, ends=said.ends
        )
    forget()
    return shift


def change_shift(
    *, actor: Actor, at: datetime, key: str, said: ShiftSaid, seen: ShiftSaid
) -> Shift:
    """Another name or other hours. Tasks keep the end of the shift that they were sent in.

    Raises NotVisible, Invalid, and StaleVersion when somebody has changed it since it was seen.
    """
    check_is_administrator(actor)
    check_said(said)
    with transaction.atomic(), pghistory.context(actor=actor.username, at=at.isoformat()):
        shift = Shift.objects.select_for_update(no_key=True).filter(pk=key).first()
        if shift is None:
            raise NotVisible(_("There is no such shift."))
        if ShiftSaid.of(shift) != seen:
            raise StaleVersion(
                _("This shift was changed meanwhile: it is %(name)s, %(begins)s–%(ends)s now.")
                % {
                    "name": shift.name,
                    "begins": f"{shift.begins:%H:%M}",
                    "ends": f"{shift.ends:%H:%M}",
                }
            )
        shift.name, shift.begins, shift.ends = said.name.strip(), said.begins, said.ends
        shift.save(update_fields=["name", "begins", "ends"])
    forget()
    return shift


def remove_shift(*, actor: Actor, at: datetime, key: str) -> None:
    """A shift that nobody ever had cells in. Raises NotVisible, NotAllowed."""
    check_is_administrator(actor)
    with transaction.atomic():
        shift = Shift.objects.select_for_update(no_key=True).filter(pk=key).first()
        if shift is None:
            raise NotVisible(_("There is no such shift."))
        if PatrolCell.objects.filter(patrol__shift=shift).exists():
            raise NotAllowed(_("Supervisors have cells in this shift: take them away first."))
        if shift.patrols.exists():
            raise NotAllowed(
                _("Supervisors had cells in this shift: it is kept, for it is part of history.")
            )
        shift.delete()
    forget()
