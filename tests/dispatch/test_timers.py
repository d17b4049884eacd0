"""What the clock does by itself (domain law §6.4)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.urls import reverse

from cases.models import Case, Delivery, Event, Task
from cases.services.transition import chain_sha256
from cases.workflow import State
from dispatch.models import CatchUp, SweepError, TimerFiring, Turn
from dispatch.services import timers
from dispatch.services.timers import lag_by_kind, sweep_timers
from tests.clients import PageClient
from tests.district import TestDistrict, at
from tests.factories import Walk, start

pytestmark = pytest.mark.django_db


def turn_of(walk: Walk) -> Turn:
    return Turn.objects.get(case__number=walk.number, ended_at=None)


def told(kind: str, walk: Walk) -> set[str]:
    rows = Delivery.objects.filter(case__number=walk.number, kind=kind)
    return set(rows.values_list("receiver__username", flat=True))


def assert_chain_whole(walk: Walk) -> None:
    case = walk.case
    last = bytes(32)
    for seq, event in enumerate(case.events.order_by("seq"), 1):
        assert event.seq == seq
        assert bytes(event.prev_sha256) == last
        last = chain_sha256(event, case.number)
        assert bytes(event.sha256) == last
    assert bytes(case.last_sha256) == last


def test_a_handling_clock_warns_at_80_and_escalates_at_100_150_200_and_300(
    district: TestDistrict,
) -> None:
    walk = start(district=district, state=State.HANDLING, entry="stall")  # 2 urgent hours
    began = walk.now
    version = walk.case.version
    for minutes, kind, people in (
        (96, "warning", {"department-s201", "department-s201-lead"}),
        (120, "escalation", {"department-s201-lead"}),
        (180, "escalation", {"dispatcher-1", "dispatcher-2"}),
        (240, "escalation", {"duty-chief-1", "duty-chief-2"}),
        (360, "escalation", {"official-1"}),
    ):
        before = Delivery.objects.filter(case__number=walk.number, kind=kind).count()
        due = began + timedelta(minutes=minutes)
        assert sweep_timers(at=due).done == {}
        swept = sweep_timers(at=due + timedelta(seconds=2))
        assert swept.done == {"turn": 1}
        new = Delivery.objects.filter(case__number=walk.number, kind=kind).order_by("id")[before:]
        assert {row.receiver.username for row in new} == people
        firing = TimerFiring.objects.get(clock_kind="turn", occurred_at=due)
        assert firing.at == due + timedelta(seconds=2)
    assert list(TimerFiring.objects.values_list("level", "share").order_by("level")) == [
        (0, 80), (1, 100), (2, 150), (3, 200), (4, 300),
    ]  # fmt: skip
    assert turn_of(walk).timer_at is None
    assert walk.case.version == version
    urges = walk.case.events.filter(action="urge", role="clock").order_by("seq")
    assert [event.changes["share"] for event in urges] == [80, 100, 150, 200, 300]
    assert next(event.occurred_at for event in urges) == began + timedelta(minutes=96)
    assert_chain_whole(walk)


def test_a_clock_that_stands_fires_nothing_and_keeps_what_it_fired(district: TestDistrict) -> None:
    walk = start(district=district, state=State.HANDLING, entry="stall")
    walk.now += timedelta(minutes=100)
    assert sweep_timers(at=walk.now).done == {"turn": 1}
    walk.step("finish")
    walk.step("send_check")
    task = Task.objects.get(case__number=walk.number, ended_at=None)
    Task.objects.filter(pk=task.pk).update(
        due_at=walk.now + timedelta(days=1), shift_ends_at=walk.now + timedelta(days=1)
    )
    assert sweep_timers(at=walk.now + timedelta(hours=5)).done == {}
    from dispatch.services.checking import fail_check
    from tests.photos import prepared

    fail_check(
        number=walk.number, actor=walk.assignee, at=walk.now, reason="仍有垃圾",
        photos=[prepared("after")],
    )  # fmt: skip
    turn = turn_of(walk)
    # 101 of 120 minutes were used: 100 % comes 19 minutes later, 80 % does not come again.
    assert turn.timer_at == turn.due_at == walk.now + timedelta(minutes=19)
    assert sweep_timers(at=walk.now + timedelta(minutes=20)).done == {"turn": 1}
    assert list(TimerFiring.objects.order_by("id").values_list("level", flat=True)) == [0, 1]


@pytest.mark.parametrize(
    ("state", "minutes", "desk", "above"),
    [
        (State.REPORTED, 15, {"acceptor-1", "acceptor-2"}, {"duty-chief-1", "duty-chief-2"}),
        (State.TO_FILE, 15, {"duty-chief-1", "duty-chief-2"}, {"official-1"}),
        (
            State.TO_DISPATCH, 15, {"dispatcher-1", "dispatcher-2"},
            {"duty-chief-1", "duty-chief-2"},
        ),
        (State.TO_CHECK, 15, {"acceptor-1", "acceptor-2"}, {"duty-chief-1", "duty-chief-2"}),
    ],
)  # fmt: skip
def test_a_late_desk_is_told_at_100_and_the_next_above_at_200(
    district: TestDistrict, state: State, minutes: int, desk: set[str], above: set[str]
) -> None:
    walk = start(district=district, state=state)
    entered = walk.case.state_since
    assert sweep_timers(at=entered + timedelta(minutes=minutes)).done == {}
    first = sweep_timers(at=entered + timedelta(minutes=minutes, seconds=1))
    assert first.done == {"stay": 1}
    assert told("desk_late", walk) == desk
    assert sweep_timers(at=entered + timedelta(minutes=2 * minutes)).done == {}
    second = sweep_timers(at=entered + timedelta(minutes=2 * minutes, seconds=1))
    assert second.done == {"stay": 1}
    assert told("desk_late", walk) == desk | above
    assert sweep_timers(at=entered + timedelta(days=3)).done == {}
    assert_chain_whole(walk)


def test_a_late_review_is_told_to_the_reviewers_then_to_the_duty_chief(
    district: TestDistrict,
) -> None:
    walk = start(district=district, state=State.HANDLING, entry="illegal_building")
    ask_return(walk)
    asked = walk.now
    assert sweep_timers(at=asked + timedelta(minutes=31)).done == {"step": 1}
    assert told("desk_late", walk) == {"dispatcher-1", "dispatcher-2"}
    assert sweep_timers(at=asked + timedelta(minutes=61)).done == {"step": 1}
    assert told("desk_late", walk) >= {"duty-chief-1", "duty-chief-2"}


def test_the_clock_closes_what_the_duty_chief_left_for_the_whole_limit(
    district: TestDistrict,
) -> None:
    walk = start(district=district, state=State.TO_CLOSE)
    due = walk.case.due_at
    assert due is not None
    assert sweep_timers(at=due).done == {}
    assert sweep_timers(at=due + timedelta(minutes=7)).done == {"close": 1}
    case = walk.case
    assert case.state == State.CLOSED
    event = case.events.get(action="close")
    assert (event.role, event.actor_id, event.occurred_at) == ("clock", None, due)
    assert event.at == due + timedelta(minutes=7)
    assert Turn.objects.get(case=case).end_kind == "closed"
    stay = case.stays.get(state=State.TO_CLOSE)
    assert (stay.actor_id, stay.in_time) == (None, True)
    assert told("desk_late", walk) == set()


def test_a_task_past_its_limit_goes_to_the_next_and_at_last_back_to_the_desk(
    district: TestDistrict,
) -> None:
    walk = start(district=district, state=State.CHECKING, cell=(1, 1))
    first = Task.objects.get(case__number=walk.number, ended_at=None)
    later = first.due_at + timedelta(seconds=2)
    assert sweep_timers(at=later).done == {"task": 1}
    first.refresh_from_db()
    assert (first.outcome, first.in_time) == ("missed", False)
    second = Task.objects.get(case__number=walk.number, ended_at=None)
    assert second.assignee_id != first.assignee_id
    assert sweep_timers(at=second.due_at + timedelta(seconds=2)).done == {"task": 1}
    second.refresh_from_db()
    assert (second.outcome, second.in_time) == ("recalled", None)
    case = walk.case
    assert case.state == State.TO_CHECK
    assert case.events.filter(action="recall_task", role="clock").count() == 1
    assert told("nobody", walk) == {"acceptor-1", "acceptor-2"}
    assert_chain_whole(walk)


def test_a_task_open_at_the_end_of_a_shift_passes_on_without_a_miss(
    district: TestDistrict,
) -> None:
    walk = start(district=district, state=State.TO_CHECK, reported_at=at("18:40"))
    walk.now = at("18:50")
    walk.step("send_check")
    task = Task.objects.get(case__number=walk.number, ended_at=None)
    assert task.shift_ends_at == at("19:00")
    assert sweep_timers(at=at("19:00") + timedelta(seconds=2)).done == {"task": 1}
    task.refresh_from_db()
    assert (task.outcome, task.in_time) == ("shift_ended", None)
    following = Task.objects.get(case__number=walk.number, ended_at=None)
    assert following.assignee.username in {"supervisor-3", "supervisor-4"}


def test_a_desk_whose_clock_goes_on_is_not_announced_twice(district: TestDistrict) -> None:
    walk = start(district=district, by="acceptor-1", source="HOTLINE")
    first = walk.now + timedelta(minutes=16)
    assert sweep_timers(at=first).done == {"stay": 1}
    walk.now = first
    walk.step("send_verify")
    walk.step("verify")
    # Acceptance goes on after the verification: its limit ran out before, and that was told.
    assert sweep_timers(at=walk.now + timedelta(seconds=30)).done == {}
    later = walk.case.state_since + timedelta(minutes=16)
    assert sweep_timers(at=later).done == {"stay": 1}  # 200 % is told, once
    levels = TimerFiring.objects.filter(case=walk.case, clock_kind="stay")
    assert sorted(levels.values_list("level", flat=True)) == [1, 2]


def test_a_shift_that_ended_before_the_limit_is_no_miss_however_late_the_sweep_comes(
    district: TestDistrict,
) -> None:
    walk = start(district=district, state=State.TO_CHECK, reported_at=at("18:40"))
    walk.now = at("18:50")
    walk.step("send_check")
    task = Task.objects.get(case__number=walk.number, ended_at=None)
    assert at("19:00") < task.due_at < at("19:30")
    sweep_timers(at=at("19:30"))
    task.refresh_from_db()
    assert (task.outcome, task.in_time) == ("shift_ended", None)
    event = walk.case.events.filter(action="pass_task_on").order_by("seq")[0]
    assert event.occurred_at == at("19:00")


def test_a_sweep_that_was_down_for_two_days_catches_up_in_due_order(
    district: TestDistrict,
) -> None:
    late = [
        start(district=district, entry="stall", state=State.HANDLING, reported_at=at(hour))
        for hour in ("11:00", "09:00", "10:00")
    ]
    waiting = start(district=district, state=State.TO_CLOSE, reported_at=at("09:30"))
    swept = sweep_timers(at=at("11:00", on="2026-06-12"))
    assert swept.done == {"turn": 15, "close": 1, "force": 3}
    assert swept.lag > timedelta(days=1, hours=23)
    said = CatchUp.objects.get()
    assert (said.done, said.failed, said.at - said.oldest_due_at) == (swept.done, 0, swept.lag)
    order = TimerFiring.objects.order_by("id").values_list("occurred_at", flat=True)
    minutes = [(instant - at("00:00")) // timedelta(minutes=1) for instant in order]
    assert minutes == sorted(minutes)
    assert waiting.case.state == State.CLOSED
    for walk in [*late, waiting]:
        assert_chain_whole(walk)
    assert sweep_timers(at=at("11:00", on="2026-06-12")).done == {}


def test_the_lag_is_told_by_kind_and_a_punctual_sweep_is_no_late_one(
    district: TestDistrict,
) -> None:
    walk = start(district=district, state=State.TO_CLOSE)
    due = walk.case.due_at
    assert due is not None
    assert set(lag_by_kind(at=due).values()) == {timedelta()}
    lags = lag_by_kind(at=due + timedelta(seconds=30))
    assert lags.pop("close") == timedelta(seconds=30)
    assert set(lags.values()) == {timedelta()}
    assert sweep_timers(at=due + timedelta(seconds=30)).done == {"close": 1}
    assert not CatchUp.objects.exists()


def test_the_administration_shows_the_lag_and_the_late_sweeps(
    district: TestDistrict, browser_client: PageClient, clock: Any
) -> None:
    walk = start(district=district, state=State.TO_CLOSE)
    assert walk.case.due_at is not None
    clock.now = walk.case.due_at + timedelta(hours=3)
    office = browser_client.enter(district.user("administrator"))
    page = reverse("admin:dispatch_catchup_changelist")
    before = office.get(page)
    assert dict(before.context["lags"])["值班长未结案自动结案"] == 3 * 3600
    sweep_timers(at=clock.now)
    after = office.get(page)
    assert dict(after.context["lags"])["值班长未结案自动结案"] == 0
    assert "3小时" in after.content.decode()


def test_one_bad_item_is_listed_and_skipped_and_the_rest_is_done(
    district: TestDistrict, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad = start(district=district, state=State.TO_CLOSE)
    good = start(district=district, state=State.TO_CLOSE)
    real = timers.close_held_case

    def failing(case: Case, **said: object) -> object:
        if case.number == bad.number:
            raise RuntimeError("broken row")
        return real(case, **said)  # type: ignore[arg-type]

    monkeypatch.setattr(timers, "close_held_case", failing)
    later = at("13:00")
    swept = sweep_timers(at=later)
    assert (swept.done.get("close"), swept.failed) == (1, 1)
    assert (bad.case.state, good.case.state) == (State.TO_CLOSE, State.CLOSED)
    error = SweepError.objects.get()
    assert (error.kind, error.item_id, error.attempts) == ("close", bad.case.pk, 1)
    assert sweep_timers(at=later + timedelta(minutes=1)).failed == 0
    monkeypatch.setattr(timers, "close_held_case", real)
    assert sweep_timers(at=later + timedelta(minutes=6)).done["close"] == 1
    error.refresh_from_db()
    assert error.resolved_at == later + timedelta(minutes=6)
    assert bad.case.state == State.CLOSED


def test_a_bad_notice_does_not_stop_the_batch_it_is_in(
    district: TestDistrict, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dispatch.services import timer_notices

    bad = start(district=district, state=State.HANDLING, entry="stall")
    good = start(district=district, state=State.HANDLING, entry="stall")
    real = timer_notices._urge

    def failing(firing: timer_notices.Firing, at: object) -> Event:
        if firing.case.pk == bad.case.pk:
            raise RuntimeError("broken row")
        return real(firing, at)  # type: ignore[arg-type]

    monkeypatch.setattr(timer_notices, "_urge", failing)
    swept = sweep_timers(at=at("12:00"))
    assert (swept.done, swept.failed) == ({"turn": 1}, 1)
    assert turn_of(good).timer_level == 1
    assert turn_of(bad).timer_level == 0
    assert SweepError.objects.get().item_id == turn_of(bad).pk


def ask_return(walk: Walk) -> None:
    from dispatch.services.reviews import ask_request

    ask_request(
        number=walk.number, actor=walk.department, at=walk.now, version=walk.case.version,
        kind="RETURN", reason_code="not_ours", reason="不属于本单位职责",
    )  # fmt: skip


def test_what_another_worker_holds_does_not_keep_what_comes_after_it_waiting(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(timers, "TRANSITIONS_AT_ONCE", 2)
    monkeypatch.setattr(timers, "TRANSITIONS_FOUND", 8)
    waiting, held = list(range(1, 8)), {1, 2, 5}
    done: list[int] = []

    def find(until: datetime, at: datetime) -> list[tuple[datetime, int]]:
        return [(at, item) for item in waiting][:8]

    def act(item: int, case: Any, due_at: datetime, at: datetime) -> None:
        waiting.remove(item)
        done.append(item)

    def lock(items: list[int]) -> dict[int, Any]:
        return dict.fromkeys(item for item in items if item in waiting and item not in held)

    swept = timers.Swept()
    timers.Transitions("close", find, lock, act).run(at("12:00"), at("12:00"), swept)
    assert done == [3, 4, 6, 7]
    assert swept.done == {"close": 4}
    assert waiting == [1, 2, 5]
