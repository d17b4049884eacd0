"""Over a simulated month the figures are those that plain Python counts from the events."""

from __future__ import annotations

from datetime import date

import pytest

from assessment.dimensions import DIMENSIONS
from assessment.indicators import INDICATORS, indicators_of_post
from assessment.periods import period_from
from assessment.posts import POSTS
from assessment.selectors.figures import SCORER, count_figures, rows_behind
from assessment.selectors.lists import count_rows
from assessment.selectors.posts import count_persons, desk_line
from assessment.services.facts import rebuild_facts
from dispatch.models import Department
from dispatch.simulation.simulate import Order, simulate_in_bulk
from gridcity.models import User
from parts.models import Cell
from tests.assessment.oracle import count
from tests.assessment.test_figures import words
from tests.district import at

pytestmark = pytest.mark.django_db

MAIN = (
    "reported", "filed", "missed", "dispatches", "handled", "handled_in_time", "handled_late",
    "unhandled_late", "need_handle", "closed", "need_close", "closed_in_time",
    "closed_late",
    "finishes_checked", "rework",
    "returned", "forced_share", "appealed", "appeal_upheld", "called_back", "contacted", "resolved",
    "rated_web",
    "answers", "satisfied", "basically_satisfied",
)  # fmt: skip
NOW = at("11:00")
MAY_BE_NONE = {"forced_share", "appealed", "appeal_upheld"}
OF_TURNS = (*MAIN[3:9], "finishes_checked", "rework", "returned", "appealed", "appeal_upheld")
# Weeks of which some lie before, in and after the period: what crosses its ends is in it.
WEEKS = Order(first=date(2026, 1, 5), days=28, per_day=30, seed=2)
PERIOD = {"since": "2026-01-12", "until": "2026-01-25"}


def test_a_simulated_month_counts_alike_in_two_ways(district):
    simulate_in_bulk(WEEKS)
    rebuild_facts()
    period = period_from(PERIOD, NOW)
    figures = count_figures(SCORER, period, ("street", "department"))
    streets = dict(Cell.objects.values_list("pk", "community__street_id"))
    whole, by_street, by_department = count(period.start, period.cut, streets)
    assert {key: figures.total[key] for key in MAIN} == {key: whole[key] for key in MAIN}
    assert all(whole[key] > 0 for key in MAIN if key not in MAY_BE_NONE)
    for street, counts in by_street.items():
        said = figures.of("street", street)
        assert {key: said.get(key, 0) for key in MAIN} == {key: counts[key] for key in MAIN}
    codes = dict(Department.objects.values_list("code", "pk"))
    for code, counts in by_department.items():
        said = figures.of("department", codes[code])
        assert {key: said.get(key, 0) for key in OF_TURNS} == {k: counts[k] for k in OF_TURNS}
    check_every_list(period)
    check_every_post(period)


def check_every_list(period):
    """For every figure and every dimension the list is as long, and every rate within its whole."""
    figures = count_figures(SCORER, period, DIMENSIONS)
    for indicator in INDICATORS.values():
        assert count_rows(indicator, SCORER, period, {}) == figures.total[indicator.key]
        for key, dimension in DIMENSIONS.items():
            if indicator.grain not in dimension.columns:
                continue
            for value, counts in figures.by[key].items():
                number = counts.get(indicator.key, 0)
                whole = counts.get(indicator.of, 0)
                assert not indicator.of or number <= whole, (indicator.key, key)
                if number and key != "cell":
                    wanted = {key: words(key)[value]}
                    assert count_rows(indicator, SCORER, period, wanted) == number


def check_every_post(period):
    """The same of desks and people."""
    names = dict(User.objects.values_list("pk", "username"))
    for post in POSTS:
        desk = desk_line(post, period).counts
        people = count_persons(post, period)
        assert people
        for indicator in indicators_of_post(post):
            rows = rows_behind(indicator, SCORER, period, {"post": post})
            assert rows.count() == desk[indicator.key], indicator.key
            for pk, counts in people.items():
                number = counts.get(indicator.key, 0)
                assert not indicator.of or number <= counts.get(indicator.of, 0)
                wanted = {"post": post, "person": names[pk]}
                assert rows_behind(indicator, SCORER, period, wanted).count() == number
