"""After the end: reconsider, reopen, rate, call back (domain law §4)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from cases.models import CallBack, Case, Rating, Reporter
from cases.selectors.calling import left_to_call, reporters_to_call
from cases.services.ending import call_back, issue_query_code, rate_case, reconsider_case
from cases.services.merging import merge_case
from cases.services.reporting import ReporterInput
from cases.workflow import State
from dispatch.models import Turn
from dispatch.services.reopening import reopen_case
from dispatch.services.reviews import ask_request
from gridcity.contracts import Forbidden, Invalid, NotAllowed, NotVisible
from tests.cases.test_stays import check_tiled
from tests.district import TestDistrict
from tests.factories import Walk, start

pytestmark = pytest.mark.django_db

TEN_DAYS = timedelta(days=10)
SECOND = timedelta(seconds=1)


def said(walk: Walk, name: str, **more: Any) -> dict[str, Any]:
    return {
        "number": walk.number, "actor": walk.actor(name), "at": walk.now,
        "version": walk.case.version, **more,
    }  # fmt: skip


# ---------------------------------------------------------------- reconsider


@pytest.mark.parametrize("state", [State.NOT_ACCEPTED, State.NOT_FILED])
def test_what_was_refused_is_reconsidered_within_ten_days(
    district: TestDistrict, state: State
) -> None:
    walk = start(district=district, state=state)
    ended = walk.case.ended_at
    assert ended is not None
    walk.now = ended + TEN_DAYS
    case = reconsider_case(**said(walk, "duty-chief-1", reason="当事人补充了材料"))
    assert (case.state, case.ended_at) == (State.REPORTED, None)
    assert case.due_at == walk.now + timedelta(minutes=15)  # acceptance starts anew
    check_tiled(case)


def test_after_ten_days_nothing_is_reconsidered_or_reopened(district: TestDistrict) -> None:
    for state, act in ((State.NOT_FILED, reconsider_case), (State.CLOSED, reopen_case)):
        walk = start(district=district, state=state)
        ended = walk.case.ended_at
        assert ended is not None
        walk.now = ended + TEN_DAYS + SECOND
        with pytest.raises(NotAllowed):
            act(**said(walk, "duty-chief-1", reason="复查"))


# ---------------------------------------------------------------- reopen


def test_a_reopened_case_goes_a_second_round_with_a_new_turn(district: TestDistrict) -> None:
    walk = start(district=district, state=State.CLOSED)
    walk.now += timedelta(days=2)
    with pytest.raises(Invalid):
        reopen_case(**said(walk, "duty-chief-1", reason=""))
    case = reopen_case(**said(walk, "duty-chief-1", reason="复查仍未清理"))
    assert (case.state, case.round, case.ended_at) == (State.TO_DISPATCH, 2, None)
    check_tiled(case)
    walk.step("dispatch")
    first, second = Turn.objects.filter(case=case).order_by("number")
    assert (first.end_kind, first.finish_in_time, first.round) == ("closed", True, 1)
    assert (second.round, second.used, second.allowed) == (2, timedelta(), first.whole_limit)
    with pytest.raises(NotAllowed):  # a reopened case cannot be voided
        ask_request(**said(walk, "dispatcher-1", kind="VOID", reason="重复立案"))
    check_tiled(walk.case)


@pytest.mark.parametrize("name", ["acceptor-1", "dispatcher-1", "department-s201", "official-1"])
def test_only_a_duty_chief_reopens(district: TestDistrict, name: str) -> None:
    walk = start(district=district, state=State.CLOSED)
    with pytest.raises(Forbidden):
        reopen_case(**said(walk, name, reason="复查"))


# ---------------------------------------------------------------- rate and call back


@pytest.fixture
def closed(district: TestDistrict) -> Walk:
    return start(
        district=district, state=State.CLOSED, by="acceptor-1", source="LEADER",
        reporter=ReporterInput(name="王某", phone="13900000000"),
    )  # fmt: skip


def code_of(walk: Walk) -> str:
    reporter = Reporter.objects.get(case=walk.case)
    return issue_query_code(
        number=walk.number, reporter_id=reporter.pk, actor=walk.actor("acceptor-1"), at=walk.now
    )


def test_a_citizen_rates_once_with_number_and_code(closed: Walk) -> None:
    code = code_of(closed)
    kept = bytes(Reporter.objects.get(case=closed.case).query_code_sha256)
    assert code.encode() not in kept
    version = closed.case.version
    rate = {"number": closed.number, "at": closed.now, "degree": "good"}
    for wrong in ("", "AAAAAAAA", code + "A"):
        with pytest.raises(NotVisible):
            rate_case(**rate, query_code=wrong)
    rate_case(**rate, query_code=code.lower(), words="处理及时")
    rating = Rating.objects.get()
    assert (rating.case, rating.degree, rating.words) == (closed.case, "good", "处理及时")
    event = closed.case.events.get(action="rate")
    assert (event.role, event.actor, event.changes) == ("citizen", None, {"degree": "good"})
    assert closed.case.version == version
    with pytest.raises(NotAllowed):
        rate_case(**rate, query_code=code)


def test_a_rating_comes_within_thirty_days_and_names_a_degree(closed: Walk) -> None:
    code, ended = code_of(closed), closed.case.ended_at
    assert ended is not None
    late = ended + timedelta(days=30, seconds=1)
    with pytest.raises(NotAllowed):
        rate_case(number=closed.number, query_code=code, degree="good", at=late)
    with pytest.raises(Invalid):
        rate_case(number=closed.number, query_code=code, degree="gold", at=ended)
    assert rate_case(
        number=closed.number, query_code=code, degree="poor", at=late - SECOND
    ).degree == "poor"  # fmt: skip


def test_an_open_case_is_not_rated(district: TestDistrict) -> None:
    walk = start(
        district=district, state=State.HANDLING, by="acceptor-1", source="LEADER",
        reporter=ReporterInput(phone="13900000000"),
    )  # fmt: skip
    with pytest.raises(NotAllowed):
        rate_case(number=walk.number, query_code=code_of(walk), degree="good", at=walk.now)


def test_a_new_code_ends_the_old_one(closed: Walk) -> None:
    old = code_of(closed)
    code_of(closed)
    with pytest.raises(NotVisible):
        rate_case(number=closed.number, query_code=old, degree="good", at=closed.now)


def test_the_reporter_of_a_merged_case_rates_the_leading_one_by_his_own_number(
    district: TestDistrict,
) -> None:
    lead = start(district=district, state=State.HANDLING)
    member = start(
        district=district, by="acceptor-1", source="LEADER",
        reporter=ReporterInput(phone="13900000001"),
    )  # fmt: skip
    code = code_of(member)
    merge_case(**said(member, "acceptor-1", leading=lead.number, reason="同一处垃圾"))
    for step in ("finish", "send_check", "check_passed", "close"):
        lead.step(step)
    rating = rate_case(number=member.number, query_code=code, degree="fair", at=lead.now)
    assert rating.case == lead.case
    with pytest.raises(NotVisible):
        rate_case(number=lead.number, query_code=code, degree="fair", at=lead.now)


def test_an_acceptor_calls_back(closed: Walk) -> None:
    call = {"number": closed.number, "actor": closed.actor("acceptor-1"), "at": closed.now}
    with pytest.raises(Invalid) as refused:
        call_back(**call, valid=True, contacted=True)
    assert "resolved" in refused.value.fields
    call_back(**call, valid=True, contacted=False, resolved=True, satisfaction="good")
    call_back(**call, valid=True, contacted=True, resolved=True, satisfaction="very_good")
    first, second = CallBack.objects.order_by("id")
    assert (first.contacted, first.resolved, first.satisfaction) == (False, None, "")
    assert (second.resolved, second.satisfaction) == (True, "very_good")
    assert Case.objects.get(number=closed.number).events.filter(action="call_back").count() == 2
    with pytest.raises(Forbidden):
        call_back(
            number=closed.number, actor=closed.actor("duty-chief-1"), at=closed.now, valid=True,
            contacted=False,
        )  # fmt: skip


def test_a_call_back_names_whom_where_several_reported(district: TestDistrict) -> None:
    """One who reported a merged case is called, too; the case waits until both were reached."""
    lead, member = (
        start(
            district=district, by="acceptor-1", source="LEADER",
            state=state, reporter=ReporterInput(phone=phone),
        )
        for state, phone in ((State.HANDLING, "13900000001"), (State.REPORTED, "13900000002"))
    )  # fmt: skip
    merge_case(**said(member, "acceptor-1", leading=lead.number, reason="同一处垃圾"))
    for step in ("finish", "send_check", "check_passed", "close"):
        lead.step(step)
    first, second = reporters_to_call(lead.case)
    call = {"number": lead.number, "actor": lead.actor("acceptor-1"), "at": lead.now, "valid": True}
    for wrong in (None, 10**9):
        with pytest.raises(Invalid) as refused:
            call_back(**call, contacted=False, reporter_id=wrong)
        assert "reporter" in refused.value.fields
    answer = {"contacted": True, "resolved": True}
    call_back(**call, contacted=False, reporter_id=first.pk)
    call_back(**call, **answer, reporter_id=first.pk)
    assert Case.objects.get(pk=lead.case.pk).to_call_back
    assert left_to_call(Case.objects.get(pk=lead.case.pk)) == [second]
    call_back(**call, **answer, reporter_id=second.pk)
    assert not Case.objects.get(pk=lead.case.pk).to_call_back
    told = lead.case.events.filter(action="call_back").order_by("seq")
    phones = [one.changes["reporter"]["phone"] for one in told]
    assert phones[0] == phones[1] != phones[2]
    assert [one.reporter for one in CallBack.objects.order_by("id")] == [first, first, second]
