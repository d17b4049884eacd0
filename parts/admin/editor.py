"""The editor of a draft's cells: cut, join, void, describe, take back; by pointer or by keyboard.

The cut is drawn with the map widget, or given by its bearing and the share it leaves: whoever
works without a pointer does all that the map does.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.contrib.gis.forms import LineStringField
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from leaflet.forms.widgets import LeafletWidget

from gridcity.contracts import Actor, Invalid, Refused
from parts.grid_forms import AttributesForm, VersionForm, is_draft
from parts.models import Edition, Level
from parts.selectors.drafts import alive_areas, cells_of_community, get_edition
from parts.services.grid.editing import (
    Changed,
    Edit,
    cut_line,
    describe_cells,
    merge_cells,
    restore_cell,
    split_cell,
    void_cell,
)

SRID = 4490


class CutForm(VersionForm):
    """Which cells, and along what they are cut."""

    codes = forms.MultipleChoiceField(required=False)
    line = LineStringField(
        label=gettext_lazy("Line of the cut"),
        required=False,
        srid=4326,
        widget=LeafletWidget(attrs={"geom_type": "LINESTRING", "map_height": "460px"}),
    )
    bearing = forms.FloatField(
        label=gettext_lazy("Bearing of the cut in degrees"),
        required=False,
        min_value=0,
        max_value=360,
        initial=0,
        help_text=gettext_lazy("0 runs north, 90 east. Counts where no line is drawn."),
    )
    share = forms.FloatField(
        label=gettext_lazy("Share left of it in %"),
        required=False,
        min_value=1,
        max_value=99,
        initial=50,
    )
    reason = forms.CharField(
        label=gettext_lazy("Reason for voiding"), max_length=200, required=False
    )

    def __init__(self, *args: Any, codes: list[str], nonce: Any = None, **more: Any) -> None:
        super().__init__(*args, **more)
        field = self.fields["codes"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = [(code, code) for code in codes]
        self.fields["line"].widget.csp_nonce = nonce

    class Media:
        css: ClassVar = {"screen": ["leaflet/leaflet.css", "leaflet/draw/leaflet.draw.css"]}
        js = (
            "leaflet/leaflet.js", "leaflet/leaflet.extras.js", "leaflet/draw/leaflet.draw.js",
            "leaflet/leaflet.forms.js",
        )  # fmt: skip


def one_of(codes: list[str]) -> str:
    """The one cell that was chosen. Raises Invalid naming `codes`."""
    if len(codes) != 1:
        raise Invalid(_("Choose exactly one cell."), codes=_("One."))
    return codes[0]


def split(edit: Edit, said: dict[str, Any], described: dict[str, str]) -> Changed:
    """Along the drawn line, else by bearing and share."""
    code = one_of(said["codes"])
    line = said["line"]
    if line is not None:
        line.srid = SRID  # WGS84 is taken as equal within its accuracy (codes.md)
    else:
        line = cut_line(
            edition_id=edit.edition_id, code=code, bearing=said["bearing"] or 0.0,
            share=(said["share"] or 50.0) / 100,
        )  # fmt: skip
    return split_cell(edit=edit, code=code, line=line)


def merge(edit: Edit, said: dict[str, Any], described: dict[str, str]) -> Changed:
    return merge_cells(edit=edit, codes=said["codes"])


def void(edit: Edit, said: dict[str, Any], described: dict[str, str]) -> Changed:
    return void_cell(edit=edit, code=one_of(said["codes"]), reason=said["reason"])


def restore(edit: Edit, said: dict[str, Any], described: dict[str, str]) -> Changed:
    return restore_cell(edit=edit, code=one_of(said["codes"]))


def describe(edit: Edit, said: dict[str, Any], described: dict[str, str]) -> Changed:
    if not described:
        raise Invalid(_("Nothing was chosen to be changed."))
    return describe_cells(edit=edit, codes=said["codes"], values=described)


ACTIONS: dict[str, Callable[[Edit, dict[str, Any], dict[str, str]], Changed]] = {
    "split": split, "merge": merge, "void": void, "restore": restore, "describe": describe,
}  # fmt: skip


def editor(request: HttpRequest, edition_id: int) -> HttpResponse:
    """GET and POST /admin/parts/edition/<id>/editor/?community=…"""
    draft = get_edition(edition_id)
    if not is_draft(draft):
        messages.error(request, _("A published edition is not edited: begin a draft."))
        return redirect("parts:edition", edition_id)
    areas = alive_areas(draft, Level.COMMUNITY)
    asked = request.GET.get("community", "")
    community = asked if asked in dict(areas) else (areas[0][0] if areas else "")
    cells = cells_of_community(draft, community) if community else []
    data = request.POST if request.method == "POST" else None
    form = CutForm(
        data, codes=[cell.code for cell in cells], initial={"version": draft.version},
        nonce=getattr(request, "csp_nonce", None),
    )  # fmt: skip
    attributes = AttributesForm(data)
    refusal: Refused | None = None
    if request.method == "POST" and form.is_valid() and attributes.is_valid():
        try:
            return do(request, draft, community, form, attributes)
        except Refused as refused:
            refusal = refused
    context = {
        **admin.site.each_context(request),
        "title": _("Cells of draft “%(name)s”") % {"name": draft.name},
        "edition": draft,
        "areas": areas,
        "community": community,
        "cells": cells,
        "chosen": form["codes"].value() or [],
        "form": form,
        "attributes": attributes,
        "refusal": refusal,
        "media": form.media,
        "shapes": reverse("parts:edition-shapes", args=[draft.pk]),
    }
    status = refusal.status if refusal else 400 if form.is_bound else 200
    return TemplateResponse(request, "admin/parts/edition/editor.html", context, status=status)


def do(
    request: HttpRequest,
    draft: Edition,
    community: str,
    form: CutForm,
    attributes: AttributesForm,
) -> HttpResponse:
    """Do the one action whose button was pressed, then show the community again."""
    act = ACTIONS.get(request.POST.get("action", ""))
    if act is None:
        raise Invalid(_("There is no such action."))
    version = form.cleaned_data["version"]
    edit = Edit(Actor.of(request.user), timezone.now(), draft.pk, version)
    done = act(edit, form.cleaned_data, attributes.values())
    codes = "、".join(done.codes)
    messages.success(
        request,
        _("Done: %(codes)s. Check the draft again before it is published.") % {"codes": codes}
        if codes
        else _("Done. Check the draft again before it is published."),
    )
    address = reverse("admin:parts_edition_editor", args=[draft.pk])
    return redirect(f"{address}?community={community}")
