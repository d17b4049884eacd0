"""Running clocks after a change of the calendar: reckoned anew, listed, never into the past."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest

from cases.models import CalendarChange, ProvisionalDays
from cases.selectors.settings import forget
from cases.services.calendar import note_change, publish_year
from cases.workflow import State
from dispatch.models import ClockMove, Request, RequestStep, SweepError, TimerFiring, Turn
from dispatch.services import recomputing
from dispatch.services.recomputing import recompute_clocks
from dispatch.services.reviews import ask_request
from dispatch.services.timers import sweep_timers
from gridcity.contracts import CLOCK
from tests.district import TestDistrict, at
from tests.factories import Walk, start

pytestmark = pytest.mark.django_db

SECOND = timedelta(seconds=1)


def turn_of(walk: Walk) -> Turn:
    return Turn.objects.get(case__number=walk.number, ended_at=None)


@pytest.fixture
def publish(district: TestDistrict) -> Callable[..., CalendarChange]:
    """Writes 2026 anew with these days off besides, and reckons the clocks anew."""

    def write(*off: date, now: datetime, sweep: bool = True) -> CalendarChange:
        publish_year(
            actor=district.actor("administrator"), at=now, year=2026, source="通知",
            published_on=None, holidays=dict.fromkeys(off, "端午节"), workdays={},
        )  # fmt: skip
        forget()
        if sweep:
            recompute_clocks(at=now + 11 * SECOND)
        return CalendarChange.objects.latest("id")

    return write


THURSDAY, FRIDAY = date(2026, 6, 11), date(2026, 6, 12)


def test_a_holiday_that_is_published_moves_running_deadlines_and_says_so(
    district: TestDistrict, publish: Callable[..., CalendarChange]
) -> None:
    walk = start(district=district, entry="toilet", state=State.HANDLING)  # 3 working days
    before, version = turn_of(walk).due_at, walk.case.version
    now = walk.now + timedelta(hours=1)
    change = publish(THURSDAY, now=now)
    turn, case = turn_of(walk), walk.case
    assert before is not None
    # Saturday and Sunday lie between Friday's end and what Thursday no longer gives.
    assert turn.due_at is not None
    assert turn.due_at == before + timedelta(days=1)
    stay = case.stays.get(ended_at=None)
    assert case.due_at == stay.due_at == turn.due_at
    assert case.green_until == stay.green_until
    assert turn.marks[1] == turn.due_at
    assert case.version == version + 1
    event = case.events.get(action="recompute")
    assert (event.role, event.at) == ("clock", now + 11 * SECOND)
    assert datetime.fromisoformat(event.changes["due_before"]) == before
    assert datetime.fromisoformat(event.changes["due_at"]) == turn.due_at
    move = ClockMove.objects.get()
    assert (move.change, move.turn, move.due_before, move.due_after) == (
        change, turn, before, turn.due_at,
    )  # fmt: skip
    assert change.recomputed_at == now + 11 * SECOND


def test_a_clock_that_was_reckoned_anew_warns_no_second_time(
    district: TestDistrict, publish: Callable[..., CalendarChange]
) -> None:
    walk = start(district=district, entry="rubbish", state=State.HANDLING)  # 4 working hours
    assert sweep_timers(at=at("15:20")).done == {"turn": 1}
    publish(date(2026, 6, 10), now=at("15:30"))
    assert turn_of(walk).due_at == at("12:00", on="2026-06-11")
    # 80 % are reached once more on Thursday at 11:12, by the same clock.
    assert sweep_timers(at=at("12:00", on="2026-06-11")).done == {}
    assert sweep_timers(at=at("12:00", on="2026-06-11") + SECOND).done == {"turn": 1}
    fired = TimerFiring.objects.filter(clock_id=turn_of(walk).pk).order_by("level")
    assert list(fired.values_list("level", "occurred_at")) == [
        (0, at("15:15")), (1, at("12:00", on="2026-06-11")),
    ]  # fmt: skip


def test_what_does_not_run_or_is_not_touched_stays(
    district: TestDistrict, publish: Callable[..., CalendarChange]
) -> None:
    running_on = start(district=district, entry="stall", state=State.HANDLING)
    short = start(district=district, entry="toilet", state=State.HANDLING)
    finished = start(district=district, entry="toilet", state=State.TO_CHECK)
    waiting = start(district=district, entry="toilet", state=State.TO_DISPATCH)
    walks = (running_on, short, finished, waiting)
    before = [(walk.case.due_at, walk.case.version) for walk in walks]
    change = publish(date(2026, 12, 30), now=at("15:00"))
    assert [(walk.case.due_at, walk.case.version) for walk in walks] == before
    assert not ClockMove.objects.exists()
    assert change.recomputed_at is not None
    assert turn_of(short).calendar_change == change


def test_a_deadline_never_moves_to_an_instant_already_past(
    district: TestDistrict, publish: Callable[..., CalendarChange]
) -> None:
    publish(THURSDAY, FRIDAY, now=at("08:00"))
    walk = start(
        district=district, entry="rubbish", state=State.HANDLING, reported_at=at("16:00")
    )  # 4 working hours: until Monday
    assert turn_of(walk).due_at is not None
    assert turn_of(walk).due_at > at("08:00", on="2026-06-15")  # type: ignore[operator]
    now = at("10:00", on="2026-06-12")
    # Thursday and Friday are worked after all: the limit would have run out on Thursday.
    publish(now=now)
    turn = turn_of(walk)
    assert turn.due_at == now + 11 * SECOND == walk.case.due_at
    assert turn.used == turn.allowed
    assert all(mark >= now for mark in turn.marks)
    # Warning and deadline came together; each fires once, and neither in the past.
    assert sweep_timers(at=now + 12 * SECOND).done == {"turn": 2}


def test_an_overdue_clock_keeps_the_deadline_that_has_passed(
    district: TestDistrict, publish: Callable[..., CalendarChange]
) -> None:
    walk = start(district=district, entry="rubbish", state=State.HANDLING)
    before = turn_of(walk).due_at
    publish(date(2026, 6, 10), THURSDAY, now=at("09:00", on="2026-06-12"))
    assert turn_of(walk).due_at == before
    assert not ClockMove.objects.exists()


def test_a_year_that_is_published_makes_deadlines_certain(
    district: TestDistrict, publish: Callable[..., CalendarChange]
) -> None:
    publish(now=at("08:00", on="2026-12-01"))
    walk = start(
        district=district, entry="toilet", state=State.HANDLING,
        reported_at=at("15:00", on="2026-12-31"),
    )  # fmt: skip
    assert turn_of(walk).provisional
    now = at("16:00", on="2026-12-31")
    publish_year(
        actor=district.actor("administrator"), at=now, year=2027, source="通知", published_on=None,
        holidays={date(2027, 1, 1): "元旦"}, workdays={},
    )  # fmt: skip
    forget()
    before = turn_of(walk).due_at
    recompute_clocks(at=now + 11 * SECOND)
    turn = turn_of(walk)
    assert (turn.provisional, turn.due_at) == (False, before)
    assert not walk.case.stays.get(ended_at=None).provisional


def test_days_off_that_are_set_for_a_year_not_yet_published_move_what_runs_into_it(
    district: TestDistrict,
) -> None:
    walk = start(
        district=district, entry="toilet", state=State.HANDLING,
        reported_at=at("15:00", on="2026-12-31"),
    )  # fmt: skip
    before, now = turn_of(walk).due_at, at("16:00", on="2026-12-31")
    assert turn_of(walk).provisional
    assert before is not None
    ProvisionalDays.objects.create(first_year=2027, days=["01-01", "01-04"])
    forget()
    note_change(what="未公布年份的假日", actor=CLOCK, at=now)
    recompute_clocks(at=now + 11 * SECOND)
    turn = turn_of(walk)
    assert (turn.provisional, turn.due_at) == (True, before + timedelta(days=1))


def test_a_lead_s_review_moves_with_the_calendar(
    district: TestDistrict, publish: Callable[..., CalendarChange]
) -> None:
    walk = start(district=district, entry="toilet", state=State.HANDLING, reported_at=at("17:00"))
    ask_request(
        number=walk.number, actor=walk.department, at=at("17:30"), version=walk.case.version,
        kind="EXTENSION", reason="须待配件",
    )  # fmt: skip
    step = RequestStep.objects.get(request=Request.objects.get())
    assert step.due_at == at("08:30", on="2026-06-11")
    publish(THURSDAY, now=at("17:40"))
    step.refresh_from_db()
    assert step.due_at == at("08:30", on="2026-06-12")


def test_nothing_is_reckoned_before_every_process_knows_the_new_calendar(
    district: TestDistrict, publish: Callable[..., CalendarChange]
) -> None:
    walk = start(district=district, entry="toilet", state=State.HANDLING)
    change = publish(THURSDAY, now=at("11:00"), sweep=False)
    before = turn_of(walk).due_at
    assert recompute_clocks(at=at("11:00") + 9 * SECOND).looked_at == 0
    assert turn_of(walk).due_at == before
    # A clock started with a calendar that some process still kept is taken too.
    late = start(
        district=district,
        entry="toilet",
        state=State.HANDLING,
        reported_at=at("10:57") + 8 * SECOND,
    )
    assert turn_of(late).running_since == at("11:00") + 8 * SECOND
    assert recompute_clocks(at=change.holds_at).looked_at == 2
    assert recompute_clocks(at=change.holds_at + SECOND).looked_at == 0


def test_one_bad_clock_is_listed_tried_again_and_stops_no_other(
    district: TestDistrict,
    publish: Callable[..., CalendarChange],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bad, good = (
        start(district=district, entry="toilet", state=State.HANDLING) for _each in range(2)
    )
    change = publish(THURSDAY, now=at("15:00"), sweep=False)
    real = recomputing._clock_under

    def failing(turn: Turn, now: datetime) -> object:
        if turn.pk == turn_of(bad).pk:
            raise RuntimeError("broken row")
        return real(turn, now)

    monkeypatch.setattr(recomputing, "_clock_under", failing)
    done = recompute_clocks(at=at("15:01"))
    assert (done.looked_at, done.moved, done.failed) == (1, 1, 1)
    assert ClockMove.objects.get().turn == turn_of(good)
    assert (SweepError.objects.get().kind, SweepError.objects.get().item_id) == (
        "recompute", turn_of(bad).pk,
    )  # fmt: skip
    change.refresh_from_db()
    assert change.recomputed_at is None
    monkeypatch.setattr(recomputing, "_clock_under", real)
    assert recompute_clocks(at=at("15:02")).looked_at == 0
    assert recompute_clocks(at=at("15:07")).moved == 1
    change.refresh_from_db()
    assert change.recomputed_at == at("15:07")
    assert SweepError.objects.get().resolved_at == at("15:07")


def test_a_deferral_stays_the_date_that_was_granted(
    district: TestDistrict, publish: Callable[..., CalendarChange]
) -> None:
    walk = start(district=district, entry="toilet", state=State.HANDLING)
    turn = turn_of(walk)
    until = date(2026, 6, 23)
    from dispatch.services.asking import deferral_gain
    from dispatch.services.turns import allow_more

    turn.deferred_until = until
    turn.save(update_fields=["deferred_until"])
    allow_more(walk.case, turn, deferral_gain(turn, until))
    assert turn_of(walk).due_at == at("18:00", on="2026-06-23")
    publish(THURSDAY, FRIDAY, now=at("15:00"))
    assert turn_of(walk).due_at == at("18:00", on="2026-06-23")
    assert not ClockMove.objects.exists()
