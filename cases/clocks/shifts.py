"""Shifts of the people of the two centres, as they were planned from a day on (assessment law §3).

Pure. Times are of Asia/Shanghai.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from cases.clocks.calendar import SHANGHAI
from parts.hours import run_on


@dataclass(frozen=True, slots=True)
class Planned:
    """From when to when a person works, from a day on; without hours he has no shift planned."""

    since: date
    hours: tuple[time, time] | None
    name: str = ""


# Of one person, in the order of their days.
Plan = Sequence[Planned]


def shift_begin(plan: Plan, at: datetime) -> datetime | None:
    """When the shift began in which an instant lies; None where it lies in none that was planned.

    A shift is that of the day on which it begins, also after midnight and where another one is
    planned from then on. Of two that overlap the later.
    """
    local = at.astimezone(SHANGHAI)
    for on in (local.date(), local.date() - timedelta(days=1)):
        planned = planned_on(plan, on)
        if planned is not None and planned.hours is not None:
            begin, end = run_on(on, *planned.hours, SHANGHAI)
            if begin <= local < end:
                return begin
    return None


def planned_on(plan: Plan, on: date) -> Planned | None:
    """What holds for a shift that begins on a day; None where nothing was planned by then."""
    return next((planned for planned in reversed(plan) if planned.since <= on), None)
