"""The map: a click or a key finds the part, cells are shaded from afar, an address sets the pin."""

from __future__ import annotations

import pytest
from django.contrib.gis.geos import Polygon
from playwright.sync_api import expect

from parts.models import Part
from parts.services.places import PlaceSaid, add_place
from tests.browser.conftest import DESK, settle
from tests.district import WEST, at, point
from tests.factories import start

# The controller of the page's map, as its own scripts find it: the module is loaded already.
FIND = """async () => {
  const { mapOf } = await import("/static/gridcity/js/map.js");
  window.city = mapOf(document.querySelector("[data-gc-map]"));
}"""
LOADED = """() => Boolean(city.base.parts) && (!city.shade || Boolean(city.shade.counts))
  && [city.base.parts, city.base.grid, city.base.streets, city.shade?.layer]
    .every((layer) => !layer?.isLoading())"""
SHOWN = "() => [...city.base.parts.inView('parts')].length"


@pytest.fixture
def chart(person, shared_district):
    """`chart("dispatcher-1", "/cases/")`: the page with its map, `city` in its scripts."""

    def open_page(user, path, zoom=18, lon=None, lat=None):
        somebody = person(DESK)
        somebody.enter(user)
        page = somebody.go(path)
        settle(page)
        page.evaluate(FIND)
        here = point(0, 0) if lon is None else (lon, lat)
        page.evaluate(
            "([lon, lat, zoom]) => city.leaflet.setView([lat, lon], zoom, { animate: false })",
            [*here, zoom],
        )
        drawn(page)
        return somebody, page

    return open_page


def drawn(page):
    """Until every layer in view is drawn; a function in the page may not wait (CSP)."""
    for _turn in range(150):
        if page.evaluate(LOADED):
            return
        page.wait_for_timeout(100)
    raise AssertionError("the tiles did not come")


def place_on_screen(page, lon, lat):
    """Where a place of the map stands in the window."""
    return page.evaluate(
        """([lon, lat]) => {
          const box = city.element.getBoundingClientRect();
          const at = city.leaflet.latLngToContainerPoint([lat, lon]);
          return [box.left + at.x, box.top + at.y];
        }""",
        [lon, lat],
    )


def told(page):
    return page.locator(".leaflet-popup-content")


def test_a_click_finds_the_part_and_beside_it_none(chart, shared_district):
    part = shared_district.parts[0]
    _somebody, page = chart("dispatcher-1", "/cases/")
    assert page.evaluate(SHOWN) == 1
    x, y = place_on_screen(page, part.geom.x, part.geom.y)
    page.mouse.click(x + 3, y - 3)
    expect(told(page)).to_contain_text(part.code)
    page.keyboard.press("Escape")
    page.mouse.click(x + 60, y + 40)
    expect(page.locator(".gc-map-says")).to_contain_text("110101001001001")


def test_a_part_on_the_edge_of_two_tiles_is_found_from_both_sides(chart, shared_district):
    part = shared_district.parts[0]
    side = 360 / 2**18
    edge = round((WEST + 180) / side + 1) * side - 180  # an edge between two columns of tiles
    geom = part.geom.clone()
    geom.x = round(edge, 7)
    Part.objects.filter(pk=part.pk).update(geom=geom)
    _somebody, page = chart("dispatcher-1", "/cases/", lon=edge, lat=geom.y)
    x, y = place_on_screen(page, edge, geom.y)
    for beside in (-5, 5):
        found = page.evaluate(
            """([x, y]) => {
              const box = city.element.getBoundingClientRect();
              const at = city.leaflet.containerPointToLatLng([x - box.left, y - box.top]);
              return city.base.partNear(at, 8)?.properties.code;
            }""",
            [x + beside, y],
        )
        assert found == part.code
    assert page.evaluate(SHOWN) == 1


def test_an_area_is_hit_inside_and_not_in_its_hole(chart, shared_district):
    part = shared_district.parts[0]
    (west, north), (east, south) = point(0, 0, 0.2, 0.2), point(0, 0, 0.8, 0.8)
    (w, n), (e, s) = point(0, 0, 0.4, 0.4), point(0, 0, 0.6, 0.6)
    ring = ((west, south), (east, south), (east, north), (west, north), (west, south))
    hole = ((w, s), (e, s), (e, n), (w, n), (w, s))
    Part.objects.filter(pk=part.pk).update(geom=Polygon(ring, hole, srid=4490))
    _somebody, page = chart("dispatcher-1", "/cases/")
    hit = "([lon, lat]) => city.base.partNear(window.L.latLng(lat, lon), 4)?.properties.code"
    assert page.evaluate(hit, list(point(0, 0, 0.3, 0.3))) == part.code
    assert page.evaluate(hit, list(point(0, 0, 0.5, 0.5))) is None
    assert page.evaluate(hit, list(point(0, 0, 0.95, 0.5))) is None


def test_keys_choose_each_part_in_view_and_open_it(chart, shared_district):
    somebody, page = chart("dispatcher-1", "/cases/", zoom=16, lon=116.4018, lat=39.9295)
    count = page.evaluate(SHOWN)
    assert count == len(shared_district.parts)
    page.focus("[data-gc-map]")
    seen = set()
    for _turn in range(count):
        page.keyboard.press("n")
        seen.add(page.locator(".gc-map-says").inner_text().split(" · ")[1])
    assert seen == {part.code for part in shared_district.parts}
    page.keyboard.press("Shift+N")
    code = page.locator(".gc-map-says").inner_text().split(" · ")[1]
    page.keyboard.press("Enter")
    expect(told(page)).to_contain_text(code)
    somebody.check_accessible()


def test_the_pointer_over_a_part_names_it_without_asking_the_server(chart, shared_district):
    part = shared_district.parts[0]
    _somebody, page = chart("dispatcher-1", "/cases/")
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    x, y = place_on_screen(page, part.geom.x, part.geom.y)
    page.mouse.move(x + 2, y)
    expect(page.locator(".gc-map-says")).to_contain_text(part.code)
    page.mouse.move(x + 80, y + 60)
    expect(page.locator(".gc-map-says")).not_to_contain_text(part.code)
    page.evaluate("() => city.base.parts.restyle()")
    assert [url for url in asked if "/tiles/" in url] == []


def test_from_afar_cells_are_shaded_by_open_cases_and_a_click_says_how_many(chart, shared_district):
    start(district=shared_district, state="TO_DISPATCH")
    _somebody, page = chart("dispatcher-1", "/cases/", zoom=14)
    assert page.evaluate("() => Object.values(city.shade.counts)") == [1]
    expect(page.locator(".gc-map-legend")).to_be_visible()
    x, y = place_on_screen(page, *point(0, 0))
    page.mouse.move(x, y)
    expect(page.locator(".gc-map-says")).to_contain_text("1")
    page.evaluate("() => city.leaflet.setZoom(16, { animate: false })")
    expect(page.locator(".gc-map-legend")).to_have_count(0)


# The marks of places by what is told of each, without a map.
MARKS = """async ([settings, counts]) => {
  const { Shade, breaks } = await import("/static/gridcity/js/map_shade.js");
  const shade = Object.create(Shade.prototype);
  Object.assign(shade, { settings, counts });
  const codes = Object.keys(counts);
  shade.breaks = breaks(codes.map((code) => shade.value(code)), shade.isGraded);
  return codes.map((code) => shade.mark(shade.step(code))).join(" ");
}"""
GRADES = [
    {"letter": letter, "name": letter, "least": least}
    for letter, least in (("A", 90), ("B", 75), ("C", 60), ("D", 40), ("E", 0))
]
FIFTHS = {f"c{n}": [n, 10, n * 10] for n in range(1, 6)}


@pytest.mark.parametrize(
    ("said", "counts", "marks"),
    [
        ({"rate": True, "better": 1}, FIFTHS, "E D C B A"),
        ({"rate": True, "better": -1}, FIFTHS, "A B C D E"),
        ({"rate": True, "better": 0}, FIFTHS, "1 2 3 4 5"),
        ({"better": -1}, {"a": [5], "b": [1], "c": [0]}, "C B A"),
        ({"grades": GRADES}, {"a": [90, "B"], "b": [95, "A"], "c": [3, "E"]}, "B A E"),
    ],
)
def test_classes_are_lettered_as_grades_where_one_end_is_better(
    chart, shared_district, said, counts, marks
):
    _somebody, page = chart("dispatcher-1", "/cases/", zoom=14)
    assert page.evaluate(MARKS, [said, counts]) == marks


def test_a_changed_part_is_drawn_after_a_refresh(chart, shared_district):
    part = shared_district.parts[0]
    _somebody, page = chart("dispatcher-1", "/cases/")
    Part.objects.filter(pk=part.pk).update(state="broken")
    page.evaluate("() => city.base.refresh()")
    drawn(page)
    states = page.evaluate(
        "() => [...city.base.parts.inView('parts')].map((one) => one.properties.state)"
    )
    assert states == ["broken"]


def test_an_address_is_found_by_keys_and_sets_the_pin(chart, shared_district):
    lon, lat = point(1, 2)
    office = shared_district.actor("administrator")
    for name, kind, shift in (("崇文门外街道", "region", 0), ("崇文门外大街", "lane", 0.0002)):
        said = PlaceSaid(kind=kind, name=name, lon=lon + shift, lat=lat)
        add_place(actor=office, at=at(), said=said)
    somebody, page = chart("acceptor-1", "/cases/new/", zoom=14)
    field = page.locator("[data-gc-address] input")
    field.click()
    page.keyboard.type("崇外大街")
    expect(page.locator(".gc-answers [role=option]").first).to_contain_text("崇文门外大街")
    somebody.check_accessible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(field).to_have_value("崇文门外大街")
    assert page.evaluate("() => [city.pin.at.lng, city.pin.at.lat]") == [
        round(lon + 0.0002, 7), round(lat, 7),
    ]  # fmt: skip
    assert page.locator("[name=lon]").input_value().startswith("116.40")


def test_a_pin_set_by_hand_brings_words_until_somebody_types(chart, shared_district):
    _somebody, page = chart("acceptor-1", "/cases/new/", zoom=17)
    field = page.locator("[data-gc-address] input")
    x, y = place_on_screen(page, *point(0, 0))
    page.mouse.click(x, y)
    expect(field).to_have_value("东华门街道多福巷社区")
    field.fill("路口东南角")
    x, y = place_on_screen(page, *point(0, 1))
    page.mouse.click(x, y)
    page.wait_for_timeout(900)
    expect(field).to_have_value("路口东南角")


@pytest.mark.parametrize("path", ["/district/places/", "/district/places/new/",
                                  "/district/places/import/"])  # fmt: skip
def test_the_pages_of_places_are_accessible(person, shared_district, path):
    lon, lat = point(0, 0)
    said = PlaceSaid(kind="point", name="天坛公园", lon=lon, lat=lat, aliases=["天坛"])
    add_place(actor=shared_district.actor("administrator"), at=at(), said=said)
    for size in (DESK, {"width": 390, "height": 844}):
        office = person(size)
        office.enter("administrator")
        page = office.go(path)
        settle(page)
        office.check_accessible()
        wider = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
        assert not page.evaluate(wider)
