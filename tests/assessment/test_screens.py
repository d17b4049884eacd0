"""The parts of the first page that are counted apart: each number is the length of its list."""

from __future__ import annotations

import json
import re

import pytest

from assessment.models import SnapshotKind
from assessment.periods import period_from
from assessment.selectors.trends import build_trend
from assessment.services.facts import refresh_facts
from assessment.services.snapshots import make_snapshot
from assessment.steps import step_for, steps_within, trend_of
from gridcity.contracts import Role
from tests.assessment.test_pages import Links, a_few_cases
from tests.district import USER_OF_ROLE, at

PARTS = (
    "/dashboard/trends/", "/dashboard/rankings/", "/dashboard/map/", "/dashboard/map/figures/",
    "/dashboard/busiest/", "/dashboard/stages/",
)  # fmt: skip
OWN_PAGES = (
    "/dashboard/trends/", "/dashboard/rankings/", "/dashboard/busiest/", "/dashboard/stages/",
    "/dashboard/map/?shade=filed", "/dashboard/map/?shade=score",
)  # fmt: skip
READERS = (Role.OFFICIAL, Role.DUTY_CHIEF, Role.DISPATCHER)


@pytest.fixture(autouse=True)
def _now(clock):
    clock.now = at("11:00")


@pytest.mark.parametrize("path", PARTS)
@pytest.mark.parametrize("role", USER_OF_ROLE)
def test_the_parts_are_read_by_whoever_reads_the_page(page, role, path):
    page(role, path, 200 if role in READERS else 403)


def test_parts_as_pages_of_their_own_are_headed_by_what_they_are(page):
    headings = set()
    for path in OWN_PAGES:
        html = page("official", path)
        (heading,) = re.findall(r"<h1[^>]*>([^<]+)</h1>", html)
        assert f'<li aria-current="page">{heading}</li>' in html
        headings.add(heading)
    assert len(headings) == len(OWN_PAGES)


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


def test_a_map_of_scores_has_the_grades_of_the_snapshot(page, make_case, clock):
    a_few_cases(make_case)
    clock.now = at("11:00", on="2026-07-20")
    while refresh_facts():
        pass
    kind = SnapshotKind.FINAL
    made = make_snapshot(name="2026-06", scheme_key="region-street", kind=kind, at=clock.now)
    rows = {row["key"]: row["score"] for row in json.loads(made.content)["rows"]}
    scored = {code: score for code, score in rows.items() if score["grade"]}
    assert scored
    query = "period=2026-06&shade=score&level=street"
    counts = json.loads(page("official", f"/dashboard/map/figures/?{query}"))["counts"]
    assert counts == {
        code: [float(score["total"]), score["grade"]] for code, score in scored.items()
    }
    listed = page("official", f"/dashboard/map/?{query}")
    assert all(f'/scores/{made.pk}/{code}/"' in listed for code in rows)
    shade = json.loads(re.search(r'id="open-map"[^>]*>(.*?)<', page(
        "official", f"/dashboard/?{query}"
    ))[1])["shade"]  # fmt: skip
    assert [one["letter"] for one in shade["grades"]] == ["A", "B", "C", "D", "E"]
    page("official", "/dashboard/map/?period=2026-05&shade=score&level=cell")
    page("official", "/dashboard/map/?shade=score&level=planet", 404)


def test_the_map_knows_which_end_of_a_figure_is_the_better_one(page, make_case):
    a_few_cases(make_case)
    for figure, better in (("closed_share", 1), ("rework", -1), ("filed", 0)):
        html = page("official", f"/dashboard/?period=week&shade={figure}&level=street")
        said = json.loads(re.search(r'id="open-map"[^>]*>(.*?)<', html)[1])
        assert said["shade"]["better"] == better


def test_the_table_of_the_map_is_read_page_by_page(page, make_case, monkeypatch):
    monkeypatch.setattr("assessment.views.screens.PLACES_PAGE", 2)
    a_few_cases(make_case)
    query = "period=week&shade=filed&level=cell"
    first = page("official", f"/dashboard/map/?{query}")
    codes = re.findall(r"cell=(\d+)", first)
    assert len(set(codes)) == 2
    assert "page=2" in first
    assert not set(codes) & set(
        re.findall(r"cell=(\d+)", page("official", f"/dashboard/map/?{query}&page=2"))
    )


def test_beside_the_share_closed_stands_the_share_of_forced_closes(page, make_case):
    a_few_cases(make_case)
    html = page("official", "/dashboard/rankings/?period=week&street_by=closed_share")
    assert "figure=forced_share" in html
    assert "figure=self_handled" in html
    for path in (
        "/dashboard/map/?period=week&shade=closed_share&level=street",
        "/dashboard/trends/?period=week&trend=closed_share",
    ):
        html = page("official", path)
        assert "figure=forced_share" in html, path
        assert "figure=self_handled" in html, path
    html = page("official", "/dashboard/rankings/?period=week&street_by=closed_in_time")
    assert "figure=forced_share" not in html


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
    years = period_from({"since": "2020-03-01", "until": "2026-06-10"}, now)
    assert [str(one.last) for one in steps_within(years, step_for(years, "week"))] == [
        "2020-12-31", "2021-12-31", "2022-12-31", "2023-12-31", "2024-12-31", "2025-12-31",
        "2026-06-10",
    ]  # fmt: skip


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
        ("half", "2026-01-01", "2026-06-30"),
        ("last_half", "2025-07-01", "2025-12-31"),
        ("year", "2026-01-01", "2026-12-31"),
        ("last_year", "2025-01-01", "2025-12-31"),
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
