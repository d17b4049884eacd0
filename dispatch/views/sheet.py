"""The sheet of a case, to be printed and filed (ux.md 20)."""

from __future__ import annotations

from itertools import chain
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from cases.models import Source
from cases.workflow import State
from dispatch.selectors import case_page
from dispatch.selectors.actors import actor_of
from dispatch.selectors.case_detail import CaseView, get_case
from dispatch.selectors.changes import source_words
from dispatch.selectors.timeline import timeline
from dispatch.sheet import MOST_ENTRIES, MOST_PHOTOS, PHOTO_SCHEME, sheet_pdf
from dispatch.views.entry import check_staff


@require_safe
def sheet(request: HttpRequest, number: str) -> HttpResponse:
    """The case as this user may see it, on paper; without its reporters, whom no paper forgets."""
    actor = actor_of(request.user)
    view = get_case(actor, number, at=timezone.now())
    check_staff(actor)
    shown = photos_of(view)
    names = {photo.pk: photo.thumbnail.name for photo in view.photos}
    made = sheet_pdf(sheet_context(view, shown, request.user), names)
    response = HttpResponse(made, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{view.case.number}.pdf"'
    response["Cache-Control"] = "private, no-store"
    return response


def photos_of(view: CaseView) -> dict[str, list[dict[str, Any]]]:
    """The first photos of each side, bounded, each with the address that the sheet knows."""
    pair = case_page.photo_pair(view.photos, {})
    shown = {side: listed[: MOST_PHOTOS // 2] for side, listed in pair.items()}
    for photo in chain.from_iterable(shown.values()):
        photo["sheet_url"] = f"{PHOTO_SCHEME}{photo['id']}"
    return shown


def sheet_context(
    view: CaseView, photos: dict[str, list[dict[str, Any]]], user: Any
) -> dict[str, Any]:
    case, entries = view.case, timeline(view)
    return {
        "case": case,
        "view": view,
        "state_label": State(case.state).label,
        "source_label": Source(case.source).label,
        "sources": source_words(case.sources, None),  # type: ignore[arg-type]
        "limit": case_page.limit_reason(view),
        "turns": case_page.turn_rows(view),
        "stages": case_page.stages(view),
        "entries": entries[:MOST_ENTRIES],
        "entries_left": max(len(entries) - MOST_ENTRIES, 0),
        "photos": photos,
        "photos_left": len(view.photos) - sum(map(len, photos.values())),
        "printed_by": user.full_name or user.username,
        "now": view.at,
    }
