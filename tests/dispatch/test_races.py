"""Two at once on one case, two sweeps at once: one wins, the other is told or finds nothing."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection

from cases.models import Delivery, Event
from cases.workflow import State
from dispatch.models import Request, TimerFiring, Turn
from dispatch.services.handling import dispatch_case, finish_case
from dispatch.services.reviews import approve_request, ask_request
from dispatch.services.timers import sweep_timers
from gridcity.contracts import Refused
from tests.district import TestDistrict, at
from tests.factories import start
from tests.photos import prepared

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*acts: Callable[[], object]) -> list[object]:
    """Run these in threads that start together; what each returned or was refused with."""
    gate = threading.Barrier(len(acts))
    outcomes: list[object] = [None] * len(acts)

    def run(place: int, act: Callable[[], object]) -> None:
        try:
            gate.wait()
            outcomes[place] = act()
        except Refused as refused:
            outcomes[place] = refused
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def refusals(outcomes: list[object]) -> list[str]:
    return [outcome.code for outcome in outcomes if isinstance(outcome, Refused)]


def test_of_two_dispatchers_one_dispatches_and_the_other_is_told(district: TestDistrict) -> None:
    walk = start(district=district, state=State.TO_DISPATCH)
    version = walk.case.version
    outcomes = at_once(
        *(
            lambda name=name, code=code: dispatch_case(
                number=walk.number, actor=walk.actor(name), at=walk.now, version=version,
                department=code,
            )
            for name, code in (("dispatcher-1", "s201"), ("dispatcher-2", "d101"))
        )
    )  # fmt: skip
    assert refusals(outcomes) == ["stale_version"]
    assert Turn.objects.count() == 1
    assert Event.objects.filter(action="dispatch").count() == 1


def test_a_finish_and_an_approval_of_a_return_do_not_both_happen(district: TestDistrict) -> None:
    walk = start(district=district, state=State.HANDLING)
    request = ask_request(
        number=walk.number, actor=walk.department, at=walk.now, version=walk.case.version,
        kind="RETURN", reason_code="not_ours", reason="非本单位职责",
    )  # fmt: skip
    version, department = walk.case.version, walk.department
    photo = prepared("after")
    outcomes = at_once(
        lambda: finish_case(
            number=walk.number, actor=department, at=walk.now, version=version, result="完",
            photos=[photo],
        ),
        lambda: approve_request(
            number=walk.number, actor=walk.actor("dispatcher-1"), at=walk.now, version=version,
            request_id=request.pk,
        ),
    )  # fmt: skip
    assert refusals(outcomes) == ["stale_version"]
    turn = Turn.objects.get()
    state = Request.objects.get().state
    assert (walk.case.state, state, turn.end_kind) in {
        (State.TO_CHECK, "lapsed", ""),
        (State.TO_DISPATCH, "approved", "returned"),
    }


def test_four_sweeps_at_once_fire_everything_once(district: TestDistrict) -> None:
    for _n in range(8):
        start(district=district, state=State.HANDLING, entry="stall")
    for _n in range(4):
        start(district=district, state=State.TO_CLOSE)
    for _n in range(4):
        start(district=district, state=State.TO_FILE)
    later = at("18:00")
    outcomes = at_once(*(lambda: sweep_timers(at=later) for _n in range(4)))
    total: Counter[str] = Counter()
    for swept in outcomes:
        total.update(swept.done)  # type: ignore[attr-defined]
        assert swept.failed == 0  # type: ignore[attr-defined]
    total.update(sweep_timers(at=later).done)  # what a sweep left because another held it
    assert total == {"turn": 40, "close": 4, "stay": 8}
    assert TimerFiring.objects.count() == 48
    assert Event.objects.filter(action="close").count() == 4
    assert Event.objects.filter(action="urge").count() == 48
    told = Delivery.objects.filter(kind="warning").values_list("case_id", "receiver_id")
    assert Counter(told).most_common(1)[0][1] == 1
    assert sweep_timers(at=later + timedelta(seconds=1)).done == {}
