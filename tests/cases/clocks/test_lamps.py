"""Lamps by share and by stored instants, and the instants of timers."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cases.clocks.calendar import WorkingCalendar
from cases.clocks.deadlines import Unit, due, is_late, last_within, remaining, spent
from cases.clocks.lamps import Lamp, Thresholds, instants, lamp, lamp_at, share_until
from cases.clocks.published import published_dates

CALENDAR = WorkingCalendar(published_dates())
ZONE = ZoneInfo("Asia/Shanghai")
HOUR = timedelta(hours=1)
naive = datetime.fromisoformat
TICK = timedelta(microseconds=1)


def local(text):
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


@pytest.mark.parametrize(
    ("used", "expected"),
    [
        (timedelta(), Lamp.GREEN),
        (8 * HOUR, Lamp.GREEN),
        (8 * HOUR + TICK, Lamp.YELLOW),
        (10 * HOUR, Lamp.YELLOW),
        (10 * HOUR + TICK, Lamp.RED),
        (30 * HOUR, Lamp.RED),
    ],
)
def test_a_lamp_is_green_to_eighty_per_cent_yellow_to_a_hundred_and_then_red(used, expected):
    assert lamp(used, 10 * HOUR) is expected


def test_late_is_red_though_the_share_stays_at_a_hundred_per_cent():
    assert lamp(10 * HOUR, 10 * HOUR, late=True) is Lamp.RED


def test_the_thresholds_of_a_lamp_are_settings():
    strict = Thresholds(green=50, yellow=90)
    lamps = [lamp(hours * HOUR, 10 * HOUR, thresholds=strict) for hours in (5, 6, 9, 10)]
    assert lamps == [Lamp.GREEN, Lamp.YELLOW, Lamp.YELLOW, Lamp.RED]


def test_an_allowance_of_nothing_is_green_until_something_is_used():
    assert lamp(timedelta(), timedelta()) is Lamp.GREEN
    assert lamp(TICK, timedelta()) is Lamp.RED


starts = st.datetimes(naive("2026-02-09"), naive("2026-03-02"), timezones=st.just(UTC)).map(
    lambda at: at.replace(second=0, microsecond=0, minute=at.minute // 30 * 30)
)
hours = st.integers(0, 40).map(lambda half_hours: half_hours * HOUR / 2)


@settings(max_examples=500, deadline=None)
@given(
    start=starts,
    length=st.integers(0, 24 * 14).map(lambda half_hours: half_hours * HOUR / 2),
    used_before=hours,
    allowance=st.sampled_from([4 * HOUR, 5 * HOUR, 16 * HOUR]),
    unit=st.sampled_from([Unit.MINUTE, Unit.WORKING_HOUR, Unit.WORKING_DAY]),
    shift=st.sampled_from([timedelta(), TICK]),
)
def test_the_lamp_of_stored_instants_is_the_lamp_of_the_share(
    start, length, used_before, allowance, unit, shift
):
    at = start + length + shift
    left = remaining(allowance, used_before)
    due_at = due(start, left, unit, CALENDAR).at
    green_until = share_until(start, used_before, allowance, unit, CALENDAR).at
    used = used_before + spent(start, at, unit, CALENDAR)
    by_share = lamp(used, allowance, late=is_late(at, due_at))
    by_instants = lamp_at(at, green_until, due_at)
    if used_before > allowance and at == start:
        # Over the limit before it began again: late from the next instant on.
        assert (by_share, by_instants) == (Lamp.RED, Lamp.YELLOW)
    else:
        assert by_instants is by_share


def test_the_stored_instants_themselves_still_show_the_better_lamp():
    green_until, due_at = local("2026-03-06 16:00"), local("2026-03-06 18:00")
    instants_of_interest = (green_until, green_until + TICK, due_at, due_at + TICK)
    lamps = [lamp_at(at, green_until, due_at) for at in instants_of_interest]
    assert lamps == [Lamp.GREEN, Lamp.YELLOW, Lamp.YELLOW, Lamp.RED]


def test_green_that_ends_with_the_day_lasts_to_the_next_opening():
    start = local("2026-03-06 10:00")
    answer = share_until(start, timedelta(), 7.5 * HOUR, Unit.WORKING_HOUR, CALENDAR)
    assert answer.at == local("2026-03-09 08:00")


def test_timers_of_a_fresh_clock_fall_on_their_shares():
    start = local("2026-02-13 08:00")
    marks = instants(start, timedelta(), 10 * HOUR, Unit.WORKING_HOUR, CALENDAR)
    assert [(mark.share, mark.at) for mark in marks] == [
        (80, local("2026-02-13 18:00")),
        (100, local("2026-02-14 10:00")),
        (150, local("2026-02-14 17:00")),
        (200, local("2026-02-24 12:00")),
        (300, local("2026-02-25 16:00")),
    ]


def test_timers_of_a_resumed_clock_count_what_it_had_used():
    start = local("2026-03-09 08:00")
    marks = instants(start, 9 * HOUR, 10 * HOUR, Unit.WORKING_HOUR, CALENDAR, (80, 100, 150))
    assert [mark.at for mark in marks] == [start, local("2026-03-09 09:00"),
                                           local("2026-03-09 16:00")]  # fmt: skip


def test_timers_that_run_past_the_published_years_are_provisional_one_by_one():
    start = local("2026-12-31 08:00")
    marks = instants(start, timedelta(), 8 * HOUR, Unit.WORKING_DAY, CALENDAR, (100, 150))
    assert [mark.provisional for mark in marks] == [False, True]


@settings(max_examples=300, deadline=None)
@given(
    start=starts,
    used_before=st.timedeltas(timedelta(), timedelta(hours=30)),
    allowance=st.timedeltas(timedelta(seconds=1), timedelta(hours=30)),
    unit=st.sampled_from(list(Unit)),
)
def test_a_share_is_reached_at_its_instant_and_not_before(start, used_before, allowance, unit):
    for share, at, _ in instants(start, used_before, allowance, unit, CALENDAR):
        used = used_before + spent(start, at, unit, CALENDAR)
        assert used * 100 >= allowance * share
        if at > start:
            before = used_before + spent(start, at - TICK, unit, CALENDAR)
            assert before * 100 < allowance * share


def test_a_full_share_is_reached_at_the_due_instant():
    start = local("2026-03-06 16:00")
    (mark,) = instants(start, timedelta(), 2 * HOUR, Unit.WORKING_HOUR, CALENDAR, (100,))
    assert mark.at == due(start, 2 * HOUR, Unit.WORKING_HOUR, CALENDAR).at
    assert mark.at < last_within(start, 2 * HOUR, Unit.WORKING_HOUR, CALENDAR).at
