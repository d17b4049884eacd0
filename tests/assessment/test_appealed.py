"""Turns that were appealed against, and those of them whose appeal was upheld."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

import pytest

from assessment.indicators import INDICATORS, defined_as
from assessment.ledgers import LEDGERS
from assessment.models import SnapshotKind
from assessment.periods import period_from
from assessment.selectors.appealed import count_taken_out, rows_taken_out
from assessment.selectors.figures import SCORER, count_figures
from assessment.selectors.ledgers import rows_behind
from assessment.services.facts import rebuild_facts, refresh_facts
from assessment.services.snapshots import make_snapshot
from cases.workflow import State
from dispatch.services.checking import fail_check
from dispatch.services.forcing import force_close_case
from dispatch.services.handling import reassign_case
from dispatch.services.reopening import reopen_case
from dispatch.services.reviews import withdraw_request
from tests.dispatch.test_appeals import appeal, approve, finished_late, refused_return, said
from tests.district import at
from tests.factories import start
from tests.photos import prepared

pytestmark = pytest.mark.django_db
KEYS = ("appealed", "appeal_upheld")


def counted(walk):
    period = period_from(
        {"since": "2026-01-01", "until": "2026-12-31"}, walk.now + timedelta(hours=1)
    )
    total = count_figures(SCORER, period, ("department",)).total
    return tuple(total[key] for key in KEYS)


def test_an_appeal_counts_for_the_turn_and_its_answer_beside_it(district):
    walk = start(district=district, state=State.HANDLING)
    finished_late(walk)
    refresh_facts()
    assert counted(walk) == (0, 0)
    request = appeal(walk, "overdue")
    refresh_facts()
    assert counted(walk) == (1, 0)
    approve(walk, request, "dispatcher-2", "duty-chief-1")
    refresh_facts()
    assert counted(walk) == (1, 1)
    rebuild_facts()
    assert counted(walk) == (1, 1)


def test_an_appeal_that_was_withdrawn_was_asked_in_figure_and_ledger_alike(district):
    """It used up the one appeal of this turn and fact, and snapshots of before counted it (§2)."""
    walk = start(district=district, state=State.HANDLING)
    finished_late(walk)
    request = appeal(walk, "overdue")
    withdraw_request(**said(walk, "department-s201", request_id=request.pk))
    refresh_facts()
    assert counted(walk) == (1, 0)
    period = period_from(
        {"since": "2026-01-01", "until": "2026-12-31"}, walk.now + timedelta(hours=1)
    )
    assert rows_behind(LEDGERS["appealed"], SCORER, period).get() == request.turn
    assert "撤回" in str(INDICATORS["appealed"].definition)
    assert "撤回" in str(LEDGERS["appealed"].definition)


CHARGED = ("closed_late", "closed_late_share", "need_close", "handled_late", "need_handle")


def year_of(walk):
    return period_from({"since": "2026-01-01", "until": "2026-12-31"}, walk.now)


def totals(walk, *keys):
    while refresh_facts():
        pass
    walk.now += timedelta(seconds=1)
    total = count_figures(SCORER, year_of(walk), ("street",)).total
    return tuple(total[key] for key in keys)


def upheld(walk, fact):
    request = appeal(walk, fact)
    approve(walk, request, "dispatcher-2", "duty-chief-1")


def out_of(walk, key):
    """The rows that appeals took out of a figure: as many as are counted beside it."""
    period = year_of(walk)
    rows = rows_taken_out(INDICATORS[key], SCORER, period, {})
    assert count_taken_out([key], period, {}) == {key: rows.count()}
    return rows


def test_an_upheld_appeal_leaves_the_figures_of_the_region_too(district):
    walk = start(district=district, state=State.HANDLING)
    finished_late(walk)
    before = totals(walk, "closed", *CHARGED)
    then = year_of(walk)
    assert before == (1, 1, 1, 1, 1, 1)
    assert not out_of(walk, "closed_late")
    walk.now += timedelta(minutes=1)
    upheld(walk, "overdue")
    assert totals(walk, "closed", *CHARGED) == (1, 0, 0, 0, 0, 0)
    for key in CHARGED:
        assert out_of(walk, key).get().case_id == walk.case.pk, key
    old = count_figures(SCORER, then, ()).total
    assert tuple(old[key] for key in ("closed", *CHARGED)) == before, "known later, not then"
    with defined_as({"need_close": 1, "closed_late": 1}):
        assert totals(walk, "need_close", "closed_late") == (1, 1)


def test_who_gets_the_case_next_is_late_by_himself(district):
    """An appeal of a department from which the case was taken says nothing of the next one."""
    walk = start(district=district, state=State.HANDLING)
    walk.now = at("17:00")
    reassign_case(**said(walk, "dispatcher-1", department="d101", reason="非该单位职责"))
    walk.now += timedelta(days=30)
    assert totals(walk, "need_close") == (1,)
    walk.now -= timedelta(days=29)
    upheld(walk, "overdue")
    walk.now += timedelta(days=30)
    assert totals(walk, "need_close") == (1,)


def test_a_forced_close_that_an_appeal_took_out_is_in_no_share(district):
    walk = start(district=district, state=State.HANDLING)
    walk.now = at("17:00")
    force_close_case(**said(walk, "duty-chief-1", reason="无法处置"))
    keys = ("forced_share", "forced_turns", "ended_by_close", "need_close")
    assert totals(walk, *keys) == (1, 1, 1, 1)
    upheld(walk, "forced_close")
    assert totals(walk, *keys) == (0, 0, 0, 0)
    assert out_of(walk, "forced_share").count() == 1


def failed(walk):
    for step in ("finish", "send_check"):
        walk.step(step)
    walk.now += timedelta(minutes=1)
    fail_check(
        number=walk.number, actor=walk.assignee, at=walk.now, reason="垃圾仍在",
        photos=[prepared("after")],
    )  # fmt: skip


def test_failed_checks_that_an_appeal_took_out_are_no_reworks_again_and_again(district):
    walk = start(district=district, state=State.HANDLING)
    failed(walk)
    failed(walk)
    for step in ("finish", "send_check", "check_passed", "close"):
        walk.step(step)
    assert totals(walk, "multi_rework", "rework") == (1, 2)
    upheld(walk, "failed_check")
    assert totals(walk, "multi_rework", "rework") == (0, 0)
    assert out_of(walk, "rework").count() == 2


def test_a_refused_return_that_an_appeal_took_out_is_no_shirking(district):
    walk = start(district=district, state=State.HANDLING)
    refused_return(walk, "dispatcher-1")
    refused_return(walk, "duty-chief-1")
    walk.now = at("17:00")
    assert totals(walk, "shirked") == (1,)
    upheld(walk, "refused_return")
    assert totals(walk, "shirked", "need_handle") == (0, 1)
    assert out_of(walk, "shirked").count() == 1


def test_what_was_reopened_had_to_be_handled_and_is_not_handled(district):
    """A reopening lowers the share handled: only the standing finish is out (law §3)."""
    walk = start(district=district, state=State.CLOSED)
    assert totals(walk, "handled", "need_handle") == (1, 1)
    reopen_case(
        number=walk.number, actor=district.actor("duty-chief-1"), at=walk.now,
        version=walk.case.version, reason="群众不满意",
    )  # fmt: skip
    assert totals(walk, "handled", "need_handle", "handled_share") == (0, 1, 0)
    with defined_as({"need_handle": 2}):
        assert totals(walk, "need_handle") == (0,)


def test_pages_show_what_an_appeal_took_out(district, browser_client, clock):
    walk = start(district=district, state=State.HANDLING)
    finished_late(walk)
    upheld(walk, "overdue")
    totals(walk)
    clock.now = walk.now = at("12:00", on="2026-07-15")
    snapshot = make_snapshot(
        name="2026-06", scheme_key="department", kind=SnapshotKind.FINAL, at=walk.now
    )
    for name in ("official-1", "department-s201"):
        browser_client.enter(district.user(name))
        page = unescape(browser_client.get(f"/scores/{snapshot.pk}/s201/").content.decode())
        links = re.findall(r'data-gc-out="\w+"><a href="([^"]*)">申诉后不计 1 件</a>', page)
        assert links, name
        for address in links:
            listed = browser_client.get(address).content.decode()
            assert 'data-gc-total="1"' in listed
            assert walk.number in listed
            assert "申诉后不计：超期" in listed
    own = browser_client.get("/scores/mine/?since=2026-06-01&until=2026-06-30").content.decode()
    assert 'data-gc-own="appeal_upheld"' in own
