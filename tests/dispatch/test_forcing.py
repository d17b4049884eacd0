"""强制结案: by the duty chief, by the policy of a class, and its successor (law §§4, 6.4)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from cases.models import Case, Delivery, Photo, Task
from cases.services.history import first_broken
from cases.services.reporting import ReporterInput
from cases.workflow import State
from dispatch.models import Request, Turn
from dispatch.services.checking import fail_check
from dispatch.services.forcing import force_close_case
from dispatch.services.reviews import approve_request, ask_request
from dispatch.services.timers import sweep_timers
from gridcity.contracts import Forbidden, Invalid, NotAllowed
from parts.models import FilingStandard
from tests.cases.test_stays import check_tiled
from tests.district import TestDistrict, at
from tests.factories import Walk, start
from tests.photos import prepared

pytestmark = pytest.mark.django_db

FROM = [
    State.TO_DISPATCH, State.HANDLING, State.TO_CHECK, State.CHECKING, State.TO_CLOSE,
]  # fmt: skip


def said(walk: Walk, name: str, **more: Any) -> dict[str, Any]:
    return {
        "number": walk.number, "actor": walk.actor(name), "at": walk.now,
        "version": walk.case.version, **more,
    }  # fmt: skip


def force(walk: Walk, name: str = "duty-chief-1", **more: Any) -> Case:
    return force_close_case(**said(walk, name, **{"reason": "长期无法处置", **more}))


@pytest.mark.parametrize("state", FROM)
def test_the_duty_chief_closes_by_force(district: TestDistrict, state: State) -> None:
    walk = start(district=district, state=state)
    with pytest.raises(Invalid):
        force(walk, reason="")
    case = force(walk)
    assert (case.state, case.ended_at) == (State.FORCE_CLOSED, walk.now)
    assert not Task.objects.filter(case=case, ended_at=None).exists()
    turn = Turn.objects.filter(case=case).first()
    assert (turn.end_kind if turn else "") == ("" if state == State.TO_DISPATCH else "forced")
    check_tiled(case)
    assert first_broken(case) is None


@pytest.mark.parametrize("state", [State.REPORTED, State.TO_FILE, State.CLOSED, State.VOIDED])
def test_nothing_else_is_closed_by_force(district: TestDistrict, state: State) -> None:
    with pytest.raises(NotAllowed):
        force(start(district=district, state=state))


@pytest.mark.parametrize("name", ["acceptor-1", "dispatcher-1", "department-s201", "official-1"])
def test_nobody_else_closes_by_force(district: TestDistrict, name: str) -> None:
    with pytest.raises(Forbidden):
        force(start(district=district, state=State.HANDLING), name)


def test_tasks_and_requests_lapse(district: TestDistrict) -> None:
    checking = start(district=district, state=State.CHECKING)
    force(checking)
    assert Task.objects.get(case=checking.case).outcome == "lapsed"
    walk = start(district=district, state=State.HANDLING)
    request = ask_request(**said(walk, "department-s201", kind="EXTENSION", reason="需配件"))
    force(walk)
    request.refresh_from_db()
    assert request.state == "lapsed"


def test_a_suspended_case_is_closed_by_force(district: TestDistrict) -> None:
    walk = start(district=district, state=State.HANDLING)
    suspend(walk)
    assert force(walk).state == State.FORCE_CLOSED


def suspend(walk: Walk) -> None:
    until = walk.now.date() + timedelta(days=30)
    lead = f"{walk.department.username}-lead"
    request = ask_request(**said(walk, lead, kind="SUSPENSION", reason="待审批", until=until))
    for name in ("dispatcher-1", "duty-chief-1"):
        approve_request(**said(walk, name, request_id=request.pk))


# ---------------------------------------------------------------- the successor


def test_on_wish_a_successor_goes_on_with_source_reporters_and_photos(
    district: TestDistrict,
) -> None:
    walk = start(
        district=district, state=State.TO_CHECK, by="acceptor-1", source="LEADER",
        reporter=ReporterInput(name="王某", phone="13900000000"),
    )  # fmt: skip
    force(walk, successor=True)
    first, following = Case.objects.order_by("id")
    assert (following.state, following.root, following.source) == (State.TO_FILE, first, "LEADER")
    assert (following.filed_at, following.ever_finished, following.round) == (None, False, 1)
    assert (following.cell, following.catalogue_class) == (first.cell, first.catalogue_class)
    assert following.reporters.get().phone == "13900000000"
    assert [one.file.name for one in following.photos.all()] == [
        one.file.name for one in first.photos.all()
    ]
    assert Photo.objects.filter(case=first).count() == 1
    event = following.events.get()
    assert (event.action, event.role, event.changes["succeeds"]) == (
        "succeed", "duty_chief", first.pk,
    )  # fmt: skip
    check_tiled(following)
    assert first_broken(following) is None


def test_without_the_wish_nothing_follows(district: TestDistrict) -> None:
    force(start(district=district, state=State.HANDLING))
    assert Case.objects.count() == 1


def follow(walk: Walk) -> Walk:
    """The successor of a case just closed by force, walked into handling."""
    force(walk, successor=True)
    following = Case.objects.order_by("-id")[0]
    return Walk(walk.district, following.number, walk.now)


def test_after_three_forced_closes_it_goes_to_the_officials_instead_of_a_fourth(
    district: TestDistrict,
) -> None:
    walk = start(district=district, state=State.HANDLING, entry="stall")
    root = walk.case
    for _time in range(3):
        walk = follow(walk)
        assert walk.case.root == root
        if Case.objects.filter(state=State.FORCE_CLOSED).count() < 3:
            assert not Delivery.objects.filter(kind="disputed").exists()
        walk.step("file")
        walk.step("dispatch", department="d101")
    assert Delivery.objects.get(kind="disputed").receiver.username == "official-1"
    assert walk.case.events.get(action="supervise").role == "clock"
    with pytest.raises(NotAllowed):
        force(walk)
    assert walk.case.force_close_at is None  # nor does the clock
    assert walk.case.state == State.HANDLING


# ---------------------------------------------------------------- the policy of a class


@pytest.mark.parametrize(
    ("filed", "policy", "days", "closes"),
    [
        ("10:00", "SAME_DAY", None, at("00:00", on="2026-06-11")),
        ("17:58", "SAME_DAY", None, at("00:00", on="2026-06-11")),  # filed at 18:00:00
        ("17:59", "SAME_DAY", None, at("00:00", on="2026-06-12")),
        ("10:00", "AFTER_DAYS", 3, at("00:00", on="2026-06-14")),
        ("10:00", "NEVER", None, None),
    ],
)
def test_when_the_clock_closes_by_force(
    district: TestDistrict, filed: str, policy: str, days: int | None, closes: datetime | None
) -> None:
    FilingStandard.objects.filter(catalogue_class=district.classes["stall"]).update(
        forced_close=policy, forced_close_days=days
    )
    walk = start(district=district, entry="stall", state=State.TO_DISPATCH, reported_at=at(filed))
    assert walk.case.force_close_at == closes


@pytest.mark.parametrize("state", [State.TO_DISPATCH, State.HANDLING])
def test_the_clock_closes_by_policy_once(district: TestDistrict, state: State) -> None:
    walk = start(district=district, entry="stall", state=state)
    midnight = at("00:00", on="2026-06-11")
    assert sweep_timers(at=midnight).done.get("force") is None
    late = midnight + timedelta(hours=3)
    assert sweep_timers(at=late).done["force"] == 1
    assert sweep_timers(at=late).done.get("force") is None
    case = walk.case
    event = case.events.get(action="force_close")
    assert (case.state, event.role, event.occurred_at, event.at) == (
        State.FORCE_CLOSED, "clock", midnight, late,
    )  # fmt: skip
    assert event.reason
    if state == State.HANDLING:
        turn = Turn.objects.get(case=case)
        assert turn.used == midnight - turn.began_at  # not the three hours of the sweep
    assert Case.objects.count() == 1


@pytest.mark.parametrize("state", [State.TO_CHECK, State.CHECKING, State.TO_CLOSE])
def test_the_clock_closes_nothing_that_was_finished(district: TestDistrict, state: State) -> None:
    walk = start(district=district, entry="stall", state=state)
    assert "force" not in sweep_timers(at=at("01:00", on="2026-06-11")).done
    assert walk.case.state != State.FORCE_CLOSED


def test_what_failed_its_check_after_that_instant_is_handled_on(district: TestDistrict) -> None:
    walk = start(district=district, entry="stall", state=State.CHECKING, reported_at=at("16:00"))
    Task.objects.filter(case=walk.case).update(
        due_at=at("10:00", on="2026-06-12"), shift_ends_at=None
    )
    walk.now = at("00:30", on="2026-06-11")
    fail_check(
        number=walk.number, actor=walk.assignee, at=walk.now, reason="仍在经营",
        photos=[prepared("after")],
    )  # fmt: skip
    assert "force" not in sweep_timers(at=at("09:00", on="2026-06-11")).done
    assert walk.case.state == State.HANDLING


def test_never_while_suspended_nor_after_it(district: TestDistrict) -> None:
    walk = start(district=district, entry="stall", state=State.HANDLING)
    suspend(walk)
    assert "force" not in sweep_timers(at=at("01:00", on="2026-06-11")).done
    assert "force" not in sweep_timers(at=at("01:00", on="2026-08-11")).done
    assert walk.case.state == State.HANDLING


def test_never_while_deferred(district: TestDistrict) -> None:
    FilingStandard.objects.filter(catalogue_class=district.classes["toilet"]).update(
        forced_close="SAME_DAY"
    )
    walk = start(district=district, entry="toilet", state=State.HANDLING)
    until = walk.now.date() + timedelta(days=60)
    request = ask_request(
        **said(walk, "department-s201-lead", kind="DEFERRAL", reason="待大修", until=until)
    )
    for name in ("dispatcher-1", "duty-chief-1"):
        approve_request(**said(walk, name, request_id=request.pk))
    assert "force" not in sweep_timers(at=at("01:00", on="2026-06-12")).done
    assert walk.case.state == State.HANDLING


def test_a_request_that_waits_lapses_when_the_clock_closes(district: TestDistrict) -> None:
    walk = start(district=district, entry="stall", state=State.HANDLING, reported_at=at("23:00",
                 on="2026-06-09"))  # fmt: skip
    Case.objects.filter(number=walk.number).update(force_close_at=at("00:00"))
    ask_request(**said(walk, "department-s201-lead", kind="EXTENSION", reason="需配件"))
    assert sweep_timers(at=at("00:01")).done["force"] == 1
    assert Request.objects.get().state == "lapsed"
