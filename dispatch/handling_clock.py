"""The handling clock of one turn: started, stopped, extended (domain law §6.2).

Pure: a value in, a new value out. The clock runs only while the case is in HANDLING; on return the
deadline is reckoned anew from what is left, in the limit's own unit and the department's calendar.
Durations are in the unit's own time (working time for working units), exact to the microsecond, so
that any number of pauses loses nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from cases.clocks.calendar import WorkingCalendar
from cases.clocks.deadlines import Limit, Unit, allowed, due, is_late, remaining, spent
from cases.clocks.lamps import instants, share_until

NOTHING = timedelta()


class Clock(NamedTuple):
    """What a turn's clock holds. `running_since` is None while it stands.

    `overdue_at` is the due instant that was first passed; it stays though the clock is stopped.
    """

    unit: Unit
    allowed: timedelta
    used: timedelta = NOTHING
    running_since: datetime | None = None
    due_at: datetime | None = None
    overdue_at: datetime | None = None
    provisional: bool = False


def fresh(limit: Limit, calendar: WorkingCalendar) -> Clock:
    """A whole limit, standing: for another department or another round."""
    return Clock(unit=limit.unit, allowed=allowed(limit, calendar))


def started(clock: Clock, at: datetime, calendar: WorkingCalendar) -> Clock:
    """Run from `at` on with what is left."""
    reckoned = due(at, remaining(clock.allowed, clock.used), clock.unit, calendar)
    return clock._replace(running_since=at, due_at=reckoned.at, provisional=reckoned.provisional)


def stopped(clock: Clock, at: datetime, calendar: WorkingCalendar) -> Clock:
    """Stand from `at` on; what ran is used, and a passed deadline is remembered."""
    if clock.running_since is None:
        return clock
    return clock._replace(
        used=used_at(clock, at, calendar),
        overdue_at=overdue_since(clock, at),
        running_since=None,
        due_at=None,
        provisional=False,
    )


def longer(clock: Clock, extra: timedelta, calendar: WorkingCalendar) -> Clock:
    """Allow more, in the unit's own time; a running clock gets its deadline anew."""
    clock = clock._replace(allowed=clock.allowed + extra)
    if clock.running_since is None or not extra:
        return clock
    left = remaining(clock.allowed, clock.used)
    reckoned = due(clock.running_since, left, clock.unit, calendar)
    return clock._replace(due_at=reckoned.at, provisional=reckoned.provisional)


def recomputed(clock: Clock, at: datetime, calendar: WorkingCalendar) -> Clock:
    """The running clock under a calendar that has changed: its deadline anew (§6.1).

    Never to an instant already past: where the time would have run out before now, it runs out
    now. A deadline that has passed stays as it was.
    """
    if clock.running_since is None or clock.due_at is None or is_late(at, clock.due_at):
        return clock
    left = remaining(clock.allowed, clock.used)
    reckoned = due(clock.running_since, left, clock.unit, calendar)
    if reckoned.at >= at:
        return clock._replace(due_at=reckoned.at, provisional=reckoned.provisional)
    used = max(clock.used, clock.allowed)
    return clock._replace(used=used, running_since=at, due_at=at, provisional=False)


def used_at(clock: Clock, at: datetime, calendar: WorkingCalendar) -> timedelta:
    """Time used up to `at`; a moment before the start counts as the start."""
    if clock.running_since is None:
        return clock.used
    ran = spent(clock.running_since, max(at, clock.running_since), clock.unit, calendar)
    return clock.used + ran


def overdue_since(clock: Clock, at: datetime) -> datetime | None:
    """When the clock first became overdue, if it ever was by `at`."""
    if clock.overdue_at is not None:
        return clock.overdue_at
    if clock.due_at is not None and is_late(at, clock.due_at):
        return clock.due_at
    return None


def marks(clock: Clock, calendar: WorkingCalendar, shares: Iterable[int]) -> list[datetime]:
    """When the running clock reaches each share, in per cent, of what is allowed (§6.4)."""
    assert clock.running_since is not None
    listed = instants(clock.running_since, clock.used, clock.allowed, clock.unit, calendar, shares)
    return [mark.at for mark in listed]


def green_end(clock: Clock, calendar: WorkingCalendar, share: int) -> datetime:
    """The last instant at which the running clock's lamp is green, up to a share (§6.3)."""
    assert clock.running_since is not None
    return share_until(
        clock.running_since, clock.used, clock.allowed, clock.unit, calendar, share
    ).at


def may_return(
    clock: Clock, whole: timedelta, at: datetime, calendar: WorkingCalendar,
    *, share: int, least: timedelta,
) -> tuple[bool, bool]:  # fmt: skip
    """Whether a return may be asked: (within the first part of the limit, never once overdue), §5.

    The part is `share` per cent of the original limit `whole`, at least `least`, both in the
    unit's own time.
    """
    within = used_at(clock, at, calendar) <= max(whole * share / 100, least)
    return within, overdue_since(clock, at) is None
