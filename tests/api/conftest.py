"""What all tests of the API share: clients by name, and time that stands still."""

from __future__ import annotations

from typing import Any

import pytest

from tests.district import point

CASES = "/api/v1/cases/"


@pytest.fixture(autouse=True)
def _time_stands(request):
    """The API sees 11:00 of the tests' Wednesday; a test that moves time asks for `clock`."""
    if "time_runs" not in request.fixturenames:
        request.getfixturevalue("clock")


@pytest.fixture
def time_runs():
    """For tests of login locks, whose library reads two clocks: time runs as it does."""


@pytest.fixture
def of(api, district):
    """`of("acceptor-1")`: a client of the API with that user's token."""
    clients: dict[str, Any] = {}
    return lambda name: clients.setdefault(name, api.of(district.user(name)))


@pytest.fixture
def report_fields():
    """The fields of a good report of an event in cell (1, 1)."""
    lon, lat = point(1, 1)
    return {
        "kind": "event", "class_code": "0102", "lon": lon, "lat": lat, "accuracy_m": 6.5,
        "description": "路口堆放垃圾",
    }  # fmt: skip


@pytest.fixture
def act(of):
    """`act("dispatcher-1", case, "dispatch", department="s201")` with the case's own version."""

    def do(name, case, action, photos=(), **said):
        case.refresh_from_db()
        body = {"version": case.version, **said}
        return of(name).post(f"{CASES}{case.number}/{action}/", body, photos=photos)

    return do
