"""Every † of the law that administrators may set: what is set holds from its instant on."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from cases.models import ClockNumber, Delivery, Message, Stay, Task
from cases.selectors.settings import forget
from cases.services import ending
from cases.services.accepting import accept_case
from cases.services.history import first_broken
from cases.services.keeping import forget_notices
from cases.services.notices import deliver
from cases.services.reporting import ReporterInput
from cases.workflow import State
from dispatch.hints import hint_of
from dispatch.selectors.case_detail import get_case
from dispatch.services import handling, reopening, undoing
from dispatch.services.forcing import force_close_case
from dispatch.services.reviews import approve_request, ask_request, refuse_request
from dispatch.services.timers import sweep_timers
from gridcity.contracts import Invalid, NotAllowed
from parts.models import PatrolCell
from tests.district import TestDistrict, at
from tests.factories import Walk, start

pytestmark = pytest.mark.django_db

LEAD = "department-s201-lead"
DAY, SECOND = timedelta(days=1), timedelta(seconds=1)


def set_to(key: str, value: int, since: str = "00:00", on: str = "2026-06-01") -> None:
    ClockNumber.objects.create(key=key, value=value, valid_from=at(since, on=on))
    forget()


def said(walk: Walk, name: str, **more: Any) -> dict[str, Any]:
    return {
        "number": walk.number, "actor": walk.actor(name), "at": walk.now,
        "version": walk.case.version, **more,
    }  # fmt: skip


def ask(walk: Walk, kind: str, **more: Any) -> Any:
    name = "dispatcher-1" if kind in {"VOID", "DESIGNATION"} else LEAD
    return ask_request(**said(walk, name, kind=kind, reason="现场情况有变", **more))


def ask_return(walk: Walk, department: str = "s201") -> Any:
    name = f"department-{department}"
    return ask_request(
        **said(walk, name, kind="RETURN", reason_code="not_ours", reason="不属于本单位职责")
    )


def returned(walk: Walk, department: str) -> None:
    request = ask_return(walk, department)
    approve_request(**said(walk, "dispatcher-1", request_id=request.pk))


@pytest.fixture
def handled(district: TestDistrict) -> Walk:
    """In HANDLING since 10:03, with 4 working hours."""
    return start(district=district, state=State.HANDLING)


def test_the_seconds_of_an_undo_are_set_and_nothing_leaves_before_they_are_over(
    district: TestDistrict,
) -> None:
    set_to("undo.seconds", 60)
    walk = start(district=district, state=State.TO_DISPATCH)
    walk.step("dispatch")
    dispatched = walk.now
    walk.now += 61 * SECOND
    with pytest.raises(NotAllowed) as refused:
        undoing.undo_dispatch(**said(walk, "dispatcher-1"))
    assert "60" in str(refused.value)
    walk.now -= SECOND
    undoing.undo_dispatch(**said(walk, "dispatcher-1"))
    assert walk.case.state == State.TO_DISPATCH
    held = Delivery.objects.exclude(channel="inbox").filter(kind="dispatched")
    assert all(one.next_at == dispatched + 60 * SECOND for one in held)


@pytest.mark.parametrize(
    ("key", "state", "act"),
    [
        ("reconsider.days", State.NOT_ACCEPTED, ending.reconsider_case),
        ("reopen.days", State.CLOSED, reopening.reopen_case),
    ],
)
def test_until_when_something_is_taken_up_again_is_set(
    district: TestDistrict, key: str, state: State, act: Any
) -> None:
    set_to(key, 3)
    walk = start(district=district, state=state)
    ended = walk.case.ended_at
    assert ended is not None
    walk.now = ended + 3 * DAY + SECOND
    with pytest.raises(NotAllowed):
        act(**said(walk, "duty-chief-1", reason="群众再次反映"))
    walk.now -= SECOND
    act(**said(walk, "duty-chief-1", reason="群众再次反映"))
    assert walk.case.ended_at is None


def test_until_when_a_citizen_rates_is_set(district: TestDistrict) -> None:
    set_to("rate.days", 5)
    walk = start(
        district=district, state=State.CLOSED, by="acceptor-1", source="LEADER",
        reporter=ReporterInput(phone="13900000000"),
    )  # fmt: skip
    case = walk.case
    code = ending.issue_query_code(
        number=case.number, reporter_id=case.reporters.get().pk, actor=walk.actor("acceptor-1"),
        at=walk.now,
    )  # fmt: skip
    assert case.ended_at is not None
    rate = {"number": case.number, "query_code": code, "degree": "good"}
    with pytest.raises(NotAllowed):
        ending.rate_case(**rate, at=case.ended_at + 5 * DAY + SECOND)
    ending.rate_case(**rate, at=case.ended_at + 5 * DAY)


@pytest.mark.parametrize(
    ("share", "least", "minutes", "is_late"),
    [(50, 30, 120, False), (50, 30, 121, True), (10, 90, 90, False), (10, 90, 91, True)],
)
def test_the_part_of_the_limit_in_which_a_return_is_asked_is_set(
    handled: Walk, share: int, least: int, minutes: int, is_late: bool
) -> None:
    set_to("return.share", share)
    set_to("return.least", least)
    handled.now = at("10:03") + timedelta(minutes=minutes + (120 if minutes > 117 else 0))
    if not is_late:
        assert ask_return(handled).kind == "RETURN"
        return
    with pytest.raises(NotAllowed) as refused:
        ask_return(handled)
    assert f"{share}%" in str(refused.value).replace(" ", "")


def test_how_many_extensions_a_turn_gets_is_set(handled: Walk) -> None:
    set_to("extension.times", 1)
    request = ask(handled, "EXTENSION")
    approve_request(**said(handled, "dispatcher-1", request_id=request.pk))
    with pytest.raises(NotAllowed):
        ask(handled, "EXTENSION")


def test_none_at_all_is_possible_too(handled: Walk) -> None:
    set_to("suspension.times", 0)
    with pytest.raises(NotAllowed):
        ask(handled, "SUSPENSION", until=date(2026, 6, 20))


def test_how_far_away_a_suspension_may_end_is_set(handled: Walk) -> None:
    set_to("suspension.days", 30)
    with pytest.raises(Invalid) as refused:
        ask(handled, "SUSPENSION", until=date(2026, 7, 11))
    assert list(refused.value.fields) == ["until"]
    assert ask(handled, "SUSPENSION", until=date(2026, 7, 10)).until == date(2026, 7, 10)


def test_after_how_many_returns_a_dispatch_is_a_designation_is_set(handled: Walk) -> None:
    set_to("designation.returns", 1)
    returned(handled, "s201")
    with pytest.raises(NotAllowed) as refused:
        handled.step("dispatch", department="d101")
    assert refused.value.kept["needs"] == "designation"


def test_the_returns_of_every_round_make_an_ownership_disputed(handled: Walk) -> None:
    returned(handled, "s201")
    handled.step("dispatch", department="d101")
    for step in ("finish", "send_check", "check_passed", "close"):
        handled.step(step)
    reopening.reopen_case(**said(handled, "duty-chief-1", reason="复查未处置"))
    handled.step("dispatch", department="d102")
    returned(handled, "d102")
    with pytest.raises(NotAllowed):
        handled.step("dispatch", department="d101")


def test_a_disputed_case_is_reassigned_with_the_duty_chiefs_consent_only(handled: Walk) -> None:
    returned(handled, "s201")
    handled.step("dispatch", department="d101")
    returned(handled, "d101")
    consent = ask(handled, "DESIGNATION", department="s201")
    approve_request(**said(handled, "duty-chief-1", request_id=consent.pk))
    handled.step("dispatch", department="s201")
    reassign = {"department": "w301", "reason": "涉及供水设施"}
    with pytest.raises(NotAllowed) as refused:
        handling.reassign_case(**said(handled, "dispatcher-1", **reassign))
    assert refused.value.kept["needs"] == "designation"
    other = ask(handled, "DESIGNATION", department="w301")
    approve_request(**said(handled, "duty-chief-1", request_id=other.pk))
    handling.reassign_case(**said(handled, "dispatcher-1", **reassign))
    turn = handled.case.turns.get(ended_at=None)
    assert (turn.department.code, turn.is_designation) == ("w301", True)
    with pytest.raises(NotAllowed):
        ask_return(handled, "w301")


def test_after_how_many_forced_closes_the_officials_decide_is_set(district: TestDistrict) -> None:
    set_to("force.times", 1)
    walk = start(district=district, state=State.TO_DISPATCH)
    force_close_case(**said(walk, "duty-chief-1", reason="长期无法处置", successor=True))
    following = type(walk.case).objects.get(root=walk.case)
    pressed = following.events.get(action="supervise")
    assert pressed.reason == "同一事项已强制结案1次，提请领导决定"
    going = Walk(district, following.number, walk.now)
    going.step("file")
    with pytest.raises(NotAllowed):
        force_close_case(**said(going, "duty-chief-1", reason="仍无法处置"))


def test_what_the_clock_closes_by_force_goes_on_where_that_is_set(district: TestDistrict) -> None:
    set_to("force.goes_on", 1)
    midnight, late = at("00:00", on="2026-06-11"), at("03:00", on="2026-06-11")
    walk = start(district=district, entry="stall", state=State.TO_DISPATCH)
    assert sweep_timers(at=late).done["force"] == 1
    following = type(walk.case).objects.get(root=walk.case)
    event = following.events.get(action="succeed")
    assert (following.state, event.role, event.actor, event.occurred_at, event.at) == (
        State.TO_FILE, "clock", None, midnight, late,
    )  # fmt: skip
    assert first_broken(following) is None


def test_until_when_an_appeal_is_asked_is_set(handled: Walk) -> None:
    set_to("appeal.days", 2)
    request = ask_return(handled)
    refuse_request(**said(handled, "dispatcher-1", request_id=request.pk, reason="属于你单位"))
    for step in ("finish", "send_check", "check_passed", "close"):
        handled.step(step)
    ended = handled.case.ended_at
    assert ended is not None
    handled.now = ended + 2 * DAY + SECOND
    with pytest.raises(NotAllowed):
        ask(handled, "APPEAL", fact="refused_return")
    handled.now -= SECOND
    assert ask(handled, "APPEAL", fact="refused_return").fact == "refused_return"


def test_what_is_filed_again_after_the_days_that_are_set_is_no_relapse(
    district: TestDistrict,
) -> None:
    set_to("relapse.days", 5)
    first = start(district=district, state=State.CLOSED)
    soon = start(district=district, state=State.TO_DISPATCH, reported_at=at(on="2026-06-14"))
    late = start(district=district, state=State.TO_DISPATCH, reported_at=at(on="2026-06-16"))
    assert soon.case.relapse_of == first.case
    assert late.case.relapse_of is None


def test_a_source_that_the_law_leaves_free_may_be_verified_too(district: TestDistrict) -> None:
    set_to("verify.LEADER", 1)
    walk = start(district=district, by="acceptor-1", source="LEADER")
    with pytest.raises(Invalid) as refused:
        walk.step("accept")
    assert refused.value.code == "verification_required"
    accept_case(**said(walk, "acceptor-1", waiver="领导现场已确认"))
    assert walk.case.verify_waived_reason == "领导现场已确认"


# ---------------------------------------------------------------- checks sent by themselves


def test_a_check_is_sent_automatically_where_it_is_switched_on(handled: Walk) -> None:
    set_to("check.automatic", 1)
    handled.step("finish")
    assert handled.case.state == State.CHECKING
    sent = handled.case.events.get(action="send_check")
    assert (sent.role, sent.actor) == ("routing", None)
    task = Task.objects.get(case=handled.case, ended_at=None)
    assert sent.changes["to"] == task.assignee_id
    told = Delivery.objects.get(case=handled.case, kind="task", channel="inbox")
    assert told.receiver == task.assignee
    visits = Stay.objects.filter(case=handled.case).order_by("seq")
    assert list(visits.values_list("state", flat=True))[-2:] == ["TO_CHECK", "CHECKING"]


def test_where_nobody_may_go_it_waits_for_the_acceptor(handled: Walk) -> None:
    set_to("check.automatic", 1)
    PatrolCell.objects.all().delete()
    handled.step("finish")
    assert handled.case.state == State.TO_CHECK
    assert not Task.objects.filter(case=handled.case).exists()


# ---------------------------------------------------------------- what is kept


def test_notices_are_forgotten_after_the_days_that_are_set(handled: Walk) -> None:
    set_to("notices.days", 10)
    deliver(at=handled.now)
    assert Message.objects.exists()
    owed = Delivery.objects.filter(done_at=None).count()
    assert forget_notices(at=handled.now + 10 * DAY) == 0
    assert forget_notices(at=handled.now + 10 * DAY + SECOND) > 0
    assert not Message.objects.exists()
    assert Delivery.objects.count() == owed  # what is still to be sent stays


def test_who_asks_reads_the_longest_time_that_is_set(district: TestDistrict) -> None:
    walk = start(district=district, state=State.HANDLING)

    def hint() -> str:
        return str(hint_of(get_case(walk.actor(LEAD), walk.number, at=walk.now), "ask_suspension"))

    assert "365" in hint()
    set_to("suspension.days", 60)
    assert "60" in hint()
    assert "365" not in hint()
