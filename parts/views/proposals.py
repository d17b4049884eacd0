"""The administrator's desk of field updates: what waits, one of them, and its photos."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from gridcity.contracts import Actor, Invalid, NotVisible, Refused
from parts.models import Proposal
from parts.selectors import proposals as selectors
from parts.services.answering import accept_proposal, accuracy_remark, refuse_proposal
from parts.views.entry import READERS, for_administrators, for_roles
from parts.views.photos import photo_response
from parts.views.register import map_of


@require_safe
@for_administrators
def proposals(request: HttpRequest, actor: Actor) -> HttpResponse:
    """GET /district/proposals/?state=: field updates, those that wait first of all."""
    state = request.GET.get("state", Proposal.State.OPEN)
    if state not in Proposal.State.values:
        raise Invalid(_("There is no such state."), state=_("Unknown state."))
    counts = selectors.counts_by_state()
    context = {
        "page": selectors.list_proposals(state=state, cursor=request.GET.get("cursor")),
        "state": state,
        "boxes": [(key, label, counts.get(key, 0)) for key, label in Proposal.State.choices],
    }
    return render(request, "parts/proposals.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@for_administrators
def proposal(request: HttpRequest, actor: Actor, proposal_id: int) -> HttpResponse:
    """GET, POST /district/proposals/ID/ (act: accept or refuse)."""
    faults: Refused | None = None
    if request.method == "POST":
        try:
            return answered(request, actor, proposal_id)
        except NotVisible:
            raise
        except Refused as refusal:
            faults = refusal
    found = selectors.get_proposal(proposal_id)
    context = {
        "proposal": found,
        "values": selectors.values_of(found),
        "photos": [photo_line(photo.pk, photo.taken_at) for photo in found.photos.all()],
        "remark": accuracy_remark(found),
        "faults": faults,
        "said": request.POST,
        "map": places_of(found),
    }
    return render(request, "parts/proposal.html", context, status=faults.status if faults else 200)


def answered(request: HttpRequest, actor: Actor, proposal_id: int) -> HttpResponse:
    """Accept or refuse, then on to the next that waits; back to the list when none does."""
    said: dict[str, Any] = {"actor": actor, "at": timezone.now(), "proposal_id": proposal_id}
    if request.POST.get("act") == "accept":
        part = accept_proposal(
            **said,
            accuracy_confirmed=request.POST.get("accuracy_confirmed") == "on",
            answer=request.POST.get("answer", ""),
        )
        messages.success(request, _("Accepted: %(code)s.") % {"code": part.code})
    else:
        refuse_proposal(**said, reason=request.POST.get("reason", ""))
        messages.success(request, _("Refused; the proposer is told."))
    following = selectors.next_open(proposal_id)
    return redirect("parts:proposal", following) if following else redirect("parts:proposals")


def places_of(found: Proposal) -> dict[str, Any]:
    """The register's place and the proposed one, by letters."""
    markers = []
    if found.part is not None:
        spot = map_of(found.part)
        markers.append(
            {"id": "now", "lon": spot["lon"], "lat": spot["lat"], "letter": _("R"),
             "label": _("in the register")}
        )  # fmt: skip
    if found.point is not None:
        is_place = found.kind in (Proposal.Kind.NEW, Proposal.Kind.MOVED)
        label = _("proposed place") if is_place else _("where the proposer stood")
        markers.append(
            {"id": "new", "lon": found.point.x, "lat": found.point.y, "letter": _("P"),
             "label": label}
        )  # fmt: skip
    return {"markers": markers, "zoom": 18}


def photo_line(photo_id: int, taken_at: Any) -> dict[str, Any]:
    return {
        "url": reverse("parts:proposal-photo", args=[photo_id]),
        "thumbnail_url": reverse("parts:proposal-thumbnail", args=[photo_id]),
        "role_label": _("On site"),
        "taken_at": taken_at,
    }


@require_safe
@for_roles(READERS)
def photo(request: HttpRequest, actor: Actor, photo_id: int, small: bool = False) -> Any:
    """A photo, for administrators and its proposer. Raises NotVisible for all others."""
    found = selectors.get_photo(actor, photo_id)
    return photo_response(found.thumbnail.name if small else found.file.name)
