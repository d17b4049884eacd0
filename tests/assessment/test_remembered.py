"""What was counted of a month that is over stands until something reaches back into it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from assessment.dimensions import TABLED
from assessment.indicators import INDICATORS
from assessment.indicators.arms import is_open_ended
from assessment.periods import period_named
from assessment.selectors import summed
from assessment.selectors.figures import count_figures
from assessment.selectors.scores import SCORER
from assessment.selectors.summed import quick_figures
from assessment.services.facts import ensure_sums, rebuild_facts, refresh_facts
from cases.models import Case
from cases.workflow import State
from dispatch.services.reviews import approve_request, ask_request
from tests.assessment.test_sums import plain
from tests.district import at
from tests.factories import start

pytestmark = pytest.mark.django_db

NEXT_MONTH = at("08:30") + timedelta(days=40)


@pytest.fixture
def may(district):
    """A month in which one case was closed and one left in handling, asked in the next but one."""
    for state in (State.CLOSED, State.HANDLING):
        start(district=district, state=state, reported_at=at("08:30"))
    later = start(district=district, state=State.CLOSED, reported_at=NEXT_MONTH)
    rebuild_facts()
    ensure_sums()
    month = f"{at('08:30'):%Y-%m}"
    return replace(period_named(month, later.now + timedelta(hours=1)))


def figures(period):
    return plain(quick_figures(SCORER, period, TABLED))


@pytest.fixture
def counted(monkeypatch):
    """The figures that were counted anew, by each asking."""
    asked = []
    count = summed._lines

    def noted(asking, *rest):
        asked.append({each.key for each in asking.listed})
        return count(asking, *rest)

    monkeypatch.setattr(summed, "_lines", noted)
    return asked


def test_a_month_that_is_over_is_counted_once_but_for_what_later_life_decides(may, counted):
    first = figures(may)
    assert first == plain(count_figures(SCORER, may, TABLED))
    counted.clear()
    assert figures(may) == first
    open_ended = {key for key in INDICATORS if is_open_ended(key)}
    assert set().union(*counted) <= open_ended
    assert "decided" in open_ended
    assert "closed" not in open_ended


def test_other_dimensions_and_other_figures_are_not_mistaken_for_it(may):
    figures(may)
    few = frozenset({"closed", "reported"})
    found = quick_figures(SCORER, may, ("street",), few)
    expected = count_figures(SCORER, may, ("street",), few)
    assert plain(found) == plain(expected)
    assert quick_figures(SCORER, may, (), few).total == expected.total


def test_a_verdict_of_later_moves_the_month_and_common_life_does_not(may, district, counted):
    before = figures(may)
    walked = start(district=district, state=State.CLOSED, reported_at=NEXT_MONTH)
    while refresh_facts():
        pass
    now = replace(may, as_of=walked.now + timedelta(hours=3))
    counted.clear()
    assert figures(now) == before
    assert not any("closed" in each for each in counted)
    voided(district, walked.now)
    while refresh_facts():
        pass
    now = replace(may, as_of=walked.now + timedelta(hours=6))
    after = figures(now)
    assert after != before
    assert after == plain(count_figures(SCORER, now, TABLED))


def voided(district, when):
    """The case that stayed in handling since May turns out to be none."""
    case = Case.objects.get(state=State.HANDLING)
    dispatcher, chief = district.actor("dispatcher-1"), district.actor("duty-chief-2")
    request = ask_request(
        number=case.number, actor=dispatcher, at=when, version=case.version, kind="VOID",
        reason="重复登记",
    )  # fmt: skip
    case.refresh_from_db()
    approve_request(
        number=case.number, actor=chief, at=when + timedelta(minutes=5), version=case.version,
        request_id=request.pk, reason="同意",
    )  # fmt: skip


def test_what_is_told_of_it_an_hour_later_is_counted(may, district):
    """The end of the month is too near to be remembered while reports of it still come."""
    ended = replace(may, as_of=may.end + timedelta(minutes=90))
    assert figures(ended) == plain(count_figures(SCORER, ended, TABLED))
