"""Every figure by whatever it may be broken down, beside the period before and the year before."""

from __future__ import annotations

import json

import pytest
from django.core.management import call_command

from assessment.periods import period_before, period_named
from assessment.selectors.broken_down import BY, PERSON, POST, figure_lines
from assessment.selectors.compared import OFFERED
from assessment.selectors.dashboard import READERS
from assessment.selectors.figures import SCORER, count_figures, indicators_for
from tests.assessment.test_pages import Links, a_few_cases
from tests.district import USER_OF_ROLE, at

MONTH = period_named("2026-06", at("11:00"))
PARTS = sorted({each for each in BY if each} - {PERSON, POST})


@pytest.fixture
def district(world):
    """The district of this module, built once; its tests only read."""
    return world.district


@pytest.mark.parametrize("by", PARTS)
def test_the_lines_of_a_breakdown_add_up_to_the_district(district, fates, by):
    actor = district.actor("official-1")
    whole = count_figures(actor, MONTH, ()).total
    lines = figure_lines(actor, MONTH, by)
    keys = set(lines[0].counts)
    assert keys
    nowhere = count_figures(actor, MONTH, (by,)).by[by].get(None, {}) if by != "group" else {}
    for key in keys:
        assert sum(line.counts[key] for line in lines) + nowhere.get(key, 0) == whole[key], key
    assert len({line.of.key for line in lines}) == len(lines)


@pytest.mark.parametrize("by", BY)
def test_each_line_stands_beside_the_same_object_in_other_periods(api, district, fates, by):
    user = "acceptor-1" if by == PERSON else "official-1"
    asked = f"/api/v1/figures/?period=2026-06&by={by}"
    plain = api.of(district.users[user]).get(asked).body["rows"]
    told = api.of(district.users[user]).get(f"{asked}&compare=true").body["rows"]
    for row in told:
        assert set(row["compared"]) == {"before", "year_before"}
    assert [{**row, "compared": None} for row in told] == [
        {**row, "compared": None} for row in plain
    ]


def test_what_stands_beside_a_line_is_what_was_counted_in_that_period(api, district, fates):
    day = period_named("2026-06-09", at("11:00"))
    before = {line.of.key: line for line in figure_lines(SCORER, period_before(day), "street")}
    asked = "/api/v1/figures/?period=2026-06-09&by=street&compare=true"
    told = api.of(district.users["official-1"]).get(asked).body["rows"]
    assert sum(sum(line.counts.values()) for line in before.values()) > 0
    for row in told:
        beside = row["compared"]["before"]
        assert beside["counts"] == before[row["key"]].counts
        assert beside["rates"] == before[row["key"]].rates


def test_a_source_a_class_and_a_group_are_lines_of_their_own(api, district, fates):
    of = api.of(district.users["official-1"])
    for by, key in (("source", "SUPERVISOR"), ("class", "CJT214-2007:event:0102")):
        rows = of.get(f"/api/v1/figures/?period=2026-06&by={by}&indicators=filed").body["rows"]
        filed = {row["key"]: row["counts"]["filed"] for row in rows}
        name = "source" if by == "source" else "class"
        listed = of.get(f"/api/v1/figures/filed/rows/?period=2026-06&{name}={key}").body["count"]
        assert filed.get(key, 0) == listed
    rows = of.get("/api/v1/figures/?period=2026-06&by=group").body["rows"]
    assert rows
    assert all("handled" in row["counts"] and "filed" not in row["counts"] for row in rows)


@pytest.mark.parametrize("by", [*PARTS, "post", "district"])
def test_the_command_prints_every_breakdown(district, fates, capsys, by):
    call_command("figures", period="2026-06", by=by, json=True)
    rows = json.loads(capsys.readouterr().out)["rows"]
    assert rows
    assert all(row["counts"].keys() >= row["rates"].keys() for row in rows)


def test_people_are_not_printed(district, capsys):
    with pytest.raises(Exception, match="person"):
        call_command("figures", period="2026-06", by="person", json=True)


def test_those_who_see_filed_cases_only_are_told_of_no_others(api, district, fates):
    for by in ("source", "class"):
        asked = f"/api/v1/figures/?period=2026-06&by={by}&compare=true"
        row = api.of(district.users["dispatcher-1"]).get(asked).body["rows"][0]
        seen = {each.key for each in indicators_for(district.actor("dispatcher-1"))}
        assert row["counts"].keys() <= seen
        assert row["compared"]["before"]["counts"].keys() <= seen


@pytest.mark.parametrize("by", OFFERED)
def test_every_number_of_the_page_opens_a_list_of_that_length(page, make_case, by):
    a_few_cases(make_case)
    html = page("official", f"/dashboard/compared/?period=2026-06&by={by}")
    numbers = {
        (href, int(words.replace(",", "")))
        for href, words in Links(html).found
        if href.startswith("/dashboard/list/") and words.replace(",", "").isdigit()
    }
    assert any(count for _href, count in numbers)
    for href, count in sorted(numbers)[:: max(1, len(numbers) // 40)]:
        assert f'data-gc-total="{count}"' in page("official", href), href


def test_the_page_is_read_by_whoever_reads_figures(page):
    for role in USER_OF_ROLE:
        status = 200 if role in READERS else 403
        page(role, "/dashboard/compared/?period=week&by=source", status)


@pytest.mark.parametrize(("query", "status"), [("by=moon", 400), ("by=source&figure=moon", 404)])
def test_what_there_is_not_is_refused(page, query, status):
    page("official", f"/dashboard/compared/?period=week&{query}", status)


def test_a_stage_is_beside_its_own_time_of_before(api, district, fates):
    of = api.of(district.users["official-1"])
    asked = "/api/v1/figures/stages/?period=2026-06-09&compare=true"
    before = of.get("/api/v1/figures/stages/?period=2026-06-08").body["rows"]
    lasted = {row["state"]: row["working"] for row in before}
    for row in of.get(asked).body["rows"]:
        assert row["compared"]["before"]["working"] == lasted[row["state"]]
