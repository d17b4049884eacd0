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
        official.login("official-1")
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
    words = page.locator("[data-gc-defined]").nth(3)
    words.locator("summary").press("Enter")
    box = words.locator(".gc-defined-words").bounding_box()
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
    first, second = (page.locator("[data-gc-defined]").nth(place) for place in (0, 1))
    first.locator("summary").focus()
    page.keyboard.press("Enter")
    expect(first.locator(".gc-defined-words")).to_be_visible()
    hit = first.locator(".gc-defined-words a").evaluate(
        "(link) => { const box = link.getBoundingClientRect();"
        " return document.elementFromPoint(box.x + 5, box.y + 5) === link; }"
    )
    assert hit  # nothing cuts it off or lies over it
    second.locator("summary").focus()
    page.keyboard.press("Space")
    expect(first.locator(".gc-defined-words")).to_be_hidden()
    page.keyboard.press("Escape")
    expect(second.locator(".gc-defined-words")).to_be_hidden()
    assert second.locator("summary").evaluate("(node) => node === document.activeElement")


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
