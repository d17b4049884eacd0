"""With any one role off duty no open state traps a case for more than a day (law §6.4, end)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from cases.models import Delivery, Task
from cases.services.notices import deliver
from cases.workflow import OPEN, State
from dispatch.models import RequestStep
from dispatch.services.reviews import CHAINS, ask_request, refuse_request
from dispatch.services.timers import sweep_timers
from gridcity.contracts import Role
from gridcity.models import User
from tests.factories import PATHS

REACHED = sorted(str(state) for state in PATHS if state in OPEN)
ABSENT = [
    Role.SUPERVISOR, Role.ACCEPTOR, Role.DUTY_CHIEF, Role.DISPATCHER, Role.DEPARTMENT,
    Role.OFFICIAL,
]  # fmt: skip


def send_home(role: str) -> None:
    """Nobody of this role is on duty any more: their accounts are closed for the day."""
    User.objects.filter(roles__contains=[role]).update(is_active=False)


def sweep_for_a_day(going) -> None:
    """Let the clock run for a day; swept by the hour here, every two seconds by beat."""
    end = going.now + timedelta(days=1)
    while going.now < end:
        going.now += timedelta(hours=1)
        sweep_timers(at=going.now)
        deliver(at=going.now)


@pytest.mark.parametrize("absent", ABSENT)
@pytest.mark.parametrize("state", REACHED)
def test_within_a_day_a_case_is_moved_or_shown_to_somebody_else(walk, state, absent):
    going = walk(state)
    before = going.case
    send_home(absent)
    sweep_for_a_day(going)
    after = going.case
    moved = after.state != before.state
    told = Delivery.objects.filter(
        case=before, due_at__gte=before.state_since, receiver__is_active=True
    ).exclude(due_at=before.state_since)
    assert moved or told.exists(), f"{state} trapped without {absent}"


@pytest.mark.parametrize("state", ["VERIFYING", "CHECKING"])
def test_a_task_returns_to_its_desk_when_no_supervisor_is_left(walk, state):
    going = walk(state)
    send_home(Role.SUPERVISOR)
    sweep_for_a_day(going)
    assert going.case.state == {"VERIFYING": "REPORTED", "CHECKING": "TO_CHECK"}[state]
    assert not Task.objects.filter(ended_at=None).exists()


def test_the_clock_closes_without_the_duty_chief(walk):
    going = walk("TO_CLOSE")
    send_home(Role.DUTY_CHIEF)
    sweep_for_a_day(going)
    case = going.case
    assert case.state == State.CLOSED
    closing = case.events.order_by("seq").last()
    assert (closing.role, closing.occurred_at) == ("clock", going_due(case))


def going_due(case):
    """The clock's act is dated at its due instant, not at the sweep."""
    return case.stays.get(state="TO_CLOSE").due_at


ASKED = {
    "RETURN": ("department-s201", {"reason_code": "not_ours"}),
    "EXTENSION": ("department-s201", {}),
    "SUSPENSION": ("department-s201", {"until": date(2026, 7, 1)}),
    "DEFERRAL": ("department-s201", {"until": date(2026, 7, 1)}),
    "VOID": ("dispatcher-1", {}),
    "APPEAL": ("department-s201", {"fact": "refused_return"}),
}


def said(going, name, **more):
    return {
        "number": going.number, "actor": going.actor(name), "at": going.now,
        "version": going.case.version, **more,
    }  # fmt: skip


def ask(going, kind):
    """A request that waits for its first reviewer."""
    if kind == "APPEAL":
        refused = ask(going, "RETURN")
        refuse_request(**said(going, "dispatcher-1", request_id=refused.pk, reason="属于你单位"))
    name, more = ASKED[kind]
    return ask_request(**said(going, name, kind=kind, reason="说明", **more))


@pytest.mark.parametrize(
    ("kind", "absent"), [(kind, role) for kind in ASKED for role in CHAINS[kind]]
)
def test_within_a_day_a_request_passes_on_or_is_shown_to_somebody_else(walk, kind, absent):
    going = walk("HANDLING", entry="toilet" if kind == "DEFERRAL" else "rubbish")
    request = ask(going, kind)
    asked = going.now
    send_home(absent)
    sweep_for_a_day(going)
    passed_on = RequestStep.objects.filter(request=request).count() > 1
    told = Delivery.objects.filter(case=going.case, due_at__gt=asked, receiver__is_active=True)
    assert passed_on or told.exists(), f"{kind} trapped without {absent}"
