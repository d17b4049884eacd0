"""The roster 排班 of the two centres: who works when, from which day on."""

from __future__ import annotations

from datetime import date

from cases.clocks.shifts import Plan, Planned
from cases.models import PlannedShift
from parts.hours import in_words, spans_of


def read_plans() -> dict[int, Plan]:
    """The plans of everybody who has one, by his id; one query."""
    found: dict[int, list[Planned]] = {}
    rows = PlannedShift.objects.order_by("person_id", "valid_from")
    for person, since, begins, ends in rows.values_list(
        "person_id", "valid_from", "begins", "ends"
    ):
        hours = None if begins is None or ends is None else (begins, ends)
        found.setdefault(person, []).append(Planned(since, hours))
    return dict(found)


def shift_in_words(*, user_id: int, on: date) -> str:
    """The shift of a person that begins on a day: “早班 08:00–16:00”; empty where he has none."""
    rows = PlannedShift.objects.filter(person_id=user_id, valid_from__lte=on)
    held = rows.order_by("-valid_from").first()
    if held is None or held.begins is None or held.ends is None:
        return ""
    return f"{held.name} {in_words(spans_of(held.begins, held.ends))}".strip()
