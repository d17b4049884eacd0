"""Which days are worked, and which hours of them."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from cases.clocks.calendar import (
    FIRST_DAY,
    LAST_DAY,
    SHANGHAI,
    DayKind,
    OutsideCalendarError,
    Period,
    WorkingCalendar,
    WorkingDates,
)

DAY = timedelta(days=1)
ZONE = ZoneInfo("Asia/Shanghai")
SATURDAY, MONDAY = date(2026, 3, 7), date(2026, 3, 9)


def dates(entries=(), years=(2026,), names=None):
    return WorkingDates(dict(entries), frozenset(years), names or {})


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


def test_shanghai_is_eight_hours_ahead_on_every_day_that_can_be_reckoned():
    noon = datetime.combine(FIRST_DAY, time(12), UTC)
    days = (LAST_DAY - FIRST_DAY).days
    offsets = {(noon + n * DAY).astimezone(ZONE).utcoffset() for n in range(days + 1)}
    assert offsets == {SHANGHAI.utcoffset(None)} == {timedelta(hours=8)}


def test_in_a_published_year_only_the_entries_differ_from_the_week():
    calendar = dates({SATURDAY: DayKind.WORKDAY, MONDAY: DayKind.HOLIDAY})
    assert [calendar.day(SATURDAY + n * DAY).is_working for n in (-1, 0, 1, 2, 3)] == [
        True, True, False, False, True,
    ]  # fmt: skip
    assert calendar.day(date(2026, 1, 1)).is_working, "a holiday is one only if it is published"


def test_an_unpublished_year_is_weekdays_less_the_seven_certain_days():
    calendar = dates(years=[2026])
    off = [
        date(2027, 1, 1) + n * DAY
        for n in range(365)
        if (date(2027, 1, 1) + n * DAY).weekday() < 5
        and not calendar.day(date(2027, 1, 1) + n * DAY).is_working
    ]
    assert off == [date(2027, 1, 1), date(2027, 5, 3), date(2027, 10, 1)]
    weekends = (date(2027, 1, 2), date(2027, 5, 1), date(2027, 10, 3))
    assert not any(calendar.day(on).is_working for on in weekends)


def test_entries_of_an_unpublished_year_are_a_draft_without_effect():
    entries = {date(2027, 2, 8): DayKind.HOLIDAY}
    assert dates(entries).day(date(2027, 2, 8)).is_working
    assert not dates(entries, years=[2027]).day(date(2027, 2, 8)).is_working


def test_a_day_tells_its_kind_name_and_whether_its_year_is_published():
    calendar = dates({MONDAY: DayKind.HOLIDAY}, names={MONDAY: "植树节"})
    assert calendar.day(MONDAY) == (MONDAY, False, DayKind.HOLIDAY, "植树节", True)
    assert calendar.day(MONDAY + DAY) == (MONDAY + DAY, True, None, "", True)
    new_year = date(2027, 1, 1)
    assert calendar.day(new_year) == (new_year, False, DayKind.HOLIDAY, "", False)


def test_a_calendar_does_not_change_with_the_data_it_was_built_from():
    entries, hours = {MONDAY: DayKind.HOLIDAY}, [Period(480, 720)]
    calendar = WorkingCalendar(dates(entries), hours)
    frozen = dates(entries)
    entries.clear()
    hours.append(Period(840, 1080))
    assert not frozen.day(MONDAY).is_working
    assert calendar.periods == (Period(480, 720),)
    with pytest.raises(TypeError):
        frozen.entries[MONDAY] = DayKind.WORKDAY


def test_stored_kinds_are_known_and_others_refused():
    assert not dates({MONDAY: "holiday"}).day(MONDAY).is_working
    with pytest.raises(ValueError, match="half"):
        dates({MONDAY: "half"})


@pytest.mark.parametrize("year", [1991, 2200])
def test_years_that_cannot_be_reckoned_are_refused(year):
    with pytest.raises(OutsideCalendarError):
        dates(years=[year])
    with pytest.raises(OutsideCalendarError):
        dates().day(date(year, 6, 1))


@pytest.mark.parametrize(
    ("instant", "working", "opens"),
    [
        ("2026-03-06 07:59:59", False, "2026-03-06 08:00"),
        ("2026-03-06 08:00", True, "2026-03-06 08:00"),
        ("2026-03-06 11:59:59.999999", True, "2026-03-06 11:59:59.999999"),
        ("2026-03-06 12:00", False, "2026-03-06 14:00"),
        ("2026-03-06 14:00", True, "2026-03-06 14:00"),
        ("2026-03-06 18:00", False, "2026-03-09 08:00"),
        ("2026-03-07 09:00", False, "2026-03-09 08:00"),
    ],
)
def test_working_time_includes_the_start_of_a_period_and_not_its_end(instant, working, opens):
    calendar = WorkingCalendar(dates())
    assert calendar.is_working_at(at(instant)) is working
    assert calendar.opens_at(at(instant)) == at(opens)


def test_the_tail_of_a_night_shift_counts_to_the_evening_before():
    calendar = WorkingCalendar(dates(), [Period.between(time(22), time(6))])
    assert calendar.is_working_at(at("2026-03-07 05:59")), "Friday's shift on Saturday morning"
    assert not calendar.is_working_at(at("2026-03-07 22:30"))
    assert not calendar.is_working_at(at("2026-03-09 05:00")), "Sunday had no shift"
    assert calendar.opens_at(at("2026-03-07 06:00")) == at("2026-03-09 22:00")


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        (time(8), time(12), Period(480, 720)),
        (time(16), time(0), Period(960, 1440)),
        (time(22), time(6), Period(1320, 1800)),
        (time(0), time(0), Period(0, 1440)),
    ],
)
def test_a_period_that_does_not_end_after_its_start_ends_on_the_next_day(start, end, expected):
    assert Period.between(start, end) == expected


def test_a_period_of_broken_minutes_is_refused():
    with pytest.raises(ValueError, match="whole minutes"):
        Period.between(time(8, 0, 30), time(12))


@pytest.mark.parametrize(
    ("periods", "words"),
    [
        ([], "at least one"),
        ([(480, 480)], "ends after it begins"),
        ([(480, 720), (719, 800)], "overlap"),
        ([(-1, 60)], "begins between"),
        ([(1440, 1500)], "begins between"),
        ([(300, 600), (1320, 1741)], "next day"),
    ],
)
def test_periods_that_are_no_working_day_are_refused(periods, words):
    with pytest.raises(ValueError, match=words):
        WorkingCalendar(dates(), periods)


def test_periods_may_come_in_any_order():
    assert WorkingCalendar(dates(), [(840, 1080), (480, 720)]).periods == ((480, 720), (840, 1080))


@pytest.mark.parametrize("hours", [0, -1, Decimal("24.5")])
def test_a_working_day_of_impossible_length_is_refused(hours):
    with pytest.raises(ValueError, match="working day"):
        WorkingCalendar(dates(), hours_per_working_day=hours)


def test_a_calendar_can_be_built_in_one_call():
    calendar = WorkingCalendar.build({MONDAY: DayKind.HOLIDAY}, [2026])
    assert calendar.opens_at(at("2026-03-06 18:00")) == at("2026-03-10 08:00")
    assert calendar.working_day == timedelta(hours=8)


def test_the_days_off_of_unpublished_years_are_set_from_a_year_on():
    spring = ((1, 1), (2, 6), (2, 7), (2, 8))
    calendar = WorkingDates({}, frozenset({2026}), {}, provisional=((2027, spring), (2029, ())))
    assert not calendar.day(date(2027, 2, 8)).is_working
    assert calendar.day(date(2027, 5, 3)).is_working, "no longer off"
    assert calendar.day(date(2026, 1, 1)).is_working, "a published year stands as it is"
    assert not calendar.day(date(2025, 10, 1)).is_working, "before: the default"
    assert not calendar.day(date(2028, 2, 8)).is_working, "and in the years after"
    assert calendar.day(date(2029, 1, 1)).is_working
    assert calendar.day(date(2027, 2, 8)).is_published is False
