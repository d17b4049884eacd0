"""Departments as the rules want them, kept in the process by version."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from django.db.models import QuerySet

from cases.clocks.calendar import WorkingCalendar, WorkingDates
from cases.selectors.settings import (
    DISTRICT_HOURS,
    Hours,
    Stretches,
    calendar_of,
    district_hours,
    hours_from,
    working_dates,
)
from dispatch.models import Department, DepartmentHours, Membership, Turn
from parts.selectors.compiled import compiled
from parts.selectors.kept import tick


def list_departments() -> QuerySet[Department]:
    """The address book: departments in use, by code."""
    return Department.objects.active().order_by("code")


def calendar_of_department(department_id: int) -> WorkingCalendar:
    """The working calendar of a department, with its own periods and working day (law §6.1).

    Read anew every few seconds, as the dates are; clocks that run are reckoned anew after an edit.
    """
    return _calendar(department_id, tick(), working_dates(), district_hours())


@lru_cache(maxsize=1024)
def _calendar(
    department_id: int, now: int, dates: WorkingDates, district: Stretches
) -> WorkingCalendar:
    own = _own_hours(now).get(department_id)
    if own is None:  # made since the last look
        _own_hours.cache_clear()
        own = _own_hours(now)[department_id]
    first, later = in_force(own, district)
    return calendar_of(dates, first, later)


def forget() -> None:
    """Read everything anew at the next call: after an edit in this process, and between tests."""
    _own_hours.cache_clear()
    _calendar.cache_clear()


@dataclass(frozen=True, slots=True)
class OwnHours:
    """What a department has stated of its hours: at first, and from dates on. No periods: none."""

    first: Hours
    later: Stretches


@lru_cache(maxsize=2)
def _own_hours(now: int) -> dict[int, OwnHours]:
    later: dict[int, list[tuple[date, Hours]]] = {}
    for row in DepartmentHours.objects.order_by("valid_from"):
        hours = hours_from(row.working_periods, row.hours_per_working_day)
        later.setdefault(row.department_id, []).append((row.valid_from, hours))
    rows = Department.objects.values_list("id", "working_periods", "hours_per_working_day")
    return {
        row_id: OwnHours(hours_from(periods, length), tuple(later.get(row_id, ())))
        for row_id, periods, length in rows
    }


@lru_cache(maxsize=256)
def in_force(own: OwnHours, district: Stretches) -> tuple[Hours, Stretches]:
    """A department's hours at first and by date: where it has none, the periods are the district's.

    The length of its working day is always its own.
    """
    starts = sorted({on for on, _hours in (*own.later, *district)})
    merged = [
        _or_the_district_s(_at(on, own.first, own.later), _at(on, DISTRICT_HOURS, district))
        for on in starts
    ]
    first = _or_the_district_s(own.first, DISTRICT_HOURS)
    return first, tuple(zip(starts, merged, strict=True))


def _at(on: date, first: Hours, later: Stretches) -> Hours:
    return next((hours for start, hours in reversed(later) if start <= on), first)


def _or_the_district_s(own: Hours, district: Hours) -> Hours:
    return own if own.periods else Hours(district.periods, own.hours_per_working_day)


def members_of(department_id: int, *, leads_only: bool = False) -> list[int]:
    """Ids of the users who may act for a department, or of its leads."""
    acting = _acting(department_id=department_id)
    return [user_id for user_id, is_lead in acting if is_lead or not leads_only]


@compiled
def _acting(department_id: Any) -> QuerySet[Membership, tuple[int, bool]]:
    members = Membership.objects.acting().filter(department_id=department_id)
    return members.order_by("user_id").values_list("user_id", "is_lead")


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
