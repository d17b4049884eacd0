"""The ledgers over the months: every count of the table opens a list of that length."""

from __future__ import annotations

import re
from html import unescape

import pytest

from assessment.selectors.ledger_months import MONTHS, WATCHED, ledger_months
from tests.district import USER_OF_ROLE, at


@pytest.fixture(autouse=True)
def _now(clock):
    clock.now = at("18:00")


@pytest.fixture
def get(world, browser_client):
    def page(role, path, status=200):
        browser_client.enter(world.district.user(USER_OF_ROLE[role]))
        response = browser_client.get(path)
        assert response.status_code == status, response.content[:300]
        return unescape(response.content.decode())

    return page


@pytest.mark.parametrize("role", ["official", "dispatcher"])
@pytest.mark.parametrize("key", ["", "voided", "returned"])
def test_every_number_of_the_months_opens_its_list(get, clock, role, key):
    html = get(role, f"/ledgers/months/{f'?ledger={key}' if key else ''}")
    links = re.findall(r'<a href="(/ledgers/[^"]+)">([\d,]+)</a>', html)
    assert links
    clock.move(minutes=3)  # opened a little later it is the list of that data time still
    for href, count in links:
        assert f'data-gc-total="{count.replace(",", "")}"' in get(role, href), href


def test_there_are_twelve_months_and_the_ledgers_that_are_watched(world):
    lines = ledger_months(world.district.actor("official-1"), at("18:00"), WATCHED)
    assert [line.key for line in lines] == list(WATCHED)
    assert {len(line.months) for line in lines} == {MONTHS}
    assert [lines[0].months[0].period.key, lines[0].months[-1].period.key] == ["2025-07", "2026-06"]


def test_a_month_without_a_whole_has_no_share(world):
    (line,) = ledger_months(world.district.actor("official-1"), at("18:00"), ("voided",))
    assert line.months[0].points is None
    assert line.months[0].percent == "–"
    assert line.months[-1].count == 1


def test_both_pages_of_ledgers_fetch_the_months(get):
    assert 'hx-get="/ledgers/months/"' in get("official", "/ledgers/")
    assert 'hx-get="/ledgers/months/?ledger=voided"' in get("official", "/ledgers/voided/")


def test_the_months_are_a_piece_of_a_page_or_a_page_of_their_own(get, browser_client):
    page = get("official", "/ledgers/months/?ledger=voided")
    assert "<!doctype html>" in page
    assert 'href="/ledgers/">' in page
    piece = browser_client.get("/ledgers/months/?ledger=voided", headers={"HX-Request": "true"})
    assert piece.content.decode().strip().startswith("<section")


def test_what_a_role_may_not_read_it_does_not_get_over_time_either(get):
    get("dispatcher", "/ledgers/months/?ledger=merged", 404)
    get("department", "/ledgers/months/", 403)
