"""The boxes of a desk: which cases wait for whom, and which he has had to do with."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q, QuerySet

from cases.models import Case, Event, Task
from cases.models.case import CaseQuerySet
from cases.workflow import DESK_ROLES, TURN, State
from dispatch.models import RequestStep, Turn, TurnEnd
from dispatch.selectors.duty import reviews_of_own_deed
from dispatch.selectors.visible import visible_cases
from gridcity.contracts import Actor, Role

BOXES = ("todo", "done", "touched", "supervised")
# What acceptors have beside them: the cases they took first, and whoever is to be called back.
CASE_BOXES = (*BOXES, "first", "callback")
# No row bears this id.
NOWHERE = 0


def taking_part(department_id: int | None) -> Q:
    """The turns that a department leads or assists in."""
    return Q(department_id=department_id) | Q(assistants__department_id=department_id)


def cases_in(actor: Actor, box: str) -> CaseQuerySet:
    """The visible cases of a box.

    What waits for a department it sees by that alone: by a turn of its own that is open, or by a
    request about one. Asked besides whether it ever had the case, all turns it had would be read.
    """
    waits = box == "todo" and is_of_department(actor)
    return in_box(Case.objects.all() if waits else visible_cases(actor), actor, box)


def in_box(rows: CaseQuerySet, actor: Actor, box: str) -> CaseQuerySet:
    """待办 todo, 已办 done, 经办 touched, 督办 supervised, as government desks know them.

    todo: the case waits for this person, desk or department. touched: he acted on it. done: he
    acted on it and it no longer waits for him. supervised: it was urged or put under supervision.
    首问 first: he took it first, and it has not ended or its reporter was not called back (law §2).
    待回访 callback: it has ended, and nobody of those who reported it was called back yet.
    """
    match box:
        case "todo":
            waiting = rows.filter(waits_for(actor))
            # That they are open is implied; said aloud, the index of open cases answers. All that
            # waits for a department's member are its open turns, of which there are few.
            is_found_by_turns = is_of_department(actor) and not actor.is_lead
            return waiting if is_found_by_turns else waiting.filter(ended_at=None)
        case "touched":
            return rows.filter(acted_on_by(actor))
        case "done":
            return rows.filter(acted_on_by(actor)).exclude(waits_for(actor))
        case "first":
            return rows.filter(first_contact_of(actor))
        case "callback":
            return rows.filter(to_call_back=True)
        case _:
            # As the index of pressed cases says it: what the clock urges fills nobody's box.
            by_people = Q(action="supervise") | Q(action="urge") & ~Q(role=Role.CLOCK)
            pressed = Event.objects.filter(by_people, case=OuterRef("pk"))
            if Role.DEPARTMENT in actor.roles:
                pressed = pressed.filter(Exists(own_turns_until(actor.department_id)))
            return rows.filter(Exists(pressed))


def is_of_department(actor: Actor) -> bool:
    """Whether he acts for a department and for nobody else."""
    return actor.roles == {Role.DEPARTMENT} and actor.department_id is not None


def own_turns_until(department_id: int | None) -> QuerySet[Turn]:
    """Turns of a department, for each event up to whose end: what comes later is others' (§1)."""
    reached = Q(ended_at=None) | Q(ended_at__gte=OuterRef("at"))
    turns = Turn.objects.filter(taking_part(department_id), reached, case=OuterRef("case"))
    return turns.exclude(end_kind=TurnEnd.UNDONE)


def first_contact_of(actor: Actor) -> Q:
    """First-contact responsibility 首问负责: until the end, and until the reporter was called.

    What was merged is followed in the leading case.
    """
    leads = Q(merged_into__ended_at=None) | Q(merged_into__to_call_back=True)
    stays = Q(ended_at=None) | Q(to_call_back=True) | Q(merged_into__isnull=False) & leads
    return Q(first_contact_id=actor.user_id or NOWHERE) & stays


def boxes_for(actor: Actor) -> tuple[str, ...]:
    """The boxes of this actor's desk."""
    if actor.roles == {Role.OFFICIAL}:
        return ("supervised",)
    return CASE_BOXES if Role.ACCEPTOR in actor.roles else BOXES


def acted_on_by(actor: Actor) -> Q:
    """The cases in whose history this person stands."""
    return Q(Exists(Event.objects.filter(case=OuterRef("pk"), actor_id=actor.user_id)))


def waits_for(actor: Actor) -> Q:
    """The cases that wait for this actor: by state, by task, by turn, by request to review."""
    states = sorted(
        str(state)
        for state, roles in TURN.items()
        if (roles & actor.roles).intersection(DESK_ROLES) and state != State.SUSPENDED
    )
    condition = Q(state__in=states)
    if Role.SUPERVISOR in actor.roles:
        tasks = Task.objects.filter(case=OuterRef("pk"), assignee_id=actor.user_id, ended_at=None)
        condition |= Q(Exists(tasks))
    if actor.department_id is not None:
        turns = Turn.objects.filter(
            case=OuterRef("pk"), department_id=actor.department_id, ended_at=None
        )
        condition |= Q(Exists(turns), state__in=[State.HANDLING, State.SUSPENDED])
    return condition | reviews(actor)


def reviews(actor: Actor) -> Q:
    """Cases with a request whose open step this actor may answer."""
    roles = actor.roles & {Role.DISPATCHER, Role.DUTY_CHIEF}
    steps = RequestStep.objects.filter(request__case=OuterRef("pk"), ended_at=None)
    if actor.is_lead and actor.department_id is not None:
        steps = steps.filter(
            reviewer_role=Role.DEPARTMENT, request__turn__department_id=actor.department_id
        )
    elif roles:
        steps = steps.filter(reviewer_role__in=sorted(roles))
        steps = steps.exclude(reviews_of_own_deed(actor.user_id))
    else:
        return Q(pk__in=[])
    return Q(Exists(steps))
