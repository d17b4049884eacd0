"""The register of parts: the list with its map, one part, and what a scanned tag opens."""

from __future__ import annotations

import json
from typing import Any

from django.conf import settings
from django.contrib.gis.db.models.functions import AsGeoJSON
from django.contrib.gis.geos import Polygon
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_POST, require_safe

from gridcity.contracts import Actor, Invalid, Role
from jobs.services import enqueue_job
from parts.models import Part
from parts.register_forms import PartQueryForm
from parts.register_jobs import EXPORT, TAGS
from parts.selectors.keys import class_by_id
from parts.selectors.part_history import part_history
from parts.selectors.register import (
    BODIES,
    PartFilter,
    PartPage,
    body_names,
    get_part,
    list_parts,
    polygon_of,
)
from parts.services.exporting import FORMATS
from parts.views.entry import READERS, for_administrators, for_roles

# So many parts of a window are drawn one by one; of more the map says to come nearer.
DRAWN = 3000
FORMAT_NAMES = (("xlsx", "XLSX"), ("csv", "CSV"), ("geojson", "GeoJSON"), ("gpkg", "GeoPackage"))
NOTHING = PartPage([], 0, False, None, None)


@require_safe
@for_roles(READERS)
def register(request: HttpRequest, actor: Actor) -> HttpResponse:
    """GET /district/parts/?q=&class_code=&street=&community=&cell=&body=&state=&area="""
    page, faults, wanted = NOTHING, None, PartFilter()
    try:
        wanted = PartFilter.parse(request.GET.dict())
        page = list_parts(wanted, cursor=request.GET.get("cursor") or None)
    except Invalid as refusal:
        faults = refusal
    context = {
        "form": PartQueryForm(request.GET or None, auto_id="query-%s"),
        "faults": faults,
        "page": page,
        "wanted": wanted,
        "bodies": sorted({name for names in body_names().values() for name in names}),
        "is_filtered": not wanted.is_empty,
        "without_area": wanted.without("area").query,
        "can_write": Role.ADMINISTRATOR in actor.roles,
        "feed": f"{reverse('parts:register-map')}?{wanted.query}",
        "formats": FORMAT_NAMES,
        "map": {"rows": "#parts", "without": ["parts"], **shown_area(wanted)},
    }
    return render(request, "parts/register.html", context, status=400 if faults else 200)


def shown_area(wanted: PartFilter) -> dict[str, Any]:
    """Where the map begins: a drawn area is shown whole."""
    drawn = polygon_of(wanted.area)
    if drawn is None:
        return {}
    west, south, east, north = drawn.extent
    return {"bounds": [[south, west], [north, east]]}


@require_safe
@gzip_page
@for_roles(READERS)
def register_map(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The parts asked for in `bbox=west,south,east,north` as GeoJSON; `more`: too many."""
    wanted = PartFilter.parse(request.GET.dict())
    rows = wanted.rows().filter(geom__bboverlaps=box_of(request.GET.get("bbox", "")))
    found = rows.annotate(shape=AsGeoJSON("geom", precision=7)).values_list(
        "code", "name", "catalogue_class_id", "state", "shape"
    )[: DRAWN + 1]
    features = [feature_of(*row) for row in found]
    is_more = len(features) > DRAWN
    body = {"type": "FeatureCollection", "more": is_more, "features": [] if is_more else features}
    response = HttpResponse(json.dumps(body), content_type="application/geo+json")
    response["Cache-Control"] = "private, no-store"
    return response


def box_of(text: str) -> Polygon:
    """A window in degrees (EPSG:4490). Raises Invalid."""
    try:
        west, south, east, north = (float(side) for side in text.split(","))
        if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
            raise ValueError(text)
    except ValueError:
        raise Invalid(
            _("A window of the map is required."), bbox=_("Four numbers: west,south,east,north.")
        ) from None
    box = Polygon.from_bbox((west, south, east, north))
    box.srid = 4490
    return box


def feature_of(code: str, name: str, class_id: int, state: str, shape: str) -> dict[str, Any]:
    label = f"{name} {code[-6:]}"
    properties = {"code": code, "label": label, "state": state}
    properties["class_code"] = class_by_id(class_id).code
    return {"type": "Feature", "properties": properties, "geometry": json.loads(shape)}


@require_POST
@for_roles(READERS)
def export(request: HttpRequest, actor: Actor) -> HttpResponse:
    """POST /district/parts/export/ (query, format): the whole selection as a file, in a while."""
    wanted = PartFilter.parse(QueryDict(request.POST.get("query", "")).dict())
    kind = request.POST.get("format", "")
    if kind not in FORMATS:
        raise Invalid(_("There is no such format."), format=_("Choose one of the list."))
    job = enqueue_job(
        actor=actor,
        at=timezone.now(),
        kind=EXPORT,
        title=f"{_('Export of parts')} · {kind.upper()}",
        arguments={"query": wanted.query, "format": kind},
    )
    return redirect("jobs:detail", job.pk)


@require_POST
@for_administrators
def tags(request: HttpRequest, actor: Actor) -> HttpResponse:
    """POST /district/parts/tags/ (query): a sheet of tags for the standing parts of the query."""
    wanted = PartFilter.parse(QueryDict(request.POST.get("query", "")).dict())
    base = settings.PUBLIC_URL or request.build_absolute_uri("/").rstrip("/")
    job = enqueue_job(
        actor=actor,
        at=timezone.now(),
        kind=TAGS,
        title=str(_("Tags of parts")),
        arguments={"query": wanted.query, "base": base},
    )
    return redirect("jobs:detail", job.pk)


@require_safe
@for_roles(READERS)
def part(request: HttpRequest, actor: Actor, code: str) -> HttpResponse:
    """GET /district/parts/CODE/: everything about a part."""
    found = get_part(code)
    context = {
        "part": found,
        "bodies": bodies_of(found),
        "successor": getattr(found, "successor", None),
        "changes": part_history(found),
        "proposals": list(
            found.proposals.filter(state="open").select_related("proposed_by").order_by("pk")
        ),
        "can_write": Role.ADMINISTRATOR in actor.roles,
        "is_supervisor": Role.SUPERVISOR in actor.roles,
        **map_of(found),
    }
    return render(request, "parts/part.html", context)


def bodies_of(part: Part) -> list[tuple[str, str, str]]:
    """Who answers for a part: what he is, his name, his credit code."""
    meta: Any = Part._meta
    return [
        (
            str(meta.get_field(f"{body}_name").verbose_name),
            getattr(part, f"{body}_name"),
            getattr(part, f"{body}_uscc"),
        )
        for body in BODIES
    ]


def map_of(part: Part) -> dict[str, Any]:
    """The map of one part: a pin for a point, the shape of a line or an area."""
    is_point = part.geom.geom_type == "Point"
    spot = part.geom if is_point else part.geom.point_on_surface
    return {
        "map": {"centre": [spot.y, spot.x], "zoom": 18, "pin": {"lon": spot.x, "lat": spot.y}},
        "shape": None if is_point else json.loads(part.geom.geojson),
        "lon": spot.x,
        "lat": spot.y,
    }


@require_safe
@for_roles(READERS)
def tag(request: HttpRequest, actor: Actor, code: str) -> HttpResponse:
    """GET /p/CODE/, from a tag: a supervisor begins a report on the part, others see it."""
    found = get_part(code)
    if Role.SUPERVISOR in actor.roles:
        try:
            return redirect(f"{reverse('cases:report')}?part={found.code}")
        except NoReverseMatch:
            pass  # without the cases there is no report
    return redirect("parts:part", found.code)
