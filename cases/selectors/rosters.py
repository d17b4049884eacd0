"""The roster 排班 of the two centres: who works when, from which day on."""

from __future__ import annotations

from datetime import date

from cases.clocks.shifts import Plan, Planned, planned_on
from cases.models import PlannedShift
from parts.hours import in_words, spans_of


def read_plans(person_id: int | None = None) -> dict[int, Plan]:
    """The plans of everybody who has one, or of one person, by id; one query."""
    found: dict[int, list[Planned]] = {}
    rows = PlannedShift.objects.order_by("person_id", "valid_from")
    if person_id is not None:
        rows = rows.filter(person_id=person_id)
    for person, since, begins, ends, name in rows.values_list(
        "person_id", "valid_from", "begins", "ends", "name"
    ):
        hours = None if begins is None or ends is None else (begins, ends)
        found.setdefault(person, []).append(Planned(since, hours, name))
    return dict(found)


def shift_in_words(*, user_id: int, on: date) -> str:
    """The shift of a person that begins on a day: “早班 08:00–16:00”; empty where he has none."""
    planned = planned_on(read_plans(user_id).get(user_id, ()), on)
    if planned is None or planned.hours is None:
        return ""
    return f"{planned.name} {in_words(spans_of(*planned.hours))}".strip()
