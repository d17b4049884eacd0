"""The filler of facts makes lives that end: what stands at an instant does not grow with years."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from assessment.models import CaseFact, StayFact, TurnFact
from bench.generate import lives
from cases.models import Case
from cases.workflow import State
from dispatch.models import TurnEnd
from tests.district import lay_out

UNTIL = datetime(2026, 6, 10, 4, tzinfo=UTC)
# Longer than the longest limit with what is late, and than two days after it.
LONGEST = timedelta(days=14)


@pytest.fixture
def filled(transactional_db, monkeypatch):
    """Facts of four months in the small district."""
    lay_out()
    monkeypatch.setattr(lives, "CASES_A_DAY", 20)
    lives.fill_facts(round(120 * 20 * lives.FACTS_A_CASE), until=UNTIL)


def test_no_case_stays_open_for_ever(filled):
    assert CaseFact.objects.filter(reported_at__lt=UNTIL - LONGEST).count() > 1000
    assert not CaseFact.objects.filter(reported_at__lt=UNTIL - LONGEST, ended_at=None).exists()
    for facts in (CaseFact, TurnFact, StayFact):
        needed = facts.objects.filter(valid_from__lt=UNTIL - LONGEST)
        assert not needed.filter(needed_until__gte=UNTIL).exists()


def test_what_nobody_did_is_closed_by_force_in_every_grain_alike(filled):
    forced = Case.objects.filter(state=State.FORCE_CLOSED)
    cases = CaseFact.objects.filter(end_kind=State.FORCE_CLOSED)
    stays = StayFact.objects.filter(by="force_close")
    assert cases.exists()
    assert not cases.exclude(finished_at=None).exists()
    for told in (cases, stays):
        assert {*told.values_list("case_id", "ended_at")} == {*forced.values_list("id", "ended_at")}
    turns = TurnFact.objects.filter(case__in=forced)
    assert {*turns.values_list("end_kind", flat=True)} <= {TurnEnd.FORCED, TurnEnd.RETURNED}
