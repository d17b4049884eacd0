"""Feeds of the map: GeoJSON for logged-in users, not sent again while it has not changed."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import condition, require_safe

from gridcity.contracts import Invalid
from parts.selectors.feeds import (
    Window,
    cells_geojson,
    district_geojson,
    ground_version,
    parts_geojson,
    roads_geojson,
    streets_geojson,
)

# A window of parts is at most this many degrees wide: parts are drawn one by one from z15 on.
WIDEST = 0.05


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


@require_safe
@gzip_page
def parts(request: HttpRequest) -> HttpResponse:
    """Parts in `bbox=west,south,east,north`, in degrees."""
    return _geojson(parts_geojson(window_of(request.GET.get("bbox", ""))))


def window_of(text: str) -> Window:
    """The window of a query. Raises Invalid for what is no window, or too wide a one."""
    try:
        west, south, east, north = (float(word) for word in text.split(","))
    except ValueError:
        raise Invalid(
            _("A window of the map is required."), bbox=_("Four numbers: west,south,east,north.")
        ) from None
    sides = (west, south, east, north)
    if not all(math.isfinite(side) and abs(side) <= 180 for side in sides):
        raise Invalid(_("This is no position."), bbox=_("Out of range."))
    if not (0 < east - west <= WIDEST and 0 < north - south <= WIDEST):
        raise Invalid(_("Come nearer: this window is too wide."), bbox=_("Too wide."))
    return Window(west, south, east, north)
