"""The queue of a desk and the list of all cases: boxes, query, rows, the counts of the menu."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django.views.decorators.http import require_safe

from cases.workflow import State
from dispatch.desk_forms import QueryForm
from dispatch.selectors.boxes import boxes_for
from dispatch.selectors.case_lists import CaseFilter
from dispatch.selectors.desk_lists import (
    DeskPage,
    class_choices,
    columns_of,
    counts_of,
    department_choices,
    desk_page,
    street_choices,
    unread_count,
)
from dispatch.views.entry import READERS, RECEIVERS, entering, frame
from gridcity.contracts import Actor, Invalid, Role
from parts.widgets import Listed

BOX_LABELS = {
    "todo": pgettext_lazy("box", "To do"),
    "done": pgettext_lazy("box", "Done"),
    "touched": pgettext_lazy("box", "Took part"),
    "supervised": pgettext_lazy("box", "Supervised"),
    "first": pgettext_lazy("box", "First contact"),
    "callback": pgettext_lazy("box", "To call back"),
}
# Filters that come from maps and figures; the query keeps them and they can be taken off.
KEPT_FILTERS = {"community": _("Community"), "cell": _("Cell"), "kind": _("Kind")}
KINDS = {"event": pgettext_lazy("kind", "Event"), "part": pgettext_lazy("kind", "Part")}
NO_PAGE = DeskPage([], None, None, 0, False)


@require_safe
def queue(request: HttpRequest) -> HttpResponse:
    """What waits for this desk, by what is due first; with ?box= its other boxes."""
    return _list(request, request.GET.get("box", "todo"))


@require_safe
def cases(request: HttpRequest) -> HttpResponse:
    """Every case that this user may see, newest first."""
    return _list(request, request.GET.get("box", ""))


def _list(request: HttpRequest, box: str) -> HttpResponse:
    actor, at = entering(request, READERS), timezone.now()
    has_map = Role.DISPATCHER in actor.roles
    form = query_form(request.GET, actor, is_short=has_map and box == "todo")
    page, faults = NO_PAGE, None
    if form.is_valid():
        try:
            wanted = filter_from(request.GET, box)
            cursor = request.GET.get("cursor") or None
            page = desk_page(actor, wanted, at=at, cursor=cursor, has_map=has_map)
        except Invalid as refusal:
            faults = refusal
    context = {
        **frame(actor),
        "form": form,
        "faults": faults,
        "page": page,
        "box": box,
        "boxes": boxes_of(request, actor, box),
        "columns": columns_of(actor),
        "now": at,
        "has_map": has_map,
        "keep": kept(request.GET, box),
        "chips": chips(request.GET),
        "is_filtered": is_filtered(request.GET),
        "clear_url": f"{request.path}?{urlencode({'box': box})}" if box else request.path,
        "map": {"rows": "#cases", "fit": "markers", "shade": "open"},
        "heading": BOX_LABELS.get(box, _("All cases")),
        "live_turns": " ".join(sorted(actor.roles)) if box == "todo" else "",
        "can_register": Role.ACCEPTOR in actor.roles,
    }
    is_part = bool(getattr(request, "htmx", None)) and request.htmx.target == "cases"  # type: ignore[attr-defined]
    template = "dispatch/includes/_list.html" if is_part else "dispatch/queue.html"
    status = 400 if faults or form.errors else 200
    return render(request, template, context, status=status)


def query_form(query: QueryDict, actor: Actor, *, is_short: bool = False) -> QueryForm:
    """The query as it stands in the address, ready to be changed."""
    states = stated(query)
    data = query.dict() | {"status": ",".join(states)}
    if data.get("class_code") and ":" not in str(data["class_code"]) and data.get("kind"):
        data["class_code"] = f"{data['kind']}:{data['class_code']}"
    without = {Role.DEPARTMENT: ["department"]}
    if is_short:
        # Beside the map what waits is found by a short query; the list of all cases has the whole.
        without = {Role.DISPATCHER: ["status", "department", "source", "since", "until"]}
    form = QueryForm(
        data,
        auto_id="query-%s",
        streets=street_choices(),
        departments=department_choices(),
        classes=class_choices(),
        without=[name for role in actor.roles for name in without.get(role, [])],
    )
    if len(states) > 1 and "status" in form.fields:
        words = "、".join(str(State(s).label) for s in states if s in State.values)
        form.fields["status"].choices += [(",".join(states), words)]  # type: ignore[attr-defined]
    code = data.get("class_code")
    if code and ":" not in str(code):
        field = form.fields["class_code"]
        field.choices = Listed(field.choices, [(code, code)])  # type: ignore[attr-defined]
    return form


def stated(query: QueryDict) -> list[str]:
    """The states asked for, repeated or with commas between."""
    return [one for text in query.getlist("status") for one in text.split(",") if one]


def filter_from(query: QueryDict, box: str) -> CaseFilter:
    """The filter that a query asks for. Raises Invalid naming the field."""
    data: dict[str, Any] = query.dict() | {"box": box}
    kind, colon, code = str(data.get("class_code", "")).partition(":")
    if colon:
        data |= {"kind": kind, "class_code": code}
    return CaseFilter.parse(data, {"status": stated(query)})


def kept(query: QueryDict, box: str) -> list[tuple[str, str]]:
    """What a new query keeps of the address beside its own fields."""
    pairs = [("box", box)] if box else []
    names = [
        name for name in KEPT_FILTERS if name != "kind" or ":" not in query.get("class_code", "")
    ]
    return pairs + [(name, str(query[name])) for name in names if query.get(name)]


def chips(query: QueryDict) -> list[dict[str, Any]]:
    """The kept filters in words, each with the address without it."""
    found = []
    for name, label in KEPT_FILTERS.items():
        if value := query.get(name):
            rest = query.copy()
            for gone in (name, "cursor"):
                rest.pop(gone, None)
            shown = KINDS.get(value, value)
            found.append({"label": label, "value": shown, "url": f"?{rest.urlencode()}"})
    return found


def is_filtered(query: QueryDict) -> bool:
    return any(value for name, value in query.items() if name not in {"box", "cursor"})


def boxes_of(request: HttpRequest, actor: Actor, box: str) -> list[dict[str, Any]]:
    """The tabs of the boxes; their figures come with the menu's."""
    if not actor.roles & READERS or request.path != reverse("dispatch:queue"):
        return []
    return [
        {"key": key, "label": BOX_LABELS[key], "is_here": key == box} for key in boxes_for(actor)
    ]


@require_safe
def counts(request: HttpRequest) -> HttpResponse:
    """The figures of menu and bell, swapped in out of band by htmx."""
    actor = entering(request, RECEIVERS)
    assert actor.user_id is not None
    context = {"counts": counts_of(actor), "unread": unread_count(actor.user_id)}
    return render(request, "includes/_counts.html", context)
