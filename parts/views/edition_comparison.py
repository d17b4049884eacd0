"""Two editions of the unit grid beside each other: the list, and the boundaries for its map."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from gridcity.contracts import Actor, Invalid
from parts.grid_forms import CompareForm
from parts.selectors.edition_comparison import (
    SHOWN_ROWS,
    SHOWN_SHAPES,
    Kind,
    Summary,
    changed_geojson,
    default_pair,
    list_changed,
    summarise,
)
from parts.views.entry import for_administrators
from parts.views.grid import tabs


@require_safe
@for_administrators
def compare(request: HttpRequest, actor: Actor) -> HttpResponse:
    """GET /district/grid/compare/?before=&after=&kind=&cursor=: what differs, and where."""
    form = CompareForm(request.GET if "before" in request.GET else _default())
    context: dict[str, Any] = {"tabs": tabs("edition-compare"), "form": form}
    if form.is_bound and form.is_valid():
        context |= _compared(form.cleaned_data)
    is_wrong = form.is_bound and not form.is_valid()
    return render(request, "parts/grid/compare.html", context, status=400 if is_wrong else 200)


def _default() -> dict[str, int] | None:
    pair = default_pair()
    return {"before": pair[0].pk, "after": pair[1].pk} if pair else None


def _compared(said: dict[str, Any]) -> dict[str, Any]:
    before, after, kind, page = said["before"], said["after"], said["kind"], said["cursor"]
    summary = summarise(before, after)
    total = summary.counts[kind] if kind else summary.differing
    pair = {"before": before.pk, "after": after.pk}
    shapes = reverse("parts:edition-compare-shapes")
    return {
        "before": before,
        "after": after,
        "both": urlencode(pair),
        "swapped": urlencode({"before": after.pk, "after": before.pk}),
        "kind": kind,
        "summary": summary,
        "kinds": _kinds(summary, pair),
        "rows": list_changed(before, after, kind, page),
        "first": (page - 1) * SHOWN_ROWS,
        "total": total,
        "previous": page - 1 or None,
        "next": page + 1 if page * SHOWN_ROWS < total else None,
        "most": SHOWN_SHAPES if total > SHOWN_SHAPES else None,
        "map": {"findings": f"{shapes}?{urlencode({**pair, 'kind': kind})}"},
    }


def _kinds(summary: Summary, pair: dict[str, int]) -> list[dict[str, Any]]:
    """Each kind of difference with its count and the address that lists it alone."""
    return [
        {
            "key": kind.value,
            "label": kind.label,
            "count": summary.counts[kind],
            "query": urlencode({**pair, "kind": kind.value}),
        }
        for kind in Kind
    ]


@require_safe
@gzip_page
@for_administrators
def shapes(request: HttpRequest, actor: Actor) -> HttpResponse:
    """GET …/compare/shapes/: the boundaries that differ, as GeoJSON. Raises Invalid."""
    form = CompareForm(request.GET)
    if not form.is_valid():
        raise Invalid(_("This edition is unknown."), **_errors(form))
    said = form.cleaned_data
    text = changed_geojson(said["before"], said["after"], said["kind"])
    return HttpResponse(text, content_type="application/geo+json")


def _errors(form: CompareForm) -> dict[str, str]:
    return {name: str(lines[0]) for name, lines in form.errors.items()}
