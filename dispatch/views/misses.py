"""Matters that patrols missed: to a supervisor his own, to the duty chief all of them."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django.views.decorators.http import require_POST, require_safe

from cases.models import Miss
from cases.selectors.misses import STATES, visible_misses
from cases.selectors.paging import page_of
from cases.services.missing import (
    object_to_miss,
    refuse_objection,
    uphold_objection,
    who_answers,
)
from dispatch.views.entry import entering, frame
from gridcity.contracts import Actor, Invalid, NotVisible, Refused, Role

READERS = frozenset({Role.SUPERVISOR, Role.DUTY_CHIEF})
SERVICES = {"object": object_to_miss, "uphold": uphold_objection, "refuse": refuse_objection}
BOXES = {
    "": pgettext_lazy("box", "All"),
    "waiting": _("Objections that wait"),
    "charged": _("Charged"),
    "upheld": _("Taken out"),
}


@require_safe
def misses(request: HttpRequest) -> HttpResponse:
    """GET /misses/[?state=waiting&cursor=…]: the latest first."""
    return _page(request, entering(request, READERS))


@require_POST
def answer(request: HttpRequest, number: str, word: str) -> HttpResponse:
    """POST /misses/<number>/object|uphold|refuse/ with a reason."""
    actor = entering(request, READERS)
    service = SERVICES.get(word)
    if service is None or not visible_misses(actor).filter(case__number=number).exists():
        raise NotVisible
    try:
        service(
            number=number, actor=actor, at=timezone.now(), reason=request.POST.get("reason", "")
        )
    except Refused as refusal:
        return _page(request, actor, refusal, number)
    messages.success(request, _("It is written down."))
    return redirect("dispatch:misses")


def _page(
    request: HttpRequest, actor: Actor, refusal: Refused | None = None, tried: str = ""
) -> HttpResponse:
    state = request.GET.get("state", "")
    rows = visible_misses(actor)
    faults: Refused | None = refusal
    found: dict[str, Any] = {"lines": [], "page": None}
    try:
        ids: QuerySet[Any, Any] = rows.filter(STATES.get(state, Q())).values("id")
        page = page_of(ids, cursor=request.GET.get("cursor") or None)
        told = rows.in_bulk([row["id"] for row in page.rows])
        lines = [_line(told[row["id"]], actor, tried, request) for row in page.rows]
        found = {"lines": lines, "page": page}
    except Invalid as unknown:
        faults = unknown
    context = {
        **frame(actor),
        **found,
        "faults": faults,
        "boxes": [(key, label, key == state) for key, label in BOXES.items()],
        "keep": [("state", state)] if state else [],
        "state": state,
        "is_chief": Role.DUTY_CHIEF in actor.roles,
        "count": rows.count(),
        "taken_out": rows.filter(STATES["upheld"]).count(),
    }
    status = faults.status if faults else 200
    return render(request, "dispatch/misses.html", context, status=status)


def _line(miss: Miss, actor: Actor, tried: str, request: HttpRequest) -> dict[str, Any]:
    """A miss, what may be done about it now, and the words of a refused attempt."""
    is_own = miss.supervisor_id == actor.user_id
    waits = miss.objected_at is not None and miss.answered_at is None
    return {
        "miss": miss,
        "waits": waits,
        "may_object": is_own and miss.objected_at is None and timezone.now() <= miss.object_until,
        "may_answer": waits
        and Role.DUTY_CHIEF in actor.roles
        and actor.user_id in who_answers(miss),
        "said": request.POST.get("reason", "") if miss.case.number == tried else "",
    }
