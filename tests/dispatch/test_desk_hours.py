"""Minutes of a desk are those of its own working time, where it has one (domain law §§5, 6.2)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from cases.models import ClockNumber, Delivery, DeskHours, Stay
from cases.selectors.settings import forget
from cases.services.calendar import publish_year
from cases.services.reporting import ReporterInput
from cases.workflow import State
from dispatch.models import ClockMove, RequestStep, TimerFiring
from dispatch.services.recomputing import recompute_clocks
from dispatch.services.reviews import ask_request
from dispatch.services.timers import sweep_timers
from dispatch.services.undoing import undo_send_back
from gridcity.contracts import CLOCK
from tests.district import TestDistrict, at
from tests.factories import Walk, start

pytestmark = pytest.mark.django_db
MINUTE, SECOND = timedelta(minutes=1), timedelta(seconds=1)
THURSDAY, FRIDAY, MONDAY = "2026-06-11", "2026-06-12", "2026-06-15"


def works(desk: str, *periods: tuple[str, str], since: str = "2026-06-01") -> None:
    DeskHours.objects.create(desk=desk, working_periods=list(periods), valid_from=since)
    forget()


def by_day(desk: str) -> None:
    works(desk, ("08:00", "12:00"), ("14:00", "18:00"))


def levels(walk: Walk) -> list[tuple[int, datetime]]:
    fired = TimerFiring.objects.filter(case=walk.case, clock_kind="stay").order_by("level")
    return list(fired.values_list("level", "occurred_at"))


def test_a_stage_that_begins_before_the_weekend_is_due_on_monday(district: TestDistrict) -> None:
    by_day("acceptor")
    walk = start(district=district, reported_at=at("17:55", on=FRIDAY))
    stay = Stay.objects.get(case=walk.case)
    assert stay.limit_s == 15 * 60
    assert walk.case.due_at == stay.due_at == at("08:10", on=MONDAY)
    assert stay.green_until == at("08:07", on=MONDAY)  # 80 % are 12 minutes
    assert stay.twice_at == at("08:25", on=MONDAY)


def test_a_desk_without_hours_works_around_the_clock(district: TestDistrict) -> None:
    by_day("duty_chief")
    walk = start(district=district, reported_at=at("17:55", on=FRIDAY))
    assert walk.case.due_at == at("18:10", on=FRIDAY)
    assert Stay.objects.get(case=walk.case).twice_at is None


def test_hours_without_periods_are_around_the_clock_again(district: TestDistrict) -> None:
    by_day("acceptor")
    works("acceptor", since="2026-06-12")
    walk = start(district=district, reported_at=at("17:55", on=FRIDAY))
    assert walk.case.due_at == at("18:10", on=FRIDAY)


def test_a_late_desk_is_told_at_once_and_twice_its_limit_in_its_own_time(
    district: TestDistrict,
) -> None:
    by_day("acceptor")
    walk = start(district=district, reported_at=at("17:55", on=THURSDAY))
    assert sweep_timers(at=at("07:59", on=FRIDAY)).done == {}
    sweep_timers(at=at("08:10", on=FRIDAY) + SECOND)
    assert levels(walk) == [(1, at("08:10", on=FRIDAY))]
    sweep_timers(at=at("08:25", on=FRIDAY))
    assert len(levels(walk)) == 1
    sweep_timers(at=at("08:25", on=FRIDAY) + SECOND)
    assert levels(walk) == [(1, at("08:10", on=FRIDAY)), (2, at("08:25", on=FRIDAY))]


def test_acceptance_goes_on_after_a_verification_with_what_is_left_of_its_own_time(
    district: TestDistrict,
) -> None:
    by_day("acceptor")
    walk = start(
        district=district, by="acceptor-1", source="HOTLINE", reported_at=at("17:55", on=FRIDAY),
        reporter=ReporterInput(phone="13900000000"),
    )  # fmt: skip
    walk.now = at("08:00", on=MONDAY)
    walk.step("send_verify")  # at 08:01: six minutes of fifteen are used
    walk.step("verify")
    walk_stay = Stay.objects.get(case=walk.case, ended_at=None)
    assert walk_stay.used_before_s == 6 * 60
    assert walk.case.due_at == walk.now + 9 * MINUTE


def test_an_undone_step_leaves_the_desk_its_deadline_and_what_it_had_used(
    district: TestDistrict,
) -> None:
    by_day("dispatcher")
    walk = start(district=district, state=State.TO_DISPATCH, reported_at=at("11:55"))
    before = walk.case.due_at  # entered at 11:57
    assert before == at("14:12")
    from dispatch.services.handling import send_back_to_file

    walk.now = at("11:59")
    send_back_to_file(**said(walk, "dispatcher-1", reason="类别有误"))
    undo_send_back(**said(walk, "dispatcher-1"))
    stay = Stay.objects.get(case=walk.case, ended_at=None)
    assert (stay.due_at, stay.used_before_s) == (before, 2 * 60)


def said(walk: Walk, name: str, **more: Any) -> dict[str, Any]:
    return {
        "number": walk.number, "actor": walk.actor(name), "at": walk.now,
        "version": walk.case.version, **more,
    }  # fmt: skip


def test_a_review_is_due_in_the_reviewers_own_time(district: TestDistrict) -> None:
    by_day("dispatcher")
    walk = start(district=district, state=State.HANDLING, entry="stall",
                 reported_at=at("17:40", on=FRIDAY))  # fmt: skip
    walk.now = at("17:50", on=FRIDAY)
    ask_request(
        **said(walk, "department-s201", kind="RETURN", reason_code="not_ours", reason="非本单位")
    )
    step = RequestStep.objects.get()
    assert (step.due_at, step.twice_at) == (at("08:20", on=MONDAY), at("08:50", on=MONDAY))


def test_a_holiday_that_is_published_moves_the_deadlines_of_desks_too(
    district: TestDistrict,
) -> None:
    by_day("acceptor")
    walk = start(district=district, reported_at=at("17:55", on=FRIDAY))
    version = walk.case.version
    now = at("18:30", on=FRIDAY)
    monday = at(on=MONDAY).date()
    publish_year(
        actor=CLOCK, at=now, year=2026, source="test", published_on=None,
        holidays={monday: "临时放假"}, workdays={},
    )  # fmt: skip
    forget()
    recompute_clocks(at=now + 11 * SECOND)
    case, stay = walk.case, Stay.objects.get(case=walk.case)
    assert case.due_at == stay.due_at == at("08:10", on="2026-06-16")
    event = case.events.get(action="recompute")
    assert (event.role, case.version) == ("clock", version + 1)
    assert datetime.fromisoformat(event.changes["due_at"]) == stay.due_at
    move = ClockMove.objects.get()
    assert (move.stay, move.turn, move.due_before) == (stay, None, at("08:10", on=MONDAY))
    assert recompute_clocks(at=now + 20 * SECOND).moved == 0


def messages(walk: Walk, kind: str = "idle") -> set[str]:
    rows = Delivery.objects.filter(case=walk.case, kind=kind, channel="inbox")
    return set(rows.values_list("receiver__username", flat=True))


@pytest.mark.parametrize(
    ("desk", "state", "above"),
    [
        ("acceptor", State.REPORTED, {"duty-chief-1", "duty-chief-2"}),
        ("duty_chief", State.TO_FILE, {"official-1"}),
        ("dispatcher", State.TO_DISPATCH, {"duty-chief-1", "duty-chief-2"}),
        ("acceptor", State.TO_CHECK, {"duty-chief-1", "duty-chief-2"}),
        ("duty_chief", State.TO_CLOSE, {"official-1"}),
    ],
)
def test_what_waits_over_a_weekend_is_shown_after_a_day_to_the_next_above(
    district: TestDistrict, desk: str, state: State, above: set[str]
) -> None:
    by_day(desk)
    walk = start(district=district, state=state, reported_at=at("17:55", on=FRIDAY))
    entered = walk.case.state_since
    day = entered + timedelta(days=1)
    sweep_timers(at=day)
    assert (levels(walk), messages(walk)) == ([], set())
    sweep_timers(at=day + SECOND)
    assert levels(walk) == [(0, day)]
    assert messages(walk) == above
    urge = walk.case.events.filter(action="urge").latest("seq")
    assert (urge.role, urge.occurred_at, urge.changes["share"]) == ("clock", day, 0)
    sweep_timers(at=at("07:59", on=MONDAY))
    assert len(levels(walk)) == 1


def test_a_desk_that_is_told_within_a_day_is_not_called_idle(district: TestDistrict) -> None:
    by_day("acceptor")
    overnight = start(district=district, reported_at=at("17:55", on=THURSDAY))
    always = start(district=district, state=State.TO_DISPATCH, reported_at=at("17:55", on=FRIDAY))
    assert not Stay.objects.filter(ended_at=None, idle_at__isnull=False).exists()
    sweep_timers(at=at("23:00", on=MONDAY))
    assert [level for level, _due in levels(overnight)] == [1, 2]
    assert [level for level, _due in levels(always)] == [1, 2]


def test_a_long_limit_around_the_clock_traps_nothing_either(district: TestDistrict) -> None:
    ClockNumber.objects.create(key="stage.REPORTED", value=24 * 60, valid_from=at("00:00"))
    forget()
    walk = start(district=district, reported_at=at("09:00"))
    tomorrow = at("09:00") + timedelta(days=1)
    sweep_timers(at=tomorrow + SECOND)
    assert levels(walk) == [(0, tomorrow), (1, tomorrow)]
    assert messages(walk) == {"duty-chief-1", "duty-chief-2"}


def test_a_request_that_waits_over_a_weekend_is_shown_after_a_day(district: TestDistrict) -> None:
    by_day("dispatcher")
    walk = start(district=district, state=State.HANDLING, entry="illegal_building",
                 reported_at=at("17:40", on=FRIDAY))  # fmt: skip
    ask_request(
        **said(walk, "department-s201", kind="RETURN", reason_code="not_ours", reason="非本单位")
    )
    sweep_timers(at=walk.now + timedelta(days=1))
    assert messages(walk) == set()
    sweep_timers(at=walk.now + timedelta(days=1, seconds=1))
    assert messages(walk) == {"duty-chief-1", "duty-chief-2"}
    firing = TimerFiring.objects.get(clock_kind="step")
    assert (firing.level, firing.occurred_at) == (0, walk.now + timedelta(days=1))


def test_the_day_is_reckoned_anew_with_the_calendar(district: TestDistrict) -> None:
    by_day("acceptor")
    walk = start(district=district, reported_at=at("17:55", on=THURSDAY))
    assert Stay.objects.get(case=walk.case).idle_at is None
    friday = at(on=FRIDAY).date()
    publish_year(
        actor=CLOCK, at=at("18:30", on=THURSDAY), year=2026, source="test", published_on=None,
        holidays={friday: "临时放假"}, workdays={},
    )  # fmt: skip
    forget()
    recompute_clocks(at=at("18:31", on=THURSDAY))
    assert Stay.objects.get(case=walk.case).idle_at == at("17:55", on=FRIDAY)
