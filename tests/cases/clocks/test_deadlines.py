"""Deadlines reckoned by hand, and the edges of the rules."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from cases.clocks.calendar import OutsideCalendarError, Period, WorkingCalendar
from cases.clocks.deadlines import (
    Due,
    Limit,
    Unit,
    allowed,
    allowed_seconds,
    deadline,
    due,
    is_late,
    last_within,
    remaining,
    spent,
)
from cases.clocks.published import published_dates

CALENDAR = WorkingCalendar(published_dates())
ZONE = ZoneInfo("Asia/Shanghai")
HOUR = timedelta(hours=1)


def local(text):
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


BY_HAND = {
    "two days over a worked Saturday and the nine days of Spring Festival": (
        "2026-02-13 15:00", 2, Unit.WORKING_DAY, "2026-02-24 15:00"),
    "a day ends on the worked Saturday": (
        "2026-02-13 10:00", 1, Unit.WORKING_DAY, "2026-02-14 10:00"),
    "a worked Saturday after the festival": (
        "2026-02-27 18:00", 1, Unit.WORKING_HOUR, "2026-02-28 09:00"),
    "eight working hours are not the same time next day": (
        "2026-03-03 09:00", 8, Unit.WORKING_HOUR, "2026-03-04 09:00"),
    "over an ordinary weekend": ("2026-03-06 17:00", 2, Unit.WORKING_HOUR, "2026-03-09 09:00"),
    "over the noon break": ("2026-03-03 11:00", 2, Unit.WORKING_HOUR, "2026-03-03 15:00"),
    "used up exactly at closing time": (
        "2026-03-06 16:00", 2, Unit.WORKING_HOUR, "2026-03-06 18:00"),
    "used up exactly at noon": ("2026-03-06 08:00", 4, Unit.WORKING_HOUR, "2026-03-06 12:00"),
    "a whole day from opening is due at closing": (
        "2026-03-06 08:00", 1, Unit.WORKING_DAY, "2026-03-06 18:00"),
    "starts at closing time": ("2026-03-06 18:00", 4, Unit.WORKING_HOUR, "2026-03-09 12:00"),
    "starts in the noon break": ("2026-03-06 12:30", 1, Unit.WORKING_HOUR, "2026-03-06 15:00"),
    "starts at noon": ("2026-03-06 12:00", 1, Unit.WORKING_HOUR, "2026-03-06 15:00"),
    "starts before opening": ("2026-03-06 05:59:59", 1, Unit.WORKING_HOUR, "2026-03-06 09:00"),
    "starts at midnight of a Saturday": (
        "2026-03-07 00:00", 1, Unit.WORKING_DAY, "2026-03-09 18:00"),
    "accumulates to the second": (
        "2026-03-05 17:59:59", 1, Unit.WORKING_HOUR, "2026-03-06 08:59:59"),
    "half a day": ("2026-03-05 15:00", Decimal("0.5"), Unit.WORKING_DAY, "2026-03-06 09:00"),
    "fifteen days": ("2026-03-02 08:00", 15, Unit.WORKING_DAY, "2026-03-20 18:00"),
    "National Day 2025 of eight days": (
        "2025-09-30 17:00", 1, Unit.WORKING_DAY, "2025-10-09 17:00"),
    "the Labour Day week of 2004": (
        "2004-04-30 17:30", 1, Unit.WORKING_HOUR, "2004-05-08 08:30"),
    "minutes run on over midnight": ("2026-03-07 23:50", 15, Unit.MINUTE, "2026-03-08 00:05"),
    "urgent hours run on through a holiday": (
        "2026-02-16 23:00", 2, Unit.URGENT_HOUR, "2026-02-17 01:00"),
    "calendar days run on through a holiday": (
        "2026-02-15 09:30", 2, Unit.CALENDAR_DAY, "2026-02-17 09:30"),
}  # fmt: skip


@pytest.mark.parametrize(("start", "value", "unit", "expected"), BY_HAND.values(), ids=BY_HAND)
def test_a_deadline_known_by_hand(start, value, unit, expected):
    answer = deadline(local(start), Limit(value, unit), CALENDAR)
    assert answer == Due(local(expected), provisional=False)


@pytest.mark.parametrize(
    ("start", "hours", "expected", "provisional"),
    [
        ("2026-12-31 17:00", 8, "2027-01-04 17:00", True),
        ("2026-12-31 10:00", 6, "2026-12-31 18:00", False),
        ("2026-12-31 18:00", 1, "2027-01-04 09:00", True),
        ("2027-04-30 17:00", 2, "2027-05-04 09:00", True),
        ("2028-09-29 17:00", 2, "2028-10-04 09:00", True),
    ],
)
def test_a_year_without_a_published_calendar_is_reckoned_by_weekdays_and_flagged(
    start, hours, expected, provisional
):
    answer = due(local(start), hours * HOUR, Unit.WORKING_HOUR, CALENDAR)
    assert answer == Due(local(expected), provisional)


@pytest.mark.parametrize("unit", [Unit.MINUTE, Unit.URGENT_HOUR, Unit.CALENDAR_DAY])
def test_units_that_run_on_need_no_published_calendar(unit):
    assert due(local("2026-12-31 23:59"), 50 * HOUR, unit, CALENDAR).provisional is False


def test_a_late_shift_that_ends_the_year_at_midnight_is_not_provisional():
    calendar = WorkingCalendar(published_dates(), [Period(16 * 60, 24 * 60)])
    answer = due(local("2026-12-31 20:00"), 4 * HOUR, Unit.WORKING_HOUR, calendar)
    assert answer == Due(local("2027-01-01 00:00"), provisional=False)


def test_a_night_shift_belongs_to_the_day_on_which_it_began():
    calendar = WorkingCalendar(published_dates(), [Period(22 * 60, 30 * 60)])
    friday_night = local("2026-03-06 23:00")
    assert due(friday_night, 7 * HOUR, Unit.WORKING_HOUR, calendar).at == local("2026-03-07 06:00")
    assert due(friday_night, 8 * HOUR, Unit.WORKING_HOUR, calendar).at == local("2026-03-09 23:00")


@pytest.mark.parametrize("unit", list(Unit))
@pytest.mark.parametrize("start", ["2026-03-06 10:00", "2026-03-07 03:04:05", "2026-03-06 18:00"])
def test_nothing_left_is_due_at_once(start, unit):
    assert due(local(start), timedelta(), unit, CALENDAR).at == local(start)


def test_an_instant_after_the_due_instant_is_late_though_no_working_time_has_passed():
    due_at = deadline(local("2026-03-06 16:00"), Limit(2, Unit.WORKING_HOUR), CALENDAR).at
    night = local("2026-03-06 22:00")
    assert not is_late(due_at, due_at)
    assert is_late(night, due_at)
    assert spent(due_at, night, Unit.WORKING_HOUR, CALENDAR) == timedelta()


def test_the_last_instant_within_an_amount_used_up_at_closing_is_the_next_opening():
    start = local("2026-03-06 16:00")
    answer = last_within(start, 2 * HOUR, Unit.WORKING_HOUR, CALENDAR)
    assert answer.at == local("2026-03-09 08:00")


def test_the_last_instant_within_nothing_is_flagged_by_its_own_day():
    around_the_clock = WorkingCalendar(published_dates(), [Period(0, 24 * 60)])
    midnight = local("2027-03-01 00:00")
    answer = last_within(midnight, timedelta(), Unit.WORKING_HOUR, around_the_clock)
    assert answer == Due(midnight, provisional=True)


def test_the_last_instant_within_less_than_nothing_lies_before_the_start():
    start = local("2026-03-09 09:00")
    hours = last_within(start, -2 * HOUR, Unit.WORKING_HOUR, CALENDAR)
    minutes = last_within(start, -2 * HOUR, Unit.MINUTE, CALENDAR)
    assert hours.at == local("2026-03-06 17:00")
    assert minutes.at == local("2026-03-09 07:00")


def test_time_spent_backwards_is_below_zero():
    friday, monday = local("2026-03-06 17:00"), local("2026-03-09 09:00")
    assert spent(monday, friday, Unit.WORKING_HOUR, CALENDAR) == -2 * HOUR
    assert spent(monday, friday, Unit.MINUTE, CALENDAR) == -64 * HOUR


def test_microseconds_are_kept():
    start = local("2026-03-06 17:59:59.999999")
    answer = due(start, HOUR, Unit.WORKING_HOUR, CALENDAR).at
    assert answer == local("2026-03-09 08:59:59.999999")


def test_a_working_day_is_what_the_department_says_it_is():
    short = WorkingCalendar(
        published_dates(),
        [Period(8 * 60 + 30, 12 * 60), Period(13 * 60 + 30, 17 * 60 + 30)],
        Decimal("7.5"),
    )
    limit = Limit(2, Unit.WORKING_DAY)
    assert allowed(limit, CALENDAR) == 16 * HOUR
    assert allowed(limit, short) == 15 * HOUR
    assert deadline(local("2026-03-03 08:30"), limit, short).at == local("2026-03-04 17:30")


@pytest.mark.parametrize(
    ("limit", "expected"),
    [
        (Limit(15, Unit.MINUTE), timedelta(minutes=15)),
        (Limit(Decimal("1.5"), Unit.URGENT_HOUR), timedelta(minutes=90)),
        (Limit(2, Unit.CALENDAR_DAY), timedelta(days=2)),
        (Limit(Decimal("0.33"), Unit.WORKING_HOUR), timedelta(seconds=1188)),
        (Limit(5, Unit.WORKING_DAY), timedelta(hours=40)),
        (Limit(Decimal("0.3333"), Unit.WORKING_HOUR), timedelta(seconds=1200)),
        (Limit(Decimal("0.0001"), Unit.MINUTE), timedelta(seconds=1)),
    ],
)
def test_a_limit_is_allowed_in_its_own_time(limit, expected):
    assert allowed(limit, CALENDAR) == expected
    assert allowed_seconds(limit, CALENDAR) == expected.total_seconds()


@pytest.mark.parametrize("value", [0, -1, Decimal("NaN"), Decimal("Infinity"), 1.5])
def test_a_limit_that_is_no_number_above_zero_is_refused(value):
    with pytest.raises(ValueError, match="a limit is"):
        Limit(value, Unit.MINUTE)


def test_a_limit_of_an_unknown_unit_is_refused_and_a_stored_one_is_known():
    assert Limit(1, "working_day").unit is Unit.WORKING_DAY
    with pytest.raises(ValueError, match="fortnight"):
        Limit(1, "fortnight")


@pytest.mark.parametrize(
    ("allowance", "used", "left"), [(8, 3, 5), (8, 8, 0), (8, 11, 0)], ids=["some", "none", "over"]
)
def test_what_is_left_is_never_less_than_nothing(allowance, used, left):
    assert remaining(allowance * HOUR, used * HOUR) == left * HOUR


def test_an_amount_below_zero_is_refused():
    with pytest.raises(ValueError, match="below zero"):
        due(local("2026-03-06 10:00"), -HOUR, Unit.MINUTE, CALENDAR)


@pytest.mark.parametrize("unit", list(Unit))
def test_an_instant_without_a_zone_is_refused(unit):
    naive = datetime(2026, 3, 6, 10)  # noqa: DTZ001 - it is what is tested
    with pytest.raises(ValueError, match="time zone"):
        due(naive, HOUR, unit, CALENDAR)
    with pytest.raises(ValueError, match="time zone"):
        spent(datetime(2026, 3, 6, tzinfo=UTC), naive, unit, CALENDAR)


@pytest.mark.parametrize(
    ("start", "limit"),
    [
        ("1991-12-31 12:00", Limit(1, Unit.WORKING_HOUR)),
        ("2026-03-06 10:00", Limit(100_000, Unit.WORKING_DAY)),
        ("2199-12-31 18:00", Limit(1, Unit.WORKING_HOUR)),
        ("2026-03-06 10:00", Limit(10**7, Unit.CALENDAR_DAY)),
        ("2026-03-06 10:00", Limit(10**12, Unit.WORKING_DAY)),
    ],
)
def test_what_lies_outside_every_calendar_is_refused_by_name(start, limit):
    with pytest.raises(OutsideCalendarError):
        deadline(local(start), limit, CALENDAR)


def test_a_far_deadline_is_reckoned():
    answer = deadline(local("2026-03-06 10:00"), Limit(2000, Unit.WORKING_DAY), CALENDAR)
    assert answer.provisional
    assert spent(local("2026-03-06 10:00"), answer.at, Unit.WORKING_DAY, CALENDAR) == 16_000 * HOUR
