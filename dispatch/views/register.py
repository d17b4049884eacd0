"""The acceptor registers what came by telephone, letter or otherwise (ux.md 8)."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.contrib.gis.geos import Point
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cases.selectors.callers import caller_of
from cases.selectors.duplicates import Candidate, duplicate_candidates
from cases.services.once import once
from cases.services.reporting import report_case
from dispatch.actions import Unreadable, degrees
from dispatch.api.cases import report_from
from dispatch.api.reading import Said
from dispatch.desk_forms import RegisterForm
from dispatch.views.candidates import with_photos
from dispatch.views.entry import entering, frame
from gridcity.contracts import Actor, Invalid, OutsideDistrict, Refused, Role, key_of
from parts.selectors import get_class, locate_place

API = "/api/v1/cases/"
CATALOGUE = "/api/v1/catalogue/"


@require_http_methods(["GET", "HEAD", "POST"])
def register(request: HttpRequest) -> HttpResponse:
    """The form of a call; a page with scripts sends it to the API, a plain one to here."""
    actor = entering(request, {Role.ACCEPTOR})
    if request.method != "POST":
        return render(request, "dispatch/register.html", context_of(actor, RegisterForm()))
    form = RegisterForm(request.POST)
    if not form.is_valid():
        return render(request, "dispatch/register.html", context_of(actor, form), status=400)
    said = said_in(form.cleaned_data)
    at = timezone.now()

    def act() -> tuple[int, Any]:
        case = report_case(actor=actor, at=at, report=report_from(said))
        return 201, {"number": case.number}

    try:
        _status, body = once(
            user_id=actor.user_id or 0, key=key_of(request.POST.get("key", "")),
            content=said.fingerprint(request.path), at=at, act=act,
        )  # fmt: skip
    except Refused as refusal:
        put_faults(form, refusal)
        return render(
            request, "dispatch/register.html", context_of(actor, form), status=refusal.status
        )
    messages.success(request, _("Registered: case %(number)s.") % {"number": body["number"]})
    return redirect("dispatch:case", body["number"])


def context_of(actor: Actor, form: RegisterForm) -> dict[str, Any]:
    point = [form["lon"].value(), form["lat"].value()]
    pin: dict[str, Any] = {"movable": True}
    if all(point):
        pin |= {"lon": point[0], "lat": point[1]}
    return {
        **frame(actor),
        "form": form,
        "key": uuid.uuid4(),
        "api_url": API,
        "catalogue_url": CATALOGUE,
        "done_url": f"{reverse('dispatch:queue')}{{number}}/",
        "map": {"pin": pin, "zoom": 14},
    }


def said_in(cleaned: dict[str, Any]) -> Said:
    """The form's values as the API names them."""
    reporter = {name: cleaned.pop(name) for name in ("name", "phone", "may_call")}
    fields = {name: value for name, value in cleaned.items() if value not in ("", None)}
    if reporter["name"] or reporter["phone"]:
        fields["reporter"] = reporter
    return Said(fields, [])


FIELD_OF = {"reporter.name": "name", "reporter.phone": "phone", "lon": "place_text"}


def put_faults(form: RegisterForm, refusal: Refused) -> None:
    """The refusal's sentences at their fields, else above all of them."""
    placed = False
    for name, lines in refusal.fields.items():
        field = FIELD_OF.get(name, name)
        if field in form.fields:
            form.add_error(field, [str(line) for line in lines])
            placed = True
    if not placed:
        form.add_error(None, str(refusal.detail))


@require_POST
def caller(request: HttpRequest) -> HttpResponse:
    """Earlier cases from this telephone number; by POST, so that no log holds the number."""
    entering(request, {Role.ACCEPTOR})
    found = caller_of(request.POST.get("phone", "")[:32])
    return render(request, "dispatch/includes/_caller.html", {"caller": found})


@require_safe
def duplicates(request: HttpRequest) -> HttpResponse:
    """Open cases that may be the same matter, while the report is still being typed."""
    actor = entering(request, {Role.ACCEPTOR})
    context: dict[str, Any] = {"actor": actor, "is_live": True}
    try:
        context |= looked_up(request)
    except OutsideDistrict as refusal:
        context["outside"] = refusal.detail
    return render(request, "dispatch/includes/_candidates.html", context)


def looked_up(request: HttpRequest) -> dict[str, Any]:
    """Where the pin lies and the candidates of the class there. Raises OutsideDistrict, Invalid."""
    query = request.GET
    try:
        lon, lat = degrees(query.get("lon")), degrees(query.get("lat"))
    except Unreadable as fault:
        raise Invalid(fault.sentence, lon=fault.sentence) from None
    if lon is None or lat is None:
        return {"candidates": [], "place": None}
    place = locate_place(lon=lon, lat=lat)
    if place is None:
        raise OutsideDistrict
    kind, code = query.get("kind", ""), query.get("class_code", "")
    found = get_class(scheme=None, kind=kind, code=code) if code else None
    candidates: list[Candidate] = []
    if found is not None:
        candidates = duplicate_candidates(
            class_id=found.pk,
            cell_id=place.cell_id,
            point=Point(lon, lat, srid=4490),
            part_id=None,
            at=timezone.now(),
        )
    return {"candidates": with_photos(candidates), "place": place, "has_class": found is not None}
