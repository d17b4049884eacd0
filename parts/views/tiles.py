"""Vector tiles and counts for the map: by login, not sent again while nothing changed."""

from __future__ import annotations

import hashlib
import json
import os
import re
from pathlib import Path

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag
from django.utils.translation import gettext_lazy as _
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from gridcity.contracts import Actor, Invalid, NotVisible
from parts.models import LayerVersion
from parts.selectors.counts import What, counts_by_code
from parts.selectors.tiles import Version, edition_exists, layer_versions, tile_bytes
from parts.tiles import Tile

MVT = "application/vnd.mapbox-vector-tile"
ALWAYS_ASKED = "private, max-age=0, must-revalidate"
# An address with the version of today names one content for ever; with another, for a while.
FOR_EVER, FOR_A_WHILE = "private, max-age=31536000, immutable", "private, max-age=3600"
LONGEST_VERSION = 40


@require_safe
@gzip_page
def tile(request: HttpRequest, layer: str, z: int, x: int, y: int) -> HttpResponse:
    """GET /tiles/<layer>/<z>/<x>/<y>.mvt[?v=<version>]: 204 where there is nothing to draw.

    Of cells, `v` begins with the id of the edition that is drawn; without it the current one is.
    """
    if layer not in LayerVersion.Layer.values:
        raise Http404
    wanted = Tile.checked(z, x, y)
    actor = reader_of(request)
    version = layer_versions()[layer]
    given = request.GET.get("v", "")
    edition = edition_of(layer, given, version, actor)
    etag = etag_of(layer, wanted, version, edition, actor)
    response = get_conditional_response(request, etag=etag)
    if response is None:
        drawn = tile_bytes(layer=layer, tile=wanted, actor=actor, edition=edition)
        response = HttpResponse(drawn, content_type=MVT, status=200 if drawn else 204)
    response["ETag"] = etag
    response["Cache-Control"] = life_of(given, version)
    return response


def reader_of(request: HttpRequest) -> Actor:
    """Who looks, with his roles: what a tile holds depends on them."""
    return Actor.of(request.user)


def edition_of(layer: str, given: str, version: Version, actor: Actor) -> int | None:
    """The edition of the grid that is drawn; None for other layers.

    Raises Invalid for a version that is none, NotVisible for an edition that is not there for him.
    """
    if layer != LayerVersion.Layer.CELLS:
        return None
    if not given:
        return version.edition
    first = given.partition("-")[0]
    if len(given) > LONGEST_VERSION or not (first.isascii() and first.isdecimal()):
        raise Invalid(_("This edition is unknown."), v=_("The number of an edition."))
    edition = int(first)
    if edition != version.edition and not (edition < 1 << 63 and edition_exists(edition, actor)):
        raise NotVisible
    return edition


def etag_of(layer: str, wanted: Tile, version: Version, edition: int | None, actor: Actor) -> str:
    said = f"{layer} {wanted} {version} {edition} {sorted(actor.roles)}"
    return quote_etag(hashlib.sha256(said.encode()).hexdigest()[:20])


def life_of(given: str, version: Version) -> str:
    """How long a browser may keep a tile without asking."""
    if not given:
        return ALWAYS_ASKED
    return FOR_EVER if given == str(version) else FOR_A_WHILE


@require_safe
def versions(request: HttpRequest) -> HttpResponse:
    """GET /map/versions/: the version of each layer, for the addresses of its tiles."""
    found = {layer: str(version) for layer, version in layer_versions().items()}
    response = JsonResponse(found)
    response["Cache-Control"] = "private, no-store"
    return response


@require_safe
@gzip_page
def counts(request: HttpRequest) -> HttpResponse:
    """GET /map/counts/: {"counts": {code of the cell: standing parts}}, from the stored counts."""
    text = json.dumps({"counts": counts_by_code(What.PARTS)}, separators=(",", ":"))
    etag = quote_etag(hashlib.sha256(text.encode()).hexdigest()[:20])
    response = get_conditional_response(request, etag=etag)
    if response is None:
        response = HttpResponse(text, content_type="application/json")
    response["ETag"] = etag
    response["Cache-Control"] = ALWAYS_ASKED
    return response


RANGE = re.compile(r"bytes=(\d{1,15})-(\d{1,15})$")
MOST_AT_ONCE = 16 * 1024 * 1024


@require_safe
def base_map(request: HttpRequest) -> HttpResponse:
    """GET /map/base.pmtiles with `Range: bytes=a-b`: a piece of the file that the settings name.

    PMTiles are one file of which browsers read what they need; the whole is never sent.
    """
    wanted = RANGE.match(request.headers.get("Range", ""))
    if not settings.MAP_PMTILES:
        raise Http404
    if wanted is None:
        raise Invalid(_("Only pieces of this file are sent."))
    first, last = int(wanted[1]), int(wanted[2])
    with Path(settings.MAP_PMTILES).open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        if first >= size or last < first:
            response = HttpResponse(status=416)
            response["Content-Range"] = f"bytes */{size}"
            return response
        file.seek(first)
        piece = file.read(min(last - first + 1, MOST_AT_ONCE))
        changed = int(os.fstat(file.fileno()).st_mtime)
    response = HttpResponse(piece, status=206, content_type="application/octet-stream")
    response["Content-Range"] = f"bytes {first}-{first + len(piece) - 1}/{size}"
    response["Accept-Ranges"] = "bytes"
    response["ETag"] = quote_etag(f"{size}-{changed}")
    response["Cache-Control"] = FOR_A_WHILE
    return response
