"""The figures of a cell: each is as long as the list behind it."""

from __future__ import annotations

import json
from datetime import date

import pytest

from assessment.models import Snapshot, SnapshotKind
from assessment.selectors.cell_page import (
    HISTORY,
    MONTHS,
    RATES,
    count_cell,
    forebears_of,
    months_before,
    patrols_of,
)
from assessment.selectors.figures import rows_behind
from assessment.services.facts import refresh_facts
from assessment.services.snapshots import make_snapshot
from parts.models import Cell, CellHeir, Edition
from parts.selectors import kept
from tests.district import at

NOW = at("11:00")
OFFICIAL = "official-1"


@pytest.fixture
def busy(world) -> Cell:
    """The cell where the cases of every fate lie."""
    return world.fates["closed_in_may"].cell


def counted(world, cell, name: str = OFFICIAL):
    actor = world.district.actor(name)
    return actor, count_cell(actor, cell.code, NOW, None)


@pytest.mark.parametrize("name", [OFFICIAL, "dispatcher-1", "department-s201"])
def test_every_figure_is_as_long_as_the_list_behind_it(world, busy, name):
    actor, (history, rates, last) = counted(world, busy, name)
    months = months_before(NOW)
    wanted = {"cell": busy.code}
    for month, period in zip(history, months, strict=True):
        for shown in month.figures:
            listed = rows_behind(shown.indicator, actor, period, wanted)
            assert shown.count == listed.count(), (month.first, shown.indicator.key)
    for shown in rates:
        assert shown.count == rows_behind(shown.indicator, actor, last, wanted).count()
        assert shown.count <= (shown.whole or 0)
    total = sum(shown.count for month in history for shown in month.figures)
    assert total or name == "department-s201"


def test_a_joined_cell_has_the_cases_of_its_forebears_and_says_so(
    world, busy, browser_client, clock
):
    clock.now = NOW
    _actor, (before, _rates, _last) = counted(world, busy)
    Edition.objects.filter(pk=busy.edition_id).update(
        state=Edition.State.FORMER, superseded_at=at("09:00")
    )
    edition = Edition.objects.create(
        name="二期网格", state=Edition.State.CURRENT, published_at=at("09:00")
    )
    heir = Cell.objects.create(
        edition=edition, code=f"{busy.code[:12]}099", community=busy.community, geom=busy.geom,
        area_m2=busy.area_m2, initial_on=date(2026, 6, 10),
    )  # fmt: skip
    CellHeir.objects.create(former=busy, heir=heir, area_m2=busy.area_m2, is_main=True)
    kept.forget()
    actor, (after, _rates, _last) = counted(world, heir)
    assert [[f.count for f in month.figures] for month in after] == [
        [f.count for f in month.figures] for month in before
    ]
    assert any(f.count for month in after for f in month.figures)
    for month, period in zip(after, months_before(NOW), strict=True):
        for shown in month.figures:
            listed = rows_behind(shown.indicator, actor, period, {"cell": heir.code})
            assert shown.count == listed.count()
    assert forebears_of(heir) == [busy.code]
    assert forebears_of(busy) == []
    browser_client.enter(world.district.user(OFFICIAL))
    page = browser_client.get(f"/district/cells/{heir.code}/").content.decode()
    assert "以下原网格的大部分现属本网格，其案卷一并计入：" in page
    assert f"/district/cells/{busy.code}/" in page


def test_twelve_months_end_with_the_running_one(world, busy):
    _actor, (history, rates, last) = counted(world, busy)
    assert len(history) == MONTHS
    assert [month.first for month in history[:2]] == [date(2026, 6, 1), date(2026, 5, 1)]
    assert history[-1].first == date(2025, 7, 1)
    assert [month.is_running for month in history[:2]] == [True, False]
    assert [shown.indicator.key for shown in history[0].figures] == list(HISTORY)
    assert [shown.indicator.key for shown in rates] == list(RATES)
    assert last.first == date(2026, 5, 1)


def test_who_patrols_is_told_by_shift(world, busy):
    day, night = patrols_of(busy, NOW)
    assert (day.shift.key, day.is_now) == ("day", True)
    assert [user.username for user in day.supervisors] == ["supervisor-1"]
    assert (night.is_now, [user.username for user in night.supervisors]) == (
        False, ["supervisor-3"]
    )  # fmt: skip


def test_a_cell_shows_the_grade_of_the_latest_month_that_its_reader_may_read(
    world, busy, browser_client, clock
):
    clock.now = NOW
    while refresh_facts():
        pass
    made = make_snapshot(
        name="2026-05", scheme_key="region-cell", kind=SnapshotKind.PROVISIONAL, at=NOW
    )
    (said,) = (row for row in json.loads(made.content)["rows"] if row["key"] == busy.code)
    address = f"/district/cells/{busy.code}/"
    explained = f"/scores/{made.pk}/{busy.code}/"
    district = world.district

    def page(name):
        browser_client.enter(district.user(name))
        return browser_client.get(address).content.decode()

    assert f"gc-grade-{said['score']['grade'].lower()}" in page(OFFICIAL)
    assert explained in page(OFFICIAL)
    assert browser_client.get(explained).status_code == 200
    assert "gc-grade-" not in page("supervisor-1")
    Snapshot.objects.filter(pk=made.pk).update(published_at=NOW)
    assert "gc-grade-" in page("supervisor-1")
    assert explained not in page("supervisor-1")
