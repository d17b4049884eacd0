"""What an administrator does to parts by hand: add, change, move, end, reclassify."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from gridcity.contracts import Actor, Refused, StaleVersion
from parts.models import CatalogueClass, Part
from parts.register_forms import (
    ChangeForm,
    MoveForm,
    NewPartForm,
    ReclassifyForm,
    StateForm,
    tell,
)
from parts.selectors.catalogue import list_classes
from parts.selectors.part_history import version_of
from parts.selectors.register import BODIES, body_names, get_part
from parts.services.attributes import EDITABLE, read_geometry
from parts.services.register import add_part, change_part, move_part, reclassify_part
from parts.services.states import change_part_state
from parts.views.entry import for_administrators
from parts.views.register import map_of


@require_http_methods(["GET", "HEAD", "POST"])
@for_administrators
def new(request: HttpRequest, actor: Actor) -> HttpResponse:
    """GET, POST /district/parts/new/: a part that the register lacks."""
    today = timezone.localdate()
    form = NewPartForm(
        request.POST or None, initial={"initial_on": today, "source": Part.Source.SURVEY}
    )
    if request.method == "POST" and form.is_valid():
        try:
            made = add_part(
                actor=actor,
                at=timezone.now(),
                class_code=form.cleaned_data["class_code"],
                geometry=read_geometry(form.cleaned_data["geom"]),
                said=form.said(),
            )
        except Refused as refusal:
            tell(form, refusal)
        else:
            messages.success(request, _("Added as %(code)s.") % {"code": made.code})
            return redirect("parts:part", made.code)
    kinds = {row.code: row.geometry for row in list_classes(kind=CatalogueClass.Kind.PART)}
    context = {"form": form, "names": names_of_bodies(), "kinds": kinds, "map": {}}
    return render(request, "parts/part_new.html", context, status=400 if form.errors else 200)


def names_of_bodies() -> list[tuple[str, list[str]]]:
    """What the register calls bodies by now, to choose from while typing."""
    return [(f"{body}-names", body_names()[body]) for body in BODIES]


# ---------------------------------------------------------------- one part


def do_change(form: Any, said: dict[str, Any]) -> Part:
    return change_part(**said, said=form.said())


def do_state(form: Any, said: dict[str, Any]) -> Part:
    return change_part_state(**said, state=form.cleaned_data["state"])


def do_move(form: Any, said: dict[str, Any]) -> Part:
    return move_part(
        **said,
        geometry=read_geometry(form.cleaned_data["geom"]),
        accuracy_class=form.cleaned_data["accuracy_class"],
    )


def do_reclassify(form: Any, said: dict[str, Any]) -> Part:
    return reclassify_part(**said, class_code=form.cleaned_data["class_code"])


ACTS: dict[str, Callable[[Any, dict[str, Any]], Part]] = {
    "change": do_change,
    "state": do_state,
    "move": do_move,
    "reclassify": do_reclassify,
}


@require_http_methods(["GET", "HEAD", "POST"])
@for_administrators
def change(request: HttpRequest, actor: Actor, code: str) -> HttpResponse:
    """GET, POST /district/parts/CODE/change/: `act` says which of four forms was sent."""
    part = get_part(code)
    sent = request.POST.get("act", "") if request.method == "POST" else ""
    forms_by_act = forms_of(part, sent, request.POST)
    form = forms_by_act.get(sent)
    if form is not None and form.is_valid():
        said = {
            "actor": actor,
            "at": timezone.now(),
            "part_id": part.pk,
            "seen": form.cleaned_data["seen"],
            "reason": form.cleaned_data["reason"],
        }
        try:
            made = ACTS[sent](form, said)
        except Refused as refusal:
            tell_moved(form, refusal)
        else:
            messages.success(request, _("Saved."))
            return redirect("parts:part", made.code)
    context = {
        "part": part,
        "forms": forms_by_act,
        "sent": sent,
        "names": names_of_bodies(),
        "successor": getattr(part, "successor", None),
        **map_of(part),
    }
    status = 400 if form is not None and form.errors else 200
    return render(request, "parts/part_change.html", context, status=status)


def forms_of(part: Part, sent: str, post: Mapping[str, Any]) -> dict[str, forms.Form]:
    """The four forms of a part; the one that was sent has what was typed."""
    seen = {"seen": version_of(part.pk)}
    attributes = {name: getattr(part, name) for name in EDITABLE}

    def data(act: str) -> Any:
        return post if act == sent else None

    return {
        "change": ChangeForm(data("change"), initial=seen | attributes, auto_id="change-%s"),
        "state": StateForm(data("state"), initial=seen | {"state": part.state}, auto_id="state-%s"),
        "move": MoveForm(
            data("move"),
            initial=seen | {"geom": part.geom.geojson, "accuracy_class": part.accuracy_class},
            auto_id="move-%s",
        ),
        "reclassify": ReclassifyForm(
            data("reclassify"), initial=seen, classes=classes_like(part), auto_id="class-%s"
        ),
    }


def classes_like(part: Part) -> list[CatalogueClass]:
    """The classes that a part may be put into: drawn as it is, and not its own."""
    return [
        row
        for row in list_classes(kind=CatalogueClass.Kind.PART)
        if row.geometry == part.catalogue_class.geometry and row.pk != part.catalogue_class_id
    ]


def tell_moved(form: forms.Form, refusal: Refused) -> None:
    """What was typed stays; when the part changed meanwhile, what changed stands on top.

    The next attempt names the version that was just shown.
    """
    tell(form, refusal)
    if isinstance(refusal, StaleVersion):
        for each in refusal.kept["changes"]:
            form.add_error(None, f"{each['field']}：{each['before']} → {each['after']}")
        part_id = refusal.kept.get("part_id")
        if part_id:
            form.data = form.data.copy()  # type: ignore[attr-defined]
            form.data["seen"] = str(version_of(part_id))  # type: ignore[index]
