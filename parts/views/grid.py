"""The unit grid in editions: the list, a draft's report, what a publication did, and then."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from gridcity.contracts import Actor, Invalid, NotAllowed, Refused
from jobs.services import enqueue_job
from parts import grid_jobs
from parts.grid_forms import (
    AreaForm,
    DivideForm,
    DraftForm,
    ImportForm,
    ThenForm,
    VersionForm,
    is_draft,
)
from parts.models import Edition, Level
from parts.selectors.drafts import (
    SHOWN_FINDINGS,
    alive_areas,
    area_changes,
    cell_on,
    check_counts,
    current_edition,
    findings_geojson,
    get_edition,
    level_counts,
    list_editions,
    list_findings,
    shapes_geojson,
)
from parts.services.grid.drafting import begin_draft, check_version, discard_draft
from parts.services.grid.editing import Edit, describe_area
from parts.services.grid.publishing import check_can_publish
from parts.views.entry import for_administrators

TABS = {
    "editions": gettext_lazy("Editions"),
    "edition-compare": gettext_lazy("Compare editions"),
    "grid-then": gettext_lazy("Which cell was it?"),
}


def tabs(here: str) -> list[dict[str, Any]]:
    """The pages of the grid."""
    return [
        {"url": reverse(f"parts:{name}"), "label": label, "is_here": name == here}
        for name, label in TABS.items()
    ]


def edit_of(form: VersionForm, actor: Actor, edition_id: int) -> Edit:
    return Edit(actor, timezone.now(), edition_id, form.cleaned_data["version"])


def version_of(request: HttpRequest) -> int:
    """The version that the page showed. Raises Invalid for a request without one."""
    form = VersionForm(request.POST)
    if not form.is_valid():
        raise Invalid(_("This page is out of date: load it anew."), version=_("Required."))
    return int(form.cleaned_data["version"])


# ---------------------------------------------------------------- the list


@require_http_methods(["GET", "POST"])
@for_administrators
def editions(request: HttpRequest, actor: Actor) -> HttpResponse:
    """GET /district/grid/: every edition; POST begins a draft."""
    form = DraftForm(request.POST or None)
    refusal: Refused | None = None
    if request.method == "POST" and form.is_valid():
        try:
            draft = begin_draft(actor=actor, at=timezone.now(), **form.cleaned_data)
        except Refused as refused:
            refusal = refused
        else:
            return redirect("parts:edition", draft.pk)
    listed = list_editions()
    context = {
        "tabs": tabs("editions"),
        "form": form,
        "faults": refusal,
        "drafts": [edition for edition in listed if is_draft(edition)],
        "editions": [edition for edition in listed if not is_draft(edition)],
    }
    is_wrong = request.method == "POST"
    return render(request, "parts/grid/editions.html", context, status=400 if is_wrong else 200)


@require_safe
@for_administrators
def edition(request: HttpRequest, actor: Actor, edition_id: int) -> HttpResponse:
    """GET /district/grid/<id>/: the report of a draft, or what a publication did."""
    found = get_edition(edition_id)
    if not is_draft(found):
        context = {"tabs": tabs(""), "edition": found, "outcome": found.outcome}
        return render(request, "parts/grid/published.html", context)
    return report(request, found)


def report(
    request: HttpRequest, draft: Edition, refusal: Refused | None = None, status: int = 200
) -> HttpResponse:
    """What the draft holds, what was found in it, what it will change, and what may be done."""
    check = request.GET.get("check", "")
    is_checked = draft.checked_version == draft.version
    context = {
        "tabs": tabs(""),
        "edition": draft,
        "faults": refusal,
        "levels": level_counts(draft),
        "is_checked": is_checked,
        "counts": check_counts(draft),
        "check": check,
        "findings": list_findings(draft, check),
        "shown": SHOWN_FINDINGS,
        "changes": area_changes(draft),
        "successors": {level: alive_areas(draft, level) for level in ("street", "community")},
        "why_not": why_not(draft),
        "map": {
            "draft": reverse("parts:edition-shapes", args=[draft.pk]),
            "findings": reverse("parts:edition-findings", args=[draft.pk]) + f"?check={check}",
        },
    }
    return render(request, "parts/grid/draft.html", context, status=status)


def why_not(draft: Edition) -> str:
    """Why the draft cannot be published now; empty when it can."""
    try:
        check_can_publish(draft)
    except NotAllowed as refusal:
        return str(refusal.detail)
    return ""


def again(request: HttpRequest, edition_id: int, refusal: Refused) -> HttpResponse:
    """The page with the sentence of the refusal; of a draft that is gone, the list."""
    found = Edition.objects.filter(pk=edition_id).first()
    if found is None or not is_draft(found):
        messages.error(request, str(refusal.detail))
        return redirect("parts:edition", edition_id) if found else redirect("parts:editions")
    return report(request, get_edition(edition_id), refusal, refusal.status)


# ---------------------------------------------------------------- what is done with a draft


@require_POST
@for_administrators
def check(request: HttpRequest, actor: Actor, edition_id: int) -> HttpResponse:
    """Have the draft checked in the background."""
    return ask(request, actor, edition_id, grid_jobs.CHECK)


@require_POST
@for_administrators
def publish(request: HttpRequest, actor: Actor, edition_id: int) -> HttpResponse:
    """Have the draft published in the background."""
    return ask(request, actor, edition_id, grid_jobs.PUBLISH)


def ask(request: HttpRequest, actor: Actor, edition_id: int, kind: str) -> HttpResponse:
    """Write a job down, unless somebody changed the draft since the page was shown."""
    at = timezone.now()
    try:
        draft = check_version(actor=actor, edition_id=edition_id, version=version_of(request))
        if kind == grid_jobs.PUBLISH:
            check_can_publish(draft)
    except Refused as refusal:
        return again(request, edition_id, refusal)
    job = enqueue_job(
        actor=actor, at=at, kind=kind, title=grid_jobs.title_of(kind, draft),
        arguments={"edition": draft.pk, "version": draft.version},
    )  # fmt: skip
    return redirect("jobs:detail", job.pk)


@require_POST
@for_administrators
def discard(request: HttpRequest, actor: Actor, edition_id: int) -> HttpResponse:
    """Throw a draft away."""
    try:
        discard_draft(
            actor=actor, at=timezone.now(), edition_id=edition_id, version=version_of(request)
        )
    except Refused as refusal:
        return again(request, edition_id, refusal)
    messages.success(request, _("The draft was thrown away."))
    return redirect("parts:editions")


@require_POST
@for_administrators
def area(request: HttpRequest, actor: Actor, edition_id: int) -> HttpResponse:
    """Name a street or community of the draft, or say who follows it."""
    form = AreaForm(request.POST)
    try:
        if not form.is_valid():
            raise Invalid(_("Please look at these points; everything you typed is still here."))
        said = form.cleaned_data
        describe_area(
            edit=edit_of(form, actor, edition_id), level=said["level"], code=said["code"],
            name=said["name"] or None, successor=said["successor"] or None,
        )  # fmt: skip
    except Refused as refusal:
        return again(request, edition_id, refusal)
    messages.success(request, _("Saved. Check the draft again before it is published."))
    return redirect("parts:edition", edition_id)


@require_http_methods(["GET", "POST"])
@for_administrators
def import_file(request: HttpRequest, actor: Actor, edition_id: int) -> HttpResponse:
    """GET /district/grid/<id>/import/: a file of boundaries into the draft, by a job."""
    draft = get_edition(edition_id)
    initial = {"version": draft.version, "level": Level.CELL}
    form = ImportForm(request.POST or None, request.FILES or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        arguments = {"source": form.source()}
        return begin(request, actor, draft, form, grid_jobs.IMPORT, arguments)
    return form_page(request, draft, form)


@require_http_methods(["GET", "POST"])
@for_administrators
def divide(request: HttpRequest, actor: Actor, edition_id: int) -> HttpResponse:
    """GET /district/grid/<id>/divide/: cells of a wished size along streets, by a job."""
    draft = get_edition(edition_id)
    form = DivideForm(
        request.POST or None, request.FILES or None, initial={"version": draft.version},
        communities=alive_areas(draft, Level.COMMUNITY),
    )  # fmt: skip
    if request.method == "POST" and form.is_valid():
        return begin(request, actor, draft, form, grid_jobs.DIVIDE, {"wish": form.wish()})
    return form_page(request, draft, form)


def begin(
    request: HttpRequest,
    actor: Actor,
    draft: Edition,
    form: VersionForm,
    kind: str,
    arguments: dict[str, Any],
) -> HttpResponse:
    """Ask for work with a form; what stands against it is said on the form."""
    version = form.cleaned_data["version"]
    try:
        check_version(actor=actor, edition_id=draft.pk, version=version)
    except Refused as refusal:
        return form_page(request, draft, form, refusal)
    job = enqueue_job(
        actor=actor, at=timezone.now(), kind=kind, title=grid_jobs.title_of(kind, draft),
        arguments={"edition": draft.pk, "version": version, **arguments},
        file=form.cleaned_data.get("file"),
    )  # fmt: skip
    return redirect("jobs:detail", job.pk)


def form_page(
    request: HttpRequest, draft: Edition, form: Form, refusal: Refused | None = None
) -> HttpResponse:
    """The form of an import or a division."""
    template = (
        "parts/grid/import.html" if isinstance(form, ImportForm) else "parts/grid/divide.html"
    )
    status = refusal.status if refusal else 400 if form.is_bound else 200
    context = {"tabs": tabs(""), "edition": draft, "form": form, "faults": refusal}
    return render(request, template, context, status=status)


# ---------------------------------------------------------------- maps


@require_safe
@gzip_page
@for_administrators
def findings(request: HttpRequest, actor: Actor, edition_id: int) -> HttpResponse:
    """The places of what was found, as GeoJSON."""
    text = findings_geojson(get_edition(edition_id), request.GET.get("check", ""))
    return HttpResponse(text, content_type="application/geo+json")


@require_safe
@gzip_page
@for_administrators
def shapes(request: HttpRequest, actor: Actor, edition_id: int) -> HttpResponse:
    """GET …/shapes/?level=&prefix=: shapes of the draft as they are to be, as GeoJSON."""
    level = request.GET.get("level", Level.COMMUNITY)
    if level not in Level.values:
        raise Invalid(_("Say what the file holds."), level=_("Not in the list."))
    text = shapes_geojson(get_edition(edition_id), level, request.GET.get("prefix", "")[:15])
    return HttpResponse(text, content_type="application/geo+json")


# ---------------------------------------------------------------- then


@require_safe
@for_administrators
def then(request: HttpRequest, actor: Actor) -> HttpResponse:
    """GET /district/grid/then/?lon=&lat=&on=: the cell of a place on a day, and today."""
    form = ThenForm(request.GET or None, initial={"on": timezone.localdate()})
    context: dict[str, Any] = {
        "tabs": tabs("grid-then"),
        "form": form,
        "current": current_edition(),
    }
    pin: dict[str, Any] = {"movable": True}
    if form.is_bound and form.is_valid():
        said = form.cleaned_data
        place = {"lon": said["lon"], "lat": said["lat"]}
        context |= {
            "then": cell_on(**place, on=said["on"]),
            "today": cell_on(**place, on=timezone.localdate()),
            "on": said["on"],
            "is_answered": True,
        }
        pin |= place
    context["map"] = {"pin": pin}
    is_wrong = form.is_bound and not form.is_valid()
    return render(request, "parts/grid/then.html", context, status=400 if is_wrong else 200)
