"""The API of the geocoder: words to points, a point to words."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import UserRateThrottle
from rest_framework.views import APIView

from gridcity.contracts import Invalid
from parts.api import degrees
from parts.models import Place
from parts.selectors.places import MOST, Found, geocode, reverse_geocode
from parts.serializers import GeocodeOut, ReverseOut
from parts.services.attributes import POINT_DECIMALS

USUAL = 10
LONGEST = 200


class LookUpThrottle(UserRateThrottle):
    """Typing asks a few times a second; a machine that walks the whole register is slowed down."""

    scope = "look_up"
    rate = "600/min"


class GeocodeView(APIView):
    """Places that answer to words."""

    throttle_classes = [LookUpThrottle]

    @extend_schema(
        operation_id="geocode",
        parameters=[
            OpenApiParameter(
                "q", str, required=True,
                description="a name, an address, pinyin or its initials",
            ),
            OpenApiParameter("limit", int, description=f"at most {MOST}; default {USUAL}"),
        ],
        responses=GeocodeOut,
        tags=["district"],
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        """Ranked places in force today; none where nothing answers."""
        query = request.query_params.get("q", "").replace("\0", "").strip()
        if not query:
            raise Invalid(_("Words are required."), q=_("A name or an address."))
        found = geocode(query=query[:LONGEST], on=timezone.localdate(), limit=limit_of(request))
        return Response({"query": query[:LONGEST], "results": [found_out(one) for one in found]})


class ReverseView(APIView):
    """What a point is called."""

    throttle_classes = [LookUpThrottle]

    @extend_schema(
        operation_id="reverse",
        parameters=[
            OpenApiParameter("lon", float, required=True, description="degrees, EPSG:4490"),
            OpenApiParameter("lat", float, required=True, description="degrees, EPSG:4490"),
        ],
        responses=ReverseOut,
        tags=["district"],
    )
    def get(self, request: Request) -> Response:
        """Cell, community, street and the nearest places; 400 `outside_district` outside."""
        lon, lat = degrees(request, "lon", 180), degrees(request, "lat", 90)
        found = reverse_geocode(lon=lon, lat=lat, on=timezone.localdate())
        here = found.location
        return Response(
            {
                "cell": here.cell_code,
                "community": {"code": here.community_code, "name": here.community_name},
                "street": {"code": here.street_code, "name": here.street_name},
                "places": [
                    {**place_out(one), "distance_m": one.distance_m} for one in found.places
                ],
            }
        )


def limit_of(request: Request) -> int:
    """How many answers are wanted. Raises Invalid for what is no such number."""
    text = request.query_params.get("limit", "") or str(USUAL)
    if not (text.isascii() and text.isdecimal() and 1 <= int(text[:6]) <= MOST):
        raise Invalid(_("This is no number of answers."), limit=_("A number from 1 to 20."))
    return int(text)


def place_out(found: Found) -> dict[str, Any]:
    """A place as the API tells it."""
    return {
        "code": found.code,
        "kind": found.kind,
        "kind_label": str(Place.Kind(found.kind).label),
        "name": found.name,
        "lon": round(found.lon, POINT_DECIMALS),
        "lat": round(found.lat, POINT_DECIMALS),
    }


def found_out(found: Found) -> dict[str, Any]:
    """A place that answered to words."""
    return place_out(found) | {
        "matched": found.text,
        "matched_sort": found.sort,
        "way": found.way,
        "score": found.score,
        "street": area_out(found.street_code, found.street_name),
        "community": area_out(found.community_code, found.community_name),
    }


def area_out(code: str, name: str) -> dict[str, str] | None:
    return {"code": code, "name": name} if code else None
