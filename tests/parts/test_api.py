"""What the API and the map's feeds answer about the district."""

from __future__ import annotations

import json

import pytest

from parts.models import Road
from tests.district import CURRENT, point


@pytest.fixture
def of(api, district):
    return api.of(district.user("supervisor-1"))


def test_locate_answers_cell_community_street_and_the_nearest_parts(of, district):
    lon, lat = point(0, 0)
    said = of.get("/api/v1/locate/", {"lon": lon, "lat": lat})
    assert said.status_code == 200
    assert said.body["cell"] == district.cells[0, 0].code
    assert said.body["community"] == {"code": "110101001001", "name": "多福巷社区"}
    assert said.body["street"] == {"code": "110101001", "name": "东华门街道"}
    nearest = said.body["parts"][0]
    assert nearest["code"] == district.parts[0].code
    assert (nearest["class_code"], nearest["distance_m"]) == ("0101", 0.0)
    assert nearest["scheme"] == CURRENT


def test_a_point_outside_is_a_400_that_says_so(of):
    said = of.get("/api/v1/locate/", {"lon": 116.3, "lat": 39.9})
    assert said.status_code == 400
    assert said.body["code"] == "outside_district"


@pytest.mark.parametrize(
    "query",
    [{}, {"lon": "x", "lat": 39}, {"lon": "nan", "lat": 39}, {"lon": 116, "lat": "inf"},
     {"lon": 116.4}, {"lon": 1e9, "lat": 39}, {"lon": 116, "lat": 91}, {"lon": "", "lat": 39}],
)  # fmt: skip
def test_bad_coordinates_are_a_400_that_names_the_field(of, query):
    said = of.get("/api/v1/locate/", query)
    assert said.status_code == 400
    assert set(said.body) >= {"code", "detail", "fields"}
    assert set(said.body["fields"]) & {"lon", "lat"}


def test_nothing_is_told_without_a_login(api, district):
    for path in ("/api/v1/locate/?lon=116.4&lat=39.9", "/api/v1/catalogue/"):
        assert api.get(path).status_code == 401


def test_locate_needs_few_queries(of, django_assert_max_num_queries):
    lon, lat = point(0, 0)
    of.get("/api/v1/locate/", {"lon": lon, "lat": lat})
    with django_assert_max_num_queries(3):  # the token, the cell, the parts
        of.get("/api/v1/locate/", {"lon": lon, "lat": lat})


def test_the_catalogue_lists_classes_in_use_of_the_current_scheme(of):
    said = of.get("/api/v1/catalogue/", {"kind": "event"})
    assert said.body["scheme"] == "CJT214-2007"
    codes = [row["code"] for row in said.body["results"]]
    assert codes == sorted(codes)
    assert "0102" in codes
    assert "0599" not in codes


def test_the_catalogue_of_another_scheme_carries_its_key(of):
    said = of.get("/api/v1/catalogue/", {"scheme": "GBT47678.5-2026"})
    assert {row["scheme"] for row in said.body["results"]} == {"GBT47678.5-2026"}


@pytest.mark.parametrize("query", [{"scheme": "none"}, {"kind": "tree"}])
def test_an_unknown_scheme_or_kind_is_a_400(of, query):
    assert of.get("/api/v1/catalogue/", query).status_code == 400


def test_the_standards_of_a_class_come_in_order(of, district):
    said = of.get("/api/v1/classes/part/0101/standards/")
    assert said.body["scheme"] == "CJT214-2007"
    assert [row["id"] for row in said.body["results"]] == [
        row.pk for row in district.standards["cover"]
    ]
    assert said.body["results"][1]["limit_unit"] == "working_hour"
    # as text, as everywhere else: a float would lose what a limit says
    assert said.body["results"][1]["limit_value"] == "4.00"
    assert said.body["results"][1]["limit_value_a"] == "2.00"


def test_standards_that_are_over_are_not_told(of, district):
    standard = district.standards["cover"][0]
    standard.valid_to = standard.valid_from
    standard.save(update_fields=["valid_to"])
    said = of.get("/api/v1/classes/part/0101/standards/")
    assert standard.pk not in [row["id"] for row in said.body["results"]]


@pytest.mark.parametrize("path", ["part/9999", "event/0301", "tree/0101"])
def test_an_unknown_class_has_no_standards(of, path):
    assert of.get(f"/api/v1/classes/{path}/standards/").status_code == 404


GROUND = ("district", "streets", "roads", "cells")


@pytest.mark.parametrize("feed", GROUND)
def test_what_lies_beneath_the_map_is_not_sent_twice(browser_client, district, feed):
    Road.objects.create(
        name="东四北大街", klass="main", width_m=30,
        geom="SRID=4490;MULTILINESTRING((116.4 39.93, 116.401 39.929))",
    )  # fmt: skip
    browser_client.enter(district.user("official-1"))
    said = browser_client.get(f"/map/{feed}/")
    assert said.status_code == 200
    assert json.loads(said.content)["features"]
    again = browser_client.get(f"/map/{feed}/", headers={"If-None-Match": said["ETag"]})
    assert again.status_code == 304


def test_a_changed_cell_is_sent_again(browser_client, district):
    browser_client.enter(district.user("official-1"))
    said = browser_client.get("/map/cells/")
    cell = district.cells[0, 0]
    cell.limit_area = "C"
    cell.save(update_fields=["limit_area"])
    again = browser_client.get("/map/cells/", headers={"If-None-Match": said["ETag"]})
    assert again.status_code == 200


@pytest.mark.parametrize("feed", [*GROUND, "counts", "versions"])
def test_the_map_is_for_people_who_are_logged_in(browser_client, district, feed):
    said = browser_client.get(f"/map/{feed}/")
    assert said.status_code == 302
    assert "login" in said["Location"]
