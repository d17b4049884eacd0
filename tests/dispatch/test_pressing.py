"""催办 and 督办: a record and a notice, no version, no box filled by the clock (domain law §4)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from cases.models import Delivery
from cases.workflow import State
from dispatch.selectors.boxes import in_box
from dispatch.selectors.visible import visible_cases
from dispatch.services.handling import reassign_case
from dispatch.services.timers import sweep_timers
from dispatch.services.urging import supervise_case, urge_case
from gridcity.contracts import Actor, Forbidden, Invalid, NotAllowed
from tests.district import TestDistrict
from tests.factories import Walk, start

pytestmark = pytest.mark.django_db

DEPARTMENT = {"department-s201", "department-s201-lead"}


def told(walk: Walk, kind: str) -> set[str]:
    rows = Delivery.objects.filter(case__number=walk.number, kind=kind)
    return set(rows.values_list("receiver__username", flat=True))


@pytest.mark.parametrize(
    ("state", "people"),
    [
        (State.REPORTED, {"acceptor-1", "acceptor-2"}),
        (State.VERIFYING, {"supervisor-2"}),
        (State.TO_FILE, {"duty-chief-1", "duty-chief-2"}),
        (State.TO_DISPATCH, {"dispatcher-1", "dispatcher-2"}),
        (State.HANDLING, DEPARTMENT),
        (State.TO_CHECK, {"acceptor-1", "acceptor-2"}),
        (State.CHECKING, {"supervisor-1"}),
        (State.TO_CLOSE, {"duty-chief-1", "duty-chief-2"}),
    ],
)
def test_an_official_urges_whoever_has_the_case(
    district: TestDistrict, state: State, people: set[str]
) -> None:
    walk = start(district=district, state=state)
    before = walk.case.version
    urge_case(number=walk.number, actor=walk.actor("official-1"), at=walk.now, reason="请尽快")
    assert told(walk, "urged") == people
    event = walk.case.events.get(action="urge")
    assert (event.role, event.reason, event.to_state) == ("official", "请尽快", state)
    assert walk.case.version == before


def test_supervising_needs_a_reason_and_reaches_the_dispatchers_too(
    district: TestDistrict,
) -> None:
    walk = start(district=district, state=State.HANDLING)
    chief = {"number": walk.number, "actor": walk.actor("duty-chief-1"), "at": walk.now}
    with pytest.raises(Invalid) as refused:
        supervise_case(**chief, reason=" ")
    assert "reason" in refused.value.fields
    supervise_case(**chief, reason="群众反复投诉")
    assert told(walk, "supervised") == DEPARTMENT | {"dispatcher-1", "dispatcher-2"}


def test_who_urges_his_own_desk_tells_the_others(district: TestDistrict) -> None:
    walk = start(district=district, state=State.TO_CLOSE)
    urge_case(number=walk.number, actor=walk.actor("duty-chief-1"), at=walk.now)
    assert told(walk, "urged") == {"duty-chief-2"}


@pytest.mark.parametrize("name", ["acceptor-1", "supervisor-1", "department-s201"])
def test_others_do_not_press(district: TestDistrict, name: str) -> None:
    walk = start(district=district, state=State.HANDLING)
    for act in (urge_case, supervise_case):
        with pytest.raises(Forbidden):
            act(number=walk.number, actor=walk.actor(name), at=walk.now, reason="快")


def test_what_has_ended_is_not_pressed(district: TestDistrict) -> None:
    walk = start(district=district, state=State.CLOSED)
    with pytest.raises(NotAllowed):
        urge_case(number=walk.number, actor=walk.actor("official-1"), at=walk.now)


def test_a_department_finds_in_its_box_what_was_pressed_up_to_the_end_of_its_turn(
    district: TestDistrict,
) -> None:
    early, late = (start(district=district, state=State.HANDLING) for _case in range(2))
    own, following = early.actor("department-s201"), early.actor("department-d101")

    def press(walk: Walk) -> None:
        urge_case(number=walk.number, actor=walk.actor("official-1"), at=walk.now)

    def box(actor: Actor) -> set[str]:
        found = in_box(visible_cases(actor), actor, "supervised")
        return set(found.values_list("number", flat=True))

    press(early)
    for walk in (early, late):
        walk.now += timedelta(minutes=1)
        reassign_case(
            number=walk.number, actor=walk.actor("dispatcher-1"), at=walk.now,
            version=walk.case.version, department="d101", reason="属地处置",
        )  # fmt: skip
        walk.now += timedelta(minutes=1)
    press(late)
    assert box(own) == {early.number}
    assert box(following) == {early.number, late.number}
    assert box(early.actor("dispatcher-1")) == {early.number, late.number}


def test_the_clocks_own_urges_fill_nobodys_box(district: TestDistrict) -> None:
    late = start(district=district, state=State.HANDLING, entry="stall")
    urged = start(district=district, state=State.HANDLING, entry="stall")
    sweep_timers(at=late.now + timedelta(minutes=110))
    assert late.case.events.filter(action="urge", role="clock").exists()
    official = late.actor("official-1")
    assert list(in_box(visible_cases(official), official, "supervised")) == []
    urge_case(number=urged.number, actor=official, at=urged.now)
    assert list(in_box(visible_cases(official), official, "supervised")) == [urged.case]
