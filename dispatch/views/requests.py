"""The box of requests that need approval: what waits, what was asked, what became of it."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django.views.decorators.http import require_safe

from dispatch.desk_forms import RequestQueryForm
from dispatch.models import Request, RequestState
from dispatch.selectors.case_lists import lamp_of
from dispatch.selectors.request_lists import RequestFilter, RequestPage, list_requests
from dispatch.views.entry import READERS, entering, frame
from gridcity.contracts import Actor, Invalid, Role

BOXES = {
    "todo": pgettext_lazy("box", "To do"),
    "done": pgettext_lazy("box", "Done"),
    "touched": pgettext_lazy("box", "Took part"),
    "all": pgettext_lazy("box", "All"),
}


@require_safe
def requests(request: HttpRequest) -> HttpResponse:
    """Requests by box, kind and state, newest first."""
    actor, at = entering(request, READERS), timezone.now()
    box = request.GET.get("box") or first_box(actor)
    form = RequestQueryForm(request.GET, auto_id="query-%s")
    page, faults = RequestPage([], None, None), None
    try:
        query = request.GET.dict() | {"box": "" if box == "all" else box}
        page = list_requests(
            actor, RequestFilter.parse(query), cursor=request.GET.get("cursor") or None
        )
    except Invalid as refusal:
        faults = refusal
    context = {
        **frame(actor),
        "form": form,
        "faults": faults,
        "page": page,
        "rows": [row_of(one, at) for one in page.rows],
        "box": box,
        "boxes": [
            {"key": key, "label": label, "is_here": key == box} for key, label in BOXES.items()
        ],
        "keep": [("box", box)],
        "is_filtered": any(request.GET.get(name) for name in ("kind", "status")),
        "clear_url": f"?box={box}",
        "heading": _("Requests"),
        "now": at,
    }
    status = 400 if faults else 200
    return render(request, "dispatch/requests.html", context, status=status)


def first_box(actor: Actor) -> str:
    """Reviewers begin with what waits for them; others of a department with all that it asked."""
    reviews = actor.is_lead or bool(actor.roles & {Role.DISPATCHER, Role.DUTY_CHIEF})
    return "todo" if reviews else "all"


def row_of(request: Request, at: Any) -> dict[str, Any]:
    """A request with the review that runs, its lamp, and the last answer."""
    steps = list(request.steps.all())
    step = next((one for one in steps if one.ended_at is None), None)
    clock = {"due_at": step.due_at, "green_until": step.due_at, "ended_at": None} if step else None
    return {
        "request": request,
        "step": step,
        "lamp": lamp_of(clock, at) if clock else None,
        "answered": next((one for one in reversed(steps) if one.ended_at is not None), None),
        "is_open": request.state == RequestState.OPEN,
    }
