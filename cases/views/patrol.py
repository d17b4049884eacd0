"""The supervisor's pages on the phone: patrol, report, my tasks, one task, my reports.

They only read; what the supervisor sends goes to the API with a key that makes it count once.
"""

from __future__ import annotations

from typing import Any

from django.contrib.gis.geos import Point
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from cases.models import Photo, PhotoRole, Task, TaskKind, TaskOutcome
from cases.selectors import patrol as selectors
from cases.selectors.duplicates import RANKED, Candidate, duplicate_candidates
from cases.selectors.paging import page_of
from cases.workflow import OPEN, State
from gridcity.contracts import Forbidden, Invalid, Role
from parts.models import CatalogueClass
from parts.selectors import (
    cells_of,
    current_scheme,
    get_class,
    locate,
    nearest_parts,
    read_as,
    shift_end,
)
from parts.selectors.proposals import unread_answers
from parts.selectors.register import get_part

API = "/api/v1/cases/"
PARTS_SHOWN = 5
CASES_SHOWN = 3
REPORTS_A_PAGE = 20

NO_PART_REASONS = (
    _("Not in the register"),
    _("Cannot tell which one"),
    _("The part is gone"),
)
OUTCOMES = (
    (TaskOutcome.CONFIRMED, _("It is as reported"), "check-lg"),
    (TaskOutcome.NOT_TRUE, _("It is not as reported"), "x-lg"),
    (TaskOutcome.NOT_FOUND, _("I could not find it"), "question-lg"),
)


def supervisor_id(request: HttpRequest) -> int:
    """The id of the supervisor who asks. Raises Forbidden for every other role."""
    if Role.SUPERVISOR not in getattr(request.user, "roles", []) or request.user.pk is None:
        raise Forbidden(_("These pages are for supervisors on patrol."))
    return int(request.user.pk)


@require_safe
def patrol(request: HttpRequest) -> HttpResponse:
    """Home: the map with own cells and tasks, and where the supervisor is."""
    user_id, now = supervisor_id(request), timezone.now()
    cells = cells_of(user_id=user_id)
    tasks = [task_line(task) for task in selectors.open_tasks(user_id=user_id)]
    context = {
        "tab": "patrol",
        "map": {
            "own": {"follow": not cells},
            "cells": cells,
            "markers": [marker(task) for task in tasks],
            "fit": "area",
        },
        "cell_count": len(cells),
        "open_tasks": len(tasks),
        "unread_answers": unread_answers(user_id=user_id),
        "shift_ends_at": shift_end(user_id=user_id, at=now),
    }
    return render(request, "cases/patrol.html", context)


@require_safe
def report(request: HttpRequest) -> HttpResponse:
    """The one-page report; it is sent to the API."""
    user_id = supervisor_id(request)
    context = {
        "back_url": reverse("cases:patrol"),
        "bar_title": _("Report a case"),
        "api_url": API,
        "catalogue_url": reverse("api-catalogue"),
        "photo_roles": [(role.value, role.label) for role in (PhotoRole.NEAR, PhotoRole.FAR)],
        "no_part_reasons": NO_PART_REASONS,
        "likely": selectors.likely_classes(user_id=user_id, at=timezone.now()),
        "map": {"own": {"follow": True, "zoom": 18}, "pin": {"movable": True}, "zoom": 17},
        "part": part_asked_for(request.GET.get("part", "")),
    }
    return render(request, "cases/report.html", context)


def part_asked_for(code: str) -> dict[str, Any] | None:
    """The part that a scanned tag or its page named, as the report takes it. Raises NotVisible."""
    if not code:
        return None
    part = get_part(code)
    spot: Any = part.geom if part.geom.geom_type == "Point" else part.geom.point_on_surface
    return {
        "code": part.code,
        **class_line(part.catalogue_class),
        "name": part.name,
        "lon": spot.x,
        "lat": spot.y,
    }


@require_safe
def nearby(request: HttpRequest) -> JsonResponse:
    """Where a pin lies, the parts there to tap, and open cases of the same class (JSON).

    Raises OutsideDistrict, and Invalid for what is no position.
    """
    user_id = supervisor_id(request)
    lon, lat = position(request)
    place = locate(lon=lon, lat=lat)
    kind, code = request.GET.get("kind", ""), request.GET.get("class_code", "")
    scheme = request.GET.get("scheme") or None
    found = get_class(scheme=scheme, kind=kind, code=code) if code else None
    parts = nearest_parts(
        lon=lon, lat=lat, limit=PARTS_SHOWN, class_id=found.pk if found and kind == "part" else None
    )
    body = {
        "cell": place.cell_code,
        "community": {"code": place.community_code, "name": place.community_name},
        "street": {"code": place.street_code, "name": place.street_name},
        "parts": [part_line(part) for part in parts],
        "cases": same_matter(found, place.cell_id, lon, lat, user_id) if found else [],
    }
    return JsonResponse(body)


@require_safe
def tasks(request: HttpRequest) -> HttpResponse:
    """My open tasks, due first; the page can order them as a walk."""
    user_id = supervisor_id(request)
    lines = [task_line(task) for task in selectors.open_tasks(user_id=user_id)]
    return render(
        request, "cases/tasks.html", {"tab": "tasks", "tasks": lines, "open_tasks": len(lines)}
    )


@require_safe
def task(request: HttpRequest, task_id: int) -> HttpResponse:
    """One task of mine: verify before filing, or check after handling."""
    found = selectors.get_open_task(task_id=task_id, user_id=supervisor_id(request))
    case = found.case
    before, after = selectors.photos_before_and_after(case)
    is_check = found.kind == TaskKind.CHECK
    context = {
        "back_url": reverse("cases:tasks"),
        "bar_title": found.get_kind_display(),
        "task": task_line(found)
        | {
            "version": case.version,
            "cell_code": case.cell.code if case.cell else "",
            "part_code": case.part.code if case.part else "",
            "description": case.description,
            "closing_condition": case.closing_condition if is_check else "",
            "result": case.result if is_check else "",
        },
        "photos_before": [photo_line(photo) for photo in before],
        "photos_after": [photo_line(photo) for photo in after],
        "photo_role": PhotoRole.AFTER if is_check else PhotoRole.NEAR,
        "outcomes": OUTCOMES,
        "map": task_map(found),
        **answer_urls(found),
    }
    return render(request, "cases/task.html", context)


@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """What I reported and what became of it, newest first."""
    user_id = supervisor_id(request)
    rows = selectors.reports_of(user_id=user_id)
    page = page_of(rows, cursor=request.GET.get("cursor"), size=REPORTS_A_PAGE)
    reports = [
        row
        | {
            "class_name": row["catalogue_class__name"],
            "place": row["place_text"]
            or joined(row["street__name"] or "", row["community__name"] or ""),
            "photo_url": photo_url(row["photo_id"], "small"),
        }
        for row in page.rows
    ]
    context = {
        "tab": "mine",
        "open_tasks": selectors.open_tasks(user_id=user_id).count(),
        "reports": reports,
        "next_cursor": page.next,
        "previous_cursor": page.previous,
    }
    return render(request, "cases/mine.html", context)


# ---------------------------------------------------------------- lines


def position(request: HttpRequest) -> tuple[float, float]:
    """lon and lat of the query, in degrees. Raises Invalid."""
    try:
        return float(request.GET["lon"]), float(request.GET["lat"])
    except (KeyError, ValueError):
        sentence = _("A position needs lon and lat in degrees.")
        raise Invalid(sentence, lon=sentence) from None


def same_matter(
    found: CatalogueClass, cell_id: int, lon: float, lat: float, user_id: int
) -> list[dict[str, Any]]:
    """Open cases of a class around a point, nearest first, as the report shows them.

    Of those that are another supervisor's he learns that they are there, as a citizen would
    (domain law §9): neither their photos nor an addition to them would be let through.
    """
    candidates = duplicate_candidates(
        class_id=found.pk,
        cell_id=cell_id,
        point=Point(lon, lat, srid=4490),
        part_id=None,
        at=timezone.now(),
        limit=RANKED,
    )
    shown = [each for each in candidates if each.state in OPEN][:CASES_SHOWN]
    if not shown:
        return []
    seen = selectors.seen_among([each.number for each in shown], user_id=user_id)
    photos = selectors.first_photos(seen)
    return [candidate_line(each, photos.get(each.number), each.number in seen) for each in shown]


def candidate_line(candidate: Candidate, photo_id: int | None, is_seen: bool) -> dict[str, Any]:
    return {
        "number": candidate.number,
        "state_label": str(State(candidate.state).label),
        "reported": f"{timezone.localtime(candidate.reported_at):%m-%d %H:%M}",
        "distance_m": candidate.distance_m,
        "photo_url": photo_url(photo_id, "small"),
        "supplement_url": f"{API}{candidate.number}/supplement/" if is_seen else "",
    }


def class_line(entry: CatalogueClass | None) -> dict[str, str]:
    """The class that a report on a part names: today's where a pair reads it, else its own.

    The report names the scheme with it, since the same code means another thing in another one.
    """
    if entry is None:
        return {}
    read = read_as(entry.pk, current_scheme()) or entry
    return {"scheme": read.scheme_id, "class_code": read.code, "class_name": read.name}


def part_line(part: Any) -> dict[str, Any]:
    return {
        "code": part.code,
        **class_line(get_class(scheme=part.scheme, kind="part", code=part.class_code)),
        "name": part.name,
        "distance_m": part.distance_m,
        "lon": part.lon,
        "lat": part.lat,
    }


def task_line(task: Task) -> dict[str, Any]:
    """A task as lists and its own page show it."""
    case = task.case
    return {
        "id": task.pk,
        "kind": task.kind,
        "kind_label": task.get_kind_display(),
        "number": case.number,
        "class_name": case.catalogue_class.name,
        "place": joined(
            case.street.name if case.street else "",
            case.place_text or (case.community.name if case.community else ""),
        ),
        "lon": case.point.x if case.point else None,
        "lat": case.point.y if case.point else None,
        "due_at": task.due_at,
        "green_until": case.green_until if case.due_at == task.due_at else None,
        "photo_url": photo_url(getattr(task, "photo_id", None), "small"),
    }


def marker(line: dict[str, Any]) -> dict[str, Any]:
    """A task on the map; V to verify, C to check, so that the shape says which."""
    return {
        "id": line["id"],
        "lon": line["lon"],
        "lat": line["lat"],
        "label": f"{line['kind_label']} {line['class_name']}",
        "letter": str(_("V") if line["kind"] == TaskKind.VERIFY else _("C")),
        "lamp": "red" if line["due_at"] < timezone.now() else "none",
        "url": reverse("cases:task", args=[line["id"]]),
    }


def task_map(task: Task) -> dict[str, Any]:
    point = task.case.point
    if point is None:
        return {}
    return {
        "own": {"follow": False},
        "pin": {"lon": point.x, "lat": point.y, "movable": False},
        "zoom": 18,
    }


def answer_urls(task: Task) -> dict[str, str]:
    """Where the answer goes: one address for a verification, two for a check."""
    address = f"{API}{task.case.number}/"
    if task.kind == TaskKind.VERIFY:
        return {"answer_url": f"{address}verify/"}
    passed = f"{address}check_passed/"
    return {
        "answer_url": passed,
        "passed_url": passed,
        "failed_url": f"{address}check_failed/",
    }


def photo_line(photo: Photo) -> dict[str, Any]:
    return {
        "url": photo_url(photo.pk),
        "thumbnail_url": photo_url(photo.pk, "small"),
        "role_label": photo.get_role_display(),
        "taken_at": photo.taken_at or photo.added_at,
        "who": str(photo.uploaded_by or ""),
    }


def photo_url(photo_id: int | None, size: str = "") -> str:
    """Where a photo is served after a look at who asks; `small` for its thumbnail."""
    if photo_id is None:
        return ""
    return reverse("dispatch:photo-thumbnail" if size else "dispatch:photo", args=[photo_id])


def joined(*words: str) -> str:
    return " ".join(word for word in words if word)
