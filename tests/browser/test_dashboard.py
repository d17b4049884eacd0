"""The overview on a phone, at a desk and on a wide screen: numbers lead on, words by keyboard."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from assessment.services.facts import refresh_facts
from cases.workflow import State
from tests.browser.conftest import DESK, PHONE, settle
from tests.factories import start

WIDE = {"width": 1920, "height": 1080}
SAMPLE = 6


@pytest.fixture
def overview(person, shared_district):
    """`overview(size)`: the page as an official has it before him, with all of its parts."""
    now = timezone.now()
    for state, back in ((State.TO_FILE, 3), (State.HANDLING, 5), (State.CLOSED, 9)):
        start(district=shared_district, state=state, reported_at=now - timedelta(minutes=back))
    while refresh_facts():
        pass

    def look(size):
        official = person(size)
        official.enter("official-1")
        page = official.go("/dashboard/?period=year")
        for part in ("trends", "standings", "busiest", "stages", "places"):
            expect(page.locator(f"#{part} table").first).to_be_attached()
        settle(page)
        return official

    return look


@pytest.mark.parametrize("size", [PHONE, DESK, WIDE], ids=["phone", "desk", "wide"])
def test_nothing_runs_over_the_side_and_all_is_accessible(overview, size):
    official = overview(size)
    page = official.page
    assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
    official.check_accessible()
    page.locator("[data-gc-define]").nth(3).press("Enter")
    expect(page.locator("dialog.gc-defined")).to_be_visible()
    box = page.locator("dialog.gc-defined").bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= size["width"]
    official.check_accessible()


def test_numbers_open_lists_of_their_length(overview):
    page = overview(DESK).page
    found = page.evaluate(
        "() => [...document.querySelectorAll('main a[href*=\"/dashboard/list/\"]')]"
        ".filter((link) => /^[1-9][0-9,]*$/.test(link.textContent.trim()))"
        ".map((link) => [link.href, link.textContent.trim().replace(',', '')])"
    )
    assert len(found) > SAMPLE
    for href, count in found[:: max(len(found) // SAMPLE, 1)]:
        page.goto(href)
        expect(page.locator(f"[data-gc-total='{count}']")).to_be_attached()


def test_what_a_figure_means_opens_by_keyboard_and_gives_the_focus_back(overview):
    page = overview(DESK).page
    dialog = page.locator("dialog.gc-defined")
    first = page.locator("[data-gc-define]").first
    first.focus()
    page.keyboard.press("Enter")
    expect(dialog).to_be_visible()
    expect(dialog.locator("h2")).to_have_text(page.locator("dialog.gc-defined h2").inner_text())
    assert dialog.get_attribute("aria-labelledby") == dialog.locator("h2").get_attribute("id")
    assert dialog.locator("button").evaluate("(node) => node === document.activeElement")
    shown = page.locator(".gc-head time, .gc-page-head time, main time, header time").first
    assert shown.inner_text() in dialog.inner_text()  # of the page's own data time
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    assert first.evaluate("(node) => node === document.activeElement")


def test_heads_of_the_parts_open_their_meanings_in_the_same_dialog(overview):
    page = overview(DESK).page
    dialog = page.locator("dialog.gc-defined")
    for part in ("standings", "busiest", "stages", "by-street"):
        link = page.locator(f"#{part} th [data-gc-define]").first
        link.click()
        expect(dialog).to_be_visible()
        expect(dialog.locator("h2")).not_to_be_empty()
        page.mouse.click(4, 4)  # beside it
        expect(dialog).to_be_hidden()
    assert dialog.count() == 1
    assert "/dashboard/?period=year" in page.url


def test_every_chart_has_its_figures_as_a_table_that_opens_by_keyboard(overview):
    page = overview(DESK).page
    charts = page.locator("[data-gc-chart]")
    assert charts.count() >= 5
    for place in range(charts.count()):
        card = charts.nth(place).locator("xpath=ancestor::section[1]")
        assert charts.nth(place).get_attribute("aria-label")
        card.locator("summary").focus()
        page.keyboard.press("Enter")
        expect(card.locator("table")).to_be_visible()
        assert card.locator("tbody th[scope=row]").count() > 0
