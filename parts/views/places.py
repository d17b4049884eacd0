"""The places of the geocoder for administrators: found, added, changed, ended, imported."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from gridcity.contracts import Actor, NotAllowed, Refused
from jobs.models import Job
from jobs.selectors import get_job
from jobs.services import enqueue_job
from parts.models import Place
from parts.place_forms import PlaceFileForm, PlaceForm, PlaceQueryForm
from parts.selectors.place_lists import PlaceFilter, get_place, list_places, state_of
from parts.services.place_import import KIND
from parts.services.place_table import COLUMNS
from parts.services.places import add_place, change_place, end_place, fingerprint
from parts.views.entry import for_administrators, put_refusal

GET_OR_POST = ["GET", "HEAD", "POST"]
SAMPLE_ROWS = (
    ("兴趣点", "示例医院", "示例一院", "示例诊所", "", "116.4096", "39.9122", "2020-01-01", ""),
    ("门楼牌", "示例胡同5号", "", "", "", "116.4101", "39.9130", "", ""),
)  # fmt: skip


@require_safe
@for_administrators
def places(request: HttpRequest, actor: Actor) -> HttpResponse:
    """GET /district/places/?q=&kind=&state=: places by code."""
    today = timezone.localdate()
    wanted = PlaceFilter.parse(request.GET.dict())
    page = list_places(wanted, on=today, cursor=request.GET.get("cursor", ""))
    context = {
        "form": PlaceQueryForm(request.GET or None, auto_id="query-%s"),
        "page": page,
        "rows": [{"place": place, "state": state_of(place, today)} for place in page.rows],
        "is_filtered": wanted != PlaceFilter(),
        "map": {"rows": "#places", "fit": "markers"},
    }
    return render(request, "parts/places.html", context)


@require_http_methods(GET_OR_POST)
@for_administrators
def new(request: HttpRequest, actor: Actor) -> HttpResponse:
    """GET, POST /district/places/new/."""
    form = PlaceForm(request.POST or None, is_new=True, initial={"kind": Place.Kind.POINT})
    if request.method == "POST" and form.is_valid():
        try:
            place = add_place(actor=actor, at=timezone.now(), said=form.said())
        except Refused as refusal:
            return page_of(request, form, None, refusal)
        messages.success(request, _("Added: %(name)s.") % {"name": place.standard_name})
        return redirect("parts:places")
    return page_of(request, form, None)


@require_http_methods(GET_OR_POST)
@for_administrators
def change(request: HttpRequest, actor: Actor, place_id: int) -> HttpResponse:
    """GET, POST /district/places/<id>/."""
    place = get_place(place_id)
    form = PlaceForm(request.POST or None, is_new=False, initial=initial_of(place))
    if request.method == "POST" and form.is_valid():
        try:
            change_place(
                actor=actor,
                at=timezone.now(),
                place_id=place_id,
                said=form.said(),
                seen=form.cleaned_data["seen"],
            )
        except Refused as refusal:
            return page_of(request, form, place, refusal)
        messages.success(request, _("Changed: %(name)s.") % {"name": form.cleaned_data["name"]})
        return redirect("parts:places")
    return page_of(request, form, place)


def initial_of(place: Place) -> dict[str, Any]:
    names = ("kind", "aliases", "former_names", "valid_from", "valid_to")
    return {name: getattr(place, name) for name in names} | {
        "name": place.standard_name,
        "lon": place.point.x,
        "lat": place.point.y,
        "seen": fingerprint(place),
    }


def page_of(
    request: HttpRequest, form: PlaceForm, place: Place | None, refusal: Refused | None = None
) -> HttpResponse:
    """The form with its map; a refusal stands at its fields, and nothing typed is lost."""
    if refusal is not None:
        put_refusal(form, refusal)
    pin: dict[str, Any] = {"movable": True}
    at = [form["lon"].value(), form["lat"].value()]
    if all(value not in (None, "") for value in at):
        pin |= {"lon": at[0], "lat": at[1]}
    context = {
        "form": form,
        "place": place,
        "state": state_of(place, timezone.localdate()) if place else "",
        "map": {"pin": pin, "zoom": 14},
    }
    status = refusal.status if refusal else 400 if form.errors else 200
    return render(request, "parts/place_form.html", context, status=status)


@require_POST
@for_administrators
def end(request: HttpRequest, actor: Actor, place_id: int) -> HttpResponse:
    """POST /district/places/<id>/end/: its name is in force no more."""
    try:
        place = end_place(actor=actor, at=timezone.now(), place_id=place_id)
    except Refused as refusal:
        messages.error(request, str(refusal.detail))
    else:
        words = _("%(name)s is in force until %(day)s.")
        day = f"{place.valid_to:%Y-%m-%d}"
        messages.success(request, words % {"name": place.standard_name, "day": day})
    return redirect("parts:places")


# ---------------------------------------------------------------- import


@require_http_methods(GET_OR_POST)
@for_administrators
def import_places(request: HttpRequest, actor: Actor) -> HttpResponse:
    """GET, POST /district/places/import/: a table is judged in the background, nothing written."""
    form = PlaceFileForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        job = ask(actor, form.cleaned_data["file"], is_dry=True)
        return redirect("jobs:detail", job.pk)
    context = {"form": form, "columns": [titles[0] for titles in COLUMNS.values()]}
    return render(request, "parts/place_import.html", context, status=400 if form.errors else 200)


@require_POST
@for_administrators
def apply_import(request: HttpRequest, actor: Actor, job_id: int) -> HttpResponse:
    """POST /district/places/import/<job>/: write what a dry run has shown."""
    judged = get_job(request.user, job_id)
    is_dry_run = judged.kind == KIND and judged.arguments.get("dry_run")
    if not is_dry_run or judged.state != Job.State.DONE:
        raise NotAllowed(_("Only what a dry run has shown can be written."))
    with judged.input.open("rb") as kept:
        name = judged.input.name.rpartition("/")[2]
        job = ask(actor, SimpleUploadedFile(name, kept.read()), is_dry=False)
    return redirect("jobs:detail", job.pk)


def ask(actor: Actor, file: Any, *, is_dry: bool) -> Job:
    title = _("Places: dry run of %(name)s") if is_dry else _("Places: import of %(name)s")
    return enqueue_job(
        actor=actor,
        at=timezone.now(),
        kind=KIND,
        title=title % {"name": file.name},
        arguments={"dry_run": is_dry},
        file=file,
    )


@require_safe
@for_administrators
def sample(request: HttpRequest, actor: Actor) -> HttpResponse:
    """GET /district/places/import/sample.csv: the columns with two rows, to be filled in."""
    lines = [[titles[0] for titles in COLUMNS.values()], *SAMPLE_ROWS]
    text = "\r\n".join(",".join(line) for line in lines) + "\r\n"
    response = HttpResponse("\ufeff" + text, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="places.csv"'
    return response
