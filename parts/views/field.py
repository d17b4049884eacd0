"""The supervisor's pages for parts, on the phone: what stands here, one part, a field update."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from gridcity.contracts import Actor, Invalid, key_of
from parts.models import CatalogueClass, Part, Proposal
from parts.photos import encode_photos
from parts.register_forms import classes_by_major
from parts.selectors import locate, nearest_parts
from parts.selectors import proposals as selectors
from parts.selectors.catalogue import list_classes
from parts.selectors.censuses import cells_to_walk, mark_of
from parts.selectors.register import get_part
from parts.services.answering import withdraw_proposal
from parts.services.censuses import note_proposal
from parts.services.proposals import (
    SEEN,
    ProposalInput,
    ProposalShot,
    mark_answers_read,
    propose,
)
from parts.views.entry import SUPERVISORS, for_roles
from parts.views.register import map_of

NEAR = 20


@require_safe
@for_roles(SUPERVISORS)
def field(request: HttpRequest, actor: Actor) -> HttpResponse:
    """GET /patrol/parts/: the parts around the supervisor."""
    assert actor.user_id is not None
    context = {
        "back_url": home(),
        "bar_title": _("Parts here"),
        "nearby_url": reverse("parts:field-nearby"),
        "unread": selectors.unread_answers(user_id=actor.user_id),
        "cells": cells_to_walk(user_id=actor.user_id, on=timezone.localdate()),
        "map": {"own": {"follow": True, "zoom": 18}},
    }
    return render(request, "parts/field.html", context)


def home() -> str:
    return reverse("cases:patrol")


@require_safe
@for_roles(SUPERVISORS)
def nearby(request: HttpRequest, actor: Actor) -> JsonResponse:
    """GET /patrol/parts/nearby/?lon=&lat=: cell and nearest parts. Raises OutsideDistrict."""
    lon, lat = number(request.GET, "lon"), number(request.GET, "lat")
    if lon is None or lat is None:
        raise Invalid(_("The position is missing."), lon=_("Longitude and latitude in degrees."))
    place = locate(lon=lon, lat=lat)
    parts = [
        {
            "code": part.code,
            "name": part.name,
            "state": str(Part.State(part.state).label),
            "distance_m": part.distance_m,
            "url": reverse("parts:field-part", args=[part.code]),
        }
        for part in nearest_parts(lon=lon, lat=lat, limit=NEAR)
    ]
    return JsonResponse({"cell": place.cell_code, "parts": parts})


@require_safe
@for_roles(SUPERVISORS)
def field_part(request: HttpRequest, actor: Actor, code: str) -> HttpResponse:
    """GET /patrol/parts/CODE/: what the register says, and what may be proposed."""
    part = get_part(code)
    place = map_of(part)
    place["map"]["pin"]["movable"] = True
    place["map"]["own"] = {"follow": False}
    context = {
        "back_url": reverse("parts:field"),
        "bar_title": part.name,
        "part": part,
        "kinds": [Proposal.Kind.CHANGED, Proposal.Kind.MOVED, Proposal.Kind.GONE],
        "seen": [(name, label_of(name), getattr(part, name)) for name in SEEN],
        "standing": [(key, Part.State(key).label) for key in Part.STANDING],
        "ended": [(key, label) for key, label in Part.State.choices if key not in Part.STANDING],
        "open_proposals": part.proposals.filter(state=Proposal.State.OPEN).count(),
        "mark": mark_of(part_id=part.pk, on=timezone.localdate()),
        "asked": request.GET.get("kind", ""),
        **place,
    }
    return render(request, "parts/field_part.html", context)


def label_of(name: str) -> str:
    meta: Any = Part._meta
    return str(meta.get_field(name).verbose_name)


@require_safe
@for_roles(SUPERVISORS)
def field_new(request: HttpRequest, actor: Actor) -> HttpResponse:
    """GET /patrol/parts/new/: a part that the register lacks; points only."""
    points = [
        row
        for row in list_classes(kind=CatalogueClass.Kind.PART)
        if row.geometry == CatalogueClass.GeometryKind.POINT
    ]
    context = {
        "back_url": reverse("parts:field"),
        "bar_title": _("New part"),
        "classes": classes_by_major(points),
        "seen": [(name, label_of(name), "") for name in SEEN],
        "map": {"own": {"follow": True, "zoom": 19}, "pin": {"movable": True}},
    }
    return render(request, "parts/field_new.html", context)


@require_safe
@for_roles(SUPERVISORS)
def field_mine(request: HttpRequest, actor: Actor) -> HttpResponse:
    """GET /patrol/parts/mine/: my field updates and their answers, which are read by this."""
    assert actor.user_id is not None
    rows = selectors.mine(user_id=actor.user_id)
    mark_answers_read(actor=actor, at=timezone.now())
    context = {
        "back_url": reverse("parts:field"),
        "bar_title": _("My field updates"),
        "rows": rows,
    }
    return render(request, "parts/field_mine.html", context)


@require_POST
@for_roles(SUPERVISORS)
def withdraw(request: HttpRequest, actor: Actor, proposal_id: int) -> HttpResponse:
    """POST /patrol/parts/proposals/ID/withdraw/"""
    withdraw_proposal(actor=actor, at=timezone.now(), proposal_id=proposal_id)
    return redirect("parts:field-mine")


# ---------------------------------------------------------------- what is sent


@require_POST
@for_roles(SUPERVISORS)
def send(request: HttpRequest, actor: Actor) -> JsonResponse:
    """POST /patrol/parts/propose/ (form with photos, Idempotency-Key): 201 with the number."""
    said, at = request.POST, timezone.now()
    proposal = propose(
        actor=actor, at=at, said=input_from(said), photos=shots_of(request),
        key=key_of(request.headers.get("Idempotency-Key", "")),
    )  # fmt: skip
    note_proposal(actor=actor, at=at, proposal=proposal)
    return JsonResponse({"number": f"#{proposal.pk}", "id": proposal.pk}, status=201)


def input_from(said: Mapping[str, str]) -> ProposalInput:
    """What the form says. Raises Invalid for what is no number."""
    values = {name: said[name] for name in (*SEEN, "state") if said.get(name)}
    return ProposalInput(
        kind=said.get("kind", ""),
        part_code=said.get("part_code", ""),
        class_code=said.get("class_code", ""),
        values=values,
        lon=number(said, "lon"),
        lat=number(said, "lat"),
        accuracy_m=number(said, "accuracy_m"),
        placed_by=said.get("placed_by", "") if said.get("placed_by") in PLACED else "",
        words=said.get("words", ""),
    )


PLACED = ("gps", "manual", "part")


def number(said: Mapping[str, str], name: str) -> float | None:
    """A number of the form, or None. Raises Invalid naming the field."""
    text = said.get(name, "").strip()
    try:
        return float(text) if text else None
    except ValueError:
        raise Invalid(_("Please check the marked fields."), **{name: _("A number.")}) from None


def shots_of(request: HttpRequest) -> list[ProposalShot]:
    """The photos, re-encoded before any row is written. Raises Invalid, TooLarge."""
    made = encode_photos(request.FILES.getlist("photos"))
    told = photo_times(request.POST.get("photos_meta", ""))
    return [
        ProposalShot(photo, told[index] if index < len(told) else None)
        for index, photo in enumerate(made)
    ]


def photo_times(text: str) -> list[Any]:
    """When each photo was taken, as the device says; what cannot be read is left out."""
    try:
        listed = json.loads(text or "[]")
    except ValueError:
        return []
    times = []
    for each in listed if isinstance(listed, list) else []:
        said = str(each.get("taken_at") or "") if isinstance(each, dict) else ""
        try:
            found = parse_datetime(said) if said else None
        except ValueError:
            found = None
        times.append(timezone.make_aware(found) if found and timezone.is_naive(found) else found)
    return times
