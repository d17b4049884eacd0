"""One case with all that its page and its API answer show, as this actor may see it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import prefetch_related_objects
from django.urls import reverse

from cases.models import Case, Event, Photo, Reporter, Stay, Task
from cases.workflow import ENDED, State
from dispatch.models import Request, RequestKind, Turn, TurnEnd
from dispatch.selectors import case_rows
from dispatch.selectors.case_lists import lamp_of
from dispatch.selectors.visible import sight_of
from gridcity.contracts import Actor, NotVisible, Role
from parts.selectors import class_by_id, communities, streets


@dataclass(frozen=True, slots=True)
class CaseView:
    """A case and its rows, read once, for the page and the API alike."""

    case: Case
    turns: list[Turn]
    stays: list[Stay]
    tasks: list[Task]
    events: list[Event]
    photos: list[Photo]
    requests: list[Request]
    reporters: list[Reporter]
    actor: Actor
    at: datetime
    # Turns after the last one of this department: it sees them by state only (domain law §1).
    later_turns: int = 0

    @property
    def turn(self) -> Turn | None:
        """The turn that is open now, or the last one of a case that has ended."""
        return self.turns[-1] if self.turns else None

    @property
    def open_task(self) -> Task | None:
        return next((task for task in self.tasks if task.ended_at is None), None)

    @property
    def open_request(self) -> Request | None:
        """What waits and blocks the case; an appeal blocks nothing."""
        return next((one for one in self.open_requests if one.kind != RequestKind.APPEAL), None)

    @property
    def open_requests(self) -> list[Request]:
        return [request for request in self.requests if request.ended_at is None]


def get_case(actor: Actor, number: str, *, at: datetime) -> CaseView:
    """Read a case with its history in a fixed number of queries. Raises NotVisible."""
    case = case_rows.case_of.first(**sight_of(actor), number=number)
    if case is None:
        raise NotVisible
    turns = case_rows.turns_of(case_id=case.pk)
    prefetch_related_objects(turns, "assistants__department")
    seen = seen_turns(turns, actor)
    until = seen[-1].ended_at if len(seen) < len(turns) else None
    # What was said and done in later turns is not this department's; their states are.
    of_case = {"is_cut": until is not None, "until": until, "case_id": case.pk}
    view = CaseView(
        case=case,
        turns=seen,
        stays=case_rows.stays_of(case_id=case.pk),
        tasks=case_rows.tasks_of(**of_case),
        events=case_rows.events_of(**of_case),
        photos=case_rows.photos_of(**of_case),
        requests=requests_of(case, actor, until),
        reporters=reporters_for(case, turns, actor),
        actor=actor,
        at=at,
        later_turns=len(turns) - len(seen),
    )
    if view.later_turns:
        hide_who_follows(view)
    name_people(view)
    tie_photos(view)
    name_place(case)
    return view


def hide_who_follows(view: CaseView) -> None:
    """The event that ended a department's own turn says who came next: not for it (law §1)."""
    last = view.turns[-1].number
    for event in view.events:
        if event.changes.get("turn", 0) > last:
            event.changes = {}


def name_place(case: Case) -> None:
    """Give the case its class, street and community, which the process keeps."""
    case.catalogue_class = class_by_id(case.catalogue_class_id)
    if case.street_id is not None and case.community_id is not None:
        case.street = streets()[case.street_id]
        case.community = communities()[case.community_id]


def name_people(view: CaseView) -> None:
    """Give every row the users it names, read in one query.

    Joined nine times over they cost PostgreSQL 8 ms of planning a case, and the same user would be
    built again for each event.
    """
    rows: list[tuple[Any, str]] = [
        (view.case, "filed_by"),
        (view.case, "first_contact"),
        *((turn, "dispatched_by") for turn in view.turns),
        *((row, "actor") for row in (*view.events, *view.stays)),
        *((task, "assignee") for task in view.tasks),
        *((request, "asked_by") for request in view.requests),
    ]
    wanted = {getattr(row, f"{field}_id") for row, field in rows} - {None}
    people = {user.pk: user for user in case_rows.people_of(ids=list(wanted))}
    for row, field in rows:
        if (user_id := getattr(row, f"{field}_id")) is not None:
            setattr(row, field, people[user_id])


def tie_photos(view: CaseView) -> None:
    """Give every photo its event, which is read already."""
    events = {event.pk: event for event in view.events}
    for photo in view.photos:
        if photo.event_id in events:
            photo.event = events[photo.event_id]


def requests_of(case: Case, actor: Actor, until: datetime | None) -> list[Request]:
    """The requests about a case with their reviews, those asked until an instant.

    A department may appeal after its turn: that is its own, whoever has the case by then.
    """
    requests = case_rows.requests_of(
        is_cut=until is not None, until=until, department_id=actor.department_id, case_id=case.pk
    )
    prefetch_related_objects(requests, "turn", "proposed_department", "steps__decided_by")
    return requests


def seen_turns(turns: list[Turn], actor: Actor) -> list[Turn]:
    """The turns that an actor sees whole: of a department, those up to its own last one.

    Assisting counts as its own. Later turns are seen by state only (domain law §1).
    """
    if Role.DEPARTMENT not in actor.roles:
        return turns
    own = [turn.number for turn in turns if takes_part(turn, actor.department_id)]
    return [turn for turn in turns if turn.number <= max(own, default=0)] or turns


def takes_part(turn: Turn, department_id: int | None) -> bool:
    """Whether a department leads a turn or assists in it; one that was undone is nobody's."""
    if turn.end_kind == TurnEnd.UNDONE:
        return False
    return turn.department_id == department_id or any(
        one.department_id == department_id for one in turn.assistants.all()
    )


def reporters_for(case: Case, turns: list[Turn], actor: Actor) -> list[Reporter]:
    """Who reported it or a case merged into it: for the supervising desks.

    For the department only in its turn and with leave.

    The caller logs each look of a department (`services.looks`).
    """
    has_turn = bool(turns) and turns[-1].ended_at is None
    if actor.roles & {Role.ACCEPTOR, Role.DUTY_CHIEF}:
        return case_rows.reporters_of(with_leave=False, case_id=case.pk)
    if has_turn and turns[-1].department_id == actor.department_id:
        return case_rows.reporters_of(with_leave=True, case_id=case.pk)
    return []


# What no button of a case does: it comes with another action, by the clock or before the case is.
# Missed matters have a page of their own.
NOT_YET = frozenset(
    {
        "take_in", "let_go", "rate", "give_code", "purge_words", "purge_personal_data",
        "object_missed", "uphold_objection", "refuse_objection",
    }
)  # fmt: skip
REQUEST_ANSWERS = frozenset(
    {
        "withdraw_request", "refuse_request", "approve_request", "approve_return",
        "approve_suspension", "approve_void", "preapprove",
    }
)  # fmt: skip
OF_THE_TASK = frozenset({"verify", "check_passed", "check_failed"})


def stage_rows(view: CaseView) -> list[dict[str, Any]]:
    """The stays with their lamps, for the table of stages; later turns' by state only."""
    until = view.turns[-1].ended_at if view.later_turns else None
    return [
        stage_row(stay, view.at, is_whole=until is None or stay.began_at < until)
        for stay in view.stays
    ]


def stage_row(stay: Stay, at: datetime, *, is_whole: bool) -> dict[str, Any]:
    """One stay; who ended it, when it was due and its lamp only where it is seen whole."""
    clock = {"due_at": stay.due_at, "green_until": stay.green_until, "ended_at": stay.ended_at}
    return {
        "state": stay.state,
        "label": State(stay.state).label,
        "undone": stay.undone,
        "began_at": stay.began_at,
        "ended_at": stay.ended_at,
        "due_at": stay.due_at if is_whole else None,
        "limit_s": stay.limit_s if is_whole else None,
        "in_time": stay.in_time if is_whole else None,
        "lamp": lamp_of(clock, at) if is_whole else None,
        "actor": stay.actor.full_name if stay.actor and is_whole else "",
        "role": stay.actor_role,
    }


def photo_urls(photo: Photo) -> dict[str, str]:
    """Addresses of a photo; each is served through a permission check."""
    return {
        "url": reverse("dispatch:photo", args=[photo.pk]),
        "thumbnail": reverse("dispatch:photo-thumbnail", args=[photo.pk]),
    }


def is_open(case: Case) -> bool:
    return case.state not in ENDED
