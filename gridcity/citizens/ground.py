"""What the page of a citizen's report asks for: the map, places, the same matter nearby.

Streets, roads and places are public ground. Of cases it tells class, street, state and date only
(domain law §9); each address may ask some hundred times in a few minutes, for the map
some thousand times.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.contrib.gis.geos import Point
from django.http import Http404, HttpRequest, HttpResponseBase, JsonResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from cases.selectors.duplicates import RANKED, Candidate, duplicate_candidates
from cases.workflow import ENDED, State
from gridcity.citizens.classes import class_of
from gridcity.citizens.keys import is_mark_of, mark_of_case
from gridcity.contracts import Invalid
from gridcity.logins import client_address
from gridcity.open_ground import OpenGround
from gridcity.services.counting import count_address
from parts.models import CatalogueClass
from parts.place_api import area_out, place_out
from parts.selectors import locate
from parts.selectors.catalogue import class_of_matter
from parts.selectors.places import Found, geocode, reverse_geocode

# Ground and streets, and nothing of the desks'.
GROUND = OpenGround("gridcity:report-map", "gridcity:report-tile", frozenset({"streets"}))
ASKED, DRAWN, ASKED_WITHIN = 600, 3000, timedelta(minutes=5)
PLACES, SHOWN = 6, 5
LONGEST = 200
# A place farther than this, in metres, names no point; without one the street does.
NEAR_M = 120

View = Callable[..., HttpResponseBase]


def check_open() -> None:
    """Raise Http404 where the city takes no reports here, as if there were no such page."""
    if not settings.PUBLIC_REPORTS:
        raise Http404


def counted(view: View, *, what: str, most: Callable[[], int]) -> View:
    """A page without account, which each address may ask for `most` times in some minutes."""

    @login_not_required
    @require_safe
    @wraps(view)
    def counting(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        check_open()
        count_address(
            what=what, address=client_address(request), at=timezone.now(), most=most(),
            within=ASKED_WITHIN,
        )  # fmt: skip
        return view(request, *args, **kwargs)

    return counting


def asked_by_anybody(view: View) -> View:
    """A look-up of the public page: counted for each address, never kept on the way."""
    return never_cache(counted(view, what="look", most=lambda: ASKED))


def drawn_for_anybody(view: View) -> View:
    """A piece of the public map: counted apart, since a map asks for many, which browsers keep."""
    return counted(view, what="map", most=lambda: DRAWN)


@asked_by_anybody
def places(request: HttpRequest) -> JsonResponse:
    """GET /report/places/?q=: places that answer to words, as the geocoder's API tells them."""
    found = places_of(request.GET.get("q", ""), on=timezone.localdate())
    return JsonResponse(
        {
            "results": [
                place_out(one)
                | {
                    "way": one.way,
                    "street": area_out(one.street_code, one.street_name),
                    "community": area_out(one.community_code, one.community_name),
                }
                for one in found
            ]
        }
    )


def places_of(words: str, *, on: date) -> list[Found]:
    """The places that answer to an address in words, the best first."""
    query = words.replace("\0", "").strip()[:LONGEST]
    return geocode(query=query, on=on, limit=PLACES) if query else []


@asked_by_anybody
def where(request: HttpRequest) -> JsonResponse:
    """GET /report/where/?lon=&lat=: what a point is called; 400 outside the district."""
    lon, lat = degrees_of(request)
    found = reverse_geocode(lon=lon, lat=lat, on=timezone.localdate())
    here = found.location
    return JsonResponse(
        {
            "street": area_out(here.street_code, here.street_name),
            "community": area_out(here.community_code, here.community_name),
            "places": [place_out(one) | {"distance_m": one.distance_m} for one in found.places],
        }
    )


def words_of_point(lon: float, lat: float, *, on: date) -> str:
    """A point in degrees (EPSG:4490) in words: its street, and the nearest place."""
    found = reverse_geocode(lon=lon, lat=lat, on=on)
    here = found.location
    near = next((one for one in found.places if (one.distance_m or 0.0) <= NEAR_M), None)
    if near is None:
        return f"{here.street_name}{here.community_name}"
    return str(_("%(street)s, near %(place)s")) % {"street": here.street_name, "place": near.name}


@dataclass(frozen=True, slots=True)
class Nearby:
    """An open case of the same class nearby, as a citizen sees it: no number, no words."""

    mark: str
    class_name: str
    street: str
    state: str
    on: date


def open_nearby(
    *, entry: CatalogueClass, lon: float, lat: float, at: datetime
) -> list[tuple[Candidate, Nearby]]:
    """Open cases that may be the same matter, the likeliest first. Raises OutsideDistrict."""
    place = locate(lon=lon, lat=lat)
    found = duplicate_candidates(
        class_id=class_of_matter(entry).pk, cell_id=place.cell_id,
        point=Point(lon, lat, srid=4490), part_id=None, at=at, limit=RANKED,
    )  # fmt: skip
    still_open = [one for one in found if State(one.state) not in ENDED]
    return [(one, nearby_of(one)) for one in still_open[:SHOWN]]


def nearby_of(one: Candidate) -> Nearby:
    return Nearby(
        mark=mark_of_case(one.number),
        class_name=one.class_name,
        street=one.street_name,
        state=str(State(one.state).label),
        on=timezone.localdate(one.reported_at),
    )


def case_of_mark(mark: str, shown: list[tuple[Candidate, Nearby]]) -> str:
    """The number of the case that a mark names, among those that are shown here.

    Raises Invalid for any other: it has ended meanwhile, or was never shown.
    """
    for candidate, _nearby in shown:
        if is_mark_of(mark, candidate.number):
            return candidate.number
    gone = _("That case is no longer open here: report it anew.")
    raise Invalid(gone, same=gone)


@asked_by_anybody
def near(request: HttpRequest) -> JsonResponse:
    """GET /report/near/?what=&lon=&lat=: open cases of the class there, as a citizen sees them."""
    lon, lat = degrees_of(request)
    entry = class_of(request.GET.get("what", ""))
    if entry is None:
        raise Invalid(_("There is no such class in the catalogue."), what=_("Unknown class."))
    found = open_nearby(entry=entry, lon=lon, lat=lat, at=timezone.now())
    return JsonResponse({"nearby": [nearby_out(one) for _candidate, one in found]})


def nearby_out(one: Nearby) -> dict[str, str]:
    """A case nearby for the page's script."""
    return {
        "mark": one.mark,
        "class_name": one.class_name,
        "street": one.street,
        "state": one.state,
        "on": one.on.isoformat(),
    }


def degrees_of(request: HttpRequest) -> tuple[float, float]:
    """Longitude and latitude of a query. Raises Invalid for what is no position."""
    try:
        lon, lat = float(request.GET.get("lon", "")), float(request.GET.get("lat", ""))
    except ValueError:
        lon = lat = 999.0
    if not (abs(lon) <= 180 and abs(lat) <= 90):
        raise Invalid(_("This is no position."), lon=_("This is no position."))
    return lon, lat


# ---------------------------------------------------------------- the map


@drawn_for_anybody
def ground(request: HttpRequest, feed: str) -> HttpResponseBase:
    """GET /report/map/<feed>/: the district, its roads, the versions of its tiles."""
    return GROUND.feed(request, feed)


@drawn_for_anybody
def tile(request: HttpRequest, layer: str, z: int, x: int, y: int) -> HttpResponseBase:
    """GET /report/tiles/<layer>/<z>/<x>/<y>.mvt: streets and communities, which are public."""
    return GROUND.tile(request, layer, z, x, y)
