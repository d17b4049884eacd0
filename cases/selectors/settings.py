"""The calendar and the limits of the desks, as the rules want them.

Both change a few times a year and are wanted by every action, so each process keeps them for a
few seconds: an edit holds everywhere after `KEPT_S` at the latest.
"""

from __future__ import annotations

import time
from datetime import date, datetime
from functools import lru_cache

from cases.clocks.calendar import DayKind, WorkingCalendar, WorkingDates
from cases.models import CalendarDay, CalendarYear, StageLimit
from cases.workflow import State

KEPT_S = 5

# Minutes of each stage (domain law §6.2), defaults where the table says nothing.
DEFAULT_STAGE_MINUTES: dict[str, int] = {
    State.REPORTED: 15,
    State.VERIFYING: 30,
    State.SELF_HANDLED: 30,
    State.TO_FILE: 15,
    State.TO_DISPATCH: 15,
    State.TO_CHECK: 15,
    State.CHECKING: 30,
    State.TO_CLOSE: 30,
}


def _tick() -> int:
    return int(time.monotonic() / KEPT_S)


@lru_cache(maxsize=2)
def _stage_limits(tick: int) -> dict[str, list[tuple[datetime, int]]]:
    rows: dict[str, list[tuple[datetime, int]]] = {}
    for state, valid_from, minutes in StageLimit.objects.order_by("valid_from").values_list(
        "state", "valid_from", "minutes"
    ):
        rows.setdefault(state, []).append((valid_from, minutes))
    return rows


def stage_limit_s(state: str, at: datetime) -> int | None:
    """Seconds a desk has for a stage that is entered at `at`; None where no desk's clock runs."""
    minutes = DEFAULT_STAGE_MINUTES.get(state)
    for valid_from, value in _stage_limits(_tick()).get(state, []):
        if valid_from <= at:
            minutes = value
    return None if minutes is None else minutes * 60


@lru_cache(maxsize=2)
def _working_dates(tick: int) -> WorkingDates:
    days = CalendarDay.objects.order_by("on").values_list("on", "kind", "name")
    years = CalendarYear.objects.order_by("year").values_list("year", flat=True)
    return _build_dates(tuple(days), tuple(years))


@lru_cache(maxsize=2)
def _build_dates(days: tuple[tuple[date, str, str], ...], years: tuple[int, ...]) -> WorkingDates:
    """Keyed by the content, so that the calendar's tables are built anew only after an edit."""
    return WorkingDates(
        entries={on: DayKind(kind) for on, kind, _name in days},
        published_years=frozenset(years),
        names={on: name for on, _kind, name in days},
    )


def working_dates() -> WorkingDates:
    """Holidays and worked weekends, with the years that are published (domain law §6.1)."""
    return _working_dates(_tick())


def forget() -> None:
    """Read everything anew at the next call: after an edit in this process, and between tests."""
    for kept in (_stage_limits, _working_dates):
        kept.cache_clear()


def default_calendar() -> WorkingCalendar:
    """The calendar with the default working periods, 08:00–12:00 and 14:00–18:00."""
    return calendar_of(working_dates())


@lru_cache(maxsize=4)
def calendar_of(dates: WorkingDates) -> WorkingCalendar:
    """One calendar for one set of dates: its tables are shared by all who ask."""
    return WorkingCalendar(dates)
