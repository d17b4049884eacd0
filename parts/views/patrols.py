"""Responsibility grids for administrators: who has which cells in each shift, and the shifts."""

from __future__ import annotations

from datetime import time
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_time
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from gridcity.contracts import Actor, Invalid, NotVisible, Refused
from parts.hours import in_words, runs
from parts.models import Shift
from parts.selectors.keys import communities, community_of, streets
from parts.selectors.patrol_board import Board, CellRow, list_shifts, patrol_board
from parts.selectors.patrol_checks import patrol_cover
from parts.services.patrol_changes import Changed, change_patrols
from parts.services.shifts import ShiftSaid, add_shift, change_shift, remove_shift
from parts.views.entry import for_administrators

MOST_LISTED = 300
UNCOVERED, DOUBLED, WALKER, COMMUNITY = "uncovered", "doubled", "supervisor", "community"


# ---------------------------------------------------------------- who has which cells


@require_safe
@for_administrators
def patrols(request: HttpRequest, actor: Actor) -> HttpResponse:
    """GET /district/patrols/?shift=&show=uncovered|doubled&supervisor=&community=."""
    shifts = list_shifts()
    if not shifts:
        return redirect("parts:shifts")
    board = patrol_board(asked_shift(request, shifts))
    listed, label = asked_cells(request, board)
    context = {
        "board": board,
        "shifts": shifts,
        "walkers": list(board.walkers.values()),
        "rows": [cell_row(cell, board) for cell in listed[:MOST_LISTED]],
        "total": len(listed),
        "most": MOST_LISTED,
        "label": label,
        "areas": areas(),
        "asked": {name: request.GET.get(name, "") for name in ("show", WALKER, COMMUNITY)},
        "no_shift": in_words(patrol_cover().no_shift),
        "map": {"without": ["parts"], "fit": "area"},
        "page_settings": settings_of(board.shift),
    }
    return render(request, "parts/patrols.html", context)


def settings_of(shift: Shift) -> dict[str, Any]:
    """Addresses and words of the page's script."""
    query = urlencode({"shift": shift.key})
    return {
        "feeds": {
            "cells": reverse("parts:map-cells"),
            "patrols": f"{reverse('parts:patrol-cells')}?{query}",
        },
        "words": {
            "chosen": _("{n} cells chosen"),
            "nobody": _("nobody"),
            "corner": _("One corner is set: move the map and press R again."),
            "away": _("This could not be done now: your choice is kept, try again."),
        },
    }


def asked_shift(request: HttpRequest, shifts: list[Shift]) -> Shift:
    """The shift of the address, else the first. Raises NotVisible."""
    key = request.GET.get("shift", "") or shifts[0].key
    found = next((shift for shift in shifts if shift.key == key), None)
    if found is None:
        raise NotVisible(_("There is no such shift."))
    return found


def asked_cells(request: HttpRequest, board: Board) -> tuple[list[CellRow], str]:
    """The cells that the list shows, and in words which."""
    show, community = request.GET.get("show", ""), request.GET.get(COMMUNITY, "")
    walker = request.GET.get(WALKER, "")
    if show in (UNCOVERED, DOUBLED):
        codes = set(board.uncovered if show == UNCOVERED else board.doubled)
        words = _("Without a supervisor") if show == UNCOVERED else _("With more than one")
        return [cell for cell in board.cells if cell.code in codes], words
    if walker.isdecimal() and len(walker) < 10 and int(walker) in board.walkers:
        own = board.walkers[int(walker)]
        return [cell for cell in board.cells if own.id in cell.holders], own.name
    named = {row.code: row for row in communities().values()}
    if community in named:
        row = named[community]
        return [cell for cell in board.cells if cell.community_id == row.pk], row.name
    return [], ""


def cell_row(cell: CellRow, board: Board) -> dict[str, Any]:
    return {
        "code": cell.code,
        "community": community_of(cell.community_id).name,
        "area_m2": round(cell.area_m2),
        "seen": seen_words(cell.holders),
        "holders": [board.walkers[holder] for holder in cell.holders],
    }


def seen_words(holders: tuple[int, ...]) -> str:
    return ",".join(map(str, holders))


def areas() -> list[tuple[str, list[tuple[str, str]]]]:
    """Communities in force by street, for the choice of what is listed."""
    by_street: dict[int, list[tuple[str, str]]] = {}
    for row in communities().values():
        if row.valid_to is None:
            by_street.setdefault(row.street_id, []).append((row.code, row.name))
    found = sorted((streets()[pk].code, pk) for pk in by_street if pk in streets())
    return [(streets()[pk].name, sorted(by_street[pk])) for _code, pk in found]


@require_safe
@for_administrators
def patrol_cells(request: HttpRequest, actor: Actor) -> JsonResponse:
    """GET /district/patrols/cells/?shift=: who has each cell, for the map."""
    board = patrol_board(asked_shift(request, list_shifts()))
    return JsonResponse(board_data(board, {cell.code for cell in board.cells}))


def board_data(board: Board, codes: set[str]) -> dict[str, Any]:
    """What the map and the list need to show these cells as they are now."""
    return {
        "cells": board.holders_of(codes),
        "supervisors": {
            str(walker.id): {
                "name": walker.name,
                "cells": walker.cells,
                "colour": walker.colour,
                "active": walker.is_active,
            }
            for walker in board.walkers.values()
        },
        "uncovered": len(board.uncovered),
        "doubled": len(board.doubled),
    }


@require_POST
@for_administrators
def change(request: HttpRequest, actor: Actor) -> HttpResponse:
    """POST /district/patrols/change/: shift, way, supervisor, cells as `code:seen,seen …`."""
    shift, said = request.POST.get("shift", ""), request.POST.get("supervisor", "")
    done = change_patrols(
        actor=actor,
        at=timezone.now(),
        shift=shift.replace("\0", ""),
        way=request.POST.get("way", ""),
        supervisor_id=int(said) if said.isdecimal() and len(said) < 10 else None,
        seen=seen_of([*request.POST.getlist("cell"), *request.POST.get("cells", "").split()]),
    )
    words = words_of(done)
    if "application/json" in request.headers.get("Accept", ""):
        board = patrol_board(Shift.objects.get(pk=shift))
        return JsonResponse({"said": words, **board_data(board, set(done.codes))})
    messages.success(request, words)
    kept = {name: request.POST.get(f"back_{name}", "") for name in ("show", WALKER, COMMUNITY)}
    query = {"shift": shift, **{name: value for name, value in kept.items() if value}}
    return redirect(f"{reverse('parts:patrols')}?{urlencode(query)}")


def seen_of(words: list[str]) -> dict[str, frozenset[int]]:
    """Cells with the supervisors that the editor saw. Raises Invalid for anything else."""
    seen = {}
    for word in words:
        code, _mark, holders = word.partition(":")
        ids = [text for text in holders.split(",") if text]
        if not code.isdecimal() or not all(text.isdecimal() and len(text) < 10 for text in ids):
            raise Invalid(_("These cells could not be read."), cells=_("Load the page again."))
        seen[code] = frozenset(map(int, ids))
    return seen


def words_of(done: Changed) -> str:
    if not done.codes:
        return _("Nothing had to be changed.")
    said = _("%(n)d cells changed; tasks already sent stay with whom they were sent to.")
    return said % {"n": len(done.codes)}


# ---------------------------------------------------------------- shifts


@for_administrators
def shifts(request: HttpRequest, actor: Actor) -> HttpResponse:
    """/district/patrols/shifts/: hours of each shift; POST adds, changes or removes one."""
    fault: Refused | None = None
    if request.method == "POST":
        try:
            return shift_written(request, actor)
        except Refused as refusal:
            fault = refusal
    counts = {
        shift.key: shift.patrols.filter(patrol_cells__isnull=False).distinct().count()
        for shift in list_shifts()
    }
    context = {
        "shifts": [(shift, counts.get(shift.key, 0)) for shift in list_shifts()],
        "fault": fault,
        "typed": request.POST if fault else {},
        "open_hours": in_words(runs(patrol_cover().no_shift)),
    }
    return render(request, "parts/shifts.html", context, status=fault.status if fault else 200)


def shift_written(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Do what the form says, then back to the list."""
    at, key = timezone.now(), request.POST.get("key", "").strip()
    way = request.POST.get("way", "")
    if way == "remove":
        remove_shift(actor=actor, at=at, key=key)
        messages.success(request, _("The shift was removed."))
    elif way == "change":
        seen = shift_said(request, "seen_")
        change_shift(actor=actor, at=at, key=key, said=shift_said(request), seen=seen)
        messages.success(request, _("The shift was changed."))
    else:
        add_shift(actor=actor, at=at, key=key, said=shift_said(request))
        messages.success(request, _("The shift was added: give its cells to supervisors now."))
    return redirect("parts:shifts")


def shift_said(request: HttpRequest, prefix: str = "") -> ShiftSaid:
    """Name and hours of a form. Raises Invalid naming the field."""
    name = request.POST.get(f"{prefix}name", "").replace("\0", "")[:32]
    return ShiftSaid(name, clock_of(request, f"{prefix}begins"), clock_of(request, f"{prefix}ends"))


def clock_of(request: HttpRequest, field: str) -> time:
    text = request.POST.get(field, "")
    try:
        found = parse_time(text)
    except ValueError:
        found = None
    if found is None:
        raise Invalid(_("A time like 07:00 is needed."), **{field: _("A time like 07:00.")})
    return found
