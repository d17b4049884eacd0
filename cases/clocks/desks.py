"""The minutes of a desk: of its own working time, or around the clock (domain law §§5, 6.2).

Pure. A calendar of None stands for a desk that is always manned.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from cases.clocks.calendar import WorkingCalendar
from cases.clocks.deadlines import Due, Unit, due, last_within, spent_seconds


def desk_due(start: datetime, seconds: int, calendar: WorkingCalendar | None) -> Due:
    """When so many seconds of a desk have run from `start` on; none left is due at once."""
    if calendar is None:
        return Due(start + timedelta(seconds=seconds), provisional=False)
    return due(start, timedelta(seconds=max(seconds, 0)), Unit.WORKING_HOUR, calendar)


def desk_green_until(start: datetime, seconds: int, calendar: WorkingCalendar | None) -> datetime:
    """The last instant at which no more than so many seconds have run; below zero: before."""
    if calendar is None:
        return start + timedelta(seconds=seconds)
    return last_within(start, timedelta(seconds=seconds), Unit.WORKING_HOUR, calendar).at


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
