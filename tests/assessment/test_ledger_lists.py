"""Over cases of every fate: each count of the ledgers opens exactly the list it counts."""

from __future__ import annotations

import re
from html import unescape

import pytest

from assessment.ledgers import LEDGERS
from assessment.selectors.ledgers import READERS
from tests.district import USER_OF_ROLE, at


@pytest.fixture(autouse=True)
def _now(clock):
    clock.now = at("11:00")


@pytest.mark.parametrize("role", sorted(READERS))
def test_every_count_opens_a_list_of_exactly_so_many_rows(world, browser_client, role):
    browser_client.enter(world.district.user(USER_OF_ROLE[role]))
    page = unescape(browser_client.get("/ledgers/?period=month").content.decode())
    links = re.findall(r'<a href="([^"]+)" data-gc-ledger="(\w+)"[^>]*>([\d,]+)', page)
    assert len(links) >= 2 * (len([each for each in LEDGERS.values() if each.of]) - 3)
    assert sum(int(count.replace(",", "")) for _url, _key, count in links) > 40
    for url, _key, count in links:
        listed = browser_client.get(url).content.decode()
        assert f'data-gc-total="{count}"' in listed
        assert listed.count("data-gc-row=") == int(count)
