"""Turns that were appealed against, and those of them whose appeal was upheld."""

from __future__ import annotations

from datetime import timedelta

import pytest

from assessment.periods import period_from
from assessment.selectors.figures import SCORER, count_figures
from assessment.services.facts import rebuild_facts, refresh_facts
from cases.workflow import State
from tests.dispatch.test_appeals import appeal, approve, finished_late
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
