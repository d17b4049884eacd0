"""Whatever an address of figures says, the answer is a page or a clear refusal."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from gridcity.contracts import Role
from tests.district import USER_OF_ROLE, at

PAGES = (
    "/dashboard/", "/dashboard/stages/", "/dashboard/trends/", "/dashboard/rankings/",
    "/dashboard/map/", "/dashboard/busiest/", "/dashboard/map/figures/", "/ledgers/",
    "/ledgers/voided/", "/inspections/", "/dashboard/list/?figure=filed",
)  # fmt: skip
TOO_EARLY = quote("0001-01-01T00:00:00+14:00")


@pytest.fixture(autouse=True)
def _now(clock):
    clock.now = at("11:00")


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize(
    ("said", "status"), [("2026-05-20", 200), (TOO_EARLY, 400), ("yesterday%00", 400)]
)
def test_a_data_time_is_read_or_refused(page, path, said, status):
    page("official", f"{path}{'&' if '?' in path else '?'}as_of={said}", status)


@pytest.mark.parametrize("path", ["/scores/own/"])
def test_of_a_person_too(page, path):
    page("supervisor", f"{path}?as_of={TOO_EARLY}", 400)


def test_a_file_is_not_made_of_it(browser_client, district):
    browser_client.enter(district.user(USER_OF_ROLE[Role.OFFICIAL]))
    said = {"form": "pdf", "query": f"period=month&as_of={TOO_EARLY}"}
    assert browser_client.post("/dashboard/summary/", said).status_code == 400
