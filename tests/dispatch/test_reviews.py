"""Requests: return, void, and the consent to a designation (domain law §5)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from cases.models import Delivery
from cases.workflow import State
from dispatch.models import Request, RequestStep, Turn
from dispatch.services.handling import dispatch_case, reassign_case, send_back_to_file
from dispatch.services.reviews import (
    approve_request,
    ask_request,
    refuse_request,
    withdraw_request,
)
from gridcity.contracts import Forbidden, Invalid, NotAllowed, NotVisible
from gridcity.models import User
from tests.district import TestDistrict, at
from tests.factories import Walk, start
from tests.photos import prepared

pytestmark = pytest.mark.django_db


@pytest.fixture
def walk(district: TestDistrict) -> Walk:
    """A case in HANDLING since 10:03, with 4 working hours."""
    return start(district=district, state=State.HANDLING)


def turn_of(walk: Walk) -> Turn:
    return Turn.objects.get(case__number=walk.number, ended_at=None)


def said(walk: Walk, name: str, **more: Any) -> dict[str, Any]:
    return {
        "number": walk.number, "actor": walk.actor(name), "at": walk.now,
        "version": walk.case.version, **more,
    }  # fmt: skip


def ask_return(walk: Walk, name: str = "department-s201", **more: Any) -> Request:
    asked = {"kind": "RETURN", "reason_code": "not_ours", "reason": "不属于本单位职责", **more}
    return ask_request(**said(walk, name, **asked))


def answer(walk: Walk, request: Request, name: str, verb: str = "approve", **more: Any) -> None:
    act = {"approve": approve_request, "refuse": refuse_request, "withdraw": withdraw_request}
    if verb == "refuse":
        more.setdefault("reason", "属于你单位职责")
    act[verb](**said(walk, name, request_id=request.pk, **more))


def returned(walk: Walk, department: str) -> None:
    answer(walk, ask_return(walk, f"department-{department}"), "dispatcher-1")


def test_an_approved_return_ends_the_turn_as_a_wrong_dispatch(walk: Walk) -> None:
    request = ask_return(walk, department="d101")
    assert walk.case.events.get(action="ask_return").changes["department"] == "d101"
    told = Delivery.objects.filter(kind="request").values_list("receiver__username", flat=True)
    assert set(told) == {"dispatcher-1", "dispatcher-2"}
    walk.now += timedelta(minutes=5)
    answer(walk, request, "dispatcher-1")
    turn = Turn.objects.get(case=walk.case)
    assert walk.case.state == State.TO_DISPATCH
    assert (turn.end_kind, turn.wrong_dispatch) == ("returned", True)
    assert turn.used == timedelta(minutes=5)
    request.refresh_from_db()
    assert (request.state, request.ended_at) == ("approved", walk.now)
    assert Delivery.objects.get(kind="answered").receiver.username == "department-s201"


def test_a_refused_return_leaves_the_clock_as_it_was(walk: Walk) -> None:
    before = turn_of(walk)
    request = ask_return(walk)
    walk.now += timedelta(minutes=29)
    answer(walk, request, "dispatcher-1", "refuse")
    turn = turn_of(walk)
    assert (turn.due_at, turn.running_since) == (before.due_at, before.running_since)
    assert (turn.returns_refused, walk.case.state) == (1, State.HANDLING)


@pytest.mark.parametrize("verb", ["refuse", "withdraw"])
def test_what_reviewers_use_beyond_their_limit_is_added_to_the_deadline(
    walk: Walk, verb: str
) -> None:
    request = ask_return(walk)  # 10:03, due 10:33
    walk.now = at("11:00")
    answer(walk, request, "dispatcher-1" if verb == "refuse" else "department-s201", verb)
    turn = turn_of(walk)
    assert turn.allowed == timedelta(hours=4, minutes=27)
    assert turn.due_at == walk.case.due_at == at("16:30")
    assert walk.case.stays.get(ended_at=None).due_at == at("16:30")


def test_only_the_working_time_that_the_clock_lost_is_given_back(district: TestDistrict) -> None:
    walk = start(district=district, state=State.HANDLING, reported_at=at("17:00"))
    request = ask_return(walk)  # 17:03, due 17:33
    walk.now = at("08:30", on="2026-06-11")
    answer(walk, request, "dispatcher-1", "refuse")
    assert turn_of(walk).allowed == timedelta(hours=4, minutes=57)


def test_a_finish_lapses_the_request_and_counts_the_reviewers_delay(walk: Walk) -> None:
    request = ask_return(walk)
    walk.now = at("16:09")  # due 16:03, review late since 10:33
    walk.step("finish")
    request.refresh_from_db()
    assert request.state == "lapsed"
    turn = turn_of(walk)
    assert turn.finish_in_time is True
    assert walk.case.events.get(action="finish").changes["lapsed"] == [request.pk]


def test_a_second_return_of_the_same_turn_goes_to_the_duty_chief(walk: Walk) -> None:
    answer(walk, ask_return(walk), "dispatcher-1", "refuse")
    again = ask_return(walk)
    assert RequestStep.objects.get(request=again).reviewer_role == "duty_chief"
    with pytest.raises(Forbidden):
        answer(walk, again, "dispatcher-1")
    answer(walk, again, "duty-chief-1")
    assert walk.case.state == State.TO_DISPATCH


def test_a_return_is_asked_within_the_first_quarter(district: TestDistrict) -> None:
    walk = start(district=district, state=State.HANDLING, entry="illegal_building")  # 2 days
    began = walk.now
    walk.now = began + timedelta(hours=12, seconds=1)
    with pytest.raises(NotAllowed):
        ask_return(walk)
    walk.now = began + timedelta(hours=12)
    assert ask_return(walk).state == "open"


def test_a_return_is_never_asked_once_overdue_although_time_was_added(walk: Walk) -> None:
    Turn.objects.filter(case=walk.case).update(overdue_at=walk.now)
    with pytest.raises(NotAllowed):
        ask_return(walk)


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"reason_code": ""}, "reason_code"),
        ({"reason_code": "lazy"}, "reason_code"),
        ({"reason": "  "}, "reason"),
        ({"department": "nobody"}, "department"),
        ({"kind": "HOLIDAY"}, "kind"),
    ],
)
def test_a_return_names_its_reason(walk: Walk, more: dict[str, str], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        ask_return(walk, **more)
    assert field in refused.value.fields
    assert not Request.objects.exists()


def test_one_request_at_a_time_and_nothing_else_while_it_waits(walk: Walk) -> None:
    ask_return(walk)
    for refused in (
        lambda: ask_return(walk),
        lambda: ask_request(**said(walk, "dispatcher-1", kind="VOID", reason="重复")),
        lambda: reassign_case(**said(walk, "dispatcher-1", department="d101", reason="改")),
    ):
        with pytest.raises(NotAllowed):
            refused()
    assert Request.objects.count() == 1


def test_a_request_is_withdrawn_by_the_side_that_asked(walk: Walk) -> None:
    request = ask_return(walk)
    for name in ("department-d101", "dispatcher-1"):
        with pytest.raises(Forbidden):
            answer(walk, request, name, "withdraw")
    answer(walk, request, "department-s201-lead", "withdraw")
    request.refresh_from_db()
    assert request.state == "withdrawn"
    with pytest.raises(NotAllowed):
        answer(walk, request, "dispatcher-1")
    assert turn_of(walk).returns_refused == 0


def test_a_request_of_another_case_does_not_exist(district: TestDistrict, walk: Walk) -> None:
    other = start(district=district, state=State.HANDLING)
    with pytest.raises(NotVisible):
        answer(walk, ask_return(other), "dispatcher-1")


def test_a_refusal_needs_a_reason(walk: Walk) -> None:
    request = ask_return(walk)
    with pytest.raises(Invalid):
        answer(walk, request, "dispatcher-1", "refuse", reason="")
    assert turn_of(walk).returns_refused == 0


# ---------------------------------------------------------------- designation


@pytest.fixture
def disputed(walk: Walk) -> Walk:
    """Returned twice: to be dispatched, ownership disputed."""
    returned(walk, "s201")
    walk.step("dispatch", department="d101")
    returned(walk, "d101")
    return walk


def designate(walk: Walk, department: str = "s201") -> Request:
    return ask_request(
        **said(walk, "dispatcher-1", kind="DESIGNATION", department=department, reason="权属争议")
    )


def test_after_two_returns_a_dispatch_needs_the_duty_chiefs_consent(disputed: Walk) -> None:
    walk = disputed
    with pytest.raises(NotAllowed) as refused:
        walk.step("dispatch", department="s201")
    assert refused.value.kept["needs"] == "designation"
    request = designate(walk)
    with pytest.raises(Forbidden):
        answer(walk, request, "dispatcher-2")
    answer(walk, request, "duty-chief-1")
    assert walk.case.state == State.TO_DISPATCH
    with pytest.raises(NotAllowed):
        walk.step("dispatch", department="w301")  # consented to another department
    walk.step("dispatch", department="s201")
    turn = turn_of(walk)
    assert (turn.number, turn.is_designation, turn.used) == (3, True, timedelta())
    request.refresh_from_db()
    assert request.used_by == turn


def test_a_designated_case_is_returned_no_more(disputed: Walk) -> None:
    walk = disputed
    answer(walk, designate(walk), "duty-chief-1")
    walk.step("dispatch", department="s201")
    with pytest.raises(NotAllowed):
        ask_return(walk)


def test_consent_is_asked_only_where_it_is_needed(district: TestDistrict) -> None:
    with pytest.raises(NotAllowed):
        designate(start(district=district, state=State.TO_DISPATCH))


# ---------------------------------------------------------------- void


def ask_void(walk: Walk) -> Request:
    return ask_request(**said(walk, "dispatcher-1", kind="VOID", reason="重复立案"))


def test_a_void_ends_case_and_turn(walk: Walk) -> None:
    request = ask_void(walk)
    answer(walk, request, "duty-chief-2")
    assert walk.case.state == State.VOIDED
    turn = Turn.objects.get(case=walk.case)
    assert (turn.end_kind, turn.wrong_dispatch) == ("voided", False)


def test_who_filed_a_case_does_not_review_its_voiding_where_two_are_on_duty(walk: Walk) -> None:
    request = ask_void(walk)
    with pytest.raises(Forbidden):
        answer(walk, request, "duty-chief-1")
    User.objects.filter(username="duty-chief-2").update(is_active=False)
    answer(walk, request, "duty-chief-1")
    assert walk.case.state == State.VOIDED


def test_a_refused_void_leaves_the_case_where_it_was(district: TestDistrict) -> None:
    walk = start(district=district, state=State.TO_DISPATCH)
    request = ask_void(walk)
    for act in (
        lambda: dispatch_case(**said(walk, "dispatcher-1", department="s201")),
        lambda: send_back_to_file(**said(walk, "dispatcher-1", reason="类别有误")),
    ):
        with pytest.raises(NotAllowed):
            act()
    answer(walk, request, "duty-chief-2", "refuse")
    walk.step("dispatch")
    assert walk.case.state == State.HANDLING


def test_nothing_is_voided_that_was_ever_finished_or_reopened(walk: Walk) -> None:
    type(walk.case).objects.filter(number=walk.number).update(round=2)
    with pytest.raises(NotAllowed):
        ask_void(walk)
    type(walk.case).objects.filter(number=walk.number).update(round=1)
    walk.step("finish")
    walk.step("send_check")
    from dispatch.services.checking import fail_check

    fail_check(
        number=walk.number, actor=walk.assignee, at=walk.now, reason="未处置",
        photos=[prepared("after")],
    )  # fmt: skip
    with pytest.raises(NotAllowed):
        ask_void(walk)


def test_roles_that_ask_and_review_are_kept_apart(walk: Walk) -> None:
    for name in ("acceptor-1", "duty-chief-1", "official-1", "dispatcher-1"):
        with pytest.raises(Forbidden):
            ask_return(walk, name)
    with pytest.raises(Forbidden):
        ask_return(walk, "department-d101")
    with pytest.raises(Forbidden):
        ask_request(**said(walk, "department-s201", kind="VOID", reason="重复"))


def test_a_second_return_of_a_turn_goes_to_the_duty_chief_also_after_a_withdrawn_one(
    walk: Walk,
) -> None:
    answer(walk, ask_return(walk), "department-s201", "withdraw")
    again = ask_return(walk)
    assert RequestStep.objects.get(request=again).reviewer_role == "duty_chief"
