"""The yearly census: opened and watched by administrators, walked by supervisors on the phone."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from gridcity.contracts import Actor, Refused
from jobs.selectors import show_job
from parts.models import Census, CensusPart
from parts.register_forms import CensusForm, tell
from parts.selectors import censuses as selectors
from parts.services.censuses import (
    CensusInput,
    ask_again,
    ask_census,
    close_census,
    discard_census,
    end_cell,
    tick,
)
from parts.views.entry import SUPERVISORS, for_administrators, for_roles


@require_safe
@for_administrators
def censuses(request: HttpRequest, actor: Actor) -> HttpResponse:
    """GET /district/censuses/: all campaigns with their progress."""
    rows = [
        {"census": census, "progress": progress, "state": state_of(census)}
        for census, progress in selectors.list_censuses()
    ]
    return render(request, "parts/censuses.html", {"rows": rows})


def state_of(census: Census) -> str:
    """`opening`, `coming`, `running`, `over` (its days are), `closed` (an administrator's word)."""
    today = timezone.localdate()
    if census.state != Census.State.OPEN:
        return census.state
    if today < census.begins_on:
        return "coming"
    return "running" if today <= census.ends_on else "over"


@require_http_methods(["GET", "HEAD", "POST"])
@for_administrators
def new(request: HttpRequest, actor: Actor) -> HttpResponse:
    """GET, POST /district/censuses/new/"""
    form = CensusForm(request.POST or None, initial={"begins_on": timezone.localdate()})
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            made = ask_census(
                actor=actor,
                at=timezone.now(),
                said=CensusInput(**said | {"cells": said["cells"].split()}),
            )
        except Refused as refusal:
            tell(form, refusal)
        else:
            return redirect("parts:census", made.pk)
    return render(
        request, "parts/census_new.html", {"form": form}, status=400 if form.errors else 200
    )


@require_safe
@for_administrators
def census(request: HttpRequest, actor: Actor, census_id: int) -> HttpResponse:
    """GET /district/censuses/ID/?street=&community=&done=open|done: progress, and its cells."""
    found = selectors.get_census(census_id)
    if found.state == Census.State.OPENING:
        return show_opening(request, found)
    wanted = selectors.CellFilter.parse(request.GET)
    context = {
        "census": found,
        "state": state_of(found),
        "chosen": selectors.chosen_of(found),
        "total": selectors.total_progress(found),
        "by_street": selectors.progress_by_street(found),
        "by_class": selectors.progress_by_class(found),
        "cells": selectors.list_census_cells(found, wanted, request.GET.get("cursor")),
        "communities": selectors.communities_of(found, wanted.street),
        "wanted": wanted,
    }
    return render(request, "parts/census.html", context)


def show_opening(request: HttpRequest, census: Census) -> HttpResponse:
    """A census that is being opened: how far it is, or why it is not and what can be done."""
    job = census.opening_job
    context = {
        "census": census,
        "state": census.state,
        "chosen": selectors.chosen_of(census),
        "job": job,
        "view": show_job(job) if job is not None else None,
        "is_stuck": job is None or not job.is_alive,
    }
    return render(request, "parts/census_opening.html", context)


@require_POST
@for_administrators
def again(request: HttpRequest, actor: Actor, census_id: int) -> HttpResponse:
    """POST /district/censuses/ID/again/: try once more to open it."""
    ask_again(actor=actor, at=timezone.now(), census_id=census_id)
    return redirect("parts:census", census_id)


@require_POST
@for_administrators
def discard(request: HttpRequest, actor: Actor, census_id: int) -> HttpResponse:
    """POST /district/censuses/ID/discard/: it was never opened and is not to be."""
    name = discard_census(actor=actor, at=timezone.now(), census_id=census_id)
    messages.success(request, _("The census “%(name)s” was taken back.") % {"name": name})
    return redirect("parts:censuses")


@require_POST
@for_administrators
def close(request: HttpRequest, actor: Actor, census_id: int) -> HttpResponse:
    """POST /district/censuses/ID/close/"""
    close_census(actor=actor, at=timezone.now(), census_id=census_id)
    messages.success(request, _("The census has ended."))
    return redirect("parts:census", census_id)


# ---------------------------------------------------------------- on the phone


@require_safe
@for_roles(SUPERVISORS)
def walk(request: HttpRequest, actor: Actor, census_cell_id: int) -> HttpResponse:
    """GET /patrol/census/ID/: the parts of a cell, to be ticked one by one."""
    cell = selectors.get_census_cell(census_cell_id)
    rows = selectors.parts_of_cell(cell)
    context = {
        "back_url": reverse("parts:field"),
        "bar_title": cell.census.name,
        "cell": cell,
        "rows": rows,
        "looked": sum(bool(row.found) for row in rows),
        "is_running": state_of(cell.census) == "running",
        "map": {
            "own": {"follow": False},
            "cells": [cell.cell.code],
            "without": ["parts"],
            "markers": [marker(row) for row in rows],
        },
    }
    return render(request, "parts/census_walk.html", context)


def marker(row: CensusPart) -> dict[str, Any]:
    """A part of the cell on the map; what is ticked is green, and says so by its shape."""
    geom: Any = row.part.geom
    spot = geom if geom.geom_type == "Point" else geom.point_on_surface
    lamp = {"": "none", CensusPart.Found.PRESENT: "green"}.get(row.found, "yellow")
    return {
        "id": row.pk,
        "lon": spot.x,
        "lat": spot.y,
        "label": f"{row.part.name} {row.part.code[-6:]}",
        "lamp": lamp,
        "letter": "",
    }


@require_POST
@for_roles(SUPERVISORS)
def tick_part(request: HttpRequest, actor: Actor, census_part_id: int) -> HttpResponse:
    """POST /patrol/census/tick/ID/ (found): the line of the part as it is now, for htmx."""
    row = tick(
        actor=actor,
        at=timezone.now(),
        census_part_id=census_part_id,
        found=request.POST.get("found", ""),
    )
    if not request.headers.get("HX-Request"):
        return redirect("parts:census-walk", row.census_cell_id)
    context = {"row": row, "is_running": True}
    return render(request, "parts/includes/_census_part.html", context)


@require_POST
@for_roles(SUPERVISORS)
def end(request: HttpRequest, actor: Actor, census_cell_id: int) -> HttpResponse:
    """POST /patrol/census/ID/end/ (rest_present): this cell is walked."""
    try:
        end_cell(
            actor=actor,
            at=timezone.now(),
            census_cell_id=census_cell_id,
            rest_present=request.POST.get("rest_present") == "on",
        )
    except Refused as refusal:
        if refusal.status == 404:
            raise
        messages.error(request, str(refusal.detail))
        return redirect("parts:census-walk", census_cell_id)
    messages.success(request, _("The cell is done."))
    return redirect("parts:field")
