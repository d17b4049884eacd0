"""From a point to its cell, and to what stands near it."""

from __future__ import annotations

import pytest
from django.contrib.gis.geos import LineString, Point

from gridcity.contracts import OutsideDistrict
from parts.models import Cell, Edition, Part
from parts.selectors import locate, locate_place, nearest_parts
from tests.district import point

pytestmark = pytest.mark.usefixtures("district")


def cover(district, serial, lon, lat, **more):
    cell = district.cells[0, 0]
    return Part.objects.create(
        code=f"1101010101{serial:06d}", catalogue_class=district.classes["cover"], name="上水井盖",
        geom=Point(lon, lat, srid=4490), cell=cell, community=cell.community,
        street=cell.community.street, initial_on=cell.initial_on, **more,
    )  # fmt: skip


def test_a_point_inside_is_in_its_cell_community_and_street(district):
    lon, lat = point(1, 2)
    found = locate(lon=lon, lat=lat)
    cell = district.cells[1, 2]
    assert (found.cell_id, found.cell_code, found.limit_area) == (cell.pk, cell.code, "B")
    assert (found.community_code, found.street_code) == ("110101002001", "110101002")
    assert found.edition_id == cell.edition_id


@pytest.mark.parametrize(
    ("x", "y", "first"), [(1, 0.5, (1, 0)), (0.5, 1, (1, 0)), (1, 1, (1, 0)), (0, 0, (0, 0))]
)
def test_a_point_on_a_shared_edge_is_always_in_the_first_cell_by_code(district, x, y, first):
    lon, lat = point(1, 0, x, y)
    assert locate(lon=lon, lat=lat).cell_code == district.cells[first].code


@pytest.mark.parametrize(
    ("lon", "lat"),
    [(116.3, 39.93), (0, 0), (39.93, 116.4), (-116.4005, 39.9295), (180, 90), (500000, 4400000)],
)
def test_a_point_outside_is_refused(lon, lat):
    assert locate_place(lon=lon, lat=lat) is None
    with pytest.raises(OutsideDistrict):
        locate(lon=lon, lat=lat)


def test_a_voided_cell_is_not_found(district):
    cell = district.cells[0, 0]
    Cell.objects.filter(pk=cell.pk).update(end_on=cell.initial_on, void_reason="并入相邻网格")
    lon, lat = point(0, 0)
    assert locate_place(lon=lon, lat=lat) is None


def test_cells_of_a_former_edition_are_not_found(district, at):
    Edition.objects.update(state="former", superseded_at=at())
    lon, lat = point(0, 0)
    assert locate_place(lon=lon, lat=lat) is None


def test_locating_takes_one_query_once_the_names_are_kept(django_assert_num_queries):
    lon, lat = point(2, 3)
    locate(lon=lon, lat=lat)
    with django_assert_num_queries(1):
        locate(lon=lon, lat=lat)


def test_the_nearest_parts_come_in_order_of_metres_not_of_degrees(district):
    """East a ten-thousandth of a degree is 8.5 m, north it is 11.1 m."""
    Part.objects.filter(pk__in=[part.pk for part in district.parts]).update(
        state="removed", change_on="2026-01-01"
    )
    lon, lat = point(1, 1)
    east = cover(district, 101, lon + 0.000115, lat)
    north = cover(district, 102, lon, lat + 0.0001)
    far = cover(district, 103, lon + 0.0004, lat)
    found = nearest_parts(lon=lon, lat=lat)
    assert [part.id for part in found] == [east.pk, north.pk, far.pk]
    assert found[0].distance_m == pytest.approx(9.8, abs=0.15)
    assert found[1].distance_m == pytest.approx(11.1, abs=0.15)


def test_nearest_parts_are_standing_limited_and_of_the_wanted_class(
    district, django_assert_num_queries
):
    lon, lat = point(0, 0)
    gone = cover(district, 101, lon, lat, state="lost", change_on="2026-01-01")
    broken = cover(district, 102, lon + 0.00002, lat, state="broken")
    nearest_parts(lon=lon, lat=lat)  # the names of classes are kept from here on
    with django_assert_num_queries(1):
        found = nearest_parts(lon=lon, lat=lat, limit=2)
    assert [part.id for part in found] == [district.parts[0].pk, broken.pk]
    assert gone.pk not in {part.id for part in found}
    other = district.classes["toilet"].pk
    assert nearest_parts(lon=lon, lat=lat, class_id=other) == []


def test_the_way_to_a_line_is_measured_to_the_line(district):
    lon, lat = point(0, 0)
    rail = cover(district, 101, lon, lat)
    Part.objects.filter(pk=rail.pk).update(
        geom=LineString((lon - 0.001, lat + 0.00009), (lon + 0.001, lat + 0.00009), srid=4490)
    )
    found = {part.id: part.distance_m for part in nearest_parts(lon=lon, lat=lat)}
    assert found[rail.pk] == pytest.approx(10, abs=0.1)


def test_a_community_younger_than_what_is_kept_is_found(district):
    lon, lat = point(0, 0)
    locate(lon=lon, lat=lat)
    cell = district.cells[0, 0]
    new = cell.community
    new.pk, new.code, new.name = None, "110101001099", "新设社区"
    new.save()
    Cell.objects.filter(pk=cell.pk).update(community=new)
    assert locate(lon=lon, lat=lat).community_name == "新设社区"
