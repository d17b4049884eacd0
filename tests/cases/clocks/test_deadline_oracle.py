"""Deadlines against an oracle that walks minute by minute, and the laws they must keep.

The oracle shares nothing with the product: it asks chinese_calendar for each day and zoneinfo for
local time, and takes one minute after the other until the amount is used up.
"""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache
from zoneinfo import ZoneInfo

import chinese_calendar
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from cases.clocks.calendar import DEFAULT_PERIODS, Period, WorkingCalendar
from cases.clocks.deadlines import (
    Limit,
    Unit,
    allowed,
    deadline,
    due,
    last_within,
    remaining,
    spent,
    spent_seconds,
)
from cases.clocks.published import published_dates

ZONE = ZoneInfo("Asia/Shanghai")
MINUTE = timedelta(minutes=1)
naive = datetime.fromisoformat
PROVISIONAL_HOLIDAYS = {(1, 1), (5, 1), (5, 2), (5, 3), (10, 1), (10, 2), (10, 3)}
FIRST_PUBLISHED, LAST_PUBLISHED = 2004, 2026


def hm(text):
    hours, minutes = text.split(":")
    return int(hours) * 60 + int(minutes)


def periods(*spans):
    return tuple(Period(*(hm(end) for end in span.split("-"))) for span in spans)


DATES = published_dates()
CALENDARS = {
    "default": WorkingCalendar(DATES),
    "seven_and_a_half_hours": WorkingCalendar(
        DATES, periods("08:30-12:00", "13:30-17:30"), Decimal("7.5")
    ),
    "late_shift_to_midnight": WorkingCalendar(DATES, periods("16:00-20:15", "20:45-24:00")),
    "night_shift_over_midnight": WorkingCalendar(DATES, periods("22:00-30:00")),
    "day_and_night_shift": WorkingCalendar(DATES, periods("10:00-11:00", "21:30-28:10"), 6),
    "three_touching_periods": WorkingCalendar(
        DATES, periods("00:00-00:01", "09:00-12:00", "12:00-12:45")
    ),
    "around_the_clock": WorkingCalendar(DATES, periods("00:00-24:00"), Decimal(24)),
}

calendars = st.sampled_from(list(CALENDARS.values()))
zones = st.sampled_from([UTC, ZONE, ZoneInfo("America/New_York"), ZoneInfo("Asia/Kathmandu")])
working_units = st.sampled_from([Unit.WORKING_HOUR, Unit.WORKING_DAY])
units = st.sampled_from(list(Unit))
any_instant = st.datetimes(naive("2004-01-01"), naive("2026-12-31"), timezones=zones)
hours_of_edges = st.sampled_from([0, 6, 8, 12, 14, 18, 20, 22, 24])
edges = st.builds(
    lambda on, hours, shift: (
        datetime(on.year, on.month, on.day, tzinfo=ZONE)
        + timedelta(hours=hours, microseconds=shift)
    ),
    st.dates(date(2004, 1, 1), date(2026, 12, 30))
    | st.dates(date(2026, 2, 11), date(2026, 3, 2))
    | st.dates(date(2026, 12, 20), date(2026, 12, 30)),
    hours_of_edges,
    st.sampled_from([0, 0, -1, 1, 59_999_999]),
)
starts = any_instant | edges
limits = st.builds(
    Limit,
    st.integers(1, 5)
    | st.decimals("0.01", "5", places=2)
    | st.sampled_from([Decimal("0.5"), Decimal(8)]),
    units,
)
amounts = st.timedeltas(timedelta(), timedelta(hours=60)) | st.integers(0, 60).map(
    lambda hours: timedelta(hours=hours)
)


@cache
def is_workday(on):
    if FIRST_PUBLISHED <= on.year <= LAST_PUBLISHED:
        return chinese_calendar.is_workday(on)
    return on.weekday() < 5 and (on.month, on.day) not in PROVISIONAL_HOLIDAYS


@cache
def workday_of(ordinal):
    return is_workday(date.fromordinal(ordinal))


def runs(minute, spans):
    """Whether the local minute (counted from the year 1) is working time."""
    ordinal, of_day = divmod(minute, 1440)
    today, yesterday = workday_of(ordinal), workday_of(ordinal - 1)
    return any(
        (today and start <= of_day < end) or (yesterday and start <= of_day + 1440 < end)
        for start, end in spans
    )


def local_minute(at):
    """The local minute in which an instant lies, and how far into it."""
    local = at.astimezone(ZONE)
    into = timedelta(seconds=local.second, microseconds=local.microsecond)
    return local.toordinal() * 1440 + local.hour * 60 + local.minute, into


def instant(minute, into):
    ordinal, of_day = divmod(minute, 1440)
    midnight = datetime.combine(date.fromordinal(ordinal), datetime.min.time())
    return (midnight + timedelta(minutes=of_day) + into).replace(tzinfo=ZONE)


def walk_to_due(start, amount, unit, spans):
    if not amount:
        return start
    minute, into = local_minute(start)
    while True:
        if unit.runs_on or runs(minute, spans):
            if amount <= MINUTE - into:
                return instant(minute, into + amount)
            amount -= MINUTE - into
        minute, into = minute + 1, timedelta()


def walk_to_end(start, end, unit, spans):
    (minute, into), (last, last_into) = local_minute(start), local_minute(end)
    total = timedelta()
    while minute < last:
        if unit.runs_on or runs(minute, spans):
            total += MINUTE - into
        minute, into = minute + 1, timedelta()
    return total + last_into - into if unit.runs_on or runs(last, spans) else total


SPRING_FESTIVAL_EVE = datetime(2026, 2, 13, 15, tzinfo=ZONE)
YEARS_END = datetime(2026, 12, 31, 17, 30, tzinfo=ZONE)


@settings(max_examples=250, deadline=None)
@given(start=starts, limit=limits, calendar=calendars)
@example(SPRING_FESTIVAL_EVE, Limit(2, Unit.WORKING_DAY), CALENDARS["default"])
@example(SPRING_FESTIVAL_EVE, Limit(3, Unit.WORKING_DAY), CALENDARS["night_shift_over_midnight"])
@example(YEARS_END, Limit(5, Unit.WORKING_DAY), CALENDARS["late_shift_to_midnight"])
def test_a_deadline_is_where_the_minute_walk_ends(start, limit, calendar):
    amount = allowed(limit, calendar)
    walked = walk_to_due(start, amount, limit.unit, calendar.periods)
    assert deadline(start, limit, calendar).at == walked


@settings(max_examples=200, deadline=None)
@given(
    start=starts,
    length=st.timedeltas(timedelta(), timedelta(days=12)),
    unit=units,
    calendar=calendars,
)
@example(SPRING_FESTIVAL_EVE, timedelta(days=12), Unit.WORKING_DAY, CALENDARS["default"])
@example(YEARS_END, timedelta(days=9), Unit.WORKING_HOUR, CALENDARS["day_and_night_shift"])
def test_time_spent_is_what_the_minute_walk_counts(start, length, unit, calendar):
    end = start.astimezone(UTC) + length
    assert spent(start, end, unit, calendar) == walk_to_end(start, end, unit, calendar.periods)


@settings(max_examples=100, deadline=None)
@given(start=starts, amount=amounts, unit=working_units, calendar=calendars)
def test_the_last_instant_within_an_amount_is_followed_by_working_time(
    start, amount, unit, calendar
):
    last = last_within(start, amount, unit, calendar).at
    after = last + timedelta(microseconds=1)
    assert walk_to_end(start, last, unit, calendar.periods) == amount
    assert spent(start, last, unit, calendar) == amount
    assert spent(start, after, unit, calendar) > amount


@settings(max_examples=500, deadline=None)
@given(start=starts, amount=amounts, unit=units, calendar=calendars)
def test_the_time_spent_up_to_a_deadline_is_the_amount(start, amount, unit, calendar):
    assert spent(start, due(start, amount, unit, calendar).at, unit, calendar) == amount


@settings(max_examples=500, deadline=None)
@given(start=starts, amount=amounts, unit=units, calendar=calendars)
def test_a_deadline_is_the_first_instant_at_which_the_amount_is_spent(
    start, amount, unit, calendar
):
    assume(amount)
    before = due(start, amount, unit, calendar).at - timedelta(microseconds=1)
    assert spent(start, before, unit, calendar) < amount


@settings(max_examples=500, deadline=None)
@given(first=starts, second=starts, third=starts, unit=units, calendar=calendars)
def test_spans_add_up_whatever_the_order_of_their_ends(first, second, third, unit, calendar):
    whole = spent(first, third, unit, calendar)
    assert spent(first, second, unit, calendar) + spent(second, third, unit, calendar) == whole


@settings(max_examples=300, deadline=None)
@given(first=starts, second=starts, third=starts, unit=units, calendar=calendars)
def test_stored_seconds_add_up_and_stray_less_than_one_from_the_exact_time(
    first, second, third, unit, calendar
):
    one, other = (
        spent_seconds(first, second, unit, calendar),
        spent_seconds(second, third, unit, calendar),
    )
    assert one + other == spent_seconds(first, third, unit, calendar)
    exact = spent(first, second, unit, calendar)
    assert abs(timedelta(seconds=one) - exact) < timedelta(seconds=1)


@settings(max_examples=300, deadline=None)
@given(
    start=starts,
    seconds=st.integers(0, 60 * 3600),
    early=st.timedeltas(timedelta(), timedelta(minutes=90)),
    unit=units,
    calendar=calendars,
)
def test_a_span_that_ends_in_time_never_stores_more_seconds_than_were_left(
    start, seconds, early, unit, calendar
):
    due_at = due(start, timedelta(seconds=seconds), unit, calendar).at
    assert spent_seconds(start, due_at, unit, calendar) == seconds
    stopped = max(start, due_at - early)
    assert spent_seconds(start, stopped, unit, calendar) <= seconds


@settings(max_examples=300, deadline=None)
@given(start=starts, amount=amounts, pauses=st.lists(amounts, max_size=6), calendar=calendars)
def test_a_clock_paused_at_will_gains_and_loses_nothing(start, amount, pauses, calendar):
    unit, used, at = Unit.WORKING_DAY, timedelta(), start.astimezone(UTC)
    for pause in pauses:
        stopped = min(at + pause / 3, due(at, remaining(amount, used), unit, calendar).at)
        used += spent(at, stopped, unit, calendar)
        at = stopped + pause
    end = due(at, remaining(amount, used), unit, calendar).at
    assert used + spent(at, end, unit, calendar) == amount


@settings(max_examples=500, deadline=None)
@given(
    start=starts,
    later=st.timedeltas(timedelta(), timedelta(days=30)),
    amount=amounts,
    more=amounts,
    unit=units,
    calendar=calendars,
)
def test_a_later_start_or_a_longer_limit_is_never_due_earlier(
    start, later, amount, more, unit, calendar
):
    start = start.astimezone(UTC)
    earliest = due(start, amount, unit, calendar).at
    assert earliest >= start
    assert due(start + later, amount, unit, calendar).at >= earliest
    assert due(start, amount + more, unit, calendar).at >= earliest


@settings(max_examples=300, deadline=None)
@given(start=starts, amount=amounts, unit=working_units)
def test_a_deadline_is_provisional_exactly_when_it_runs_past_the_published_years(
    start, amount, unit
):
    assume(amount)
    answer = due(start, amount, unit, CALENDARS["default"])
    new_year = datetime(LAST_PUBLISHED + 1, 1, 1, tzinfo=ZONE)
    assert answer.provisional == (answer.at > new_year)


@settings(max_examples=300, deadline=None)
@given(start=any_instant, limit=limits)
def test_the_zone_in_which_a_start_is_given_changes_nothing(start, limit):
    calendar = CALENDARS["default"]
    in_utc = deadline(start.astimezone(UTC), limit, calendar)
    assert deadline(start, limit, calendar) == in_utc
    assert in_utc.at.utcoffset() == timedelta()


def test_the_default_calendar_of_the_oracle_has_the_default_periods():
    assert CALENDARS["default"].periods == DEFAULT_PERIODS == periods("08:00-12:00", "14:00-18:00")
