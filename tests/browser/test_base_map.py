"""The city's own base map beneath our layers: tiles of its server, or a file served here."""

from __future__ import annotations

import json
import struct
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from django.db import connection
from playwright.sync_api import Page, expect

from tests.browser.conftest import DESK, settle
from tests.photos import picture_bytes

WORDS = "© 示例测绘院 · 京S(2026)001号"
BASE, OURS = ".leaflet-base-pane", ".leaflet-cells-pane"
PAINTED = """() => [...document.querySelectorAll(".leaflet-base-pane canvas")].some((canvas) => {
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  return data.some((value, n) => n % 4 === 3 && value > 0);
})"""
LEVEL = "selector => Number(getComputedStyle(document.querySelector(selector)).zIndex)"


@pytest.fixture
def tile_server() -> Iterator[tuple[str, list[str]]]:
    """A server of pictures on another port, and what it was asked for."""
    asked: list[str] = []
    picture = picture_bytes(size=(256, 256), shade=200)

    class Tiles(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.send_header("Content-Type", "image/jpeg")
            self.end_headers()
            self.wfile.write(picture)

        def log_message(self, *_words: Any) -> None:
            """Tests are quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Tiles)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"127.0.0.1:{server.server_port}", asked
    server.shutdown()
    server.server_close()


def with_origins(settings: Any, origins: list[str]) -> None:
    """The policy as the settings make it of the address of a base map."""
    policy = settings.CONTENT_SECURITY_POLICY
    directives = policy["DIRECTIVES"]
    images = [*directives["img-src"], *origins]
    settings.CONTENT_SECURITY_POLICY = {
        **policy, "DIRECTIVES": {**directives, "img-src": images},
    }  # fmt: skip


def look(office: Any) -> Page:
    office.enter("official-1")
    page = office.go("/district/parts/")
    settle(page)
    return page


def check_beneath(page: Page) -> None:
    assert page.evaluate(LEVEL, BASE) < page.evaluate(LEVEL, OURS)
    expect(page.locator(".leaflet-control-attribution")).to_contain_text(WORDS)


def test_tiles_of_an_allowed_server_are_drawn_beneath_our_layers(
    person, shared_district, settings, tile_server
):
    host, asked = tile_server
    settings.MAP_WMTS = f"http://{host}/wmts?z={{z}}&x={{x}}&y={{y}}"
    settings.MAP_HOSTS, settings.MAP_ATTRIBUTION = [host], WORDS
    with_origins(settings, [f"http://{host}"])
    office = person(DESK)
    page = look(office)
    expect(page.locator(f"{BASE} img.leaflet-tile-loaded").first).to_be_visible()
    check_beneath(page)
    assert asked
    assert all(path.startswith("/wmts?z=") for path in asked)
    # the tiles are the one thing that another host was asked for
    others = [fault for fault in office.faults if host not in fault]
    office.faults[:] = others


def test_a_server_that_is_not_allowed_is_stopped_by_the_policy(
    person, shared_district, settings, tile_server
):
    host, asked = tile_server
    settings.MAP_WMTS = f"http://{host}/wmts?z={{z}}&x={{x}}&y={{y}}"
    settings.MAP_ATTRIBUTION = WORDS
    office = person(DESK)
    page = look(office)
    expect(page.locator(".gc-map-failed")).to_be_visible()
    assert asked == []
    assert any("Content Security Policy" in fault for fault in office.faults)
    office.faults.clear()


def varint(number: int) -> bytes:
    out = b""
    while number > 127:
        out += bytes([number & 127 | 128])
        number >>= 7
    return out + bytes([number])


def pmtiles(tile: bytes, deepest: int = 15) -> bytes:
    """A file (PMTiles 3) with the same tile everywhere: one entry that runs through them all."""
    everywhere = (4 ** (deepest + 1) - 1) // 3
    root = varint(1) + varint(0) + varint(everywhere) + varint(len(tile)) + varint(1)
    told = json.dumps({"vector_layers": [{"id": "earth", "fields": {}}]}).encode()
    start = 127
    head = b"PMTiles\x03" + struct.pack(
        "<11Q6B4iB2i",
        start, len(root), start + len(root), len(told), 0, 0,
        start + len(root) + len(told), len(tile), everywhere, 1, 1,
        1, 1, 1, 1, 0, deepest,
        -1800000000, -850000000, 1800000000, 850000000, 0, 0, 0,
    )  # fmt: skip
    return head + root + told + tile


def ground() -> bytes:
    """A vector tile that is earth from edge to edge."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select st_asmvt(q, 'earth', 4096, 'geom') from (select 'earth' as kind,"
            " st_geomfromtext('POLYGON((0 0,4096 0,4096 4096,0 4096,0 0))') as geom) q"
        )
        return bytes(cursor.fetchone()[0])


def test_a_file_of_tiles_is_drawn_beneath_our_layers_and_no_other_host_is_asked(
    person, shared_district, settings, tmp_path
):
    file = tmp_path / "base.pmtiles"
    file.write_bytes(pmtiles(ground()))
    settings.MAP_PMTILES, settings.MAP_ATTRIBUTION = str(file), WORDS
    office = person(DESK)
    page = look(office)
    page.wait_for_selector(f"{BASE} canvas", state="attached")
    page.wait_for_function(PAINTED)
    check_beneath(page)
