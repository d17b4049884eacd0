"""The roster 排班 as it is loaded; administrators plan it on their pages, from tomorrow on."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cases.models import Event, PlannedShift
from gridcity.contracts import Actor, Forbidden

# Before every case that anybody plays.
FIRST_DAY = date(2000, 1, 1)


def load_shifts(*, actor: Actor, at: datetime, shifts: Mapping[int, tuple[str, time, time]]) -> int:
    """Plan for each of these people, by id, a shift's name, begin and end; how many were planned.

    Who has a plan keeps it. Where no case was told of yet the plan holds on every day, else from
    tomorrow on, so that no fact is told otherwise than before. Raises Forbidden to people.
    """
    if not actor.is_system:
        raise Forbidden(_("Shifts are the administrators' to plan."))
    with transaction.atomic():
        tomorrow = timezone.localdate(at) + timedelta(days=1)
        since = tomorrow if Event.objects.exists() else FIRST_DAY
        known = set(PlannedShift.objects.values_list("person_id", flat=True))
        rows = [
            PlannedShift(person_id=person, name=name, begins=begins, ends=ends, valid_from=since)
            for person, (name, begins, ends) in shifts.items()
            if person not in known
        ]
        PlannedShift.objects.bulk_create(rows)
    return len(rows)
