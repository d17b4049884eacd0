"""Cases, turns and requests as the API says them: plain dicts, built for speed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from cases.models import Case, Event, Photo, PhotoRole, Source, Task
from cases.selectors.duplicates import Candidate
from cases.workflow import ENDED, ROLE_LABELS, State
from dispatch.models import Request, Turn
from dispatch.offers import Offer, answers, offers
from dispatch.selectors.case_detail import CaseView, photo_urls, stage_rows
from dispatch.selectors.case_lists import lamp_of
from dispatch.selectors.routing import CaseProposal
from dispatch.selectors.timeline import label_of
from gridcity.contracts import Actor, Role
from parts.models import FilingStandard
from parts.selectors import matter_code


def named(thing: Any) -> dict[str, str] | None:
    """Code and name of an area, a department or a part."""
    return {"code": thing.code, "name": thing.name} if thing is not None else None


def matter_of(case: Case) -> str | None:
    """The matter code of a case; None under a scheme whose matters have none."""
    return matter_code(case.number, case.catalogue_class.scheme_id, case.catalogue_class.code)


def row_out(row: dict[str, Any]) -> dict[str, Any]:
    """One row of a list, from the selector's values."""
    street, community = row["street__code"], row["community__code"]
    return {
        "number": row["number"],
        "status": row["state"],
        "status_label": row["state_label"],
        "version": row["version"],
        "kind": row["kind"],
        "scheme": row["catalogue_class__scheme_id"],
        "class_code": row["catalogue_class__code"],
        "class_name": row["catalogue_class__name"],
        "matter_code": matter_code(
            row["number"], row["catalogue_class__scheme_id"], row["catalogue_class__code"]
        ),
        "source": row["source"],
        "description": row["description"],
        "place_text": row["place_text"],
        "cell": row["cell__code"],
        "street": {"code": street, "name": row["street__name"]} if street else None,
        "community": {"code": community, "name": row["community__name"]} if community else None,
        "department": row["department"],
        "reported_at": row["reported_at"],
        "state_since": row["state_since"],
        "due_at": row["due_at"],
        "deadline_at": row["due_at"] if row["state"] == State.HANDLING else None,
        "lamp": row["lamp"],
        "ended_at": row["ended_at"],
    }


def reported_out(case: Case, candidates: Iterable[Candidate], actor: Actor) -> dict[str, Any]:
    """The answer to a report: its number, where it was placed, and what may be the same."""
    is_staff = not actor.roles & {Role.CLIENT, Role.CITIZEN}
    return {
        "number": case.number,
        "status": case.state,
        "version": case.version,
        "kind": case.kind,
        "scheme": case.catalogue_class.scheme_id,
        "class_code": case.catalogue_class.code,
        "matter_code": matter_of(case),
        "cell": case.cell.code if case.cell else None,
        "community": named(case.community),
        "street": named(case.street),
        "reported_at": case.reported_at,
        "duplicates": [candidate_out(candidate, is_staff) for candidate in candidates],
    }


def candidate_out(candidate: Candidate, is_staff: bool) -> dict[str, Any]:
    """A possible duplicate; outside the staff as class, street, state and date only (law §9)."""
    seen = {
        "class_name": candidate.class_name,
        "street_name": candidate.street_name,
        "status": candidate.state,
        "reported_at": candidate.reported_at,
    }
    if not is_staff:
        return seen
    return {
        "number": candidate.number,
        **seen,
        "distance_m": candidate.distance_m,
        "same_part": candidate.same_part,
        "reasons": list(candidate.reasons),
    }


def case_out(
    view: CaseView,
    *,
    proposal: CaseProposal | None = None,
    standards: Iterable[FilingStandard] | None = None,
) -> dict[str, Any]:
    """All of a case that this actor may see."""
    whole = whole_out(view, proposal, standards)
    return whole | unnamed(whole) if Role.CLIENT in view.actor.roles else whole


def unnamed(whole: dict[str, Any]) -> dict[str, Any]:
    """What an interface client is told otherwise: what happened and when, not who did it.

    Tasks and requests are the desks' own business, as their words in the history are.
    """
    return {
        "task": None,
        "tasks": [],
        "requests": [],
        "filed_by": None,
        "first_contact": None,
        "verify_waived_reason": None,
        "turns": [turn | {"dispatched_by": None} for turn in whole["turns"]],
        "stages": [stage | {"actor": ""} for stage in whole["stages"]],
    }


def whole_out(
    view: CaseView, proposal: CaseProposal | None, standards: Iterable[FilingStandard] | None
) -> dict[str, Any]:
    case, offered = view.case, offers(view)
    return {
        **what_out(case),
        **where_out(case),
        **standing_out(view),
        "turns": [turn_out(turn) for turn in view.turns],
        "later_turns": view.later_turns,
        "task": task_out(view.open_task),
        "tasks": [task_out(task) for task in view.tasks],
        "allowed_actions": [allowed_out(offer) for offer in offered if offer.allowed],
        "refused_actions": [refused_out(offer) for offer in offered if not offer.allowed],
        "requests": [request_out(request, view) for request in view.requests],
        "stages": [stage_out(row) for row in stage_rows(view)],
        "events": [event_out(event, view.actor) for event in view.events],
        "photos": [photo_out(photo) for photo in view.photos],
        "reporter": reporter_out(view),
        "proposal": proposal_out(proposal),
        "standards": [standard_out(row) for row in standards] if standards is not None else None,
    }


def moved_out(case: Case) -> dict[str, Any]:
    """Where a case stands after an action, and nothing else of it."""
    return {
        "number": case.number,
        "status": case.state,
        "status_label": str(State(case.state).label),
        "version": case.version,
        "due_at": case.due_at,
        "ended_at": case.ended_at,
    }


def allowed_out(offer: Offer) -> dict[str, Any]:
    return {"action": offer.action, "label": offer.label, "needs_reason": offer.needs_reason}


def refused_out(offer: Offer) -> dict[str, Any]:
    return {"action": offer.action, "label": offer.label, "reason": offer.why}


def what_out(case: Case) -> dict[str, Any]:
    entry = case.catalogue_class
    return {
        "number": case.number,
        "status": case.state,
        "status_label": str(State(case.state).label),
        "version": case.version,
        "round": case.round,
        "kind": case.kind,
        "scheme": entry.scheme_id,
        "class_code": entry.code,
        "class_name": entry.name,
        "matter_code": matter_of(case),
        "source": case.source,
        "source_label": str(Source(case.source).label),
        "sources": case.sources,
        "description": case.description,
        "part": named(case.part),
        "no_part_reason": case.no_part_reason,
        "reported_at": case.reported_at,
        "occurred_at": case.occurred_at,
        "verify_outcome": case.verify_outcome or None,
        "verify_waived_reason": case.verify_waived_reason or None,
        "first_contact": case.first_contact.username if case.first_contact else None,
        "relapse_of": case.relapse_of.number if case.relapse_of else None,
        "merged_into": case.merged_into.number if case.merged_into else None,
    }


def where_out(case: Case) -> dict[str, Any]:
    return {
        "lon": case.point.x if case.point else None,
        "lat": case.point.y if case.point else None,
        "accuracy_m": case.accuracy_m,
        "placed_by": case.placed_by or None,
        "place_text": case.place_text,
        "cell": case.cell.code if case.cell else None,
        "community": named(case.community),
        "street": named(case.street),
    }


def standing_out(view: CaseView) -> dict[str, Any]:
    """Where the case stands: department, deadlines, lamp, result, what it was filed as.

    `due_at` belongs to the stage that runs; `deadline_at` to handling, while that clock runs.
    What a later department did is not said to an earlier one.
    """
    case, turn = view.case, view.turn
    is_whole = view.later_turns == 0
    has_turn = turn is not None and (turn.ended_at is None or case.state in ENDED)
    ended = {"due_at": case.due_at, "green_until": case.green_until, "ended_at": case.ended_at}
    return {
        "department": named(turn.department) if turn and has_turn and is_whole else None,
        "rework_count": sum(turn.rework_count for turn in view.turns),
        "state_since": case.state_since,
        "due_at": case.due_at if is_whole else None,
        "deadline_at": turn.due_at if turn and is_whole else None,
        "lamp": lamp_of(ended, view.at) if is_whole else None,
        "ended_at": case.ended_at,
        "result": (case.result or None) if is_whole else None,
        "standard": filed_as(case),
        "filed_at": case.filed_at,
        "filed_by": case.filed_by.username if case.filed_by else None,
    }


def filed_as(case: Case) -> dict[str, Any] | None:
    """The standard as it was copied at filing."""
    if case.standard_id is None:
        return None
    return {
        "id": case.standard_id,
        "condition": case.standard_condition,
        "closing_condition": case.closing_condition,
        "limit_value": str(case.limit_value),
        "limit_unit": case.limit_unit,
        "limit_area": case.limit_area,
    }


def turn_out(turn: Turn) -> dict[str, Any]:
    """A turn with its clock; seconds are of the limit's own unit's time."""
    return {
        "number": turn.number,
        "round": turn.round,
        "department": named(turn.department),
        "assistants": [named(one.department) for one in turn.assistants.all()],
        "automatic": turn.automatic,
        "designation": turn.is_designation,
        "dispatched_by": turn.dispatched_by.username if turn.dispatched_by else None,
        "began_at": turn.began_at,
        "opened_at": turn.opened_at,
        "ended_at": turn.ended_at,
        "end_kind": turn.end_kind or None,
        "limit_value": str(turn.limit_value),
        "limit_unit": turn.limit_unit,
        "allowed_s": int(turn.allowed.total_seconds()),
        "used_s": int(turn.used.total_seconds()),
        "running_since": turn.running_since,
        "deadline_at": turn.due_at,
        "provisional": turn.provisional,
        "overdue_at": turn.overdue_at,
        "finished_at": turn.finished_at,
        "finish_in_time": turn.finish_in_time,
        "rework_count": turn.rework_count,
        "wrong_dispatch": turn.wrong_dispatch,
    }


def task_out(task: Task | None) -> dict[str, Any] | None:
    if task is None:
        return None
    return {
        "kind": task.kind,
        "assignee": task.assignee.username,
        "assignee_name": task.assignee.full_name,
        "sent_at": task.sent_at,
        "due_at": task.due_at,
        "ended_at": task.ended_at,
        "outcome": task.outcome or None,
        "in_time": task.in_time,
    }


def stage_out(row: dict[str, Any]) -> dict[str, Any]:
    return {**row, "label": str(row["label"])}


def event_out(event: Event, actor: Actor) -> dict[str, Any]:
    """One line of the history; interface clients see what happened, not who did it."""
    outside = Role.CLIENT in actor.roles
    by = event.actor
    return {
        "seq": event.seq,
        "action": event.action,
        "label": label_of(event.action),
        "actor": by.username if by and not outside else None,
        "actor_name": by.full_name if by and not outside else None,
        "role": event.role,
        "role_label": str(ROLE_LABELS.get(event.role, event.role)),
        "occurred_at": event.occurred_at,
        "at": event.at,
        "time_flagged": event.time_flagged,
        "from": event.from_state or None,
        "to": event.to_state,
        "reason": event.reason if not outside or event.to_state in ENDED else "",
        "changes": event.changes if not outside else {},
    }


def photo_out(photo: Photo) -> dict[str, Any]:
    return {
        "id": photo.pk,
        "role": photo.role,
        "role_label": str(PhotoRole(photo.role).label),
        **photo_urls(photo),
        "width": photo.width,
        "height": photo.height,
        "sha256": bytes(photo.sha256).hex(),
        "taken_at": photo.taken_at,
        "lon": photo.point.x if photo.point else None,
        "lat": photo.point.y if photo.point else None,
        "accuracy_m": photo.accuracy_m,
        "event": photo.event.seq,
        "added_at": photo.added_at,
    }


def reporter_out(view: CaseView) -> dict[str, Any] | None:
    """Name and phone of who reported, where the law lets this actor see them (law §1)."""
    if not view.reporters:
        return None
    first = view.reporters[0]
    return {"name": first.name, "phone": first.phone, "may_call": first.may_call}


def proposal_out(proposal: CaseProposal | None) -> dict[str, Any] | None:
    if proposal is None:
        return None
    found = proposal.department
    return {
        "department": {"code": found.code, "name": found.name} if found else None,
        "reason": proposal.reason,
        "automatic": proposal.automatic,
    }


def standard_out(row: FilingStandard) -> dict[str, Any]:
    return {
        "id": row.pk,
        "position": row.position,
        "condition": row.condition,
        "limit_value": str(row.limit_value),
        "limit_unit": row.limit_unit,
        "limit_value_a": str(row.limit_value_a) if row.limit_value_a else None,
        "limit_value_c": str(row.limit_value_c) if row.limit_value_c else None,
        "closing_condition": row.closing_condition,
        "department_kind": row.department_kind,
        "is_default": row.is_default,
    }


def request_out(request: Request, view: CaseView | None = None) -> dict[str, Any]:
    """A request with its reviews; with a view, also what this actor may answer."""
    return {
        "id": request.pk,
        "number": request.case.number,
        "kind": request.kind,
        "kind_label": str(request.get_kind_display()),
        "status": request.state,
        "status_label": str(request.get_state_display()),
        "reason_code": request.reason_code or None,
        "reason": request.reason,
        "department": named(request.proposed_department),
        "until": request.until,
        "asked_by": request.asked_by.username,
        "asked_at": request.asked_at,
        "ended_at": request.ended_at,
        "version": request.case.version,
        "steps": [
            {
                "reviewer_role": step.reviewer_role,
                "began_at": step.began_at,
                "due_at": step.due_at,
                "ended_at": step.ended_at,
                "decision": step.decision or None,
                "decided_by": step.decided_by.username if step.decided_by else None,
                "reason": step.reason,
            }
            for step in request.steps.all()
        ],
        "allowed_actions": answers_out(request, view),
    }


def answers_out(request: Request, view: CaseView | None) -> list[dict[str, Any]]:
    """What this actor may answer to the request, where it still waits."""
    if view is None or request not in view.open_requests:
        return []
    return [allowed_out(offer) for offer in answers(view, request) if offer.allowed]
