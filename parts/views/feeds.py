"""Feeds of the map: GeoJSON for logged-in users, not sent again while it has not changed."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import condition, require_safe

from parts.selectors.feeds import (
    cells_geojson,
    district_geojson,
    ground_version,
    roads_geojson,
    streets_geojson,
)


def _etag(request: HttpRequest) -> str:
    said = f"{request.path} {ground_version()}"
    return f'"{hashlib.sha256(said.encode()).hexdigest()[:16]}"'


def _ground(make: Callable[[], str]) -> Callable[[HttpRequest], HttpResponse]:
    """A view of what lies beneath, checked by its ETag at each use."""

    @require_safe
    @gzip_page
    @condition(etag_func=_etag)
    def view(request: HttpRequest) -> HttpResponse:
        return _geojson(make())

    return view


def _geojson(text: str) -> HttpResponse:
    response = HttpResponse(text, content_type="application/geo+json")
    response["Cache-Control"] = "private, max-age=0, must-revalidate"
    return response


district = _ground(district_geojson)
streets = _ground(streets_geojson)
roads = _ground(roads_geojson)
cells = _ground(cells_geojson)
