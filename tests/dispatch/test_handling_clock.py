"""The handling clock of a turn (domain law §6.2), without a database."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cases.clocks.calendar import WorkingCalendar
from cases.clocks.deadlines import Limit, Unit, due, spent
from cases.clocks.published import published_dates
from dispatch.handling_clock import (
    Clock,
    fresh,
    longer,
    marks,
    may_return,
    overdue_since,
    started,
    stopped,
    used_at,
)
from tests.district import at

CALENDAR = WorkingCalendar(published_dates())
DAY = Limit(Decimal(1), Unit.WORKING_DAY)
HOURS = Limit(Decimal(2), Unit.URGENT_HOUR)


def running(limit: Limit, since: datetime) -> Clock:
    return started(fresh(limit, CALENDAR), since, CALENDAR)


def test_a_whole_limit_runs_from_the_start() -> None:
    clock = running(HOURS, at("10:00"))
    assert (clock.used, clock.due_at) == (timedelta(), at("12:00"))


def test_what_is_left_is_reckoned_anew_in_the_limits_own_unit() -> None:
    clock = stopped(running(DAY, at("10:00")), at("17:00"), CALENDAR)
    assert clock.used == timedelta(hours=5)
    assert (clock.running_since, clock.due_at) == (None, None)
    again = started(clock, at("09:00", on="2026-06-12"), CALENDAR)
    assert again.due_at == at("12:00", on="2026-06-12")


def test_a_clock_that_stands_uses_nothing() -> None:
    clock = stopped(running(DAY, at("10:00")), at("11:00"), CALENDAR)
    assert used_at(clock, at("18:00", on="2026-07-10"), CALENDAR) == timedelta(hours=1)
    assert stopped(clock, at("18:00", on="2026-07-10"), CALENDAR) == clock


def test_a_passed_deadline_is_remembered_though_the_clock_stands() -> None:
    clock = running(HOURS, at("10:00"))
    assert overdue_since(clock, at("12:00")) is None
    late = stopped(clock, at("12:00") + timedelta(microseconds=1), CALENDAR)
    assert late.overdue_at == at("12:00")
    assert overdue_since(started(late, at("15:00"), CALENDAR), at("15:00")) == at("12:00")


def test_overnight_a_clock_is_late_though_no_working_second_has_passed() -> None:
    clock = running(Limit(Decimal(4), Unit.WORKING_HOUR), at("14:00"))
    assert clock.due_at == at("18:00")
    late = stopped(clock, at("19:00"), CALENDAR)
    assert (late.used, late.overdue_at) == (late.allowed, at("18:00"))


def test_more_time_moves_the_deadline_of_a_running_clock_only() -> None:
    clock = longer(running(DAY, at("10:00")), timedelta(hours=8), CALENDAR)
    assert clock.due_at == at("10:00", on="2026-06-12")
    assert longer(stopped(clock, at("11:00"), CALENDAR), timedelta(1), CALENDAR).due_at is None


def test_the_marks_lie_at_their_shares_of_what_is_allowed() -> None:
    clock = running(HOURS, at("10:00"))
    found = marks(clock, CALENDAR, (80, 100, 150, 200, 300))
    assert [(mark - at("10:00")).total_seconds() / 60 for mark in found] == [96, 120, 180, 240, 360]


QUARTER: dict[str, Any] = {"share": 25, "least": timedelta(minutes=30)}


@pytest.mark.parametrize(
    ("limit", "minutes", "within"),
    [
        (Limit(Decimal(1), Unit.URGENT_HOUR), 30, True),
        (Limit(Decimal(1), Unit.URGENT_HOUR), 30.02, False),
        (Limit(Decimal(4), Unit.URGENT_HOUR), 60, True),
        (Limit(Decimal(4), Unit.URGENT_HOUR), 60.02, False),
        (Limit(Decimal(2), Unit.CALENDAR_DAY), 12 * 60, True),
        (Limit(Decimal(2), Unit.CALENDAR_DAY), 12 * 60 + 0.02, False),
    ],
)
def test_a_return_may_be_asked_in_the_first_quarter_and_at_least_for_30_minutes(
    limit: Limit, minutes: float, within: bool
) -> None:
    clock = running(limit, at("00:00"))
    now = at("00:00") + timedelta(minutes=minutes)
    assert may_return(clock, clock.allowed, now, CALENDAR, **QUARTER) == (within, True)


def test_no_return_once_overdue_also_within_30_minutes() -> None:
    clock = running(Limit(Decimal(20), Unit.MINUTE), at("00:00"))
    now = at("00:00") + timedelta(minutes=21)
    assert may_return(clock, clock.allowed, now, CALENDAR, **QUARTER) == (True, False)


INSTANTS = st.lists(
    st.integers(0, 30 * 24 * 3600).map(lambda s: at("00:00", on="2026-02-09") + timedelta(0, s)),
    min_size=2, max_size=9, unique=True,
).map(sorted)  # fmt: skip
LIMITS = st.builds(
    Limit, st.decimals(Decimal("0.5"), Decimal(6), places=2), st.sampled_from(list(Unit))
)


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(INSTANTS, LIMITS)
def test_time_used_is_within_the_time_allowed_exactly_when_it_was_in_time(
    instants: list[datetime], limit: Limit
) -> None:
    """Over any pauses; only a deadline at the end of a working period leaves a share of 100 %."""
    clock = fresh(limit, CALENDAR)
    used = timedelta()
    for begin, end in zip(instants[::2], instants[1::2], strict=False):
        clock = started(clock, begin, CALENDAR)
        left = max(clock.allowed - used, timedelta())
        assert clock.due_at == due(begin, left, limit.unit, CALENDAR).at
        clock = stopped(clock, end, CALENDAR)
        used += spent(begin, end, limit.unit, CALENDAR)
        assert clock.used == used
        if used > clock.allowed:
            assert clock.overdue_at is not None
        elif clock.overdue_at is not None:
            assert used == clock.allowed
