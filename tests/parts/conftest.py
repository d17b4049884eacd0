"""Fixtures of the tests of the district."""

from __future__ import annotations

import csv
from datetime import UTC, datetime
from io import StringIO

import pytest

from gridcity.contracts import CLOCK
from parts.services.demonstration import load_district
from parts.services.imports import import_parts
from tests.district import CURRENT
from tests.parts.register_files import HEADER


@pytest.fixture
def loaded_district(db):
    """The whole demonstration, for one test: about five seconds."""
    return load_district(actor=CLOCK, at=datetime(2026, 6, 10, 2, tzinfo=UTC))


@pytest.fixture
def register(tmp_path, district, at):
    """`register(rows, header)`: import a CSV of these rows; `commit=False` for a dry run."""

    def do(rows, header=HEADER, *, commit=True, name="census.csv", encoding="utf-8", **more):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        text = StringIO(newline="")
        csv.writer(text).writerows([header, *rows])
        path.write_bytes(text.getvalue().encode(encoding))
        options = {"actor": CLOCK, "at": at(), "path": path, "scheme": CURRENT} | more
        return import_parts(commit=commit, **options)

    return do
