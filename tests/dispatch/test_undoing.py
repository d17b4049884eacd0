"""Undo within ten seconds: events remain, figures are as if neither had happened (law §4)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from cases.models import Case, Delivery, Message, Stay
from cases.services.accepting import Amendment, amend_case
from cases.services.history import first_broken
from cases.services.notices import deliver
from cases.workflow import State
from dispatch.models import Request, Turn
from dispatch.selectors.visible import visible_cases
from dispatch.services.handling import dispatch_case, note_opened, reassign_case, send_back_to_file
from dispatch.services.reviews import approve_request, ask_request, refuse_request
from dispatch.services.undoing import undo_dispatch, undo_return, undo_send_back
from gridcity.contracts import Forbidden, NotAllowed
from tests.cases.test_stays import check_tiled
from tests.district import TestDistrict
from tests.factories import Walk, start

pytestmark = pytest.mark.django_db

SECONDS = timedelta(seconds=1)


def said(walk: Walk, name: str, **more: Any) -> dict[str, Any]:
    return {
        "number": walk.number, "actor": walk.actor(name), "at": walk.now,
        "version": walk.case.version, **more,
    }  # fmt: skip


@pytest.fixture
def dispatched(district: TestDistrict) -> Walk:
    walk = start(district=district, state=State.TO_DISPATCH)
    walk.step("dispatch")
    return walk


def counted(case: Case) -> list[str]:
    return [stay.state for stay in case.stays.filter(undone=False).order_by("seq")]


# ---------------------------------------------------------------- a dispatch


def test_an_undone_dispatch_leaves_the_desk_the_deadline_it_had(district: TestDistrict) -> None:
    walk = start(district=district, state=State.TO_DISPATCH)
    before = walk.case
    walk.step("dispatch")
    walk.now += 10 * SECONDS
    case = undo_dispatch(**said(walk, "dispatcher-1"))
    assert (case.state, case.due_at) == (State.TO_DISPATCH, before.due_at)
    turn = Turn.objects.get(case=case)
    assert (turn.end_kind, turn.wrong_dispatch, turn.overdue_at) == ("undone", False, None)
    assert counted(case) == ["REPORTED", "TO_FILE", "TO_DISPATCH"]
    last = Stay.objects.get(case=case, ended_at=None)
    # The minute before the dispatch and the ten seconds of it are the desk's own.
    assert last.used_before_s == 70
    assert [event.action for event in case.events.order_by("seq")][-2:] == [
        "dispatch", "undo_dispatch",
    ]  # fmt: skip
    check_tiled(case)
    assert first_broken(case) is None
    walk.step("dispatch", department="d101")
    assert Turn.objects.get(case=case, ended_at=None).number == 2


def test_the_department_no_longer_sees_it_nor_hears_of_it(dispatched: Walk) -> None:
    department = dispatched.actor("department-s201")
    assert visible_cases(department).filter(number=dispatched.number).exists()
    undo_dispatch(**said(dispatched, "dispatcher-1"))
    assert not visible_cases(department).filter(number=dispatched.number).exists()
    assert not Delivery.objects.filter(kind="dispatched").exists()


def test_what_its_people_had_in_their_lists_already_goes_with_it(dispatched: Walk) -> None:
    deliver(at=dispatched.now)
    told = Message.objects.filter(kind="dispatched")
    assert told.exists()
    others = Message.objects.exclude(kind="dispatched").count()
    undo_dispatch(**said(dispatched, "dispatcher-1"))
    assert not told.exists()
    assert Message.objects.count() == others
    dispatched.step("dispatch", department="s201")
    deliver(at=dispatched.now)
    assert told.values("receiver").distinct().count() == told.count() > 0


def test_after_ten_seconds_a_dispatch_stands(dispatched: Walk) -> None:
    dispatched.now += timedelta(seconds=10, microseconds=1)
    with pytest.raises(NotAllowed):
        undo_dispatch(**said(dispatched, "dispatcher-1"))


def test_only_who_dispatched_undoes_it(dispatched: Walk) -> None:
    for name in ("dispatcher-2", "duty-chief-1", "department-s201"):
        with pytest.raises(Forbidden):
            undo_dispatch(**said(dispatched, name))


def test_once_the_department_has_opened_it_the_dispatch_stands(dispatched: Walk) -> None:
    lead = dispatched.actor("department-s201-lead")
    note_opened(case_id=dispatched.case.pk, actor=lead, at=dispatched.now)
    with pytest.raises(NotAllowed):
        undo_dispatch(**said(dispatched, "dispatcher-1"))
    assert dispatched.case.state == State.HANDLING


def test_a_reassignment_is_not_undone(dispatched: Walk) -> None:
    reassign_case(**said(dispatched, "dispatcher-1", department="d101", reason="误派"))
    with pytest.raises(NotAllowed):
        undo_dispatch(**said(dispatched, "dispatcher-1"))


def test_an_automatic_dispatch_is_nobodys_to_undo(district: TestDistrict) -> None:
    walk = start(district=district, state=State.TO_FILE, entry="handbills", cell=(0, 2))
    walk.step("file")
    assert walk.case.state == State.HANDLING
    with pytest.raises(Forbidden):
        undo_dispatch(**said(walk, "dispatcher-1"))


def test_a_consent_is_not_used_up_by_an_undone_dispatch(district: TestDistrict) -> None:
    walk = start(district=district, state=State.HANDLING)
    for code in ("s201", "d101"):
        request = returned(walk, code)
        approve_request(**said(walk, "dispatcher-1", request_id=request.pk))
        if code == "s201":
            walk.step("dispatch", department="d101")
    consent = ask_request(
        **said(walk, "dispatcher-1", kind="DESIGNATION", department="s201", reason="权属争议")
    )
    approve_request(**said(walk, "duty-chief-1", request_id=consent.pk))
    dispatch_case(**said(walk, "dispatcher-1", department="s201"))
    undo_dispatch(**said(walk, "dispatcher-1"))
    consent.refresh_from_db()
    assert consent.used_by is None
    dispatch_case(**said(walk, "dispatcher-1", department="s201"))
    assert Turn.objects.get(case=walk.case, ended_at=None).is_designation


# ---------------------------------------------------------------- a sending back


def test_an_undone_sending_back_leaves_the_desk_the_deadline_it_had(
    district: TestDistrict,
) -> None:
    walk = start(district=district, state=State.TO_DISPATCH)
    before = walk.case
    walk.now += timedelta(minutes=3)
    send_back_to_file(**said(walk, "dispatcher-1", reason="类别有误"))
    walk.now += 9 * SECONDS
    with pytest.raises(Forbidden):
        undo_send_back(**said(walk, "dispatcher-2"))
    case = undo_send_back(**said(walk, "dispatcher-1"))
    assert (case.state, case.due_at) == (State.TO_DISPATCH, before.due_at)
    assert counted(case) == ["REPORTED", "TO_FILE", "TO_DISPATCH"]
    check_tiled(case)


def test_once_a_duty_chief_has_opened_it_a_sending_back_stands(district: TestDistrict) -> None:
    walk = start(district=district, state=State.TO_DISPATCH)
    send_back_to_file(**said(walk, "dispatcher-1", reason="类别有误"))
    Stay.objects.filter(case=walk.case, ended_at=None).update(
        first_opened_at=walk.now, first_opened_by=district.user("duty-chief-1")
    )
    with pytest.raises(NotAllowed):
        undo_send_back(**said(walk, "dispatcher-1"))


def test_what_was_just_filed_is_no_sending_back(district: TestDistrict) -> None:
    walk = start(district=district, state=State.TO_FILE)
    with pytest.raises(NotAllowed):
        undo_send_back(**said(walk, "dispatcher-1"))


# ---------------------------------------------------------------- an approved return


def returned(walk: Walk, code: str = "s201") -> Request:
    return ask_request(
        **said(walk, f"department-{code}", kind="RETURN", reason_code="not_ours", reason="非本单位")
    )


def test_an_undone_return_lets_the_clock_run_as_if_it_had_never_stood(dispatched: Walk) -> None:
    walk = dispatched
    before = Turn.objects.get(case=walk.case)
    request = returned(walk)
    walk.now += timedelta(minutes=5)
    approve_request(**said(walk, "dispatcher-1", request_id=request.pk))
    walk.now += 8 * SECONDS
    case = undo_return(**said(walk, "dispatcher-1"))
    turn = Turn.objects.get(case=case)
    assert (case.state, case.due_at) == (State.HANDLING, before.due_at)
    assert (turn.ended_at, turn.end_kind, turn.wrong_dispatch) == (None, "", False)
    assert (turn.due_at, turn.timer_at) == (before.due_at, before.timer_at)
    request.refresh_from_db()
    assert (request.state, request.ended_at) == ("open", None)
    assert request.steps.get().decision == ""
    assert not Delivery.objects.filter(kind="answered").exists()
    assert "TO_DISPATCH" not in counted(case)[3:]
    check_tiled(case)
    refuse_request(**said(walk, "dispatcher-1", request_id=request.pk, reason="属于你单位"))
    walk.now += timedelta(minutes=30)
    walk.step("finish")
    turn.refresh_from_db()
    assert turn.used == walk.now - turn.began_at


def test_only_who_approved_undoes_and_only_for_ten_seconds(dispatched: Walk) -> None:
    walk = dispatched
    request = returned(walk)
    approve_request(**said(walk, "dispatcher-1", request_id=request.pk))
    for name in ("dispatcher-2", "duty-chief-1"):
        with pytest.raises(Forbidden):
            undo_return(**said(walk, name))
    walk.now += 11 * SECONDS
    with pytest.raises(NotAllowed):
        undo_return(**said(walk, "dispatcher-1"))


def test_what_was_moved_since_is_not_undone(district: TestDistrict) -> None:
    walk = start(district=district, state=State.TO_DISPATCH)
    send_back_to_file(**said(walk, "dispatcher-1", reason="类别有误"))
    amend_case(**said(walk, "duty-chief-1", amendment=Amendment(description="类别更正")))
    with pytest.raises(NotAllowed):
        undo_send_back(**said(walk, "dispatcher-1"))
    assert walk.case.state == State.TO_FILE


def test_who_was_to_assist_in_an_undone_dispatch_does_not_see_the_case(
    district: TestDistrict,
) -> None:
    walk = start(district=district, state=State.TO_DISPATCH)
    dispatch_case(**said(walk, "dispatcher-1", department="s201", assistants=["d101"]))
    helper = walk.actor("department-d101")
    assert visible_cases(helper).filter(number=walk.number).exists()
    undo_dispatch(**said(walk, "dispatcher-1"))
    assert not visible_cases(helper).filter(number=walk.number).exists()
