"""The page of one unit grid cell, for everybody who works with cases or with the grid."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from assessment.periods import Period, period_from
from assessment.selectors.cell_grades import grade_of_cell
from assessment.selectors.cell_page import (
    answering,
    cases_of,
    count_cell,
    forebears_of,
    former_cells,
    get_cell,
    heirs_of,
    land_use_words,
    neighbours_of,
    open_cases,
    parts_by_class,
    patrols_of,
)
from assessment.selectors.dashboard import READERS
from cases.workflow import ENDED, State
from dispatch.views.entry import READERS as DESKS
from dispatch.views.entry import entering, frame
from gridcity.contracts import Actor, Role
from parts.models import Cell, Edition

# Whoever works with cases, walks the cells or keeps them; each counts only what he sees.
SEES_CELLS = DESKS | {Role.SUPERVISOR, Role.ADMINISTRATOR}
# Whoever sees no case sees no count of them.
SEES_CASES = SEES_CELLS - {Role.ADMINISTRATOR}
KINDS = ("event", "part")


@require_safe
def cell(request: HttpRequest, code: str) -> HttpResponse:
    """GET /district/cells/<code>/[?edition=<id>]: all that is known of a cell."""
    actor = entering(request, SEES_CELLS)
    text = request.GET.get("edition", "")
    edition_id = int(text) if text.isdecimal() and len(text) < 10 else None
    at = timezone.now()
    found = get_cell(code, edition_id)
    is_current = found.edition.state == Edition.State.CURRENT and found.end_on is None
    context = {
        **frame(actor),
        "cell": found,
        "is_current": is_current,
        "area_m2": round(found.area_m2),
        "land_use": land_use_words(found),
        "at": at,
        "map": {"cells": [found.code], **bounds_of(found)},
        "neighbours": neighbours_of(found),
        "former": former_cells(found),
        "heirs": [] if is_current else heirs_of(found),
        "sees_cases": bool(actor.roles & SEES_CASES),
        "is_administrator": Role.ADMINISTRATOR in actor.roles,
        "grade": grade_of_cell(found.code, actor) if is_current else None,
        **(duties(found, at) if is_current else {}),
        **(work(actor, found, at) if actor.roles & SEES_CASES else {}),
    }
    return render(request, "assessment/cell.html", context)


def bounds_of(found: Cell) -> dict[str, Any]:
    """The window of the map: the cell with some room around it, in degrees (lat, lon)."""
    west, south, east, north = found.geom.extent
    room_x, room_y = (east - west) * 0.6, (north - south) * 0.6
    return {"bounds": [[south - room_y, west - room_x], [north + room_y, east + room_x]]}


def duties(found: Cell, at: datetime) -> dict[str, Any]:
    """Who patrols, who answers, what stands there: of a cell in use."""
    answers = answering(found, at)
    return {
        "patrols": patrols_of(found, at),
        "answers": [(kind, answers[kind]) for kind in KINDS if kind in answers],
        "parts": parts_by_class(found),
    }


def work(actor: Actor, found: Cell, at: datetime) -> dict[str, Any]:
    """Its open cases, and twelve months of figures."""
    rows = cases_of(actor, found.code)
    opened = open_cases(actor, rows, at)
    link = linker(found) if actor.roles & READERS else None
    history, rates, last = count_cell(actor, found.code, at, link)
    states = ",".join(str(state) for state in State if state not in ENDED)
    has_list = bool(actor.roles & DESKS)
    query = f"?cell={found.code}&status={states}"
    return {
        "open": opened,
        "forebears": forebears_of(found),
        "open_url": f"{reverse('dispatch:cases')}{query}" if has_list else "",
        "history": history,
        "rates": rates,
        "rates_of": last,
        "year": year_of([month.first for month in history], at),
    }


def year_of(firsts: list[date], at: datetime) -> Period:
    """From the first of these months up to today."""
    return period_from(
        {"since": min(firsts).isoformat()} | {"until": timezone.localdate(at).isoformat()}, at
    )


def linker(found: Cell) -> Any:
    """Addresses of the lists behind the figures of this cell."""
    lists = reverse("assessment:list")

    def link(period: Period, figure: str) -> str:
        return period.address(lists, figure=figure, cell=found.code)

    return link
