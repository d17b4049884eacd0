"""How long stages last, and the figures through the interface."""

from __future__ import annotations

from statistics import median

import pytest

from assessment.indicators import INDICATORS
from assessment.models import StayFact
from assessment.periods import period_from
from assessment.rates import rate
from assessment.selectors.figures import rows_behind
from assessment.selectors.stages import LEFT, STAGED, sheet_of, stage_times
from gridcity.contracts import Invalid
from tests.district import at

MONTH = period_from({"period": "month"}, at("11:00"))


@pytest.fixture
def district(world):
    """The district of this module, built once; its tests only read."""
    return world.district


def test_every_stage_has_the_mean_and_the_median_of_its_visits(district, fates):
    actor = district.actor("official-1")
    for one in stage_times(actor, MONTH):
        rows = rows_behind(LEFT, actor, MONTH, {"state": one.state})
        seconds = [(row.ended_at - row.began_at).total_seconds() for row in rows]
        assert one.count == len(seconds)
        if not seconds:
            assert (one.clock.mean, one.working.most) == (None, None)
            continue
        assert one.clock.mean == round(sum(seconds) / len(seconds))
        assert one.clock.median == round(median(seconds))
        assert max(seconds) >= one.clock.most >= one.clock.median
        assert all(row.worked_s is not None for row in rows)


def test_handling_counts_in_working_time_of_the_department(district, fates):
    actor = district.actor("official-1")
    late = next(one for one in stage_times(actor, MONTH) if one.state == "HANDLING")
    assert late.working.most < late.clock.most  # over a night
    assert StayFact.objects.filter(state="HANDLING", department__isnull=True).count() == 0


@pytest.mark.parametrize("by", STAGED)
def test_stages_by_objects_add_up_to_the_district(district, fates, by):
    actor = district.actor("official-1")
    whole = {one.state: one.count for one in stage_times(actor, MONTH)}
    parts = stage_times(actor, MONTH, by)
    for state in {one.state for one in parts}:
        assert sum(one.count for one in parts if one.state == state) == whole[state]
    heads, rows = sheet_of(parts)
    assert {len(heads)} == {len(row) for row in rows}


def test_stages_are_not_broken_down_by_people(district):
    with pytest.raises(Invalid):
        stage_times(district.actor("official-1"), MONTH, "person")


def test_what_else_counts_in_a_rate_counts_wherever_it_is_shown():
    counts = {"answers": 10, "satisfied": 5, "basically_satisfied": 4}
    assert str(rate(INDICATORS["satisfied"], counts)) == "0.8600"


def test_the_page_and_the_interface_say_the_same_times(browser_client, api, district, fates):
    browser_client.enter(district.users["official-1"])
    for by in ("", "street", "department", "class", "source"):
        assert browser_client.get(f"/dashboard/stages/?period=month&by={by}").status_code == 200
    told = api.of(district.users["official-1"]).get(
        "/api/v1/figures/stages/?period=2026-06&by=street"
    )
    assert told.status_code == 200
    assert {row["state"] for row in told.body["rows"]} >= {"HANDLING", "TO_FILE"}


def test_the_interface_says_figures_as_the_pages_count_them(api, district, fates):
    told = api.of(district.users["official-1"]).get(
        "/api/v1/figures/?period=2026-06&by=street&indicators=closed_share,filed"
    )
    assert told.status_code == 200
    keys = {"closed_share", "need_close", "filed"}
    assert all(set(row["counts"]) == keys for row in told.body["rows"])
    assert told.body["definitions"] == {key: INDICATORS[key].version for key in keys}
    filed = sum(row["counts"]["filed"] for row in told.body["rows"])
    rows = (
        api.of(district.users["official-1"]).get("/api/v1/figures/filed/rows/?period=2026-06").body
    )
    assert rows["count"] == len(rows["results"]) == filed > 0
    whole = (
        api.of(district.users["dispatcher-1"])
        .get("/api/v1/figures/?period=2026-06")
        .body["rows"][0]
    )
    assert "reported" not in whole["counts"]
    for user, sees in (("official-1", True), ("dispatcher-1", False)):
        desks = api.of(district.users[user]).get("/api/v1/figures/?period=2026-06&by=post").body
        acceptor = next(row for row in desks["rows"] if row["key"] == "acceptor")
        assert ("accepted" in acceptor["counts"]) is sees
    own = api.of(district.users["acceptor-1"]).get("/api/v1/figures/?period=2026-06&by=person").body
    assert own["rows"][0]["counts"]["accepted"] > 0
    for query, user in (
        ("by=person&post=acceptor", "official-1"), ("by=street", "supervisor-1"),
        ("by=street", "department-s201"),
    ):  # fmt: skip
        address = f"/api/v1/figures/?period=2026-06&{query}"
        assert api.of(district.users[user]).get(address).status_code == 403, (query, user)
    official = api.of(district.users["official-1"])
    assert official.get("/api/v1/figures/?by=moon").status_code == 400
    for key in ("street", "cell", "community", "department", "person", "class", "state", "source"):
        answer = official.get(f"/api/v1/figures/filed/rows/?{key}=%00")
        assert answer.status_code in {400, 403}, key


def test_by_what_there_is_not_the_page_refuses(browser_client, district):
    browser_client.enter(district.users["official-1"])
    assert browser_client.get("/dashboard/stages/?period=2026-06&by=moon").status_code == 400


def test_of_a_department_the_times_open_what_stood_in_its_turns(browser_client, district, fates):
    actor = district.actor("official-1")
    for one in stage_times(actor, MONTH, "department"):
        wanted = {"state": one.state, "holder": one.key}
        assert rows_behind(LEFT, actor, MONTH, wanted).count() == one.count > 0
    browser_client.enter(district.users["official-1"])
    page = browser_client.get("/dashboard/stages/?period=2026-06&by=department").content.decode()
    assert "figure=stage_ended&amp;state=HANDLING&amp;holder=" in page
