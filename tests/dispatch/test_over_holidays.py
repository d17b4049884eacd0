"""A clock that is set forward: over the nine days of the Spring Festival, and over a year's end."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from cases.services.history import first_broken
from cases.workflow import State
from dispatch.models import CatchUp, TimerFiring, Turn
from dispatch.services.reviews import approve_request, ask_request
from dispatch.services.timers import sweep_timers
from tests.cases.test_stays import check_tiled
from tests.district import TestDistrict, at
from tests.factories import Walk, start

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)


def said(walk: Walk, name: str, **more: Any) -> dict[str, Any]:
    return {
        "number": walk.number, "actor": walk.actor(name), "at": walk.now,
        "version": walk.case.version, **more,
    }  # fmt: skip


def turn_of(walk: Walk) -> Turn:
    return Turn.objects.get(case__number=walk.number, ended_at=None)


def suspended(walk: Walk, until: date) -> Walk:
    request = ask_request(
        **said(walk, "department-s201-lead", kind="SUSPENSION", reason="待料", until=until)
    )
    for name in ("dispatcher-1", "duty-chief-1"):
        approve_request(**said(walk, name, request_id=request.pk))
    return walk


def test_over_the_spring_festival_everything_is_done_once_and_dated_when_it_was_due(
    district: TestDistrict,
) -> None:
    friday = at("15:00", on="2026-02-13")
    handled = start(
        district=district, state=State.HANDLING, entry="toilet", reported_at=friday
    )  # 3 working days
    waits = start(district=district, state=State.HANDLING, reported_at=friday)
    suspended(waits, date(2026, 2, 18))
    closing = start(district=district, state=State.TO_CLOSE, reported_at=friday)
    closes_at, left = closing.case.due_at, turn_of(waits).allowed - turn_of(waits).used
    # Friday's rest, the worked Saturday, then the 24th and the 25th.
    assert turn_of(handled).due_at == at("15:03", on="2026-02-25")

    tuesday = at("09:00", on="2026-02-24")
    swept = sweep_timers(at=tuesday)
    assert swept.failed == 0
    assert swept.done["close"] == swept.done["resume"] == 1
    assert "turn" not in swept.done, "no working time has run that would warn anybody"
    closed = closing.case.events.get(action="close")
    assert (closed.occurred_at, closed.at) == (closes_at, tuesday)
    resumed = waits.case.events.get(action="resume")
    assert (resumed.occurred_at, resumed.at) == (at("00:00", on="2026-02-18"), tuesday)
    turn = turn_of(waits)
    assert (turn.running_since, turn.allowed - turn.used) == (tuesday, left)
    assert CatchUp.objects.get().oldest_due_at == closes_at
    assert sweep_timers(at=tuesday).done == {}

    evening = at("16:00", on="2026-02-25")
    sweep_timers(at=evening)
    fired = TimerFiring.objects.filter(case=handled.case).order_by("level")
    assert list(fired.values_list("level", "occurred_at")) == [
        (0, at("08:15", on="2026-02-25")),  # 19 h 12 min of 24
        (1, at("15:03", on="2026-02-25")),
    ]
    assert sweep_timers(at=evening).done == {}
    for walk in (handled, waits, closing):
        assert first_broken(walk.case) is None
        check_tiled(walk.case)


def test_over_the_year_s_end_numbers_begin_anew_and_what_was_due_is_dated_in_its_year(
    district: TestDistrict,
) -> None:
    last_day = at("10:00", on="2026-12-31")
    stall = start(district=district, state=State.TO_DISPATCH, entry="stall", reported_at=last_day)
    handled = start(
        district=district, state=State.HANDLING, entry="toilet",
        reported_at=at("15:00", on="2026-12-31"),
    )  # fmt: skip
    turn = turn_of(handled)
    # 1 January is off in a year not yet published too; the weekend follows.
    assert (turn.due_at, turn.provisional) == (at("15:03", on="2027-01-06"), True)

    monday = at("09:00", on="2027-01-04")
    assert sweep_timers(at=monday).failed == 0
    forced = stall.case.events.get(action="force_close")
    assert (forced.occurred_at, forced.at) == (at("00:00", on="2027-01-01"), monday)
    assert stall.case.state == State.FORCE_CLOSED
    assert sweep_timers(at=monday).done == {}

    before = start(district=district, reported_at=at("00:00", on="2027-01-01") - SECOND)
    after = start(district=district, reported_at=at("00:00", on="2027-01-01"))
    assert before.number[6:10] == "2026"
    assert after.number[6:] == "20270000001"
