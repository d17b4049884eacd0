"""The catalogue for administrators: classes of every scheme, and those of the city's own."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from gridcity.contracts import Actor, Invalid, NotVisible, Refused
from parts.catalogue_forms import ChangeClassForm, ClassForm, ClassQueryForm, NewClassForm
from parts.models import CatalogueClass, CodingScheme
from parts.selectors.catalogue import current_scheme, list_schemes, scheme_keys
from parts.selectors.class_pages import (
    ClassFilter,
    class_history,
    list_class_lines,
    pairs_of_class,
    places_for_local,
    rules_in_words,
)
from parts.selectors.standards import standards_of_class
from parts.services.classes import add_local_class, change_class
from parts.views.entry import for_administrators, put_refusal

TABS = {
    "catalogue": gettext_lazy("Classes"),
    "crosswalk": gettext_lazy("Crosswalk"),
    "schemes": gettext_lazy("Coding schemes"),
}


def page_frame(tab: str) -> dict[str, Any]:
    """What every page of the catalogue shows: the way to the other pages."""
    tabs = [
        {"url": reverse(f"parts:{name}"), "label": label, "is_here": name == tab}
        for name, label in TABS.items()
    ]
    return {"tabs": tabs}


@require_safe
@for_administrators
def catalogue(request: HttpRequest, actor: Actor) -> HttpResponse:
    """GET /district/catalogue/?scheme=&kind=&q=&state=: the classes of a scheme."""
    faults, lines, wanted = None, [], None
    try:
        wanted = ClassFilter.parse(request.GET.dict())
        lines = list_class_lines(wanted, on=timezone.localdate())
    except Invalid as refusal:
        faults = refusal
    scheme = wanted.scheme if wanted else current_scheme()
    context = {
        **page_frame("catalogue"),
        "form": ClassQueryForm(
            {**request.GET.dict(), "scheme": scheme}, schemes=list_schemes(), auto_id="query-%s"
        ),
        "faults": faults,
        "lines": lines,
        "scheme": CodingScheme.objects.filter(key=scheme).first(),
        "is_filtered": any(request.GET.get(name) for name in ("kind", "q", "state")),
    }
    return render(request, "parts/catalogue.html", context, status=400 if faults else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@for_administrators
def add_class(request: HttpRequest, actor: Actor, key: str) -> HttpResponse:
    """A new class of the city's own in a scheme, numbered by the rules of that scheme."""
    scheme = CodingScheme.objects.filter(key=key).first()
    if scheme is None or key not in scheme_keys():
        raise NotVisible
    places = places_for_local(scheme)
    form = NewClassForm(request.POST or None, places=places)
    if request.method == "POST" and form.is_valid():
        kind, _colon, major = form.cleaned_data["place"].partition(":")
        try:
            entry = add_local_class(
                actor=actor, at=timezone.now(), scheme=key, kind=kind, major=major,
                said=form.said(),
            )  # fmt: skip
        except Refused as refusal:
            put_refusal(form, refusal)
        else:
            said = {"code": entry.code, "name": entry.name}
            messages.success(request, _("Class %(code)s %(name)s was added.") % said)
            return redirect("parts:class", entry.pk)
    context = {
        **page_frame("catalogue"), "form": form, "scheme": scheme, "rules": rules_in_words(scheme),
    }  # fmt: skip
    return render(request, "parts/class_add.html", context, status=400 if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@for_administrators
def one_class(request: HttpRequest, actor: Actor, class_id: int) -> HttpResponse:
    """A class: what may change of it, its standards, what it is read as, what it was."""
    entry = CatalogueClass.objects.select_related("scheme").filter(pk=class_id).first()
    if entry is None:
        raise NotVisible
    form = ChangeClassForm(request.POST or None, entry=entry, initial=initial_of(entry))
    if request.method == "POST" and form.is_valid():
        try:
            change_class(
                actor=actor, at=timezone.now(), class_id=entry.pk, said=form.change(),
                reason=form.cleaned_data["reason"],
            )  # fmt: skip
        except Refused as refusal:
            put_refusal(form, refusal)
        else:
            messages.success(request, _("The class was changed."))
            return redirect("parts:class", entry.pk)
    context = {
        **page_frame("catalogue"),
        "form": form,
        "entry": entry,
        "standards": standards_of_class(entry.pk),
        "pairs": pairs_of_class(entry.pk),
        "history": class_history(entry.pk),
        "today": timezone.localdate(),
    }
    return render(request, "parts/class.html", context, status=400 if form.is_bound else 200)


def initial_of(entry: CatalogueClass) -> dict[str, Any]:
    return {name: getattr(entry, name) for name in (*ClassForm.base_fields, "is_active")}
