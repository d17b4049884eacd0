"""Vector tiles: who sees what, what is sent again, and that no part is lost between two tiles."""

from __future__ import annotations

import gzip
import math

import pytest
from django.contrib.gis.geos import LineString, Point
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gridcity.contracts import Actor, Invalid
from parts.models import Cell, Edition, Part
from parts.selectors.tiles import layer_versions, tile_bytes
from parts.tiles import EXTENT, Tile
from tests.district import CURRENT, EAST_STEP, NORTH, SOUTH_STEP, WEST, point, square
from tests.parts.mvt import read

HERE = point(0, 0)
STAFF = Actor(1, "one", frozenset({"supervisor"}))


def address(layer, z, *, lon=HERE[0], lat=HERE[1], v=""):
    tile = Tile.at(z, lon, lat)
    return f"/tiles/{layer}/{z}/{tile.x}/{tile.y}.mvt" + (f"?v={v}" if v else "")


@pytest.fixture
def look(browser_client, district):
    """`look("supervisor-1").get(…)`: a browser of that user."""

    def enter(name="supervisor-1"):
        browser_client.enter(district.user(name))
        return browser_client

    return enter


def another_transaction():
    """A test is one transaction; what raises the versions once a transaction takes it for two."""
    with connection.cursor() as cursor:
        for layer in ("parts", "cells", "streets"):
            cursor.execute(f"select set_config('gridcity.raised_{layer}', '', true)")


def features(answer, layer):
    assert answer.status_code == 200, answer.content
    return read(answer.content).get(layer, [])


def test_a_tile_holds_the_parts_of_its_place_with_code_class_name_and_state(look, district):
    found = features(look().get(address("parts", 18)), "parts")
    part = district.parts[0]
    assert [one.id for one in found] == [part.pk]
    assert found[0].properties == {
        "code": part.code, "scheme": CURRENT, "class_code": "0101", "name": part.name,
        "state": "intact",
    }  # fmt: skip


@pytest.mark.parametrize("z", [0, 9, 14])
def test_below_zoom_15_no_part_is_drawn_one_by_one(look, z):
    answer = look().get(address("parts", z))
    assert (answer.status_code, answer.content) == (204, b"")


def test_where_nothing_is_the_answer_is_204(look):
    for layer in ("parts", "cells", "streets"):
        assert look().get(address(layer, 16, lon=100.0, lat=30.0)).status_code == 204


def test_a_part_that_is_gone_is_in_no_tile(look, district):
    Part.objects.filter(pk=district.parts[0].pk).update(state="removed", change_on="2026-01-01")
    assert look().get(address("parts", 18)).status_code == 204


def test_cells_come_with_their_code_and_from_zoom_15_with_a_place_for_their_name(look, district):
    far = read(look().get(address("cells", 12)).content)
    assert {one.properties["code"] for one in far["cells"]} == {
        cell.code for cell in district.cells.values()
    }
    assert "cell_names" not in far
    near = read(look().get(address("cells", 18)).content)
    assert district.cells[0, 0].code in {one.properties["code"] for one in near["cells"]}
    assert {"code", "limit_area"} == near["cells"][0].properties.keys()


def test_streets_come_with_their_name_and_communities_from_zoom_11(look):
    far = read(look().get(address("streets", 10)).content)
    assert {one.properties["name"] for one in far["streets"]} == {"东华门街道", "景山街道"}
    assert far.keys() == {"streets", "street_names"}
    near = read(look().get(address("streets", 15)).content)
    assert "多福巷社区" in {one.properties["name"] for one in near["communities"]}


# ---------------------------------------------------------------- permission


@pytest.mark.parametrize("layer", ["parts", "cells", "streets"])
def test_tiles_are_for_people_who_are_logged_in(browser_client, district, layer):
    answer = browser_client.get(address(layer, 16))
    assert answer.status_code == 302
    assert "login" in answer["Location"]


def test_an_interface_client_sees_streets_and_cells_but_no_parts(look):
    client = look("client-1")
    assert client.get(address("streets", 16)).status_code == 200
    assert client.get(address("cells", 16)).status_code == 200
    assert client.get(address("parts", 16)).status_code == 204


def make_edition(district, state, **dates):
    edition = Edition.objects.create(name=state, state=state, **dates)
    Cell.objects.create(
        edition=edition, code="110101001001777", community=district.communities["110101001001"],
        geom=square(0, 0, 0), area_m2=1, initial_on="2026-01-01",
    )  # fmt: skip
    return edition


def test_a_draft_of_the_grid_is_seen_by_administrators_alone(look, district):
    draft = make_edition(district, "draft")
    drawn = features(look("administrator").get(address("cells", 16, v=draft.pk)), "cells")
    assert [one.properties["code"] for one in drawn] == ["110101001001777"]
    assert look("official-1").get(address("cells", 16, v=draft.pk)).status_code == 404


def test_the_query_itself_gives_nobody_a_draft(district):
    draft = make_edition(district, "draft")
    tile = Tile.at(16, *HERE)
    assert tile_bytes(layer="cells", tile=tile, actor=STAFF, edition=draft.pk) == b""


def test_a_former_edition_stays_answerable(look, district, at):
    former = make_edition(district, "former", published_at=at(), superseded_at=at())
    drawn = features(look().get(address("cells", 16, v=former.pk)), "cells")
    assert [one.properties["code"] for one in drawn] == ["110101001001777"]
    current = features(look().get(address("cells", 16)), "cells")
    assert "110101001001777" not in {one.properties["code"] for one in current}


# ---------------------------------------------------------------- numbers that are none


@pytest.mark.parametrize(
    ("numbers", "status"),
    [("23/0/0", 400), ("16/65536/0", 400), ("16/0/65536", 400), ("16/99999999999999999999/1", 400),
     ("99999999999999999999/0/0", 400), ("-1/0/0", 404), ("16/1.5/2", 404), ("a/b/c", 404)],
)  # fmt: skip
def test_numbers_that_name_no_tile_are_refused(look, numbers, status):
    for layer in ("parts", "cells", "streets"):
        assert look().get(f"/tiles/{layer}/{numbers}.mvt").status_code == status


@pytest.mark.parametrize(
    ("v", "status"),
    [("x", 400), ("-3", 400), ("1" * 50, 400), ("99999999", 404), ("9" * 30, 404), ("%00", 400)],
)
def test_an_edition_that_is_none_is_refused(look, v, status):
    assert look().get(address("cells", 16, v=v)).status_code == status


def test_there_are_three_layers(look):
    assert look().get("/tiles/users/16/1/1.mvt").status_code == 404


# ---------------------------------------------------------------- what is kept by browsers


@pytest.mark.parametrize("layer", ["parts", "cells", "streets"])
def test_what_did_not_change_is_not_sent_again(look, layer, django_assert_max_num_queries):
    browser = look()
    first = browser.get(address(layer, 16))
    assert first["Cache-Control"] == "private, max-age=0, must-revalidate"
    with django_assert_max_num_queries(3):  # the session, the user, the versions
        again = browser.get(address(layer, 16), headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again["ETag"] == first["ETag"]


def test_a_changed_part_is_sent_again(look, district):
    browser = look()
    first = browser.get(address("parts", 18))
    another_transaction()
    Part.objects.filter(pk=district.parts[0].pk).update(state="broken")
    again = browser.get(address("parts", 18), headers={"If-None-Match": first["ETag"]})
    assert features(again, "parts")[0].properties["state"] == "broken"


def test_the_tile_of_another_role_is_another_tile(look):
    seen = look("supervisor-1").get(address("parts", 18))
    asked = look("client-1").get(address("parts", 18), headers={"If-None-Match": seen["ETag"]})
    assert asked.status_code == 204


def test_with_the_version_of_today_a_tile_is_kept_for_ever(look, district):
    browser = look()
    versions = browser.get("/map/versions/").json()
    for layer in ("parts", "cells", "streets"):
        kept = browser.get(address(layer, 16, v=versions[layer]))
        assert "immutable" in kept["Cache-Control"]
    edition = Edition.objects.get(state="current").pk
    assert browser.get(address("cells", 16, v=edition))["Cache-Control"] == "private, max-age=3600"
    another_transaction()
    Part.objects.filter(pk=district.parts[0].pk).update(state="broken")
    assert browser.get("/map/versions/").json()["parts"] != versions["parts"]


def test_a_tile_is_packed_for_browsers_that_can_unpack(look):
    plain = look().get(address("cells", 12))
    packed = look().get(address("cells", 12), headers={"Accept-Encoding": "gzip"})
    assert packed["Content-Encoding"] == "gzip"
    assert read(gzip.decompress(packed.content)).keys() == read(plain.content).keys()
    assert len(packed.content) < len(plain.content)


def test_a_version_rises_with_every_change_of_its_layer_and_of_no_other(district):
    before = layer_versions()
    another_transaction()
    cell = district.cells[0, 0]
    Cell.objects.filter(pk=cell.pk).update(limit_area="C")
    after = layer_versions()
    assert after["cells"].count > before["cells"].count
    assert after["parts"] == before["parts"]
    assert after["streets"] == before["streets"]


# ---------------------------------------------------------------- nothing lost between tiles

spots = st.lists(
    st.tuples(st.floats(0.01, 3.99), st.floats(0.01, 2.99)), min_size=1, max_size=25, unique=True
)


@given(spots=spots, z=st.integers(15, 19))
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_every_part_of_a_window_is_in_exactly_the_tiles_that_cover_it(district, spots, z):
    Part.objects.filter(state="intact").update(state="removed", change_on="2026-01-01")
    cell = district.cells[0, 0]
    first = Part.objects.count() + 100
    made = Part.objects.bulk_create(
        Part(
            code=f"1101010101{first + n:06d}", catalogue_class=district.classes["cover"],
            name="上水井盖", cell=cell, community=cell.community, street=cell.community.street,
            initial_on=cell.initial_on,
            geom=Point(round(WEST + x * EAST_STEP, 7), round(NORTH - y * SOUTH_STEP, 7), srid=4490),
        )
        for n, (x, y) in enumerate(spots)
    )  # fmt: skip
    seen: dict[int, list[Tile]] = {}
    for tile in tiles_of_the_district(z):
        for one in read(tile_bytes(layer="parts", tile=tile, actor=STAFF)).get("parts", []):
            x, y = one.points[0]
            if 0 <= x < EXTENT and 0 <= y < EXTENT:  # what lies beyond is the edge of another
                seen.setdefault(one.id, []).append(tile)
    assert seen.keys() == {part.pk for part in made}
    for part in made:
        (tile,) = seen[part.pk]
        assert near(tile, Tile.at(z, part.geom.x, part.geom.y))


def tiles_of_the_district(z):
    west, south = WEST, NORTH - 3 * SOUTH_STEP
    first, last = Tile.at(z, west, NORTH), Tile.at(z, WEST + 4 * EAST_STEP, south)
    return [Tile(z, x, y) for x in range(first.x, last.x + 1) for y in range(first.y, last.y + 1)]


def near(one, other):
    """The same tile; or its neighbour, for a part within half a unit of the edge between them."""
    return abs(one.x - other.x) <= 1 and abs(one.y - other.y) <= 1


def test_a_line_is_in_every_tile_that_it_runs_through(district):
    part = district.parts[0]
    west, east = point(0, 0), point(0, 3)
    Part.objects.filter(pk=part.pk).update(geom=LineString(west, east, srid=4490))
    first, last = Tile.at(18, *west), Tile.at(18, *east)
    assert last.x > first.x
    for x in range(first.x, last.x + 1):
        drawn = read(tile_bytes(layer="parts", tile=Tile(18, x, first.y), actor=STAFF))
        assert part.pk in {one.id for one in drawn["parts"]}


@given(lon=st.floats(-180, 179.999999), lat=st.floats(-84.9, 84.9), z=st.integers(0, 20))
def test_the_box_of_a_tile_holds_the_points_that_are_in_it(lon, lat, z):
    west, south, east, north = Tile.at(z, lon, lat).box()
    slack = 1e-9
    assert west - slack <= lon <= east + slack
    assert south - slack <= lat <= north + slack


def test_the_box_of_the_whole_world_is_a_square():
    west, south, east, north = Tile(0, 0, 0).box()
    assert (west, east) == (-180, 180)
    assert math.isclose(north, 85.0511287798066)
    assert math.isclose(south, -north)


def test_a_tile_beyond_the_deepest_is_none():
    with pytest.raises(Invalid):
        Tile.checked(23, 0, 0)


# ---------------------------------------------------------------- the city's own base map


def test_pieces_of_the_base_map_are_sent(look, settings, tmp_path):
    file = tmp_path / "base.pmtiles"
    file.write_bytes(bytes(range(256)))
    settings.MAP_PMTILES = str(file)
    browser = look()
    piece = browser.get("/map/base.pmtiles", headers={"Range": "bytes=10-19"})
    assert (piece.status_code, piece.content) == (206, bytes(range(10, 20)))
    assert piece["Content-Range"] == "bytes 10-19/256"
    last = browser.get("/map/base.pmtiles", headers={"Range": "bytes=250-999"})
    assert (last.content, last["Content-Range"]) == (bytes(range(250, 256)), "bytes 250-255/256")
    for wrong, status in (("", 400), ("bytes=5-", 400), ("bytes=256-300", 416), ("bytes=9-3", 416)):
        assert browser.get("/map/base.pmtiles", headers={"Range": wrong}).status_code == status


def test_without_a_base_map_there_is_none(look):
    answer = look().get("/map/base.pmtiles", headers={"Range": "bytes=0-9"})
    assert answer.status_code == 404
