"""Turns that were appealed against, and those of them whose appeal was upheld."""

from __future__ import annotations

from datetime import timedelta

import pytest

from assessment.indicators import INDICATORS
from assessment.ledgers import LEDGERS
from assessment.periods import period_from
from assessment.selectors.figures import SCORER, count_figures
from assessment.selectors.ledgers import rows_behind
from assessment.services.facts import rebuild_facts, refresh_facts
from cases.workflow import State
from dispatch.services.reviews import withdraw_request
from tests.dispatch.test_appeals import appeal, approve, finished_late, said
from tests.factories import start

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
    assert rows_behind(LEDGERS["appealed"], SCORER, period).get() == request
    assert "撤回" in str(INDICATORS["appealed"].definition)
    assert "撤回" in str(LEDGERS["appealed"].definition)
