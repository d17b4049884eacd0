"""申诉: the fact stays, its counted twin becomes false (domain law §5)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from cases.models import Delivery
from cases.workflow import State
from dispatch.models import Request, Turn, TurnFact
from dispatch.offers import answerable, answers, appealable
from dispatch.selectors.case_detail import CaseView, get_case
from dispatch.selectors.case_lists import CaseFilter, list_cases
from dispatch.selectors.request_lists import RequestFilter, list_requests
from dispatch.services.checking import fail_check
from dispatch.services.forcing import force_close_case
from dispatch.services.handling import reassign_case
from dispatch.services.reviews import (
    NO_OTHER,
    approve_request,
    ask_request,
    refuse_request,
    withdraw_request,
)
from dispatch.services.timers import sweep_timers
from gridcity.contracts import Forbidden, Invalid, NotAllowed
from gridcity.models import User
from tests.district import TestDistrict, at
from tests.factories import Walk, start
from tests.photos import prepared

pytestmark = pytest.mark.django_db


@pytest.fixture
def walk(district: TestDistrict) -> Walk:
    """A case in HANDLING since 10:03, with 4 working hours: due 16:03."""
    return start(district=district, state=State.HANDLING)


def said(walk: Walk, name: str, **more: Any) -> dict[str, Any]:
    return {
        "number": walk.number, "actor": walk.actor(name), "at": walk.now,
        "version": walk.case.version, **more,
    }  # fmt: skip


def appeal(walk: Walk, fact: str, name: str = "department-s201") -> Request:
    return ask_request(**said(walk, name, kind="APPEAL", fact=fact, reason="当日暴雨无法作业"))


def approve(walk: Walk, request: Request, *names: str) -> None:
    for name in names:
        approve_request(**said(walk, name, request_id=request.pk))


def refused_return(walk: Walk, reviewer: str) -> None:
    request = ask_request(
        **said(walk, "department-s201", kind="RETURN", reason_code="not_ours", reason="非本单位")
    )
    refuse_request(**said(walk, reviewer, request_id=request.pk, reason="属于你单位"))


def finished_late(walk: Walk) -> Turn:
    walk.now = at("17:00")
    for step in ("finish", "send_check", "check_passed", "close"):
        walk.step(step)
    return Turn.objects.get(case=walk.case)


def test_an_upheld_appeal_takes_the_fact_out_of_the_figures_and_keeps_it(walk: Walk) -> None:
    turn = finished_late(walk)
    request = appeal(walk, "overdue")
    assert (walk.case.state, request.turn) == (State.CLOSED, turn)
    with pytest.raises(Forbidden):  # who dispatched it does not review the appeal
        approve(walk, request, "dispatcher-1")
    with pytest.raises(Forbidden):
        approve(walk, request, "duty-chief-1")
    approve(walk, request, "dispatcher-2")
    assert not TurnFact.objects.exists()
    approve(walk, request, "duty-chief-1")
    fact = TurnFact.objects.get()
    assert (fact.turn, fact.kind, fact.counted, fact.appeal) == (turn, "overdue", False, request)
    assert fact.reason == "当日暴雨无法作业"
    turn.refresh_from_db()
    assert (turn.finish_in_time, turn.overdue_at) == (False, at("16:03"))
    assert walk.case.state == State.CLOSED


def test_a_refused_appeal_changes_nothing_and_is_not_asked_again(walk: Walk) -> None:
    finished_late(walk)
    request = appeal(walk, "overdue")
    refuse_request(**said(walk, "dispatcher-2", request_id=request.pk, reason="天气正常"))
    assert not TurnFact.objects.exists()
    with pytest.raises(NotAllowed):
        appeal(walk, "overdue")


def test_once_for_each_turn_and_fact_withdrawn_ones_too(walk: Walk) -> None:
    finished_late(walk)
    request = appeal(walk, "overdue")
    withdraw_request(**said(walk, "department-s201", request_id=request.pk))
    with pytest.raises(NotAllowed):
        appeal(walk, "overdue")


def test_an_appeal_comes_within_seven_days_after_the_end(walk: Walk) -> None:
    turn = finished_late(walk)
    assert turn.ended_at is not None
    walk.now = turn.ended_at + timedelta(days=7, seconds=1)
    with pytest.raises(NotAllowed):
        appeal(walk, "overdue")
    walk.now -= timedelta(seconds=1)
    assert appeal(walk, "overdue").state == "open"


@pytest.mark.parametrize(
    "fact", ["overdue", "failed_check", "refused_return", "shirking", "forced_close"]
)
def test_nothing_is_appealed_against_that_did_not_happen(walk: Walk, fact: str) -> None:
    with pytest.raises(NotAllowed):
        appeal(walk, fact)


def test_a_failed_check_a_refused_return_and_a_forced_close_are_facts(walk: Walk) -> None:
    refused_return(walk, "dispatcher-1")
    walk.step("finish")
    walk.step("send_check")
    fail_check(
        number=walk.number, actor=walk.assignee, at=walk.now, reason="未清理",
        photos=[prepared("after")],
    )  # fmt: skip
    assert appeal(walk, "failed_check").state == "open"
    assert appeal(walk, "refused_return").state == "open"
    force_close_case(**said(walk, "duty-chief-1", reason="责任不清"))
    assert appeal(walk, "forced_close").state == "open"
    assert Request.objects.filter(kind="APPEAL", state="open").count() == 3  # nothing lapsed


def test_shirking_is_two_refusals_and_overdue_afterwards(walk: Walk) -> None:
    refused_return(walk, "dispatcher-1")
    walk.now += timedelta(minutes=5)
    refused_return(walk, "duty-chief-1")
    with pytest.raises(NotAllowed):
        appeal(walk, "shirking")
    walk.now = at("16:30")
    assert appeal(walk, "shirking").fact == "shirking"


def test_a_wrong_dispatch_found_later_is_no_shirking(walk: Walk) -> None:
    refused_return(walk, "dispatcher-1")
    refused_return(walk, "duty-chief-1")
    walk.now = at("16:30")
    reassign_case(**said(walk, "dispatcher-1", department="d101", reason="误派"))
    with pytest.raises(NotAllowed):
        appeal(walk, "shirking")


def test_an_appeal_blocks_nothing_and_costs_the_reviewers_nothing(walk: Walk) -> None:
    refused_return(walk, "dispatcher-1")
    request = appeal(walk, "refused_return")
    extension = ask_request(
        **said(walk, "department-s201-lead", kind="EXTENSION", reason="需采购配件")
    )
    approve(walk, extension, "dispatcher-1")
    walk.now += timedelta(hours=2)
    before = Turn.objects.get(case=walk.case).allowed
    approve(walk, request, "dispatcher-2", "duty-chief-1")
    assert Turn.objects.get(case=walk.case).allowed == before
    walk.step("finish")
    request.refresh_from_db()
    assert request.state == "approved"


def test_only_the_department_whose_turn_it_was_appeals(walk: Walk) -> None:
    finished_late(walk)
    with pytest.raises(NotAllowed):
        appeal(walk, "overdue", "department-d101")
    for name in ("dispatcher-1", "duty-chief-1"):
        with pytest.raises(Forbidden):
            appeal(walk, "overdue", name)


@pytest.mark.parametrize("fact", ["", "weather"])
def test_an_appeal_names_what_it_is_against(walk: Walk, fact: str) -> None:
    with pytest.raises(Invalid) as refused:
        appeal(walk, fact)
    assert "fact" in refused.value.fields


# ---------------------------------------------------------------- where nobody else is on duty


def go_home(*names: str) -> None:
    User.objects.filter(username__in=names).update(is_active=False)


def sweep(walk: Walk, **later: float) -> dict[str, int]:
    walk.now += timedelta(**later)
    return sweep_timers(at=walk.now).done


def decisions(request: Request) -> list[tuple[str, str]]:
    return list(request.steps.order_by("id").values_list("reviewer_role", "decision"))


@pytest.mark.parametrize("gone", [("dispatcher-2",), ("dispatcher-1", "dispatcher-2")])
def test_an_appeal_that_no_dispatcher_on_duty_may_answer_passes_on_after_his_limit(
    walk: Walk, gone: tuple[str, ...]
) -> None:
    finished_late(walk)
    go_home(*gone)
    request = appeal(walk, "overdue")
    asked = walk.now
    assert "review" not in sweep(walk, minutes=30)
    assert sweep(walk, minutes=1)["review"] == 1
    assert "review" not in sweep(walk, minutes=1)
    assert decisions(request) == [("dispatcher", "passed_on"), ("duty_chief", "")]
    event = walk.case.events.get(action="pass_request_on")
    assert (event.role, event.reason) == ("clock", NO_OTHER)
    assert event.occurred_at == asked + timedelta(minutes=30)
    approve(walk, request, "duty-chief-1")
    assert TurnFact.objects.filter(counted=False).count() == 1


def test_while_another_dispatcher_is_on_duty_an_appeal_waits_for_him(walk: Walk) -> None:
    finished_late(walk)
    request = appeal(walk, "overdue")
    assert "review" not in sweep(walk, hours=5)
    assert decisions(request) == [("dispatcher", "")]
    go_home("dispatcher-2")  # the last who might have answered
    assert sweep(walk, minutes=1)["review"] == 1


def test_a_lone_dispatcher_reviews_what_the_routing_dispatched(walk: Walk) -> None:
    turn = finished_late(walk)
    Turn.objects.filter(pk=turn.pk).update(dispatched_by=None)
    go_home("dispatcher-2")
    request = appeal(walk, "overdue")
    assert "review" not in sweep(walk, hours=5)
    approve(walk, request, "dispatcher-1", "duty-chief-1")


def test_nobody_finds_to_be_done_what_another_has_to_review(walk: Walk) -> None:
    refused_return(walk, "dispatcher-1")
    appeal(walk, "refused_return")

    def to_do(name: str) -> int:
        wanted = RequestFilter(box="todo")
        requests = len(list_requests(walk.actor(name), wanted).rows)
        cases = list_cases(walk.actor(name), CaseFilter(box="todo"), at=walk.now).rows
        assert len(cases) == min(requests, 1)
        return requests

    assert (to_do("dispatcher-1"), to_do("dispatcher-2")) == (0, 1)
    ask_request(**said(walk, "dispatcher-1", kind="VOID", reason="重复"))
    assert (to_do("duty-chief-1"), to_do("duty-chief-2")) == (0, 1)
    go_home("duty-chief-2")
    assert to_do("duty-chief-1") == 1


# ---------------------------------------------------------------- several turns, several requests


def seen(walk: Walk, name: str) -> CaseView:
    return get_case(walk.actor(name), walk.number, at=walk.now)


def test_a_fact_of_an_earlier_turn_is_offered_and_appealed_after_the_later_one(walk: Walk) -> None:
    refused_return(walk, "dispatcher-1")
    for following in ("d101", "s201"):
        reassign_case(**said(walk, "dispatcher-1", department=following, reason="误派"))
    refused_return(walk, "dispatcher-1")
    assert appealable(seen(walk, "department-s201")) == ["refused_return"]
    assert appeal(walk, "refused_return").turn.number == 3  # type: ignore[union-attr]
    assert appealable(seen(walk, "department-s201")) == ["refused_return"]
    assert appeal(walk, "refused_return").turn.number == 1  # type: ignore[union-attr]
    assert appealable(seen(walk, "department-s201")) == []
    with pytest.raises(NotAllowed):
        appeal(walk, "refused_return")


def test_a_department_follows_and_withdraws_its_appeal_while_another_has_the_case(
    walk: Walk,
) -> None:
    refused_return(walk, "dispatcher-1")
    reassign_case(**said(walk, "dispatcher-1", department="d101", reason="误派"))
    walk.now += timedelta(minutes=5)
    request = appeal(walk, "refused_return")
    view = seen(walk, "department-s201")
    assert view.later_turns == 1
    assert answerable(view) == request
    assert [offer.action for offer in answers(view)] == ["withdraw"]
    other = ask_request(**said(walk, "department-d101", kind="EXTENSION", reason="需采购"))
    assert other not in seen(walk, "department-s201").requests


def test_each_reviewer_is_offered_what_waits_for_him_beside_other_requests(walk: Walk) -> None:
    refused_return(walk, "dispatcher-1")
    first = appeal(walk, "refused_return")
    approve(walk, first, "dispatcher-2")
    walk.now = at("16:30")
    second = appeal(walk, "overdue")
    void = ask_request(**said(walk, "dispatcher-1", kind="VOID", reason="重复"))
    offered = {
        name: answerable(seen(walk, name))
        for name in ("duty-chief-1", "duty-chief-2", "dispatcher-1", "dispatcher-2",
                     "department-s201", "acceptor-1")
    }  # fmt: skip
    assert offered == {
        "duty-chief-1": first,  # he filed the case: the void is another's
        "duty-chief-2": void,
        "dispatcher-1": void,  # he dispatched it: he may only withdraw the void
        "dispatcher-2": second,
        "department-s201": first,
        "acceptor-1": void,
    }
    assert [offer.action for offer in answers(seen(walk, "dispatcher-2"))] == ["approve", "refuse"]


def test_a_lone_dispatcher_hears_nothing_of_an_appeal_that_he_may_not_review(walk: Walk) -> None:
    finished_late(walk)
    go_home("dispatcher-2")
    before = Delivery.objects.filter(receiver__username="dispatcher-1").count()
    appeal(walk, "overdue")
    sweep(walk, minutes=31)
    assert Delivery.objects.filter(receiver__username="dispatcher-1").count() == before
    assert Delivery.objects.filter(receiver__username="duty-chief-1", kind="request").exists()


def test_of_two_dispatchers_the_one_who_may_review_an_appeal_hears_that_it_is_late(
    walk: Walk,
) -> None:
    finished_late(walk)
    appeal(walk, "overdue")
    sweep(walk, minutes=31)
    late = Delivery.objects.filter(kind="desk_late", case=walk.case, values__clock="step")
    assert set(late.values_list("receiver__username", flat=True)) == {"dispatcher-2"}
