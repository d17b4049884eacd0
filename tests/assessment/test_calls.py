"""Call backs count once for each reporter: the last valid one (assessment law §3)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from assessment.facts.fold import fold
from assessment.facts.said import Beside, Said
from assessment.indicators import defined_as
from assessment.periods import period_from
from assessment.selectors.figures import SCORER, count_figures
from assessment.services.facts import rebuild_facts, refresh_facts
from assessment.services.facts_check import check_facts
from cases.services.ending import call_back, rate_case
from cases.services.reporting import ReporterInput
from cases.workflow import State
from tests.district import at
from tests.factories import start

pytestmark = pytest.mark.django_db
KEYS = ("called_back", "contacted", "resolved", "answers", "satisfied", "rated_web")
DAY = timedelta(days=1)


@pytest.fixture
def closed(district):
    return start(
        district=district, state=State.CLOSED, by="acceptor-1", source="LEADER",
        reporter=ReporterInput(name="王某", phone="13900000000", query_code="ABCD2345"),
    )  # fmt: skip


def phoned(walk, *, valid=True, contacted=True, resolved=True, satisfaction="good"):
    walk.now += DAY
    call_back(
        number=walk.number, actor=walk.actor("acceptor-1"), at=walk.now, valid=valid,
        contacted=contacted, resolved=resolved if contacted else None,
        satisfaction=satisfaction if contacted else "",
    )  # fmt: skip


def totals(walk, known=None):
    while refresh_facts():
        pass
    period = period_from({"since": "2026-01-01", "until": "2026-12-31"}, known or walk.now)
    total = count_figures(SCORER, period, ()).total
    return tuple(total[key] for key in KEYS)


def test_of_several_calls_to_one_reporter_the_last_counts(closed):
    phoned(closed, contacted=False)
    before = closed.now
    assert totals(closed) == (0, 0, 0, 0, 0, 0), "the cut lies at the call itself"
    closed.now += timedelta(hours=1)
    assert totals(closed) == (1, 0, 0, 0, 0, 0)
    phoned(closed)
    closed.now += timedelta(hours=1)
    assert totals(closed) == (1, 1, 1, 1, 1, 0)
    assert totals(closed, before + timedelta(hours=1)) == (1, 0, 0, 0, 0, 0), "as known then"
    with defined_as({"called_back": 1, "answers": 1}):
        assert totals(closed)[:2] == (2, 1)
    rebuild_facts()
    assert totals(closed) == (1, 1, 1, 1, 1, 0)
    found = check_facts()
    assert not found.wrong
    assert not found.wrong_sums


def test_an_invalid_call_takes_the_place_of_none(closed):
    phoned(closed)
    phoned(closed, valid=False, contacted=False)
    closed.now += timedelta(hours=1)
    assert totals(closed) == (1, 1, 1, 1, 1, 0)


def test_ratings_on_the_web_are_told_apart_and_enter_satisfaction_alone(closed):
    phoned(closed, resolved=False, satisfaction="poor")
    rate_case(number=closed.number, query_code="ABCD2345", degree="good", at=closed.now)
    closed.now += timedelta(hours=1)
    assert totals(closed) == (1, 1, 0, 2, 1, 1)


def told(seq, action, state, **changes):
    instant = at("09:00") + timedelta(minutes=seq)
    ended = "CLOSED" if seq > 1 else state
    return Said(seq, action, 1, "acceptor", instant, instant, False, ended if seq > 1 else "",
                ended, changes)  # fmt: skip


REPORT = {"source": "HOTLINE", "kind": "event", "scheme": "s", "class_code": "0101", "cell": 1}
BESIDE = Beside(lambda _at: 2, lambda _at: 2, lambda *_said: 0)


@pytest.mark.parametrize("report", [{}, {"reporter": {"name": "", "phone": "a"}}])
def test_old_calls_that_name_nobody_were_to_the_first_reporter(report):
    call = {"valid": True, "contacted": False, "resolved": None, "satisfaction": ""}
    facts = fold(
        [
            told(1, "report", "REPORTED", **REPORT, **report),
            told(2, "call_back", "CLOSED", **call),
            told(3, "call_back", "CLOSED", **call, reporter={"name": "", "phone": "a"}),
            told(4, "call_back", "CLOSED", **call, reporter={"name": "", "phone": "b"}),
        ],
        BESIDE,
    )
    assert [one.get("superseded") for one in facts.calls] == [True, False, False]
