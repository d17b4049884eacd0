"""Where one period ends and the next begins: everything counts in exactly one of them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from assessment.indicators.arms import STOCK, arms_of
from assessment.periods import period_from
from assessment.rates import percent
from assessment.selectors.figures import SCORER, count_figures
from assessment.selectors.summed import quick_figures
from assessment.services.facts import ensure_sums, rebuild_facts
from cases.workflow import State
from tests.district import at
from tests.factories import start

pytestmark = pytest.mark.django_db

# A month's end, that of a short one, and that of a year: the last day and the first of the next.
EDGES = [("2026-06-30", "2026-07-01"), ("2026-02-28", "2026-03-01"), ("2025-12-31", "2026-01-01")]
SECOND = timedelta(seconds=1)


def counts_of(day, known):
    """All figures of one day, of which facts and sums say the same."""
    period = period_from({"since": day, "until": day}, known)
    found = count_figures(SCORER, period, ()).total
    assert quick_figures(SCORER, period, ()).total == found
    return found


def flows_of(counts):
    """Those that count by when something happened, and nothing that stands."""
    return {key: count for key, count in counts.items() if STOCK not in (arms_of(key) or {STOCK})}


@pytest.mark.parametrize(("last", "first"), EDGES)
@pytest.mark.parametrize("before", [SECOND, timedelta(0), -SECOND])
def test_what_happens_about_midnight_counts_in_exactly_one_period(district, last, first, before):
    walked = start(district=district, state=State.TO_CLOSE, reported_at=at("16:00", on=last))
    walked.now = at("00:00", on=first) - before - timedelta(minutes=1)
    walked.step("close")
    rebuild_facts()
    ensure_sums()
    known = at("12:00", on=first)
    ending, following = counts_of(last, known), counts_of(first, known)
    assert (ending["closed"], following["closed"]) == ((1, 0) if before > timedelta(0) else (0, 1))
    assert ending["reported"] == 1
    for counted, other in ((ending, following), (following, ending)):
        twice = {key for key, count in flows_of(counted).items() if count and other[key]}
        # Each stage ended is a row of its own; the one case stands in none of them twice.
        assert twice <= {"stage_ended"}


def test_a_case_ended_in_march_is_in_no_figure_of_april(district):
    start(district=district, state=State.CLOSED, reported_at=at("08:30", on="2026-03-10"))
    rebuild_facts()
    ensure_sums()
    known = at("12:00", on="2026-05-01")
    months = [period_from({"since": f"2026-{month}-01", "until": f"2026-{month}-{last}"}, known)
              for month, last in (("03", 31), ("04", 30))]  # fmt: skip
    march, april = (count_figures(SCORER, month, ()).total for month in months)
    assert march["need_close"] == march["closed"] == march["need_handle"] == 1
    assert not any(april.values())
    assert [quick_figures(SCORER, month, ()).total for month in months] == [march, april]


def test_the_shares_of_real_cities_are_written_as_they_published_them():
    assert percent(911, 972) == "93.72 %"
    assert percent(737, 972) == "75.82 %"
    assert percent(13_704, 13_838) == "99.03 %"
