"""The page of a case, and the proposal that a dispatcher sees beside his list."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from cases.models import Source, Task, TaskOutcome
from cases.workflow import ENDED, State
from dispatch.api.cases import note_reading
from dispatch.offers import answerable, answers, offers, whose_turn
from dispatch.selectors import case_page
from dispatch.selectors.actors import actor_of
from dispatch.selectors.case_detail import CaseView, get_case
from dispatch.selectors.case_lists import CaseFilter, lamp_of, list_cases
from dispatch.selectors.changes import source_words
from dispatch.selectors.timeline import timeline
from dispatch.selectors.visible import check_current
from dispatch.services.presence import note_presence
from dispatch.views.candidates import with_photos
from dispatch.views.dialogs import (
    Dialog,
    Needs,
    dialogs_of,
    needs_departments,
    needs_standards,
    panel_of,
)
from dispatch.views.entry import DESKS, READERS, check_staff, entering, frame
from gridcity.contracts import Actor, Role


@require_safe
def case(request: HttpRequest, number: str) -> HttpResponse:
    """All of a case, and only the buttons that this user may press now."""
    actor, at = actor_of(request.user), timezone.now()
    view = get_case(actor, number, at=at)
    check_staff(actor)
    note_reading(view)
    mark_opened(view)
    return render(request, "dispatch/case.html", page_context(view))


def mark_opened(view: CaseView) -> None:
    """The page was read before the opening was noted: it shows its own turn as opened."""
    turn = view.turn
    if turn is not None and turn.department_id == view.actor.department_id:
        turn.opened_at = turn.opened_at or view.at


@require_POST
def presence(request: HttpRequest, number: str) -> HttpResponse:
    """A sign that a desk has the case open, answered with who else has."""
    actor = entering(request, DESKS)
    case_id = check_current(actor, number)
    assert actor.user_id is not None
    others = note_presence(case_id=case_id, user_id=actor.user_id, at=timezone.now())
    return render(request, "dispatch/includes/_presence.html", {"others": others})


@require_safe
def proposal(request: HttpRequest, number: str) -> HttpResponse:
    """A case in short with the proposal of the routing, beside the dispatcher's list."""
    actor, at = entering(request, {Role.DISPATCHER}), timezone.now()
    view = get_case(actor, number, at=at)
    context = page_context(view)
    return render(request, "dispatch/includes/_proposal.html", context)


def page_context(view: CaseView, attempt: Any = None) -> dict[str, Any]:
    """What the page shows; after a refused `attempt` its dialog comes back as it was typed."""
    case = view.case
    dialogs, replies, needs = forms_of(view, attempt)
    panel = panel_of(view, dialogs)
    soften(dialogs, panel, lacks_place=case.cell_id is None)
    photos = case_page.photo_pair(view.photos, case_page.reused_photos(view))
    requests, waiting = case_page.request_rows(view), answerable(view)
    return {
        **frame(view.actor),
        "view": view,
        "case": case,
        "panel": panel,
        "dialogs": [dialog for dialog in dialogs if dialog is not panel],
        "replies": replies,
        "attempt": attempt,
        "key": uuid.uuid4(),
        "proposal": needs.proposal,
        "lamp": lamp_of(clock_of(view), view.at),
        "state_label": State(case.state).label,
        "is_ended": case.state in ENDED,
        "whose": whose_turn(view) if view.later_turns == 0 else "",
        "limit": case_page.limit_reason(view),
        "way": case_page.way(view),
        "entries": timeline(view),
        "stages": case_page.stages(view),
        "turns": case_page.turn_rows(view),
        "requests": requests,
        "waiting": waiting,
        "other_requests": [row for row in requests if row["request"] != waiting],
        "relatives": case_page.relatives(view),
        "candidates": with_photos(case_page.candidates(view)),
        "photos": photos,
        "sources": source_words(case.sources, None),  # type: ignore[arg-type]
        "source_label": Source(case.source).label,
        "verify_label": outcome_label(case.verify_outcome),
        "check_words": case_page.check_words(view),
        "map": map_of(view),
        "amend_map": {"pin": pin_of(view) | {"movable": True}, "zoom": 14},
        "now": view.at,
        "next_number": next_todo(view.actor, case.number, view),
        "own_task": own_task(view),
        "can_merge": any(each.action == "merge" and each.offer.allowed for each in dialogs),
        "is_desk": bool(view.actor.roles & DESKS),
        "may_give_code": Role.ACCEPTOR in view.actor.roles,
        "is_reader": bool(view.actor.roles & READERS),
    }


def soften(dialogs: list[Dialog], panel: Dialog | None, *, lacks_place: bool) -> None:
    """One button of a page is the main one: beside an open panel the others are plain.

    A report whose place is only words has to be completed before anything else.
    """
    for dialog in dialogs:
        if panel is not None and dialog is not panel and dialog.kind == "primary":
            dialog.kind = ""
        if panel is None and dialog.action == "amend" and lacks_place:
            dialog.kind = "primary"


def forms_of(view: CaseView, attempt: Any) -> tuple[list[Dialog], list[Dialog], Needs]:
    """The dialogs of actions and of answers, with the needs they were made from."""
    offered, replies = offers(view), answers(view)
    needs = Needs(
        departments=case_page.department_choices() if needs_departments(offered) else [],
        standards=case_page.standard_choices(view) if needs_standards(view, offered) else [],
        proposal=case_page.proposal(view),
        miss=case_page.miss_question(view) if needs_standards(view, offered) else "",
    )
    tried = {attempt.action: attempt.data} if attempt else None
    waiting = answerable(view)
    request_id = waiting.pk if waiting else None
    return (
        dialogs_of(view, offered, needs, tried=tried),
        dialogs_of(view, replies, needs, request_id=request_id, tried=tried),
        needs,
    )


def own_task(view: CaseView) -> Task | None:
    """The open task of the supervisor who looks: it is answered on its own page."""
    task = view.open_task
    return task if task is not None and task.assignee_id == view.actor.user_id else None


def clock_of(view: CaseView) -> dict[str, Any]:
    case = view.case
    return {"due_at": case.due_at, "green_until": case.green_until, "ended_at": case.ended_at}


def outcome_label(outcome: str) -> str:
    return str(TaskOutcome(outcome).label) if outcome in TaskOutcome.values else ""


def map_of(view: CaseView) -> dict[str, Any] | None:
    """The settings of the small map; None for a case whose place is only words."""
    case = view.case
    if case.point is None:
        return None
    shown: dict[str, Any] = {"pin": pin_of(view), "zoom": 17}
    if case.cell is not None:
        shown["cells"] = [case.cell.code]
    return shown


def pin_of(view: CaseView) -> dict[str, Any]:
    point = view.case.point
    return {"lon": point.x, "lat": point.y} if point is not None else {}


def next_todo(actor: Actor, number: str, view: CaseView) -> str:
    """The case that a desk would take next, so that it need not go back to its list."""
    if not actor.roles & DESKS:
        return ""
    page = list_cases(actor, CaseFilter(box="todo"), at=view.at, size=2)
    return next((row["number"] for row in page.rows if row["number"] != number), "")
