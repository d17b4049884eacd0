"""首问负责: who took a case first keeps it until its reporter was called back (domain law §2)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from cases.models import Case, Reporter
from cases.services.ending import call_back
from cases.services.merging import merge_case
from cases.services.purging import purge_batch
from cases.services.reporting import ReporterInput
from cases.workflow import State
from dispatch.selectors.actors import actor_of
from dispatch.selectors.boxes import in_box
from dispatch.selectors.case_detail import get_case
from dispatch.selectors.visible import visible_cases
from dispatch.services.forcing import force_close_case
from dispatch.services.reopening import reopen_case
from gridcity.contracts import Forbidden
from gridcity.models import User
from tests.clients import PageClient
from tests.district import TestDistrict
from tests.factories import Walk, start

pytestmark = pytest.mark.django_db
CALLER = ReporterInput("王小明", "13800001111", True)


def called(district: TestDistrict, state: State, **more: Any) -> Walk:
    more = {"by": "acceptor-1", "source": "LEADER", "reporter": CALLER} | more
    return start(district=district, state=state, **more)


def box(district: TestDistrict, name: str, which: str) -> set[str]:
    actor = district.actor(name)
    rows = in_box(visible_cases(actor), actor, which)
    return set(rows.values_list("number", flat=True))


def phoned(walk: Walk, **said: Any) -> None:
    answer = {"valid": True, "contacted": True, "resolved": True} | said
    call_back(number=walk.number, actor=walk.actor("acceptor-2"), at=walk.now, **answer)


def test_it_stays_in_his_box_until_the_reporter_was_called_back(district: TestDistrict) -> None:
    walk = called(district, State.HANDLING)
    assert box(district, "acceptor-1", "first") == {walk.number}
    assert box(district, "acceptor-2", "first") == set()
    for step in ("finish", "send_check", "check_passed", "close"):
        walk.step(step)
    assert box(district, "acceptor-1", "first") == {walk.number}
    assert box(district, "acceptor-2", "callback") == {walk.number}
    phoned(walk, contacted=False, resolved=None)  # nobody answered: he is called again
    assert box(district, "acceptor-1", "first") == {walk.number}
    phoned(walk)
    assert box(district, "acceptor-1", "first") == set()
    assert box(district, "acceptor-1", "callback") == set()


def test_a_number_that_is_wrong_need_not_be_called_again(district: TestDistrict) -> None:
    walk = called(district, State.CLOSED)
    phoned(walk, valid=False, contacted=False, resolved=None)
    assert box(district, "acceptor-1", "callback") == set()


def test_the_first_to_take_up_a_supervisors_report_is_its_first_contact(
    district: TestDistrict,
) -> None:
    walk = start(district=district, state=State.TO_FILE)
    assert box(district, "acceptor-1", "first") == {walk.number}
    for step in ("file", "dispatch", "finish", "send_check", "check_passed", "close"):
        walk.step(step)
    assert box(district, "acceptor-1", "first") == set()  # nobody left a number


def test_a_forced_close_wants_its_call_and_a_reopening_none(district: TestDistrict) -> None:
    walk = called(district, State.TO_DISPATCH)
    force_close_case(
        number=walk.number, actor=walk.actor("duty-chief-1"), at=walk.now, reason="无法处置",
        version=walk.case.version,
    )  # fmt: skip
    assert box(district, "acceptor-1", "callback") == {walk.number}
    other = called(district, State.CLOSED)
    reopen_case(
        number=other.number, actor=walk.actor("duty-chief-1"), at=other.now, reason="复查未处置",
        version=other.case.version,
    )  # fmt: skip
    assert box(district, "acceptor-1", "callback") == {walk.number}


def test_who_was_forgotten_waits_for_no_call(district: TestDistrict) -> None:
    walk = called(district, State.CLOSED)
    late = walk.now + timedelta(days=400)
    assert purge_batch(at=late, ended_before=late) == 1
    assert box(district, "acceptor-1", "callback") == set()


def test_what_was_merged_is_followed_in_the_leading_case(district: TestDistrict) -> None:
    lead = start(district=district, state=State.HANDLING)
    member = called(district, State.REPORTED)
    merge_case(
        number=member.number, actor=member.actor("acceptor-2"), at=member.now,
        version=member.case.version, leading=lead.number, reason="同一处垃圾",
    )  # fmt: skip
    assert member.number in box(district, "acceptor-1", "first")
    for step in ("finish", "send_check", "check_passed", "close"):
        lead.step(step)
    assert member.number in box(district, "acceptor-1", "first")
    assert box(district, "acceptor-1", "callback") == {lead.number}
    phoned(lead)
    assert member.number not in box(district, "acceptor-1", "first")


def test_the_leading_case_shows_the_reporters_of_its_members(
    district: TestDistrict, browser_client: PageClient
) -> None:
    lead = called(district, State.HANDLING, reporter=ReporterInput("李大爷", "13700002222"))
    member = called(district, State.REPORTED)
    merge_case(
        number=member.number, actor=member.actor("acceptor-2"), at=member.now,
        version=member.case.version, leading=lead.number, reason="同一处垃圾",
    )  # fmt: skip
    page = browser_client.enter(district.user("acceptor-1")).get(f"/cases/{lead.number}/")
    shown = page.content.decode()
    assert "李大爷" in shown
    assert "王小明" in shown
    assert member.number in shown
    # The department sees who may be called only, and its look is logged.
    view = get_case(lead.department, lead.number, at=lead.now)
    assert [one.name for one in view.reporters] == ["王小明"]
    assert Reporter.objects.filter(case=Case.objects.get(number=member.number)).count() == 1


def test_the_boxes_are_the_acceptors_own(
    district: TestDistrict, browser_client: PageClient
) -> None:
    acceptor = browser_client.enter(district.user("acceptor-1")).get("/cases/?box=callback")
    assert acceptor.status_code == 200
    assert "box=first" in acceptor.content.decode()
    chief = browser_client.enter(district.user("duty-chief-1")).get("/cases/")
    assert "box=first" not in chief.content.decode()


def test_a_client_reports_from_its_one_named_source(district: TestDistrict) -> None:
    User.objects.filter(username="client-1").update(source="SENSOR")
    actor = actor_of(User.objects.get(username="client-1"))
    district.users["client-1"].source = "SENSOR"
    assert actor.source == "SENSOR"
    assert start(district=district, by="client-1").case.source == "SENSOR"
    assert start(district=district, by="client-1", source="SENSOR").case.source == "SENSOR"
    for other in ("PUBLIC", "HOTLINE", "VIDEO"):
        with pytest.raises(Forbidden):
            start(district=district, by="client-1", source=other)
