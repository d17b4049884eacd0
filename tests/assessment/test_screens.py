"""The parts of the first page that are counted apart: each number is the length of its list."""

from __future__ import annotations

import json
import re

import pytest

from assessment.periods import period_from, step_for, steps_within, trend_of
from assessment.selectors.trends import build_trend
from gridcity.contracts import Role
from tests.assessment.test_pages import Links, a_few_cases
from tests.district import USER_OF_ROLE, at

PARTS = (
    "/dashboard/trends/", "/dashboard/rankings/", "/dashboard/map/", "/dashboard/map/figures/",
    "/dashboard/busiest/", "/dashboard/stages/",
)  # fmt: skip
READERS = (Role.OFFICIAL, Role.DUTY_CHIEF, Role.DISPATCHER)


@pytest.fixture(autouse=True)
def _now(clock):
    clock.now = at("11:00")


@pytest.mark.parametrize("path", PARTS)
@pytest.mark.parametrize("role", USER_OF_ROLE)
def test_the_parts_are_read_by_whoever_reads_the_page(page, role, path):
    page(role, path, 200 if role in READERS else 403)


@pytest.mark.parametrize(
    "path",
    [
        "/dashboard/trends/?period=week&trend=filed&trend=closed&trend=filed_in_time",
        "/dashboard/rankings/?period=week",
        "/dashboard/map/?period=week&shade=filed&level=cell",
        "/dashboard/map/?period=week&shade=filed_in_time&level=street",
        "/dashboard/map/?period=week&shade=filed&level=community",
    ],
)
def test_every_number_opens_a_list_of_that_length(page, make_case, path):
    a_few_cases(make_case)
    numbers = {
        (href, int(words))
        for href, words in Links(page("official", path)).found
        if href.startswith("/dashboard/list/") and words.isdigit()
    }
    assert any(count for _href, count in numbers)
    for href, count in numbers:
        assert f'data-gc-total="{count}"' in page("official", href), href


def test_the_map_is_given_the_numbers_of_its_table(page, make_case):
    a_few_cases(make_case)
    query = "period=week&shade=filed&level=street"
    counts = json.loads(page("official", f"/dashboard/map/figures/?{query}"))["counts"]
    listed = page("official", f"/dashboard/map/?{query}")
    shown = re.findall(r'street=(\d+)">(\d+)</a>', listed)
    assert counts == {code: [int(count)] for code, count in shown}


@pytest.mark.parametrize("query", ["shade=nonsense", "shade=filed&level=planet"])
def test_an_unknown_figure_or_level_is_not_found(page, query):
    page("official", f"/dashboard/map/?{query}", 404)


def test_too_few_cases_are_shown_and_not_ranked(page, make_case):
    a_few_cases(make_case)
    html = page("official", "/dashboard/rankings/?period=week&department_by=handled_share")
    assert '<td class="gc-no"><span class="gc-muted">–</span></td>' in html
    assert not re.search(r'<td class="gc-no">\d', html)


def test_the_steps_of_a_period_add_up_to_its_days_that_have_begun():
    now = at("11:00")
    month = period_from({"period": "month"}, now)
    assert step_for(month) == "day"
    assert len(steps_within(month, "day")) == 10
    weeks = steps_within(period_from({"period": "last_month"}, now), "week")
    assert [str(one.first) for one in weeks][:2] == ["2026-05-01", "2026-05-04"]
    assert str(weeks[-1].last) == "2026-05-31"
    assert step_for(period_from({"period": "year"}, now), "day") == "month"
    assert len(steps_within(trend_of(period_from({}, now)), "day")) == 14


def test_the_points_of_a_trend_add_up_to_the_figure(district, make_case):
    a_few_cases(make_case)
    period = period_from({"period": "week"}, at("11:00"))
    actor = district.actor(USER_OF_ROLE[Role.OFFICIAL])
    trend = build_trend(actor, period, "/l/", keys=["reported"])
    assert sum(trend.charts[0]["series"][0]["data"]) == 4


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [
        ("yesterday", "2026-06-09", "2026-06-09"),
        ("last_week", "2026-06-01", "2026-06-07"),
        ("quarter", "2026-04-01", "2026-06-30"),
        ("last_quarter", "2026-01-01", "2026-03-31"),
        ("year", "2026-01-01", "2026-12-31"),
    ],
)
def test_shortcuts_name_whole_periods(name, first, last):
    period = period_from({"period": name}, at("11:00"))
    assert (str(period.first), str(period.last)) == (first, last)


def test_busiest_cells_and_times_of_stages_are_panels_whose_numbers_open_their_lists(
    browser_client, district, make_case, page
):
    a_few_cases(make_case)
    browser_client.enter(district.user(USER_OF_ROLE[Role.OFFICIAL]))
    for path in ("/dashboard/busiest/?period=week", "/dashboard/stages/?period=week"):
        html = browser_client.get(path, headers={"HX-Request": "true"}).content.decode()
        assert "<html" not in html
        numbers = [
            (href, int(words)) for href, words in Links(html).found
            if href.startswith("/dashboard/list/") and words.isdigit()
        ]  # fmt: skip
        assert numbers, path
        for href, count in numbers:
            assert f'data-gc-total="{count}"' in page("official", href), href
