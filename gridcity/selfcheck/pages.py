"""The self-check as pages for administrators: every line, and the rows behind one."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from gridcity.contracts import Forbidden, NotVisible, Role
from gridcity.selfcheck.findings import MOST_ROWS, Level, Line, Row
from gridcity.selfcheck.looking import look, look_anew, look_at, worst


def check_is_administrator(request: HttpRequest) -> None:
    """Raise Forbidden: what is wrong with an installation is its administrators' business."""
    if Role.ADMINISTRATOR not in getattr(request.user, "roles", ()):
        raise Forbidden(_("The self-check is open to administrators."))


@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """GET /selfcheck/: every check with what it finds now."""
    check_is_administrator(request)
    at = timezone.now()
    lines = look(at)
    counts = {level: sum(line.finding.level is level for line in lines) for level in Level}
    context = {
        "at": at,
        "groups": [
            (group, list(listed)) for group, listed in groupby(lines, lambda line: line.check.group)
        ],
        "worst": worst(lines),
        "faults": counts[Level.FAULT],
        "warnings": counts[Level.WARNING],
        "total": len(lines),
    }
    return render(request, "gridcity/selfcheck.html", context)


@require_POST
def anew(request: HttpRequest) -> HttpResponse:
    """POST /selfcheck/anew/: forget the answers that are kept, and look again."""
    check_is_administrator(request)
    look_anew()
    return redirect("gridcity:selfcheck")


@require_safe
def rows(request: HttpRequest, key: str) -> HttpResponse:
    """GET /selfcheck/<key>/: the rows at fault, on the map where they have a place."""
    check_is_administrator(request)
    line = look_at(key, timezone.now())
    if line is None:
        raise NotVisible
    context = {
        "line": line,
        "rows": line.finding.rows,
        "most": MOST_ROWS,
        "map": map_of(line),
    }
    return render(request, "gridcity/selfcheck_rows.html", context)


def map_of(line: Line) -> dict[str, Any] | None:
    """Markers of the rows that have a place; None where none has."""
    markers = [marker_of(number, row) for number, row in enumerate(line.finding.rows, 1)]
    placed = [marker for marker in markers if marker["lon"] is not None]
    return {"markers": placed, "without": ["parts"]} if placed else None


def marker_of(number: int, row: Row) -> dict[str, Any]:
    return {
        "id": number,
        "lon": row.lon,
        "lat": row.lat,
        "label": f"{row.name} {row.said}",
        "letter": str(number),
        "url": row.url,
        "lamp": "red",
    }
