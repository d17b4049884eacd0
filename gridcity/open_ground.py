"""The map of pages that need no account: public ground, behind addresses of the page's own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponseBase
from django.urls import reverse

from parts.tiles import tile_pattern
from parts.views import feeds, tiles

GROUND: dict[str, Callable[[HttpRequest], HttpResponseBase]] = {
    "district": feeds.district, "roads": feeds.roads, "versions": tiles.versions,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class OpenGround:
    """The district, its roads, the versions of its tiles, and the tiles of some layers.

    The names are those of the addresses; who may ask is decided by the page before.
    """

    map_name: str
    tile_name: str
    layers: frozenset[str]

    def feeds(self) -> dict[str, Any]:
        """The addresses as the map's script wants them."""
        found: dict[str, Any] = {name: reverse(self.map_name, args=[name]) for name in GROUND}
        found["tiles"] = {
            layer: tile_pattern(reverse(self.tile_name, args=[layer, 0, 0, 0]))
            for layer in sorted(self.layers)
        }
        return found

    def feed(self, request: HttpRequest, name: str) -> HttpResponseBase:
        """One of the feeds. Raises Http404 for another."""
        if name not in GROUND:
            raise Http404
        return GROUND[name](request)

    def tile(self, request: HttpRequest, layer: str, z: int, x: int, y: int) -> HttpResponseBase:
        """A tile of one of the layers. Raises Http404 for another."""
        if layer not in self.layers:
            raise Http404
        return tiles.tile(request, layer, z, x, y)
