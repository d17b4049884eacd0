"""并案: who may merge what into what, what the leading case keeps, how it is undone (§4)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from cases.models import Delivery
from cases.services.accepting import not_accept_case
from cases.services.filing import not_file_case
from cases.services.history import first_broken
from cases.services.merging import merge_case, undo_merge
from cases.services.self_handling import approve_self_handled
from cases.workflow import State
from dispatch.services.reviews import approve_request, ask_request
from gridcity.contracts import Forbidden, Invalid, NotAllowed
from tests.cases.test_self_handling import report as report_self_handled
from tests.cases.test_stays import check_tiled
from tests.district import TestDistrict, at
from tests.factories import PATHS, Walk, start

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)


def said(walk: Walk, name: str, **more: Any) -> dict[str, Any]:
    return {
        "number": walk.number, "actor": walk.actor(name), "at": walk.now,
        "version": walk.case.version, **more,
    }  # fmt: skip


def merge(member: Walk, lead: Walk, name: str = "acceptor-1", **more: Any) -> None:
    merge_case(**said(member, name, leading=lead.number, reason="同一处垃圾", **more))


LEADS = {
    State.REPORTED, State.VERIFYING, State.TO_FILE, State.TO_DISPATCH, State.HANDLING,
}  # fmt: skip


@pytest.mark.parametrize("state", sorted(PATHS))
def test_only_what_is_open_and_not_finished_leads(district: TestDistrict, state: str) -> None:
    lead, member = start(district=district, state=State(state)), start(district=district)
    if State(state) in LEADS:
        merge(member, lead)
        assert (member.case.state, member.case.merged_into) == (State.MERGED, lead.case)
        assert lead.case.state == state
        return
    with pytest.raises(Invalid) as refused:
        merge(member, lead)
    assert "leading" in refused.value.fields
    assert member.case.state == State.REPORTED


@pytest.mark.parametrize("state", sorted(PATHS))
def test_only_reports_not_yet_filed_are_merged(district: TestDistrict, state: str) -> None:
    lead, member = start(district=district), start(district=district, state=State(state))
    if state in {State.REPORTED, State.TO_FILE}:
        merge(member, lead, "duty-chief-1")
        assert member.case.state == State.MERGED
        return
    with pytest.raises(NotAllowed):
        merge(member, lead, "duty-chief-1")


def test_the_leading_case_keeps_the_earliest_report_and_every_source(
    district: TestDistrict,
) -> None:
    early = start(district=district, by="acceptor-1", source="LEADER", reported_at=at("09:00"))
    lead = start(district=district, reported_at=at("09:30"), state=State.HANDLING)
    late = start(district=district, by="acceptor-1", source="HOTLINE", reported_at=at("09:40"))
    version = lead.case.version
    merge(early, lead)
    merge(late, lead)
    case = lead.case
    assert case.earliest_report_at == at("09:00")
    assert (case.source, case.sources) == ("SUPERVISOR", ["SUPERVISOR", "LEADER", "HOTLINE"])
    assert case.reported_at == at("09:30")
    assert case.version == version + 2
    undo_merge(**said(early, "acceptor-1"))
    case = lead.case
    assert (case.earliest_report_at, case.sources) == (None, ["SUPERVISOR", "HOTLINE"])
    assert early.case.state == State.REPORTED
    for walk in (early, lead, late):
        assert first_broken(walk.case) is None


def test_a_source_that_another_member_brought_too_stays(district: TestDistrict) -> None:
    lead = start(district=district)
    one, two = (start(district=district, by="acceptor-1", source="LEADER") for _n in range(2))
    merge(one, lead)
    merge(two, lead)
    undo_merge(**said(one, "acceptor-1"))
    assert lead.case.sources == ["SUPERVISOR", "LEADER"]


@pytest.mark.parametrize(("state", "minutes"), [(State.REPORTED, 15), (State.TO_FILE, 15)])
def test_undone_the_stages_clock_has_stood_still(
    district: TestDistrict, state: State, minutes: int
) -> None:
    lead, member = start(district=district), start(district=district, state=state)
    entered = member.case.state_since
    member.now = entered + 4 * MINUTE
    merge(member, lead, "duty-chief-1")
    member.now += 10 * MINUTE
    case = undo_merge(**said(member, "duty-chief-1"))
    assert case.state == state
    assert case.due_at == member.now + (minutes - 4) * MINUTE
    stays = check_tiled(case)
    assert [stay.state for stay in stays[-3:]] == [state, State.MERGED, state]
    assert stays[-1].used_before_s == 240


def test_after_ten_minutes_a_merge_stands(district: TestDistrict) -> None:
    lead, member = start(district=district), start(district=district)
    merge(member, lead)
    member.now += 10 * MINUTE + timedelta(seconds=1)
    with pytest.raises(NotAllowed):
        undo_merge(**said(member, "acceptor-1"))


def test_who_merged_or_a_duty_chief_undoes(district: TestDistrict) -> None:
    lead, member = start(district=district), start(district=district)
    merge(member, lead)
    with pytest.raises(Forbidden):
        undo_merge(**said(member, "acceptor-2"))
    assert undo_merge(**said(member, "duty-chief-2")).state == State.REPORTED


def test_acceptance_goes_on_over_verification_and_an_undone_merge(district: TestDistrict) -> None:
    lead, member = start(district=district), start(district=district, by="acceptor-1",
                                                    source="HOTLINE")  # fmt: skip
    member.now += 3 * MINUTE
    member.step("send_verify")  # after 4 minutes
    member.step("verify")
    member.now += MINUTE
    merge(member, lead)
    undo_merge(**said(member, "acceptor-1"))
    assert member.case.due_at == member.now + 10 * MINUTE


def test_a_case_cannot_lead_itself_nor_one_that_is_not_there(district: TestDistrict) -> None:
    walk = start(district=district)
    for leading in (walk.number, "11010120260000000", ""):
        with pytest.raises(Invalid) as refused:
            merge_case(**said(walk, "acceptor-1", leading=leading, reason="重复"))
        assert "leading" in refused.value.fields


def test_a_case_that_leads_is_not_merged_and_a_merged_one_does_not_lead(
    district: TestDistrict,
) -> None:
    first, second, third = (start(district=district) for _n in range(3))
    merge(second, first)
    with pytest.raises(NotAllowed):
        merge(first, third)
    with pytest.raises(Invalid):
        merge(third, second)


def test_a_merge_needs_a_reason_and_its_roles(district: TestDistrict) -> None:
    lead, member = start(district=district), start(district=district)
    with pytest.raises(Invalid):
        merge_case(**said(member, "acceptor-1", leading=lead.number, reason=""))
    for name in ("dispatcher-1", "supervisor-1", "department-s201", "official-1"):
        with pytest.raises(Forbidden):
            merge(member, lead, name)
    assert lead.case.sources == ["SUPERVISOR"]


@pytest.mark.parametrize("end", ["not_accept", "not_file", "void", "settled_on_the_spot"])
def test_members_return_when_the_leading_case_ends_unfiled_or_void(
    district: TestDistrict, end: str
) -> None:
    state = {"not_file": State.TO_FILE, "void": State.HANDLING}.get(end, State.REPORTED)
    lead = (
        Walk(district, report_self_handled(district).number, at("10:00"))
        if end == "settled_on_the_spot"
        else start(district=district, state=state)
    )
    members = [start(district=district, by="supervisor-2") for _n in range(2)]
    for member in members:
        merge(member, lead)
    lead.now += 20 * MINUTE
    if end == "void":
        request = ask_request(**said(lead, "dispatcher-1", kind="VOID", reason="重复立案"))
        approve_request(**said(lead, "duty-chief-2", request_id=request.pk))
    elif end == "not_file":
        not_file_case(**said(lead, "duty-chief-1", reason="不符合立案条件"))
    elif end == "settled_on_the_spot":
        approve_self_handled(**said(lead, "duty-chief-1"))
    else:
        not_accept_case(**said(lead, "acceptor-1", reason="不属于本区"))
    for member in members:
        case = member.case
        assert (case.state, case.merged_into) == (State.REPORTED, None)
        assert case.due_at == lead.now + 15 * MINUTE
        event = case.events.get(action="release_member")
        assert (event.role, event.changes["leading"]) == ("clock", lead.number)
        check_tiled(case)
    # It goes on: nobody is told that his report has ended with the leading case.
    told = Delivery.objects.filter(kind__in=["ended", "not_accepted"])
    assert not told.filter(receiver__username="supervisor-2").exists()


def test_the_reporters_of_members_hear_of_the_end(district: TestDistrict) -> None:
    lead = start(district=district, state=State.HANDLING)
    member = start(district=district, by="supervisor-2")
    merge(member, lead)
    for step in ("finish", "send_check", "check_passed", "close"):
        lead.step(step)
    told = Delivery.objects.filter(kind="ended")
    # Each of his own case: he knows no other number.
    assert {(lead.number, "supervisor-1"), (member.number, "supervisor-2")} <= set(
        told.values_list("case__number", "receiver__username")
    )
    assert not told.filter(case=lead.case, receiver__username="supervisor-2").exists()
    assert member.case.state == State.MERGED
