"""The larger district of the bench: as many parts as asked for, and districts that do not touch."""

from __future__ import annotations

import pytest
from django.contrib.gis.db.models import Extent

from bench import district as bench
from parts.models import CatalogueClass, Cell, Part, Street
from parts.selectors.counts import wrong_part_counts
from parts.services.serials import next_code
from tests.district import CURRENT


@pytest.fixture
def _small(monkeypatch, district):
    monkeypatch.setattr(bench, "SETTLE", "select 1")  # a test is one transaction


@pytest.mark.usefixtures("_small")
def test_a_district_grows_to_the_wanted_numbers_and_no_further():
    cells = Cell.objects.count()
    for _turn in range(2):
        bench.grow(bench.Size(parts=60, districts=3))
        assert Part.objects.count() == 60
        assert Cell.objects.count() == 3 * cells
        assert Street.objects.count() == 6
    assert wrong_part_counts() == []
    for part in Part.objects.select_related("cell", "street"):
        assert part.code[:6] == part.cell.code[:6] == part.street.code[:6]


@pytest.mark.usefixtures("_small")
def test_what_is_numbered_later_goes_on_behind_the_copies(district):
    entry = CatalogueClass.objects.get(kind="part", code="0101", scheme=CURRENT)
    next_code(district="110101", entry=entry)  # a serial is counted before the copies come
    bench.grow(bench.Size(parts=60, districts=2))
    assert not Part.objects.filter(code=next_code(district="110101", entry=entry)).exists()


@pytest.mark.usefixtures("_small")
def test_districts_lie_side_by_side():
    bench.grow(bench.Size(parts=20, districts=2))
    boxes = sorted(
        Cell.objects.filter(code__startswith=code).aggregate(box=Extent("geom"))["box"]
        for code in ("110101", "110191")
    )
    assert boxes[0][2] < boxes[1][0]
