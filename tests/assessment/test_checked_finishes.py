"""Rework is of the finishes of a period, whenever they were checked and whoever answered first."""

from __future__ import annotations

from datetime import timedelta

import pytest

from assessment.indicators import INDICATORS, defined_as
from assessment.periods import period_from
from assessment.selectors.figures import SCORER, count_figures, rows_behind
from assessment.selectors.lists import count_rows, list_rows
from assessment.services.facts import ensure_sums, rebuild_facts
from cases.models import Task
from cases.workflow import State
from dispatch.services.checking import fail_check, refuse_close
from dispatch.services.timers import sweep_timers
from tests.district import at
from tests.factories import start
from tests.photos import prepared

pytestmark = pytest.mark.django_db

KEYS = ("finishes_checked", "rework")
LATER = at("12:00", on="2026-07-05")
JUNE = {"since": "2026-06-01", "until": "2026-06-30"}
JULY = {"since": "2026-07-01", "until": "2026-07-31"}


def checked(days, known=LATER):
    """Both counts of some days as of an instant; facts, lists and sums say the same."""
    period = period_from(days, known)
    found = count_figures(SCORER, period, (), frozenset(KEYS)).total
    for key in KEYS:
        assert count_rows(INDICATORS[key], SCORER, period, {}) == found[key]
        assert rows_behind(INDICATORS[key], SCORER, period, {}).count() == found[key]
        assert len(list_rows(INDICATORS[key], SCORER, period, {}, cursor=None).rows) == found[key]
    return tuple(found[key] for key in KEYS)


def folded():
    rebuild_facts()
    ensure_sums()


def fail(walk, actor=None, **said):
    return fail_check(
        number=walk.number, actor=actor or walk.assignee, at=walk.now, reason="垃圾仍在",
        photos=[prepared("after")], **said,
    )  # fmt: skip


@pytest.fixture
def finished(district):
    """A case of 30 June whose department finished at 23:50."""
    walk = start(district=district, state=State.HANDLING, reported_at=at("20:00", on="2026-06-30"))
    walk.now = at("23:49", on="2026-06-30")
    walk.step("finish")
    return walk


def test_a_check_after_the_end_judges_the_finish_of_before(finished):
    finished.now = at("00:10", on="2026-07-01")
    finished.step("send_check")
    finished.now = at("00:20", on="2026-07-01")
    fail(finished)
    folded()
    assert checked(JUNE) == (1, 1)
    assert checked(JULY) == (0, 0)
    assert checked(JUNE, at("00:00", on="2026-07-01")) == (0, 0)
    assert checked(JUNE, at("00:19", on="2026-07-01")) == (0, 0), "sent, not answered"
    with defined_as({"finishes_checked": 1, "rework": 1}):
        found = [
            count_figures(SCORER, period_from(days, LATER), (), frozenset(KEYS)).total
            for days in (JUNE, JULY)
        ]
    assert [tuple(one[key] for key in KEYS) for one in found] == [(0, 0), (1, 1)]


def test_each_finish_of_a_rework_is_one(finished):
    finished.step("send_check")
    fail(finished)
    finished.now = at("09:00", on="2026-07-01")
    for step in ("finish", "send_check", "check_passed", "close"):
        finished.step(step)
    folded()
    assert checked(JUNE) == (1, 1)
    assert checked(JULY) == (1, 0)


@pytest.mark.parametrize("fails", [False, True])
def test_a_finish_that_is_checked_twice_is_judged_by_the_last_check(finished, fails):
    finished.step("send_check")
    finished.step("check_passed")
    before = finished.now
    finished.now += timedelta(minutes=5)
    refuse_close(
        number=finished.number, actor=finished.actor("duty-chief-1"), at=finished.now,
        version=finished.case.version, reason="照片不清",
    )  # fmt: skip
    if finished.case.state == State.TO_CHECK:
        finished.step("send_check")
    finished.now += timedelta(minutes=5)
    if fails:
        fail(finished)
    else:
        finished.step("check_passed")
    folded()
    assert checked(JUNE) == (1, int(fails))
    assert checked(JUNE, before) == (1, 0)


def test_who_answers_first_is_who_checked_though_his_task_had_passed_on(finished):
    finished.now = at("12:00", on="2026-07-01")
    finished.step("send_check")
    first = finished.assignee
    due = Task.objects.get(case__number=finished.number, ended_at=None).due_at
    sweep_timers(at=due + timedelta(minutes=1))
    assert finished.assignee != first
    finished.now = due + timedelta(minutes=2)
    fail(finished, first, occurred_at=due - timedelta(minutes=3))
    folded()
    assert checked(JUNE) == (1, 1)
    assert checked(JUNE, due + timedelta(minutes=1)) == (0, 0)


def test_a_failed_finish_is_its_departments(finished):
    finished.step("send_check")
    fail(finished)
    folded()
    period = period_from(JUNE, LATER)
    figures = count_figures(SCORER, period, ["department"])
    assert [counts["rework"] for counts in figures.by["department"].values()] == [1]
