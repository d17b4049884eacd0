"""From dispatch to close: turns, their clock and their rules (domain law §§4, 6.2)."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from cases.models import Delivery, Stay
from cases.workflow import State
from dispatch.models import Department, Turn, TurnAssistant
from dispatch.selectors.routing import proposal_for
from dispatch.services.checking import fail_check, refuse_close
from dispatch.services.handling import (
    dispatch_case,
    finish_case,
    note_opened,
    reassign_case,
    send_back_to_file,
    withdraw_finish,
)
from dispatch.services.timers import sweep_timers
from gridcity.contracts import Forbidden, Invalid, NotAllowed, StaleVersion
from gridcity.models import User
from tests.district import TestDistrict, at
from tests.factories import Walk, start
from tests.photos import prepared

pytestmark = pytest.mark.django_db


def turn_of(walk: Walk) -> Turn:
    return Turn.objects.get(case__number=walk.number, ended_at=None)


def said(walk: Walk, name: str, **more: object) -> dict[str, object]:
    return {
        "number": walk.number, "actor": walk.actor(name), "at": walk.now,
        "version": walk.case.version, **more,
    }  # fmt: skip


def fail(walk: Walk) -> None:
    walk.now += timedelta(minutes=1)
    fail_check(
        number=walk.number, actor=walk.assignee, at=walk.now, reason="仍有垃圾",
        photos=[prepared("after")],
    )  # fmt: skip


def assert_stays_tile(walk: Walk) -> None:
    stays = list(Stay.objects.filter(case=walk.case).order_by("began_at", "seq"))
    assert stays[0].began_at == walk.case.reported_at
    for before, after in pairwise(stays):
        assert before.ended_at == after.began_at
    last = stays[-1]
    assert last.ended_at == walk.case.ended_at


def test_a_dispatch_begins_a_turn_with_the_whole_limit(district: TestDistrict) -> None:
    walk = start(district=district, state=State.HANDLING)  # 4 working hours
    case, turn = walk.case, turn_of(walk)
    assert (turn.number, turn.round, turn.department.code) == (1, 1, "s201")
    assert turn.whole_limit == turn.allowed == timedelta(hours=4)
    assert (turn.used, turn.running_since) == (timedelta(), walk.now)
    assert case.due_at == turn.due_at == at("16:03")
    assert (turn.proposal_department.code, turn.automatic) == ("s201", False)
    assert turn.proposal_rule.department_id == turn.department_id
    stay = Stay.objects.get(case=case, ended_at=None)
    assert (stay.state, stay.due_at, stay.limit_s) == (State.HANDLING, turn.due_at, 4 * 3600)


def test_filing_goes_on_to_the_department_where_the_rule_is_automatic(
    district: TestDistrict,
) -> None:
    walk = start(district=district, entry="handbills", cell=(1, 2), state=State.TO_DISPATCH)
    turn = turn_of(walk)
    assert walk.case.state == State.HANDLING
    assert (turn.department.code, turn.automatic) == ("d102", True)
    assert (turn.dispatched_by, turn.dispatched_by_role) == (None, "routing")
    event = walk.case.events.get(action="dispatch")
    assert (event.role, event.actor) == ("routing", None)
    assert event.changes["rule"] == turn.proposal_rule_id
    states = walk.case.stays.order_by("seq").values_list("state", flat=True)
    assert list(states)[-2:] == [State.TO_DISPATCH, State.HANDLING]
    assert_stays_tile(walk)


def test_assisting_departments_are_named_once_and_never_the_lead(district: TestDistrict) -> None:
    walk = start(district=district, state=State.TO_DISPATCH)
    dispatch_case(
        **said(walk, "dispatcher-1", department="s201", assistants=["d101", "s201", "d101"])
    )
    helpers = TurnAssistant.objects.filter(turn=turn_of(walk))
    assert [helper.department.code for helper in helpers] == ["d101"]
    told = walk.case.events.get(action="dispatch").changes
    assert told["assistants"] == ["d101"]


@pytest.mark.parametrize(
    ("department", "lost"),
    [
        ("", {}),
        ("nobody", {}),
        ("w301", {"is_active": False}),
        ("w301", {"roles": ["acceptor"]}),  # a membership outlasts the role
    ],
)
def test_only_a_manned_department_in_use_can_be_dispatched_to(
    district: TestDistrict, department: str, lost: dict[str, Any]
) -> None:
    walk = start(district=district, state=State.TO_DISPATCH, entry="cover")
    found = proposal_for(walk.case, at=walk.now)
    assert found is not None
    assert found.department is not None
    assert found.department.code == "w301"
    if lost:
        User.objects.filter(membership__department__code="w301").update(**lost)
        found = proposal_for(walk.case, at=walk.now)
        assert found is None or found.department is None
    with pytest.raises(Invalid) as refused:
        dispatch_case(**said(walk, "dispatcher-1", department=department))
    assert "department" in refused.value.fields
    assert walk.case.state == State.TO_DISPATCH


def test_who_has_left_the_department_hears_of_its_cases_no_more(district: TestDistrict) -> None:
    User.objects.filter(username="department-s201-lead").update(roles=["acceptor"])
    walk = start(district=district, state=State.HANDLING, entry="stall")
    sweep_timers(at=walk.now + timedelta(hours=2, seconds=1))
    rows = Delivery.objects.filter(case=walk.case, kind__in=["dispatched", "warning", "escalation"])
    assert {row.receiver.username for row in rows} == {"department-s201"}
    assert rows.count() == 3


def test_a_finish_stops_the_clock_and_says_whether_it_was_in_time(district: TestDistrict) -> None:
    walk = start(district=district, state=State.HANDLING)
    walk.now = at("15:03")
    walk.step("finish")
    turn = turn_of(walk)
    assert (turn.used, turn.running_since, turn.due_at) == (
        timedelta(hours=3, minutes=1), None, None,
    )  # fmt: skip
    assert (turn.finished_at, turn.finish_in_time) == (walk.now, True)
    case = walk.case
    assert (case.state, case.ever_finished, case.result) == (
        State.TO_CHECK, True, "已清运完毕",
    )  # fmt: skip
    assert case.photos.filter(role="after").count() == 1


def test_a_finish_after_the_deadline_is_late_also_overnight(district: TestDistrict) -> None:
    walk = start(district=district, state=State.HANDLING, reported_at=at("13:00"))
    assert turn_of(walk).due_at == at("18:00")
    walk.now = at("20:00")
    walk.step("finish")
    turn = turn_of(walk)
    assert (turn.finish_in_time, turn.overdue_at) == (False, at("18:00"))
    assert turn.used == turn.allowed


def test_a_finish_needs_words_and_a_photo_taken_after(district: TestDistrict) -> None:
    walk = start(district=district, state=State.HANDLING)
    department = {"actor": walk.department}
    for result, photos, field in (
        ("", [prepared("after")], "result"),
        ("已清运", [], "photos"),
        ("已清运", [prepared("before")], "photos"),
    ):
        with pytest.raises(Invalid) as refused:
            finish_case(**said(walk, "dispatcher-1", result=result, photos=photos) | department)
        assert field in refused.value.fields
    assert turn_of(walk).running_since is not None


def test_another_department_may_not_finish(district: TestDistrict) -> None:
    walk = start(district=district, state=State.HANDLING)
    with pytest.raises(Forbidden):
        finish_case(**said(walk, "department-d101", result="完", photos=[prepared("after")]))


def test_a_failed_check_goes_on_with_what_is_left_in_the_same_turn(
    district: TestDistrict,
) -> None:
    walk = start(district=district, state=State.HANDLING)  # 10:03, 4 working hours
    walk.now = at("11:02")
    walk.step("finish")
    walk.now = at("11:30")
    walk.step("send_check")
    fail(walk)
    turn = turn_of(walk)
    assert (turn.number, turn.rework_count, turn.used) == (1, 1, timedelta(hours=1))
    assert (turn.finished_at, turn.finish_in_time) == (None, None)
    assert turn.due_at == walk.case.due_at == at("16:32")
    assert Stay.objects.get(case=walk.case, ended_at=None).used_before_s == 3600


def test_a_failed_check_after_a_late_finish_is_late_at_once(district: TestDistrict) -> None:
    walk = start(district=district, state=State.HANDLING)
    walk.now = at("17:00")
    walk.step("finish")
    walk.step("send_check")
    fail(walk)
    turn = turn_of(walk)
    assert turn.due_at == walk.now
    walk.step("finish")
    turn.refresh_from_db()
    assert (turn.finish_in_time, turn.overdue_at) == (False, at("16:03"))


def test_a_withdrawn_finish_adds_the_time_between_to_the_clock(district: TestDistrict) -> None:
    walk = start(district=district, state=State.HANDLING)
    before = turn_of(walk)
    walk.now = at("11:02")
    walk.step("finish")
    walk.now = at("11:20")
    withdraw_finish(**said(walk, "department-s201", reason="现场未清理干净"))
    turn = turn_of(walk)
    assert (turn.due_at, turn.finished_at) == (before.due_at, None)
    assert walk.case.due_at == before.due_at
    walk.now = at("11:29")
    walk.step("finish")
    assert turn_of(walk).used == timedelta(hours=1, minutes=27)


def test_a_finish_cannot_be_withdrawn_once_a_check_of_it_was_sent(district: TestDistrict) -> None:
    walk = start(district=district, state=State.CHECKING)
    from cases.services.tasks import recall_task

    recall_task(**said(walk, "acceptor-1", reason="改派他人"))
    with pytest.raises(NotAllowed):
        withdraw_finish(**said(walk, "department-s201", reason="还没做完"))
    assert walk.case.state == State.TO_CHECK


def test_a_refused_close_is_checked_once_more_and_the_clock_stands(district: TestDistrict) -> None:
    walk = start(district=district, state=State.TO_CLOSE)
    used = turn_of(walk).used
    refuse_close(**said(walk, "duty-chief-1", reason="照片看不清"))
    turn = turn_of(walk)
    assert walk.case.state == State.TO_CHECK
    assert (turn.used, turn.running_since, turn.finish_in_time) == (used, None, True)


def test_a_close_ends_the_turn(district: TestDistrict) -> None:
    walk = start(district=district, state=State.CLOSED)
    turn = Turn.objects.get(case=walk.case)
    assert (turn.end_kind, turn.ended_at) == ("closed", walk.now)
    assert_stays_tile(walk)


def test_a_reassignment_gives_another_department_the_whole_limit(district: TestDistrict) -> None:
    walk = start(district=district, state=State.HANDLING)
    walk.now = at("12:00")
    reassign_case(**said(walk, "dispatcher-1", department="d101", reason="属地管理"))
    first, second = Turn.objects.filter(case=walk.case).order_by("number")
    assert (first.end_kind, first.wrong_dispatch, first.rework_count) == ("reassigned", True, 0)
    assert first.used == timedelta(hours=1, minutes=57)
    assert (second.number, second.used, second.due_at) == (2, timedelta(), at("18:00"))
    assert walk.case.due_at == at("18:00")
    with pytest.raises(Invalid):
        reassign_case(**said(walk, "dispatcher-1", department="d101", reason="属地管理"))
    assert_stays_tile(walk)


def test_what_was_ever_finished_can_no_longer_go_back_to_filing(district: TestDistrict) -> None:
    walk = start(district=district, state=State.TO_DISPATCH)
    send_back_to_file(**said(walk, "dispatcher-1", reason="类别有误"))
    assert walk.case.state == State.TO_FILE
    walk.step("file")
    walk.step("dispatch")
    walk.step("finish")
    type(walk.case).objects.filter(number=walk.number).update(state=State.TO_DISPATCH)
    with pytest.raises(NotAllowed):
        send_back_to_file(**said(walk, "dispatcher-1", reason="类别有误"))


def test_a_stale_version_moves_nothing(district: TestDistrict) -> None:
    walk = start(district=district, state=State.TO_DISPATCH)
    with pytest.raises(StaleVersion):
        dispatch_case(**said(walk, "dispatcher-1", department="s201") | {"version": 1})
    assert not Turn.objects.exists()


def test_the_first_look_of_the_department_is_remembered_and_nobody_elses(
    district: TestDistrict,
) -> None:
    walk = start(district=district, state=State.HANDLING)
    pk = walk.case.pk
    assert not note_opened(case_id=pk, actor=walk.actor("department-d101"), at=walk.now)
    assert not note_opened(case_id=pk, actor=walk.actor("official-1"), at=walk.now)
    assert note_opened(case_id=pk, actor=walk.department, at=walk.now)
    assert not note_opened(case_id=pk, actor=walk.department, at=walk.now + timedelta(hours=1))
    assert turn_of(walk).opened_at == walk.now


def test_the_database_allows_one_open_turn_of_a_case(district: TestDistrict) -> None:
    walk = start(district=district, state=State.HANDLING)
    turn = turn_of(walk)
    turn.pk, turn.number = None, 2
    with pytest.raises(IntegrityError, match="turn_one_open_in_case"), transaction.atomic():
        turn.save(force_insert=True)


def test_a_departments_own_hours_count_for_its_turn(district: TestDistrict) -> None:
    department = district.departments["s201"]
    department.working_periods = [["06:00", "14:00"]]
    department.hours_per_working_day = 4
    department.full_clean()
    department.save()
    walk = start(district=district, entry="toilet", state=State.HANDLING)  # 3 working days
    assert turn_of(walk).whole_limit == timedelta(hours=12)
    # 3:57 hours on the first day, 8 on the second, 3 minutes on the third
    assert turn_of(walk).due_at == at("06:03", on="2026-06-12")


@pytest.mark.parametrize("employer", ["s201", "c901", "d101"])
def test_nobody_checks_the_work_of_his_own_house(district: TestDistrict, employer: str) -> None:
    Department.objects.create(
        code="c901", name="环卫作业公司", kind="contractor", parent=district.departments["s201"]
    )
    walk = start(district=district, state=State.TO_DISPATCH)
    dispatch_case(**said(walk, "dispatcher-1", department="s201", assistants=["d101"]))
    walk.step("finish")
    User.objects.filter(username="supervisor-1").update(employer=employer)
    walk.step("send_check")
    assert walk.assignee.username == "supervisor-2"
