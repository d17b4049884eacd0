"""Departments as the rules want them, kept in the process by version."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import time as local_time
from decimal import Decimal
from functools import lru_cache

from django.db.models import QuerySet

from cases.clocks.calendar import DEFAULT_PERIODS, Period, WorkingCalendar, WorkingDates
from cases.selectors.settings import working_dates
from dispatch.models import Department, Membership, Turn

KEPT_S = 5


@dataclass(frozen=True, slots=True)
class Hours:
    """Working periods and length of a working day of one department; hashable."""

    periods: tuple[Period, ...]
    hours_per_working_day: str


def list_departments() -> QuerySet[Department]:
    """The address book: departments in use, by code."""
    return Department.objects.active().order_by("code")


def calendar_of_department(department_id: int) -> WorkingCalendar:
    """The working calendar of a department, with its own periods and working day (law §6.1).

    Read anew every few seconds, as the dates are; an edit by an administrator holds for clocks
    that are started after it.
    """
    tick = int(time.monotonic() / KEPT_S)
    hours = _hours(tick).get(department_id)
    if hours is None:  # made since the last look
        forget()
        hours = _hours(tick)[department_id]
    return _calendar(working_dates(), hours)


def forget() -> None:
    """Read everything anew at the next call: after an edit in this process, and between tests."""
    _hours.cache_clear()


@lru_cache(maxsize=2)
def _hours(tick: int) -> dict[int, Hours]:
    rows = Department.objects.values_list("id", "working_periods", "hours_per_working_day")
    return {
        row_id: Hours(periods_from(periods), str(length.normalize()))
        for row_id, periods, length in rows
    }


@lru_cache(maxsize=256)
def _calendar(dates: WorkingDates, hours: Hours) -> WorkingCalendar:
    """One calendar for one set of dates and hours: departments of the same hours share it."""
    return WorkingCalendar(dates, hours.periods, Decimal(hours.hours_per_working_day))


def periods_from(stored: list[list[str]]) -> tuple[Period, ...]:
    """Periods from pairs such as ["08:00", "12:00"]; none stored means the district's."""
    if not stored:
        return DEFAULT_PERIODS
    return tuple(Period.between(_clock(start), _clock(end)) for start, end in stored)


def _clock(text: str) -> local_time:
    return local_time() if text == "24:00" else local_time.fromisoformat(text)


def members_of(department_id: int, *, leads_only: bool = False) -> list[int]:
    """Ids of the active users of a department, or of its leads."""
    members = Membership.objects.filter(department_id=department_id, user__is_active=True)
    if leads_only:
        members = members.filter(is_lead=True)
    return list(members.order_by("user_id").values_list("user_id", flat=True))


def membership_of(user_id: int) -> Membership | None:
    """Which department a user belongs to, with its name; None for one who belongs to none."""
    return Membership.objects.filter(user_id=user_id).select_related("department").first()


def has_open_turns(department_id: int) -> bool:
    """Whether a department still has cases to handle, or assists in one."""
    open_turns = Turn.objects.filter(ended_at=None)
    return (
        open_turns.filter(department_id=department_id).exists()
        or open_turns.filter(assistants__department_id=department_id).exists()
    )
