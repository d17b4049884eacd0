"""One case with all that its page and its API answer show, as this actor may see it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse

from cases.models import Case, Event, Photo, Reporter, Stay, Task
from cases.workflow import ENDED, State, Transition, allowed_actions
from dispatch.models import Request, Turn
from dispatch.selectors.case_lists import lamp_of
from dispatch.selectors.visible import visible_cases
from gridcity.contracts import Actor, NotVisible, Role


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

    @property
    def turn(self) -> Turn | None:
        """The turn that is open now, or the last one of a case that has ended."""
        return self.turns[-1] if self.turns else None

    @property
    def open_task(self) -> Task | None:
        return next((task for task in self.tasks if task.ended_at is None), None)

    @property
    def open_request(self) -> Request | None:
        return next((request for request in self.requests if request.ended_at is None), None)


def get_case(actor: Actor, number: str, *, at: datetime) -> CaseView:
    """Read a case with its history in a fixed number of queries. Raises NotVisible."""
    case = (
        visible_cases(actor)
        .filter(number=number)
        .select_related(
            "catalogue_class",
            "street",
            "community",
            "cell",
            "part",
            "filed_by",
            "first_contact",
            "merged_into",
            "relapse_of",
        )  # fmt: skip
        .first()
    )
    if case is None:
        raise NotVisible
    turns = list(
        Turn.objects.filter(case=case)
        .select_related("department", "dispatched_by")
        .order_by("number")
    )
    ended = last_seen_at(case, turns, actor)
    events = Event.objects.filter(case=case).select_related("actor").order_by("seq")
    photos = Photo.objects.filter(case=case).select_related("event").order_by("id")
    if ended is not None:
        # Later turns by state only (domain law §1): what was said of them is not this department's.
        events = events.filter(at__lte=ended)
        photos = photos.filter(added_at__lte=ended)
    return CaseView(
        case=case,
        turns=turns,
        stays=list(Stay.objects.filter(case=case).select_related("actor").order_by("seq")),
        tasks=list(Task.objects.filter(case=case).select_related("assignee").order_by("id")),
        events=list(events),
        photos=list(photos),
        requests=list(
            Request.objects.filter(case=case)
            .select_related("turn", "proposed_department", "asked_by")
            .prefetch_related("steps")
            .order_by("id")
        ),
        reporters=reporters_for(case, turns, actor),
        actor=actor,
        at=at,
    )


def last_seen_at(case: Case, turns: list[Turn], actor: Actor) -> datetime | None:
    """Until when a department sees all: the end of its last turn; None while it has one open."""
    if Role.DEPARTMENT not in actor.roles:
        return None
    own = [turn for turn in turns if turn.department_id == actor.department_id]
    if not own or any(turn.ended_at is None for turn in own):
        return None
    last = max(turn.ended_at for turn in own if turn.ended_at is not None)
    return None if turns[-1].department_id == actor.department_id else last


def reporters_for(case: Case, turns: list[Turn], actor: Actor) -> list[Reporter]:
    """Who reported: for the supervising desks; for the department only in its turn and with leave.

    The caller logs each look of a department (`services.looks`).
    """
    rows = Reporter.objects.filter(case=case, purged_at=None)
    if actor.roles & {Role.ACCEPTOR, Role.DUTY_CHIEF}:
        return list(rows)
    has_turn = turns and turns[-1].ended_at is None
    if has_turn and turns[-1].department_id == actor.department_id:
        return list(rows.filter(may_call=True))
    return []


def possible_actions(view: CaseView) -> list[Transition]:
    """The actions the table allows to this actor now, less those that are plainly another's.

    Guards that need more than the case are left to the service, which says its sentence.
    """
    rows = allowed_actions(State(view.case.state), view.actor.roles)
    return [row for row in rows if is_his(row, view)]


# Actions of later work: declared in the table, not yet carried out by a service.
NOT_YET = frozenset(
    {
        "report_self_handled", "approve_self_handled", "refuse_self_handled", "merge", "undo_merge",
        "reconsider", "undo_dispatch", "undo_send_back", "undo_return", "resume", "force_close",
        "reopen", "rate", "call_back", "urge", "supervise", "ask_extension", "ask_suspension",
        "ask_deferral", "ask_appeal", "preapprove",
    }
)  # fmt: skip
REQUEST_ANSWERS = frozenset(
    {
        "withdraw_request", "refuse_request", "approve_request", "approve_return",
        "approve_suspension", "approve_void",
    }
)  # fmt: skip
OF_THE_TASK = frozenset({"verify", "check_passed", "check_failed"})
OF_THE_TURN = frozenset({"finish", "withdraw_finish", "ask_return"})


def is_his(row: Transition, view: CaseView) -> bool:
    """Whether an action of his role is also his: his task, his department's turn, nobody's else."""
    if row.action in NOT_YET or row.action in REQUEST_ANSWERS:
        return False
    actor = view.actor
    if row.action in OF_THE_TASK:
        return view.open_task is not None and view.open_task.assignee_id == actor.user_id
    own_turn = view.turn is not None and view.turn.department_id == actor.department_id
    if row.action in OF_THE_TURN:
        return own_turn and (row.action != "ask_return" or view.open_request is None)
    if row.action == "supplement" and Role.DEPARTMENT in actor.roles:
        return own_turn
    if row.action == "ask_void":
        return view.open_request is None and not view.case.ever_finished
    if row.action in {"not_file", "send_back_to_file"}:
        return not view.case.ever_finished
    return True


def stage_rows(view: CaseView) -> list[dict[str, Any]]:
    """The stays with their lamps, for the table of stages."""
    rows = []
    for stay in view.stays:
        ended = {"due_at": stay.due_at, "green_until": stay.green_until, "ended_at": stay.ended_at}
        rows.append(
            {
                "state": stay.state,
                "label": State(stay.state).label,
                "began_at": stay.began_at,
                "ended_at": stay.ended_at,
                "due_at": stay.due_at,
                "limit_s": stay.limit_s,
                "in_time": stay.in_time,
                "lamp": lamp_of(ended, view.at),
                "actor": stay.actor.full_name if stay.actor else "",
                "role": stay.actor_role,
            }
        )
    return rows


def photo_urls(photo: Photo) -> dict[str, str]:
    """Addresses of a photo; each is served through a permission check."""
    return {
        "url": reverse("dispatch:photo", args=[photo.pk]),
        "thumbnail": reverse("dispatch:photo-thumbnail", args=[photo.pk]),
    }


def is_open(case: Case) -> bool:
    return case.state not in ENDED
