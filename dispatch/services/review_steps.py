"""The reviews of a request: begun, answered, passed on, and what they cost the department (§5).

A review is a stay with a limit. The handling clock runs on meanwhile; what a reviewer uses beyond
his limit is added to the deadline, whatever the answer.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from cases.canonical import utc_text
from cases.clocks.deadlines import Unit, due, spent
from cases.clocks.desks import desk_due, idle_at
from cases.models import Case
from cases.models.notice import NoticeKind
from cases.selectors.duty import on_duty, rather_others
from cases.selectors.settings import desk_calendar, review_limit
from cases.services.notices import notify
from cases.services.words import REASON_LIMIT, clean_words
from cases.workflow import State
from dispatch.models import (
    Request,
    RequestKind,
    RequestState,
    RequestStep,
    StepDecision,
    Turn,
)
from dispatch.selectors.departments import members_of
from dispatch.selectors.duty import own_deed, who_did
from dispatch.services.turns import allow_more, calendar_of, open_turn
from gridcity.contracts import Actor, NotAllowed, Role
from parts.selectors.compiled import compiled
from parts.services.writing import insert, save


def open_request(case: Case) -> Request | None:
    """What waits about a case and blocks it; an appeal blocks nothing."""
    return _waiting.first(case_id=case.pk)


@compiled
def _waiting(case_id: Any) -> QuerySet[Request]:
    waiting = Request.objects.filter(case_id=case_id, state=RequestState.OPEN)
    return waiting.exclude(kind=RequestKind.APPEAL).order_by("pk")[:1]


def check_nothing_waits(case: Case) -> None:
    """Raise NotAllowed while a request about the case waits for its answer."""
    waiting = open_request(case)
    if waiting is not None:
        raise NotAllowed(
            _("A request waits for its answer: %(kind)s. Answer it first.")
            % {"kind": waiting.get_kind_display()},
            request=waiting.pk,
        )


def begin_step(request: Request, role: str, at: datetime) -> RequestStep:
    """Open a review and tell those who may answer it."""
    step = next_step(request, role, at)
    insert(step)
    notify(
        request.case, _reviewers(request, role), NoticeKind.REQUEST, at=at,
        values={"kind": request.kind},
    )  # fmt: skip
    return step


def next_step(
    request: Request, role: str, at: datetime, *,
    made: Callable[..., RequestStep] = RequestStep,
) -> RequestStep:  # fmt: skip
    """A review with its limit; nothing is written."""
    limit = review_limit(role, at)
    due_at, twice_at = _due(request, role, at, limit), _twice(role, at, limit)
    return made(
        request=request,
        reviewer_role=role,
        began_at=at,
        limit_s=int(limit.total_seconds()),
        due_at=due_at,
        twice_at=twice_at,
        idle_at=idle_at(at, twice_at or due_at + limit),
    )


def _due(request: Request, role: str, at: datetime, limit: timedelta) -> datetime:
    """Of a desk in its own working time; a lead's hour is an hour of the turn's own unit.

    So it stands at night where the handling clock stands.
    """
    if role != Role.DEPARTMENT or request.turn is None:
        return desk_due(at, int(limit.total_seconds()), desk_calendar(role, at)).at
    return due(at, limit, Unit(request.turn.limit_unit), calendar_of(request.turn)).at


def _twice(role: str, at: datetime, limit: timedelta) -> datetime | None:
    """When a desk that does not work around the clock has used twice its limit."""
    calendar = desk_calendar(role, at)
    return None if calendar is None else desk_due(at, 2 * int(limit.total_seconds()), calendar).at


def _reviewers(request: Request, role: str) -> list[int]:
    """Who may answer; where no other duty chief is on duty, the one who rather should not.

    The appeal against a turn is never reviewed by who dispatched it: then nobody is told, and the
    clock passes it on.
    """
    if role == Role.DEPARTMENT and request.turn is not None:
        return members_of(request.turn.department_id, leads_only=True)
    people, deed = on_duty([role]), own_deed(request.kind, role)
    if deed is None:
        return people
    partial = who_did(deed, request)
    if deed.never:
        return [one for one in people if one != partial]
    return rather_others(people, partial)


def passes_on(request: Request, role: str, on_duty_there: Collection[int]) -> bool:
    """Whether the clock passes a late review on: a lead's always, for no other lead may come.

    An appeal's where no dispatcher is on duty but the one who dispatched: it would wait for ever.
    """
    if role == Role.DEPARTMENT:
        return True
    deed = own_deed(request.kind, role)
    if deed is None or not deed.never:
        return False
    return not set(on_duty_there) - {who_did(deed, request)}


def open_step(request: Request) -> RequestStep:
    return RequestStep.objects.get(request=request, ended_at=None)


def end_step(
    step: RequestStep, decision: StepDecision, actor: Actor | None, at: datetime, reason: str
) -> None:
    """Write how one review ended."""
    step.ended_at, step.decision = at, decision
    step.decided_by_id = actor.user_id if actor else None
    step.reason = clean_words(reason, field="reason", limit=REASON_LIMIT)
    save(step, ("ended_at", "decision", "decided_by", "reason"))


def end_request(
    request: Request,
    step: RequestStep,
    state: RequestState,
    actor: Actor | None,
    at: datetime,
    reason: str,
) -> None:
    """End request and open step alike, and tell who asked."""
    end_step(step, StepDecision(state), actor, at, reason)
    request.state, request.ended_at = state, at
    save(request, ("state", "ended_at"))
    if state in (RequestState.APPROVED, RequestState.REFUSED):
        notify(
            request.case, [request.asked_by_id], NoticeKind.ANSWERED, at=at,
            values={"kind": request.kind, "answer": state},
        )  # fmt: skip


def give_back(case: Case, request: Request, step: RequestStep, at: datetime) -> dict[str, str]:
    """Add to the deadline what the reviewers used beyond their limit, whatever the answer (§5).

    Returns what an event must say of it that takes the case out of handling in the same act.
    """
    if not is_given_back(case, request, step, at):
        return {}
    turn = open_turn(case)
    allow_more(case, turn, used_beyond(step, turn, at))
    return said_of_deadline(case)


def said_of_deadline(case: Case) -> dict[str, str]:
    """The last deadline of a handling that ends: no other event has told it where it has moved."""
    return {"was_due": utc_text(case.due_at)} if case.due_at else {}


def is_given_back(case: Case, request: Request, step: RequestStep, at: datetime) -> bool:
    """Whether a review cost the department time: an appeal holds nobody up."""
    if request.turn_id is None or request.kind == RequestKind.APPEAL:
        return False
    return at > step.due_at and case.state == State.HANDLING


def used_beyond(step: RequestStep, turn: Turn, at: datetime) -> timedelta:
    """What a reviewer used beyond his limit, in the turn's own unit.

    Exactly what the handling clock lost meanwhile, so from when it ran.
    """
    began_at = max(step.due_at, turn.running_since or at)
    return spent(began_at, at, Unit(turn.limit_unit), calendar_of(turn))


def lapse_requests(case: Case, at: datetime) -> dict[str, Any]:
    """End what waits about a locked case without an answer (§5: finish, force_close).

    Returns what the event says of it: the ids, and the deadline where it has moved by it.
    """
    request = open_request(case)
    if request is None:
        return {"lapsed": []}
    step = open_step(request)
    said = give_back(case, request, step, at)
    end_request(request, step, RequestState.LAPSED, None, at, "")
    return {"lapsed": [request.pk], **said}
