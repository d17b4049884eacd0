"""Responsibility grids at the administrator's desk, the self-check and a cell, by keys and eyes."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from parts.models import PatrolCell
from tests.browser.conftest import DESK, PHONE, settle

WIDE = {"width": 1920, "height": 1080}
CELL = "110101001001001"


def holders(code: str, shift: str = "day") -> list[str]:
    rows = PatrolCell.objects.filter(cell__code=code, patrol__shift=shift)
    return sorted(rows.values_list("patrol__supervisor__username", flat=True))


@pytest.mark.parametrize("size", [DESK, WIDE, PHONE], ids=["desk", "wide", "phone"])
def test_the_pages_are_accessible(person, shared_district, size):
    office = person(size)
    office.enter("administrator")
    PatrolCell.objects.filter(cell__code=CELL, patrol__shift="night").delete()
    for path in (
        "/district/patrols/?community=110101001001",
        "/district/patrols/?shift=night&show=uncovered",
        "/district/patrols/shifts/",
        "/selfcheck/",
        "/selfcheck/patrol-cells/",
        f"/district/cells/{CELL}/",
    ):
        page = office.go(path)
        settle(page)
        office.check_accessible()
        wider = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
        assert not page.evaluate(wider), path


def test_cells_are_given_away_by_keys_alone(person, shared_district):
    office = person(DESK)
    office.enter("administrator")
    page = office.go("/district/patrols/?shift=day&community=110101001001")
    settle(page)
    page.locator(f'[data-gc-cell="{CELL}"]').focus()
    page.keyboard.press("Space")
    expect(page.locator("[data-gc-chosen]")).to_have_text("已选 1 个网格")
    page.locator("#patrol-supervisor").focus()
    page.keyboard.type("Supervisor 2")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    row = page.locator("tr", has=page.locator(f'[data-gc-cell="{CELL}"]'))
    expect(row.locator("[data-gc-holders]")).to_have_text("Supervisor 2")
    assert holders(CELL) == ["supervisor-2"]
    expect(page.locator("[data-gc-chosen]")).to_have_text("已选 0 个网格")


def test_cells_are_chosen_on_the_map_by_keys_click_and_rectangle(person, shared_district):
    office = person(DESK)
    office.enter("administrator")
    page = office.go("/district/patrols/?shift=day")
    settle(page)
    page.wait_for_selector("[data-gc-patrols-ready]")
    area = page.locator("[data-gc-map]")
    area.focus()
    page.keyboard.press("Enter")
    expect(page.locator("[data-gc-chosen]")).to_have_text("已选 1 个网格")
    page.keyboard.press("Enter")
    expect(page.locator("[data-gc-chosen]")).to_have_text("已选 0 个网格")
    page.locator("[data-gc-rectangle]").click()
    box = area.bounding_box()
    page.mouse.move(box["x"] + 12, box["y"] + 12)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] - 70, box["y"] + box["height"] - 12, steps=6)
    page.mouse.up()
    expect(page.locator("[data-gc-chosen]")).to_have_text("已选 12 个网格")
    page.locator("button[value=take]").click()
    expect(page.locator('[data-gc-count="uncovered"]')).to_have_text("12")
    assert not PatrolCell.objects.filter(patrol__shift="day").exists()


def test_of_two_editors_the_second_keeps_his_choice(person, shared_district):
    office, other = person(DESK), person(DESK)
    path = "/district/patrols/?shift=day&community=110101001001"
    for one in (office, other):
        one.enter("administrator")
        settle(one.go(path))
        one.page.check(f'[data-gc-cell="{CELL}"]')
    office.page.select_option("#patrol-supervisor", label="Supervisor 2 (supervisor-2) · 6")
    office.page.locator("button[value=give]").click()
    expect(office.page.locator("#gc-toasts")).to_contain_text("已调整 1 个网格")
    other.refusals_expected = True
    other.page.select_option("#patrol-supervisor", label="Supervisor 3 (supervisor-3) · 0")
    other.page.locator("button[value=give]").click()
    expect(other.page.locator("[data-gc-fault]")).to_contain_text("已被他人调整")
    expect(other.page.locator("[data-gc-chosen]")).to_have_text("已选 1 个网格")
    assert holders(CELL) == ["supervisor-2"]
    other.page.locator("button[value=give]").click()
    expect(other.page.locator("#gc-toasts")).to_contain_text("已调整 1 个网格")
    assert holders(CELL) == ["supervisor-3"]
