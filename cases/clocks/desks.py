"""The minutes of a desk: of its own working time, or around the clock (domain law §§5, 6.2).

Pure. A calendar of None stands for a desk that is always manned.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from cases.clocks.calendar import WorkingCalendar
from cases.clocks.deadlines import Due, Unit, due, last_within, spent_seconds


def desk_due(start: datetime, seconds: int, calendar: WorkingCalendar | None) -> Due:
    """When so many seconds of a desk have run from `start` on; none left is due at once."""
    if calendar is None:
        return Due(start + timedelta(seconds=seconds), provisional=False)
    return due(start, timedelta(seconds=max(seconds, 0)), Unit.WORKING_HOUR, calendar)


class StageInstants(NamedTuple):
    """When a desk's stage is due, until when its lamp is green, and when twice its limit has run.

    Where more had run than green allows, green ended before the stage began.
    """

    due: Due
    green_until: datetime
    twice_at: datetime


def desk_instants(
    start: datetime, left_s: int, green_s: int, limit_s: int, calendar: WorkingCalendar | None
) -> StageInstants:
    """Those of a stage that runs from `start` on with so many seconds left of its limit."""
    reckoned = desk_due(start, left_s, calendar)
    if calendar is None:
        green_until = start + timedelta(seconds=green_s)
        return StageInstants(reckoned, green_until, reckoned.at + timedelta(seconds=limit_s))
    green = last_within(start, timedelta(seconds=green_s), Unit.WORKING_HOUR, calendar)
    return StageInstants(reckoned, green.at, desk_due(start, left_s + limit_s, calendar).at)


def idle_at(start: datetime, twice_at: datetime) -> datetime | None:
    """A day after a stage began, where nobody beyond its desk hears of it before (law §6.4, end).

    So a desk that keeps weekdays traps no case over a weekend; None where `twice_at`, when the next
    above is told, comes first.
    """
    day = start + timedelta(days=1)
    return day if day < twice_at else None


def desk_spent_s(start: datetime, end: datetime, calendar: WorkingCalendar | None) -> int:
    """Whole seconds of a desk between two instants."""
    if calendar is None:
        return int((end - start).total_seconds())
    return spent_seconds(start, end, Unit.WORKING_HOUR, calendar)
