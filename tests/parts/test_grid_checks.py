"""Each fault of an edition is found by its own check, and by no other."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.contrib.gis.geos import MultiPolygon, Polygon

from parts.models import Cell, Community, Edition
from parts.selectors import grid_checks as checks
from tests.district import NORTH, SOUTH_STEP, multi, square

CHECKS = ("gaps", "overlaps", "strays", "wrong_codes", "odd_areas", "untrue_areas")


def set_true_areas(edition_id: int) -> None:
    """Store for every cell the area that its boundary has."""
    for fault in checks.untrue_areas(edition_id):
        area = fault.said.split(" / ")[1].replace(",", "")
        Cell.objects.filter(code=fault.code).update(area_m2=area)


@pytest.fixture
def edition(district: Any) -> int:
    """The current edition, its areas as the database computes them."""
    pk = Edition.objects.get(state="current").pk
    set_true_areas(pk)
    return pk


def found(edition: int) -> dict[str, int]:
    """The checks that find something, and how much."""
    counts = {name: len(getattr(checks, name)(edition)) for name in CHECKS}
    counts["bare_ground"] = len(checks.bare_ground("110101"))
    return {name: count for name, count in counts.items() if count}


def reshape(cell: Cell, south: float = 0.0, north: float = 0.0) -> None:
    """Move the southern or northern edge of a cell, in degrees; its area follows."""
    west, bottom, east, top = cell.geom.extent
    cell.geom = Polygon.from_bbox((west, bottom + south, east, top + north))
    cell.geom.srid = 4490
    cell.save(update_fields=["geom"])
    set_true_areas(cell.edition_id)


def test_a_whole_grid_has_no_fault(edition):
    assert found(edition) == {}


def test_ground_without_a_cell_is_a_gap_of_its_community(edition, district):
    reshape(district.cells[2, 0], south=SOUTH_STEP / 2)
    assert found(edition) == {"gaps": 1}
    (gap,) = checks.gaps(edition)
    assert gap.codes == ("110101001001",)
    assert gap.area_m2 == pytest.approx(10251 / 2, rel=0.02)
    assert gap.lat < NORTH - 2.5 * SOUTH_STEP
    assert '"Polygon"' in gap.geojson


def test_a_community_without_cells_is_one_gap(edition, district):
    code = "110101001003"
    Community.objects.create(
        code=code, name="新社区", street=district.streets["110101001"],
        geom=multi(square(5, 0, 0)), valid_from=date(2020, 1, 1),
    )  # fmt: skip
    assert [gap.codes for gap in checks.gaps(edition)] == [(code,)]
    Community.objects.filter(code=code).update(valid_to=date(2025, 1, 1))
    assert found(edition) == {}


def test_two_cells_over_each_other_overlap(edition, district):
    cell = district.cells[1, 0]
    reshape(cell, north=SOUTH_STEP / 4)
    assert found(edition) == {"overlaps": 1}
    (overlap,) = checks.overlaps(edition)
    assert set(overlap.codes) == {cell.code, district.cells[0, 0].code}
    assert overlap.area_m2 == pytest.approx(10251 / 4, rel=0.02)


def test_what_rounding_leaves_is_neither_gap_nor_overlap(edition, district):
    reshape(district.cells[1, 0], north=1e-9, south=1e-9)
    assert found(edition) == {}


def test_a_cell_outside_its_community_strays(edition, district):
    reshape(district.cells[2, 0], south=-SOUTH_STEP / 10)
    assert found(edition) == {"strays": 1}
    assert checks.strays(edition)[0].codes == (district.cells[2, 0].code, "110101001001")


def test_a_voided_cell_counts_no_more(edition, district):
    cell = district.cells[2, 3]
    Cell.objects.filter(pk=cell.pk).update(end_on=date(2026, 1, 1), void_reason="试")
    assert [gap.codes for gap in checks.gaps(edition)] == [("110101002001",)]


def test_ground_of_the_district_without_a_community_is_bare(edition, district):
    Community.objects.filter(code="110101002001").update(geom=MultiPolygon(square(0, 2, 2, 3)))
    assert [patch.codes for patch in checks.bare_ground("110101")] == [()]


@pytest.mark.parametrize(
    ("code", "why"), [("110101001001000", "form"), ("110101001002009", "community")]
)
def test_a_wrong_code_says_why(edition, district, code, why):
    Cell.objects.filter(pk=district.cells[0, 0].pk).update(code=code)
    assert found(edition) == {"wrong_codes": 1}
    assert [(fault.code, fault.why) for fault in checks.wrong_codes(edition)] == [(code, why)]


def test_a_code_that_was_voided_before_is_not_given_again(edition, district):
    cell = district.cells[0, 0]
    former = Edition.objects.create(
        name="从前", state="former",
        published_at="2010-01-01T00:00+08:00", superseded_at="2020-01-01T00:00+08:00",
    )  # fmt: skip
    old = Cell.objects.create(
        edition=former, code=cell.code, community=cell.community, geom=cell.geom,
        area_m2=cell.area_m2, initial_on=date(2010, 1, 1),
    )  # fmt: skip
    assert found(edition) == {}
    Cell.objects.filter(pk=old.pk).update(end_on=date(2015, 1, 1), void_reason="拆分")
    assert [(fault.code, fault.why) for fault in checks.wrong_codes(edition)] == [
        (cell.code, "given_before")
    ]


def test_an_area_is_that_of_the_boundary_and_within_the_usual_band(edition, district):
    Cell.objects.filter(pk=district.cells[0, 0].pk).update(area_m2=60_000)
    assert found(edition) == {"odd_areas": 1, "untrue_areas": 1}


def test_the_version_moves_with_cells_and_communities(edition, district):
    seen = {checks.grid_version(edition)}
    reshape(district.cells[0, 0], north=1e-7)
    seen.add(checks.grid_version(edition))
    Community.objects.filter(code="110101002001").update(name="改名")
    seen.add(checks.grid_version(edition))
    assert len(seen) == 3
