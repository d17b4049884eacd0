"""Extension 延期, suspension 挂账, deferral 缓办, and who reviews them (domain law §5)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone

from cases.models import Delivery
from cases.workflow import State
from dispatch.hints import hint_of
from dispatch.models import Request, RequestStep, Turn
from dispatch.selectors.case_detail import get_case
from dispatch.services.handling import reassign_case
from dispatch.services.reviews import (
    approve_request,
    ask_request,
    refuse_request,
    withdraw_request,
)
from dispatch.services.suspending import resume_case
from dispatch.services.timers import sweep_timers
from gridcity.contracts import Forbidden, Invalid, NotAllowed
from tests.district import TestDistrict, at
from tests.factories import Walk, start

pytestmark = pytest.mark.django_db

LEAD = "department-s201-lead"


@pytest.fixture
def walk(district: TestDistrict) -> Walk:
    """A case in HANDLING since 10:03 of Wednesday, with 4 working hours: due 16:03."""
    return start(district=district, state=State.HANDLING)


@pytest.fixture
def deferrable(district: TestDistrict) -> Walk:
    """A toilet that is broken, with 3 working days: due on Monday at 10:03."""
    walk = start(district=district, state=State.TO_DISPATCH, entry="toilet")
    walk.step("dispatch", department="s201")
    return walk


def turn_of(walk: Walk) -> Turn:
    return Turn.objects.get(case__number=walk.number, ended_at=None)


def said(walk: Walk, name: str, **more: Any) -> dict[str, Any]:
    return {
        "number": walk.number, "actor": walk.actor(name), "at": walk.now,
        "version": walk.case.version, **more,
    }  # fmt: skip


def ask(walk: Walk, kind: str = "EXTENSION", name: str = LEAD, **more: Any) -> Request:
    return ask_request(**said(walk, name, kind=kind, reason="需采购配件", **more))


def approve(walk: Walk, *names: str) -> None:
    """Approved by these, one after the other."""
    for name in names:
        request = Request.objects.get(case=walk.case, state="open")
        approve_request(**said(walk, name, request_id=request.pk))


def step_of(request: Request) -> RequestStep:
    return RequestStep.objects.get(request=request, ended_at=None)


def extended(walk: Walk) -> None:
    ask(walk)
    approve(walk, "dispatcher-1")


# ---------------------------------------------------------------- the chain of reviews


def test_a_lead_preapproves_before_the_dispatcher_sees_it(walk: Walk) -> None:
    request = ask(walk, name="department-s201")
    assert (step_of(request).reviewer_role, step_of(request).limit_s) == ("department", 3600)
    told = Delivery.objects.filter(kind="request").values_list("receiver__username", flat=True)
    assert list(told) == [LEAD]
    for name in ("dispatcher-1", "department-s201", "department-d101-lead", "duty-chief-1"):
        with pytest.raises(Forbidden):
            approve(walk, name)
    approve(walk, LEAD)
    assert walk.case.events.filter(action="preapprove", role="department").count() == 1
    assert (step_of(request).reviewer_role, step_of(request).limit_s) == ("dispatcher", 1800)
    assert turn_of(walk).allowed == timedelta(hours=4)
    approve(walk, "dispatcher-1")
    request.refresh_from_db()
    assert request.state == "approved"
    assert [step.decision for step in request.steps.order_by("id")] == ["approved", "approved"]


def test_a_leads_own_request_needs_no_preapproval(walk: Walk) -> None:
    assert step_of(ask(walk)).reviewer_role == "dispatcher"


def test_a_lead_may_refuse_with_a_reason(walk: Walk) -> None:
    request = ask(walk, name="department-s201")
    with pytest.raises(Invalid):
        refuse_request(**said(walk, LEAD, request_id=request.pk, reason=""))
    refuse_request(**said(walk, LEAD, request_id=request.pk, reason="按期可以完成"))
    request.refresh_from_db()
    assert (request.state, turn_of(walk).allowed) == ("refused", timedelta(hours=4))


def test_without_a_lead_the_clock_passes_the_request_on_with_that_remark(walk: Walk) -> None:
    request = ask(walk, name="department-s201")
    asked = walk.now
    assert sweep_timers(at=asked + timedelta(minutes=60)).done == {}
    swept = asked + timedelta(minutes=61)
    assert sweep_timers(at=swept).done == {"review": 1}
    assert sweep_timers(at=swept).done == {}
    first, second = request.steps.order_by("id")
    assert (first.decision, first.decided_by, first.ended_at) == ("passed_on", None, swept)
    assert first.reason
    assert (second.reviewer_role, second.began_at) == ("dispatcher", swept)
    event = walk.case.events.get(action="pass_request_on")
    assert (event.role, event.occurred_at) == ("clock", asked + timedelta(minutes=60))
    # The minute by which the clock was late is given back: a reviewer's delay like any other.
    assert turn_of(walk).allowed == timedelta(hours=4, minutes=1)
    walk.now = swept
    approve(walk, "dispatcher-1")
    assert turn_of(walk).allowed == timedelta(hours=8, minutes=1)


def test_a_leads_hour_stands_at_night_where_the_handling_clock_stands(
    district: TestDistrict,
) -> None:
    walk = start(district=district, state=State.HANDLING, reported_at=at("17:27"))
    request = ask(walk, name="department-s201")
    assert step_of(request).due_at == at("08:30", on="2026-06-11")
    urgent = start(district=district, state=State.TO_DISPATCH, entry="stall")
    urgent.now = at("17:30")
    urgent.step("dispatch")
    again = ask(urgent, name="department-s201")
    assert step_of(again).due_at == urgent.now + timedelta(hours=1)


def test_each_step_gives_back_what_it_took_too_long(walk: Walk) -> None:
    ask(walk, "SUSPENSION", "department-s201", until=date(2026, 7, 1))  # 10:03
    walk.now = at("11:13")  # the lead took 70 minutes
    approve(walk, LEAD)
    assert turn_of(walk).allowed == timedelta(hours=4, minutes=10)
    walk.now = at("11:58")  # the dispatcher 45
    approve(walk, "dispatcher-1")
    assert turn_of(walk).allowed == timedelta(hours=4, minutes=25)
    walk.now = at("14:29")  # the duty chief 31 of working time, 121 beyond his limit by the clock
    request = Request.objects.get(case=walk.case)
    refuse_request(**said(walk, "duty-chief-1", request_id=request.pk, reason="不符合条件"))
    assert turn_of(walk).allowed == timedelta(hours=4, minutes=54)


# ---------------------------------------------------------------- extension


def test_an_extension_adds_one_original_limit(walk: Walk) -> None:
    extended(walk)
    turn = turn_of(walk)
    assert turn.allowed == timedelta(hours=8)
    assert turn.due_at == walk.case.due_at == at("10:03", on="2026-06-11")
    assert walk.case.state == State.HANDLING
    assert walk.case.stays.get(ended_at=None).due_at == turn.due_at


def test_a_second_extension_is_possible_and_a_third_refused(walk: Walk) -> None:
    extended(walk)
    extended(walk)
    assert turn_of(walk).allowed == timedelta(hours=12)
    with pytest.raises(NotAllowed):
        ask(walk)
    reassign_case(**said(walk, "dispatcher-1", department="d101", reason="误派"))
    assert ask(walk, name="department-d101-lead").state == "open"  # counts are per turn


def test_a_refused_extension_may_be_asked_again(walk: Walk) -> None:
    for _again in range(3):
        request = ask(walk)
        refuse_request(**said(walk, "dispatcher-1", request_id=request.pk, reason="理由不足"))
    extended(walk)


def test_an_extension_is_asked_to_the_minute_before_the_deadline_and_not_after(
    walk: Walk,
) -> None:
    walk.now = at("16:04")
    with pytest.raises(NotAllowed):
        ask(walk)
    walk.now = at("16:03")
    assert ask(walk).state == "open"


def test_an_extension_approved_after_the_old_deadline_acts_from_it(walk: Walk) -> None:
    walk.now = at("16:00")
    ask(walk)
    walk.now = at("16:25")  # past 16:03, within the reviewer's half hour
    approve(walk, "dispatcher-1")
    turn = turn_of(walk)
    assert (turn.due_at, turn.overdue_at) == (at("10:03", on="2026-06-11"), None)
    walk.now = turn.due_at - timedelta(minutes=1)
    walk.step("finish")
    assert turn_of(walk).finish_in_time is True
    assert turn_of(walk).overdue_at is None


def test_once_overdue_no_time_is_asked_for_although_some_was_added(walk: Walk) -> None:
    Turn.objects.filter(case=walk.case).update(overdue_at=walk.now)
    for kind in ("EXTENSION", "SUSPENSION"):
        with pytest.raises(NotAllowed):
            ask(walk, kind, until=date(2026, 7, 1))


def test_levels_that_fired_stay_fired_through_an_extension(district: TestDistrict) -> None:
    walk = start(district=district, state=State.HANDLING, entry="stall")  # 2 urgent hours
    began = walk.now
    walk.now += timedelta(minutes=100)
    assert sweep_timers(at=walk.now).done == {"turn": 1}
    extended(walk)
    assert turn_of(walk).timer_at == turn_of(walk).due_at == began + timedelta(hours=4)


# ---------------------------------------------------------------- suspension


def suspend(walk: Walk, until: date = date(2026, 7, 1)) -> None:
    ask(walk, "SUSPENSION", until=until)
    approve(walk, "dispatcher-1", "duty-chief-1")


def test_a_suspension_stands_the_clock_until_the_date(walk: Walk) -> None:
    walk.now = at("11:03")
    suspend(walk)
    case, turn = walk.case, turn_of(walk)
    assert (case.state, case.due_at) == (State.SUSPENDED, at("00:00", on="2026-07-01"))
    assert (turn.running_since, turn.used) == (None, timedelta(hours=1))
    assert sweep_timers(at=at("00:00", on="2026-07-01")).done == {}
    late = at("09:00", on="2026-07-01")
    assert sweep_timers(at=late).done == {"resume": 1}
    case, turn = walk.case, turn_of(walk)
    event = case.events.get(action="resume")
    assert (event.role, event.occurred_at) == ("clock", at("00:00", on="2026-07-01"))
    # It alone counts from when it is recorded: three hours are left from 09:00 on.
    assert (case.state, turn.due_at) == (State.HANDLING, at("12:00", on="2026-07-01"))
    assert turn.running_since == late
    resumed = Delivery.objects.filter(kind="resumed").values_list("receiver__username", flat=True)
    assert set(resumed) == {"department-s201", LEAD}


@pytest.mark.parametrize(
    ("until", "is_possible"),
    [
        (date(2026, 6, 9), False),
        (date(2026, 6, 10), False),
        (date(2026, 6, 11), True),
        (date(2027, 6, 10), True),  # 365 days
        (date(2027, 6, 11), False),  # 366 days
        (None, False),
    ],
)
def test_a_suspension_ends_on_a_date_within_365_days(
    walk: Walk, until: date | None, is_possible: bool
) -> None:
    if is_possible:
        assert ask(walk, "SUSPENSION", until=until).until == until
        return
    with pytest.raises(Invalid) as refused:
        ask(walk, "SUSPENSION", until=until)
    assert "until" in refused.value.fields
    assert not Request.objects.exists()


@pytest.mark.parametrize("name", [LEAD, "dispatcher-2"])
def test_a_suspended_case_is_resumed_early_once(walk: Walk, name: str) -> None:
    suspend(walk)
    walk.now = at("14:03")
    resume_case(**said(walk, name))
    turn = turn_of(walk)
    assert (walk.case.state, turn.due_at) == (State.HANDLING, at("08:03", on="2026-06-11"))
    assert turn.allowed - turn.used == timedelta(hours=4)
    with pytest.raises(NotAllowed):
        ask(walk, "SUSPENSION", until=date(2026, 7, 1))  # once


@pytest.mark.parametrize("name", ["department-d101", "duty-chief-1", "acceptor-1"])
def test_others_do_not_resume(walk: Walk, name: str) -> None:
    suspend(walk)
    with pytest.raises(Forbidden):
        resume_case(**said(walk, name))


def test_a_suspended_case_is_reassigned_with_a_whole_limit(walk: Walk) -> None:
    walk.now = at("11:03")
    suspend(walk)
    reassign_case(**said(walk, "dispatcher-1", department="d101", reason="误派"))
    first, second = Turn.objects.filter(case=walk.case).order_by("number")
    assert (first.end_kind, first.used) == ("reassigned", timedelta(hours=1))
    assert (walk.case.state, second.used, second.due_at) == (
        State.HANDLING, timedelta(), at("17:03"),
    )  # fmt: skip


def test_what_is_approved_after_the_deadline_is_not_overdue(walk: Walk) -> None:
    walk.now = at("16:00")
    suspend_asked = ask(walk, "SUSPENSION", until=date(2026, 7, 1))
    walk.now = at("16:20")
    approve(walk, "dispatcher-1", "duty-chief-1")
    turn = turn_of(walk)
    assert (suspend_asked.turn_id, turn.overdue_at, turn.used) == (turn.pk, None, turn.allowed)


def test_a_suspension_whose_date_has_passed_is_approved_no_more(walk: Walk) -> None:
    ask(walk, "SUSPENSION", until=date(2026, 6, 11))
    approve(walk, "dispatcher-1")
    walk.now = at("08:00", on="2026-06-11")
    with pytest.raises(NotAllowed):
        approve(walk, "duty-chief-1")
    assert walk.case.state == State.HANDLING


def test_the_clock_resumes_although_a_voiding_waits_and_people_do_not(walk: Walk) -> None:
    suspend(walk)
    void = ask_request(**said(walk, "dispatcher-1", kind="VOID", reason="重复立案"))
    with pytest.raises(NotAllowed):
        resume_case(**said(walk, LEAD))
    swept = sweep_timers(at=at("00:01", on="2026-07-01"))
    assert swept.done["resume"] == 1
    assert walk.case.state == State.HANDLING
    walk.now = at("00:05", on="2026-07-01")
    approve_request(**said(walk, "duty-chief-2", request_id=void.pk))
    assert walk.case.state == State.VOIDED


# ---------------------------------------------------------------- deferral


def test_a_deferral_makes_the_date_the_new_deadline_and_the_case_stays(deferrable: Walk) -> None:
    walk = deferrable
    ask(walk, "DEFERRAL", until=date(2026, 6, 30))
    approve(walk, "dispatcher-1", "duty-chief-1")
    turn = turn_of(walk)
    assert (walk.case.state, turn.deferred_until) == (State.HANDLING, date(2026, 6, 30))
    assert turn.due_at == walk.case.due_at == at("18:00", on="2026-06-30")
    assert turn.running_since is not None
    walk.now = at("17:59", on="2026-06-30")
    walk.step("finish")
    assert turn_of(walk).finish_in_time is True
    assert turn_of(walk).used <= turn_of(walk).allowed


def test_a_deferral_is_possible_once_and_where_the_class_allows_it(
    walk: Walk, deferrable: Walk
) -> None:
    with pytest.raises(NotAllowed):
        ask(walk, "DEFERRAL", until=date(2026, 6, 30))
    ask(deferrable, "DEFERRAL", until=date(2026, 6, 30))
    approve(deferrable, "dispatcher-1", "duty-chief-1")
    with pytest.raises(NotAllowed):
        ask(deferrable, "DEFERRAL", until=date(2026, 7, 30))


@pytest.mark.parametrize(
    ("until", "is_possible"),
    [
        (date(2026, 9, 8), True),  # 90 days
        (date(2026, 9, 9), False),
        (date(2026, 6, 12), False),  # before the deadline that holds now
        (date(2026, 6, 15), True),
    ],
)
def test_a_deferral_moves_the_deadline_on_by_at_most_90_days(
    deferrable: Walk, until: date, is_possible: bool
) -> None:
    if is_possible:
        assert ask(deferrable, "DEFERRAL", until=until).until == until
        return
    with pytest.raises(Invalid) as refused:
        ask(deferrable, "DEFERRAL", until=until)
    assert "until" in refused.value.fields


# ---------------------------------------------------------------- what may happen meanwhile


@pytest.mark.parametrize("kind", ["EXTENSION", "SUSPENSION", "DEFERRAL"])
def test_a_finish_lapses_whatever_waits(deferrable: Walk, kind: str) -> None:
    request = ask(deferrable, kind, "department-s201", until=date(2026, 6, 30))
    deferrable.step("finish")
    request.refresh_from_db()
    assert (request.state, deferrable.case.state) == ("lapsed", State.TO_CHECK)
    assert request.steps.get().decision == "lapsed"


def test_it_is_withdrawn_by_the_department_at_any_step(walk: Walk) -> None:
    request = ask(walk, name="department-s201")
    approve(walk, LEAD)
    with pytest.raises(Forbidden):
        withdraw_request(**said(walk, "dispatcher-1", request_id=request.pk))
    withdraw_request(**said(walk, "department-s201", request_id=request.pk))
    request.refresh_from_db()
    assert request.state == "withdrawn"


def test_only_the_department_whose_turn_it_is_asks(walk: Walk) -> None:
    for name in ("department-d101-lead", "dispatcher-1", "duty-chief-1"):
        with pytest.raises(Forbidden):
            ask(walk, name=name)


# ---------------------------------------------------------------- what the dialogs say of it


def hint(walk: Walk, name: str, action: str) -> str:
    return str(hint_of(get_case(walk.actor(name), walk.number, at=walk.now), action))


def test_a_reviewer_reads_what_follows_from_his_answer(walk: Walk) -> None:
    ask(walk, "SUSPENSION", "department-s201", until=date(2026, 7, 1))
    assert "派遣员" in hint(walk, LEAD, "preapprove")
    approve(walk, LEAD)
    assert "值班长" in hint(walk, "dispatcher-1", "approve")
    approve(walk, "dispatcher-1")
    assert "2026-07-01" in hint(walk, "duty-chief-1", "approve")
    assert "照旧" in hint(walk, "duty-chief-1", "refuse")


def test_who_approves_an_extension_reads_the_deadline_that_comes_of_it(walk: Walk) -> None:
    ask(walk)
    said_before = hint(walk, "dispatcher-1", "approve")
    approve(walk, "dispatcher-1")
    due_at = walk.case.due_at
    assert due_at is not None
    assert timezone.localtime(due_at).strftime("%Y-%m-%d %H:%M") in said_before
