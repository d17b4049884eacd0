"""Where one period ends and the next begins: everything counts in exactly one of them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from assessment.indicators import INDICATORS, defined_as
from assessment.indicators.arms import STOCK, arms_of
from assessment.periods import period_from
from assessment.rates import percent
from assessment.selectors.figures import SCORER, count_figures
from assessment.selectors.ledgers import count_ledgers
from assessment.selectors.lists import list_rows
from assessment.selectors.posts import count_persons
from assessment.selectors.summed import quick_figures
from assessment.services.facts import ensure_sums, rebuild_facts
from cases.workflow import State
from dispatch.services.forcing import force_close_case
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


def force_close(walked, hour, on):
    force_close_case(
        number=walked.number, actor=walked.actor("duty-chief-1"), at=at(hour, on=on),
        version=walked.case.version, reason="责任不清",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("state", "need", "in_time"),
    [
        (State.TO_DISPATCH, "need_dispatch", "dispatched_in_time"),
        (State.TO_CHECK, "need_check_send", "check_sent_in_time"),
    ],
)
def test_what_waits_past_its_limit_at_the_end_was_due_whatever_ended_it_later(
    district, state, need, in_time
):
    walked = start(district=district, state=state, reported_at=at("20:00", on="2026-06-30"))
    force_close(walked, "09:00", "2026-07-02")
    rebuild_facts()
    ensure_sums()
    at_the_end, final = at("00:00", on="2026-07-01"), at("00:00", on="2026-07-11")
    for known in (at_the_end, final):
        counts = counts_of("2026-06-30", known)
        assert (counts[need], counts[in_time]) == (1, 0), known
    with defined_as({need: 1, in_time: 1}):
        period = period_from({"since": "2026-06-30", "until": "2026-06-30"}, final)
        assert count_figures(SCORER, period, ()).total[need] == 0, "by the definition of before"
    assert counts_of("2026-07-02", final)[need] == 1, "left unanswered when it ended"
    assert counts_of("2026-07-03", final)[need] == 0
    persons = count_persons(INDICATORS[need].post, period_from({"period": "2026-07"}, final))
    assert not any(counts[need] for counts in persons.values()), "who ended it was not asked"


def test_what_somebody_else_ended_within_its_limit_was_never_due(district):
    walked = start(
        district=district, state=State.TO_DISPATCH, reported_at=at("20:00", on="2026-06-30")
    )
    force_close(walked, "20:05", "2026-06-30")
    rebuild_facts()
    ensure_sums()
    assert counts_of("2026-06-30", at("00:00", on="2026-07-11"))["need_dispatch"] == 0


def test_nothing_is_counted_in_a_period_that_has_not_begun(district):
    """Though something is overdue and open today (law §2: cut = min(end, as_of))."""
    walk = start(district=district, state=State.HANDLING)
    walk.now = at("18:00", on="2026-06-20")
    rebuild_facts()
    official = district.actor("official-1")
    for query in ({"period": "2026-07"}, {"since": "2027-01-01", "until": "2027-12-31"}):
        coming = period_from(query, walk.now)
        assert not any(count_figures(official, coming, ("street",)).total.values())
        assert not any(quick_figures(official, coming, ("street",)).total.values())
        assert list_rows(INDICATORS["open"], official, coming, {}, cursor=None).rows == []
        shown = count_ledgers(official, coming, str)
        assert not any(one.count or one.whole_count for one in shown)
    now = period_from({"period": "month"}, walk.now)
    assert count_figures(official, now, ()).total["unhandled_late"] == 1
