"""Each look at the past finds what was known then, of what was then."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from assessment.models import CaseFact, StayFact, TurnFact
from assessment.services.facts import rebuild_facts
from cases.workflow import State
from dispatch.models import Turn
from dispatch.services.checking import fail_check
from dispatch.services.forcing import force_close_case
from dispatch.services.handling import finish_case
from dispatch.services.reviews import approve_request, ask_request
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


# ---------------------------------------------------------------- deadlines that move at the end

HANDLED_BY = "department-s201-lead"
ASKED = {
    "RETURN": (HANDLED_BY, {"reason_code": "not_ours"}, ("dispatcher-1",)),
    "SUSPENSION": (HANDLED_BY, {"until": date(2026, 7, 1)}, ("dispatcher-1", "duty-chief-1")),
    "VOID": ("dispatcher-1", {}, ("duty-chief-2",)),
}


def said(walked, name, **more):
    return {
        "number": walked.number, "actor": walked.actor(name), "at": walked.now,
        "version": walked.case.version, **more,
    }  # fmt: skip


def ask(walked, kind):
    """In handling since 10:03, due at 16:03; asked at once, a reviewer has half an hour."""
    name, more, reviewers = ASKED[kind]
    return ask_request(**said(walked, name, kind=kind, reason="说明", **more)), reviewers


def check_deadline(walked, due):
    """The facts of turn, case and stay know the deadline that moved in the act itself."""
    rebuild_facts()
    stay = StayFact.objects.filter(state="HANDLING", known_to__year=9999).get(valid_to__year=9999)
    row = walked.case.stays.get(state="HANDLING")
    assert (stay.due_at, stay.in_time) == (row.due_at, row.in_time) == (due, True)
    for model in (TurnFact, CaseFact):
        just_before = walked.now - timedelta(seconds=1)
        assert known_at(model, just_before, just_before).get().due_at == at("16:03")
    return known_at(TurnFact, walked.now, walked.now).get()


@pytest.mark.parametrize("kind", sorted(ASKED))
def test_an_approval_that_came_too_late_says_the_deadline_it_has_moved(district, kind):
    walked = start(district=district, state=State.HANDLING)
    request, reviewers = ask(walked, kind)
    for name in reviewers[:-1]:
        approve_request(**said(walked, name, request_id=request.pk))
    walked.now += timedelta(minutes=45)
    approve_request(**said(walked, reviewers[-1], request_id=request.pk))
    turn = check_deadline(walked, at("16:18"))
    if kind != "SUSPENSION":  # its clock stands: it has no deadline now
        assert turn.due_at == at("16:18")


def test_a_finish_says_the_deadline_that_a_lapsing_request_has_moved(district):
    walked = start(district=district, state=State.HANDLING)
    ask(walked, "SUSPENSION")
    walked.now = at("16:10")  # late by its first deadline, but the dispatcher never answered
    finish_case(**said(walked, HANDLED_BY, result="已清理", photos=[prepared("after")]))
    due = walked.case.stays.get(state="HANDLING").due_at
    turn = check_deadline(walked, due)
    assert (turn.due_at, turn.finish_in_time) == (due, True)
    assert due > walked.now


def test_a_forced_close_says_it_too(district):
    walked = start(district=district, state=State.HANDLING)
    ask(walked, "SUSPENSION")
    walked.now += timedelta(minutes=45)
    force_close_case(**said(walked, "duty-chief-1", reason="责任不清"))
    assert check_deadline(walked, at("16:18")).due_at == at("16:18")


def test_an_act_that_moves_nothing_says_no_deadline(district):
    walked = start(district=district, state=State.HANDLING)
    request, reviewers = ask(walked, "RETURN")
    approve_request(**said(walked, reviewers[0], request_id=request.pk))
    assert "was_due" not in walked.case.events.get(action="approve_return").changes
