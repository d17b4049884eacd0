"""The calendar and the numbers of the clocks, as the rules want them.

Both change a few times a year and are wanted by every action, so each process keeps them for a
few seconds: an edit holds everywhere after `parts.selectors.kept.KEPT_S` at the latest.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from datetime import time as local_time
from decimal import Decimal
from functools import lru_cache

from django.utils import timezone

from cases.clocks.calendar import (
    DEFAULT_HOURS_PER_WORKING_DAY,
    DEFAULT_PERIODS,
    DayKind,
    Period,
    WorkingCalendar,
    WorkingDates,
)
from cases.clocks.numbers import (
    NUMBERS,
    STAGE_MINUTES,
    Number,
    review_key,
    stage_key,
    verify_key,
)
from cases.clocks.successive import SuccessiveCalendar
from cases.models import (
    CalendarDay,
    CalendarYear,
    ClockNumber,
    DeskHours,
    ProvisionalDays,
    WorkingHours,
)
from cases.sources import VERIFIED_SOURCES
from parts.selectors.kept import tick


@lru_cache(maxsize=2)
def _numbers(now: int) -> dict[str, list[tuple[datetime, int]]]:
    rows: dict[str, list[tuple[datetime, int]]] = {}
    for key, valid_from, value in ClockNumber.objects.order_by("valid_from").values_list(
        "key", "valid_from", "value"
    ):
        rows.setdefault(key, []).append((valid_from, value))
    return rows


def number_at(key: str, at: datetime) -> int:
    """A number of the law as it holds at an instant: what was set, else the default."""
    value = NUMBERS[key].default
    for valid_from, set_to in _numbers(tick()).get(key, []):
        if valid_from <= at:
            value = set_to
    return value


def days_at(key: str, at: datetime) -> timedelta:
    """A number of days as it holds at an instant."""
    return timedelta(days=number_at(key, at))


def must_verify(source: str, at: datetime) -> bool:
    """Whether reports of a source are verified on site before filing (domain law §2)."""
    return source in VERIFIED_SOURCES or number_at(verify_key(source), at) == 1


def stage_limit_s(state: str, at: datetime) -> int | None:
    """Seconds a desk has for a stage that is entered at `at`; None where no desk's clock runs."""
    if state not in STAGE_MINUTES:
        return None
    return number_at(stage_key(state), at) * 60


def review_limit(role: str, at: datetime) -> timedelta:
    """The time of a review that begins at `at`."""
    return timedelta(minutes=number_at(review_key(role), at))


@dataclass(frozen=True, slots=True)
class NumberInForce:
    """A number as its page shows it: what holds, since when, and what follows."""

    number: Number
    value: int
    since: datetime | None
    coming: list[tuple[datetime, int]]


def list_numbers(at: datetime) -> list[NumberInForce]:
    """All numbers of the clocks in the order of their page."""
    rows = _numbers(tick())
    found = []
    for number in NUMBERS.values():
        set_to = rows.get(number.key, [])
        held = [row for row in set_to if row[0] <= at]
        since, value = held[-1] if held else (None, number.default)
        found.append(NumberInForce(number, value, since, [row for row in set_to if row[0] > at]))
    return found


@lru_cache(maxsize=2)
def _working_dates(now: int) -> WorkingDates:
    days = CalendarDay.objects.order_by("on").values_list("on", "kind", "name")
    years = CalendarYear.objects.order_by("year").values_list("year", flat=True)
    rows = ProvisionalDays.objects.order_by("first_year").values_list("first_year", "days")
    provisional = tuple((year, tuple(_month_and_day(day) for day in off)) for year, off in rows)
    return _build_dates(tuple(days), tuple(years), provisional)


def _month_and_day(text: str) -> tuple[int, int]:
    month, _dash, day = text.partition("-")
    return int(month), int(day)


@lru_cache(maxsize=2)
def _build_dates(
    days: tuple[tuple[date, str, str], ...],
    years: tuple[int, ...],
    provisional: tuple[tuple[int, tuple[tuple[int, int], ...]], ...],
) -> WorkingDates:
    """Keyed by the content, so that the calendar's tables are built anew only after an edit."""
    return WorkingDates(
        entries={on: DayKind(kind) for on, kind, _name in days},
        published_years=frozenset(years),
        names={on: name for on, _kind, name in days},
        provisional=provisional,
    )


def working_dates() -> WorkingDates:
    """Holidays and worked weekends, with the years that are published (domain law §6.1)."""
    return _working_dates(tick())


@dataclass(frozen=True, slots=True)
class Hours:
    """Working periods and the length of a working day; hashable."""

    periods: tuple[Period, ...]
    hours_per_working_day: str


Stretches = tuple[tuple[date, Hours], ...]
#: A default of this product: what holds before the first date that is set.
DISTRICT_HOURS = Hours(DEFAULT_PERIODS, str(DEFAULT_HOURS_PER_WORKING_DAY))


def hours_from(stored: list[list[str]], length: Decimal) -> Hours:
    """Hours from pairs such as ["08:00", "12:00"] and the length of a working day."""
    periods = tuple(Period.between(_clock(start), _clock(end)) for start, end in stored)
    return Hours(periods, str(length.normalize()))


def _clock(text: str) -> local_time:
    return local_time() if text == "24:00" else local_time.fromisoformat(text)


@lru_cache(maxsize=2)
def _district_hours(now: int) -> Stretches:
    rows = WorkingHours.objects.order_by("valid_from").values_list(
        "valid_from", "working_periods", "hours_per_working_day"
    )
    return tuple((valid_from, hours_from(*row)) for valid_from, *row in rows)


def district_hours() -> Stretches:
    """The hours of the district by the dates from which they hold, after the default's."""
    return _district_hours(tick())


@lru_cache(maxsize=2)
def _desk_hours(now: int) -> dict[str, list[tuple[date, Hours]]]:
    found: dict[str, list[tuple[date, Hours]]] = {}
    for row in DeskHours.objects.order_by("valid_from"):
        hours = hours_from(row.working_periods, row.hours_per_working_day)
        found.setdefault(row.desk, []).append((row.valid_from, hours))
    return found


def desk_calendar(desk: str, at: datetime) -> WorkingCalendar | None:
    """The working time by which a desk's limit that begins at `at` is reckoned; None: all time."""
    stated = _desk_hours(tick()).get(desk)
    if not stated:
        return None
    on = timezone.localdate(at)
    held = [hours for since, hours in stated if since <= on]
    if not held or not held[-1].periods:
        return None
    return calendar_of(working_dates(), held[-1], ())


def forget() -> None:
    """Read everything anew at the next call: after an edit in this process, and between tests."""
    for kept in (_numbers, _working_dates, _district_hours, _desk_hours, _default_calendar):
        kept.cache_clear()


def default_calendar() -> WorkingCalendar:
    """The calendar of the district; by default 08:00–12:00 and 14:00–18:00."""
    return _default_calendar(tick())


@lru_cache(maxsize=2)
def _default_calendar(now: int) -> WorkingCalendar:
    return calendar_of(_working_dates(now), DISTRICT_HOURS, _district_hours(now))


@lru_cache(maxsize=256)
def calendar_of(dates: WorkingDates, first: Hours, later: Stretches) -> WorkingCalendar:
    """One calendar for one set of dates and hours: all who have the same share it."""
    following = [(on, _plain_calendar(dates, hours)) for on, hours in later]
    if not following:
        return _plain_calendar(dates, first)
    return SuccessiveCalendar(
        dates, first.periods, Decimal(first.hours_per_working_day), tuple(following)
    )


def _plain_calendar(dates: WorkingDates, hours: Hours) -> WorkingCalendar:
    return WorkingCalendar(dates, hours.periods, Decimal(hours.hours_per_working_day))
