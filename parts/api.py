"""The API of the district: where a point lies, the catalogue, the standards of a class."""

from __future__ import annotations

import math
from datetime import date
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from gridcity.contracts import Invalid, NotVisible, OutsideDistrict
from parts.models import CatalogueClass, FilingStandard
from parts.selectors import (
    class_of_matter,
    current_scheme,
    get_class,
    list_classes,
    locate,
    nearest_parts,
    standards_of,
)
from parts.selectors.catalogue import scheme_keys
from parts.selectors.drafts import cell_on
from parts.serializers import CatalogueOut, LocationOut, StandardsOut

SCHEME = OpenApiParameter("scheme", str, description="Key of a coding scheme; default: the current")


class LocateView(APIView):
    """Cell, community, street and the nearest parts of a point."""

    @extend_schema(
        operation_id="locate",
        parameters=[
            OpenApiParameter("lon", float, required=True, description="degrees, EPSG:4490"),
            OpenApiParameter("lat", float, required=True, description="degrees, EPSG:4490"),
            OpenApiParameter(
                "on", date, description="the edition that held on that day; without parts"
            ),
        ],
        responses=LocationOut,
        tags=["district"],
    )
    def get(self, request: Request) -> Response:
        """Where a point lies; 400 `outside_district` outside."""
        lon, lat = degrees(request, "lon", 180), degrees(request, "lat", 90)
        if "on" in request.query_params:
            return Response(located_on(lon, lat, day_of(request.query_params["on"])))
        found = locate(lon=lon, lat=lat)
        parts = nearest_parts(lon=lon, lat=lat)
        return Response(
            {
                "cell": found.cell_code,
                "community": {"code": found.community_code, "name": found.community_name},
                "street": {"code": found.street_code, "name": found.street_name},
                "parts": [
                    {
                        "code": part.code,
                        "scheme": part.scheme,
                        "class_code": part.class_code,
                        "class_name": part.class_name,
                        "name": part.name,
                        "distance_m": part.distance_m,
                        "lon": part.lon,
                        "lat": part.lat,
                    }
                    for part in parts
                ],
            }
        )


def day_of(text: str) -> date:
    """A day of the query. Raises Invalid naming `on`."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Invalid(_("This is no day."), on=_("A day such as 2026-05-31.")) from None


def located_on(lon: float, lat: float, on: date) -> dict[str, Any]:
    """The cell of a point in the edition of a day. Raises OutsideDistrict where it had none."""
    found = cell_on(lon=lon, lat=lat, on=on)
    if found is None or found.cell is None:
        raise OutsideDistrict
    community = found.cell.community
    return {
        "cell": found.cell.code,
        "community": {"code": community.code, "name": community.name},
        "street": {"code": community.street.code, "name": community.street.name},
        "edition": found.edition.name,
        "parts": [],
    }


def degrees(request: Request, name: str, limit: int) -> float:
    """A coordinate of the query in degrees. Raises Invalid naming the field."""
    try:
        value = float(request.query_params[name])
    except (KeyError, ValueError):
        raise Invalid(_("Longitude and latitude are required."), **{name: _("A number.")}) from None
    if not math.isfinite(value) or abs(value) > limit:
        raise Invalid(_("This is no position."), **{name: _("Out of range.")})
    return value


def scheme_of(request: Request) -> str:
    """The scheme asked for, or the current one. Raises Invalid for an unknown one."""
    wanted = request.query_params.get("scheme") or current_scheme()
    if wanted not in scheme_keys():
        raise Invalid(_("There is no such coding scheme."), scheme=_("Unknown scheme."))
    return wanted


class CatalogueView(APIView):
    """The classes of a scheme."""

    @extend_schema(
        operation_id="catalogue_list",
        parameters=[
            OpenApiParameter("kind", str, enum=["part", "event"]),
            SCHEME,
            OpenApiParameter("q", str, description="code, name, pinyin or initials"),
        ],
        responses=CatalogueOut,
        tags=["district"],
    )
    def get(self, request: Request) -> Response:
        """Classes in use, by code."""
        scheme = scheme_of(request)
        kind = request.query_params.get("kind") or None
        if kind not in {None, "part", "event"}:
            raise Invalid(_("Unknown kind."), kind=_("One of: part, event."))
        query = request.query_params.get("q", "")[:64]
        rows = list_classes(scheme=scheme, kind=kind, query=query)
        return Response({"scheme": scheme, "results": [class_out(row) for row in rows]})


def class_out(row: CatalogueClass) -> dict[str, Any]:
    """A class as the API tells it."""
    names = ("kind", "code", "name", "major_code", "major_name", "geometry", "pinyin", "initials")
    return {
        "scheme": row.scheme_id,
        "names_part": class_of_matter(row) is not row,
        **{name: getattr(row, name) for name in names},
        "self_handled_allowed": row.self_handled_allowed,
    }


class StandardsView(APIView):
    """The filing standards of a class."""

    @extend_schema(
        operation_id="standards_list",
        parameters=[SCHEME],
        responses=StandardsOut,
        tags=["district"],
    )
    def get(self, request: Request, kind: str, class_code: str) -> Response:
        """The standards in force today, in order; 404 for an unknown class."""
        scheme = scheme_of(request)
        found = get_class(scheme=scheme, kind=kind, code=class_code)
        if found is None:
            raise NotVisible
        rows = standards_of(class_id=found.pk, on=timezone.localdate())
        return Response(
            {
                "scheme": scheme,
                "kind": kind,
                "class_code": class_code,
                "results": [standard_out(row) for row in rows],
            }
        )


def standard_out(row: FilingStandard) -> dict[str, Any]:
    """A standard as the API tells it."""
    limits = ("limit_value", "limit_value_a", "limit_value_c")
    names = ("id", "condition", "limit_unit", "closing_condition", "is_default")
    return {name: getattr(row, name) for name in names} | {
        name: str(value) if (value := getattr(row, name)) is not None else None for name in limits
    }
