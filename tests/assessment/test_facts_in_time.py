"""Each look at the past finds what was known then, of what was then."""

from __future__ import annotations

from datetime import timedelta

import pytest

from assessment.models import TurnFact
from assessment.services.facts import rebuild_facts
from cases.workflow import State
from dispatch.models import Turn
from dispatch.services.checking import fail_check
from dispatch.services.handling import finish_case
from tests.district import at
from tests.factories import start
from tests.photos import prepared

pytestmark = pytest.mark.django_db


def known_at(model, as_of, cut):
    return model.objects.filter(
        known_from__lte=as_of, known_to__gt=as_of, valid_from__lte=cut, valid_to__gt=cut
    )


def test_a_failed_check_takes_the_finish_back_from_then_on_and_not_before(district):
    walked = start(district=district, state=State.CHECKING, reported_at=at("08:30"))
    finished = Turn.objects.get(case=walked.case).finished_at
    checked = walked.now + timedelta(hours=1)
    fail_check(
        number=walked.number, actor=walked.assignee, at=checked, reason="垃圾仍在",
        photos=[prepared("after")],
    )  # fmt: skip
    rebuild_facts()
    cut = finished + timedelta(minutes=10)
    before = known_at(TurnFact, checked - timedelta(seconds=1), cut).get()
    assert (before.finished_at, before.reworks) == (finished, 0)
    after = known_at(TurnFact, checked, cut).get()
    assert (after.finished_at, after.reworks) == (None, 1)
    assert after.stood_at == finished, "at that cut the clock stood all the same"
    later = known_at(TurnFact, checked, checked).get()
    assert later.stood_at is None
    assert later.due_at is not None


def test_what_is_recorded_late_falls_where_it_occurred_and_is_known_from_its_recording(district):
    walked = start(district=district, state=State.HANDLING, reported_at=at("08:30"))
    occurred, recorded = walked.now + timedelta(minutes=5), walked.now + timedelta(hours=2)
    finish_case(
        number=walked.number, actor=walked.department, at=recorded, occurred_at=occurred,
        version=walked.case.version, result="已清理", photos=[prepared("after")],
    )  # fmt: skip
    rebuild_facts()
    cut = occurred + timedelta(minutes=1)
    assert known_at(TurnFact, recorded - timedelta(seconds=1), cut).get().finished_at is None
    assert known_at(TurnFact, recorded, cut).get().finished_at == occurred
