"""Inspections: entries of a period, a new one, and what comes of one of them."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from assessment.forms import period_asked
from assessment.inspection_forms import EntryForm, EntryQueryForm
from assessment.models import Entry, EntryPhoto, Step
from assessment.models.inspections import LIFTED
from assessment.periods import shortcuts_of
from assessment.selectors.inspections import (
    READERS,
    appeal_until,
    entries_found,
    is_its_own,
    object_of,
    page_of_entries,
    sheets_in_use,
    unread_count,
    visible_entries,
)
from assessment.services.inspections import (
    ASSESSORS,
    answer_entry,
    appeal_entry,
    check_may_inspect,
    mark_read,
    record_entry,
    withdraw_entry,
)
from cases.selectors.paging import COUNT_LIMIT, capped_count
from dispatch.views.entry import entering
from gridcity.contracts import Actor, Invalid, NotVisible, Refused, Role
from parts.photos import encode_photos
from parts.views.entry import put_refusal
from parts.views.photos import photo_response

DECIDED = frozenset({Step.UPHELD, Step.REFUSED, Step.WITHDRAWN})


@require_GET
def entries(request: HttpRequest) -> HttpResponse:
    """GET /inspections/?sheet=&object=&state=&period=: findings of a period, the latest first."""
    actor = entering(request, READERS)
    asked = request.GET.dict()
    period, dates, status = period_asked(asked, timezone.now(), "month")
    sheets = list(sheets_in_use())
    form = EntryQueryForm(
        {**asked, **{name: str(dates[name].value() or "") for name in ("since", "until")}},
        sheets=sheets,
    )
    wanted = form.wanted()
    found = entries_found(actor, period, wanted)
    page, listed = page_of_entries(found, request.GET.get("cursor"))
    total = capped_count(found)
    context = {
        "form": form,
        "period": period,
        "shortcuts": shortcuts_of(period),
        "page": page,
        "total": min(total, COUNT_LIMIT),
        "total_is_least": total > COUNT_LIMIT,
        "rows": [row_of(entry) for entry in listed],
        "unread": unread_count(actor),
        "may_inspect": bool(actor.roles & ASSESSORS),
        "sheets": sheets,
        "is_filtered": bool(wanted.sheet or wanted.object_key or wanted.state),
    }
    return render(request, "assessment/inspections.html", context, status=status)


def row_of(entry: Entry) -> dict[str, Any]:
    """An entry as lists show it: of whom, and where it stands."""
    steps = {step.step: step for step in entry.steps.all()}
    standing = next((steps[key] for key in reversed(Step.values) if key in steps), None)
    return {
        "entry": entry,
        "object": object_of(entry),
        "standing": standing,
        "is_lifted": any(step in steps for step in LIFTED),
        "steps": steps,
    }


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """GET, POST /inspections/new/?sheet=KEY: choose a sheet, then write down a finding."""
    actor = entering(request, READERS)
    check_may_inspect(actor)
    sheets = list(sheets_in_use())
    sheet = next((one for one in sheets if one.key == request.GET.get("sheet")), None)
    if sheet is None:
        return render(request, "assessment/inspection_new.html", {"sheets": sheets})
    form = EntryForm(request.POST or None, sheet=sheet, now=timezone.now())
    status = 200
    if request.method == "POST":
        made = written(request, actor, form)
        if made is not None:
            messages.success(request, _("Recorded; whom it scores can read it now."))
            return redirect("assessment:inspection", made.pk)
        status = 400
    context = {"sheets": sheets, "sheet": sheet, "form": form}
    return render(request, "assessment/inspection_new.html", context, status=status)


def written(request: HttpRequest, actor: Actor, form: EntryForm) -> Entry | None:
    """The entry, or None with what is wrong at the fields of the form."""
    if not form.is_valid():
        return None
    try:
        photos = encode_photos(request.FILES.getlist("photos"))
        return record_entry(actor=actor, at=timezone.now(), found=form.found(), photos=photos)
    except Refused as refusal:
        put_refusal(form, refusal)
        return None


@require_GET
def entry(request: HttpRequest, pk: int) -> HttpResponse:
    """GET /inspections/<id>/: the finding, its photos, what came of it and what is possible."""
    actor = entering(request, READERS)
    mark_read(entry_id=pk, actor=actor, at=timezone.now())
    return page_of(request, actor, pk)


def page_of(
    request: HttpRequest, actor: Actor, pk: int, refusal: Refused | None = None
) -> HttpResponse:
    found = visible_entries(actor).prefetch_related("steps__by", "photos").filter(pk=pk).first()
    if found is None:
        raise NotVisible
    row = row_of(found)
    open_still = not row["steps"].keys() & DECIDED
    context = row | {
        "until": appeal_until(found),
        "is_decided": not open_still or Step.APPEALED in row["steps"],
        "may_appeal": open_still
        and Step.APPEALED not in row["steps"]
        and is_its_own(actor, found)
        and timezone.now() <= appeal_until(found),
        "may_answer": open_still
        and Step.APPEALED in row["steps"]
        and Role.DUTY_CHIEF in actor.roles
        and found.assessor_id != actor.user_id,
        "may_withdraw": open_still
        and (found.assessor_id == actor.user_id or Role.DUTY_CHIEF in actor.roles),
        "photos": photo_lines(found),
        "faults": refusal,
        "said": request.POST,
    }
    status = refusal.status if refusal else 200
    return render(request, "assessment/inspection.html", context, status=status)


def photo_lines(found: Entry) -> list[dict[str, Any]]:
    return [
        {
            "url": reverse("assessment:inspection-photo", args=[photo.pk]),
            "thumbnail_url": reverse("assessment:inspection-thumbnail", args=[photo.pk]),
            "role_label": _("On site"),
            "taken_at": found.found_at,
        }
        for photo in found.photos.all()
    ]


@require_POST
def act(request: HttpRequest, pk: int) -> HttpResponse:
    """POST /inspections/<id>/act/ with act=appeal|uphold|refuse|withdraw and words."""
    actor = entering(request, READERS)
    said: dict[str, Any] = {
        "entry_id": pk,
        "actor": actor,
        "at": timezone.now(),
        "words": request.POST.get("words", ""),
    }
    try:
        match request.POST.get("act"):
            case "appeal":
                appeal_entry(**said)
            case "uphold" | "refuse" as answer:
                answer_entry(**said, upheld=answer == "uphold")
            case "withdraw":
                withdraw_entry(**said)
            case _:
                raise Invalid(_("Unknown action."), act=_("Unknown action."))
    except NotVisible:
        raise
    except Refused as refusal:
        return page_of(request, actor, pk, refusal)
    messages.success(request, _("Recorded."))
    return redirect("assessment:inspection", pk)


@require_GET
def photo(request: HttpRequest, pk: int, small: bool = False) -> HttpResponseBase:
    """A photo of an entry, for those who may see the entry. Raises NotVisible for others."""
    actor = entering(request, READERS)
    found = EntryPhoto.objects.filter(pk=pk, entry__in=visible_entries(actor)).first()
    if found is None:
        raise NotVisible
    return photo_response(found.thumbnail.name if small else found.file.name)
