"""Fixtures of the tests of the district."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from gridcity.contracts import CLOCK
from parts.services.demonstration import load_district


@pytest.fixture
def loaded_district(db):
    """The whole demonstration, for one test: about five seconds."""
    return load_district(actor=CLOCK, at=datetime(2026, 6, 10, 2, tzinfo=UTC))
