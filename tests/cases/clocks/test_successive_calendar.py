"""Working hours that change on a date, against a walk minute by minute (domain law §6.1)."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import chinese_calendar
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cases.clocks.calendar import DEFAULT_PERIODS, Period, WorkingCalendar
from cases.clocks.deadlines import Limit, Unit, deadline, due, last_within, spent
from cases.clocks.published import published_dates
from cases.clocks.successive import SuccessiveCalendar
from cases.clocks.words import sentence, trace

ZONE = ZoneInfo("Asia/Shanghai")
MINUTE = timedelta(minutes=1)
DATES = published_dates()
DAY = (Period(8 * 60, 12 * 60), Period(14 * 60, 18 * 60))
SHORT = (Period(9 * 60, 12 * 60), Period(13 * 60, 16 * 60 + 30))
NIGHT = (Period(10 * 60, 11 * 60), Period(22 * 60, 30 * 60))
# From the Spring Festival of 2026 on, within it, and on a worked Saturday.
CHANGES = {
    "day to short": (DAY, [(date(2026, 2, 24), SHORT)]),
    "day to night": (DAY, [(date(2026, 2, 14), NIGHT)]),
    "night to day": (NIGHT, [(date(2026, 2, 14), DAY)]),
    "twice within a holiday": (DAY, [(date(2026, 2, 17), NIGHT), (date(2026, 2, 19), SHORT)]),
    "there and back": (DAY, [(date(2026, 2, 12), SHORT), (date(2026, 2, 25), DAY)]),
}


def build(name: str) -> SuccessiveCalendar:
    first, later = CHANGES[name]
    following = tuple((on, WorkingCalendar(DATES, periods)) for on, periods in later)
    return SuccessiveCalendar(DATES, first, later=following)


CALENDARS = {name: build(name) for name in CHANGES}
naive = datetime.fromisoformat
starts = st.datetimes(naive("2026-02-09"), naive("2026-02-28"), timezones=st.just(ZONE))
names = st.sampled_from(sorted(CHANGES))
lengths = st.timedeltas(timedelta(), timedelta(days=6))
amounts = st.timedeltas(MINUTE, timedelta(hours=40))


def runs(name: str, minute: datetime) -> bool:
    """Whether the minute that begins then, in local time, is working time."""
    first, later = CHANGES[name]
    periods = next((spans for on, spans in reversed(later) if on <= minute.date()), first)
    of_day = minute.hour * 60 + minute.minute
    today = chinese_calendar.is_workday(minute.date())
    yesterday = chinese_calendar.is_workday(minute.date() - timedelta(days=1))
    return any(
        (today and start <= of_day < end) or (yesterday and start <= of_day + 1440 < end)
        for start, end in periods
    )


def walked(name: str, start: datetime, end: datetime) -> timedelta:
    """Working time from start to end, minute by minute."""
    total, minute = timedelta(), start.replace(second=0, microsecond=0)
    while minute < end:
        if runs(name, minute):
            total += min(end, minute + MINUTE) - max(start, minute)
        minute += MINUTE
    return total


@settings(max_examples=80, deadline=None)
@given(name=names, start=starts, length=lengths)
def test_time_spent_across_a_change_is_what_the_minute_walk_counts(name, start, length):
    end = start + length
    found = spent(start.astimezone(UTC), end.astimezone(UTC), Unit.WORKING_HOUR, CALENDARS[name])
    assert found == walked(name, start, end)


@settings(max_examples=300, deadline=None)
@given(name=names, start=starts, amount=amounts)
def test_a_deadline_is_the_first_instant_at_which_the_amount_is_spent(name, start, amount):
    calendar, unit = CALENDARS[name], Unit.WORKING_HOUR
    end = due(start, amount, unit, calendar).at
    assert spent(start, end, unit, calendar) == amount
    assert spent(start, end - timedelta(microseconds=1), unit, calendar) < amount


@settings(max_examples=300, deadline=None)
@given(name=names, start=starts, amount=amounts)
def test_the_last_instant_within_an_amount_is_followed_by_working_time(name, start, amount):
    calendar, unit = CALENDARS[name], Unit.WORKING_HOUR
    last = last_within(start, amount, unit, calendar).at
    assert spent(start, last, unit, calendar) == amount
    assert spent(start, last + timedelta(microseconds=1), unit, calendar) > amount


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


def test_a_limit_is_measured_by_the_hours_that_hold_when_it_begins():
    four = WorkingCalendar(DATES, SHORT, Decimal(4))
    calendar = SuccessiveCalendar(DATES, DAY, later=((date(2026, 3, 4), four),))
    day = Limit(1, Unit.WORKING_DAY)
    # Eight hours: two on Tuesday, six of Wednesday's six and a half.
    assert deadline(at("2026-03-03 16:00"), day, calendar).at == at("2026-03-04 16:00")
    assert deadline(at("2026-03-04 09:00"), day, calendar).at == at("2026-03-04 14:00")


def test_the_trace_tells_the_hours_of_both_sides():
    calendar = CALENDARS["day to short"]
    traced = trace(at("2026-02-13 15:00"), timedelta(hours=16), Unit.WORKING_DAY, calendar)
    assert sum((segment.counted for segment in traced.segments), timedelta()) == traced.amount
    assert sentence(traced, calendar) == (
        "2 工作日：2月13日 15:00 起…2月14日调休上班…春节2月15–23日…2月24日 15:00 止"
    )


@pytest.mark.parametrize("name", sorted(CHANGES))
def test_segments_tile_the_time_across_a_change(name):
    calendar = CALENDARS[name]
    traced = trace(at("2026-02-10 23:00"), timedelta(hours=70), Unit.WORKING_HOUR, calendar)
    assert sum((segment.counted for segment in traced.segments), timedelta()) == traced.amount


def test_dates_out_of_order_are_refused():
    plain = WorkingCalendar(DATES, DEFAULT_PERIODS)
    with pytest.raises(ValueError):
        SuccessiveCalendar(DATES, DAY, later=((date(2026, 3, 4), plain), (date(2026, 3, 3), plain)))
