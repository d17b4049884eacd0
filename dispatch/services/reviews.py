"""Requests that need approval: asked, reviewed, withdrawn, lapsed (domain law §5).

While a request waits only its answer, its withdrawal, a finish, supplements, urging and a forced
close are possible; the handling clock runs on, and what reviewers use beyond their limit is added
to the deadline whatever the answer.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from cases.clocks.deadlines import Unit, spent
from cases.models import Case
from cases.models.notice import NoticeKind
from cases.services.notices import notify
from cases.services.transition import check_may, lock_case, move
from cases.services.words import REASON_LIMIT, clean_words
from cases.workflow import State
from dispatch import handling_clock
from dispatch.models import (
    Department,
    Request,
    RequestKind,
    RequestState,
    RequestStep,
    ReturnReason,
    Turn,
    TurnEnd,
)
from dispatch.selectors.duty import on_duty
from dispatch.services.turns import allow_more, calendar_of, clock_of, end_turn, open_turn, own_turn
from gridcity.contracts import Actor, Forbidden, Invalid, NotAllowed, NotVisible, Role

# Minutes of a review step, around the clock as those desks work (domain law §§5, 6.2, defaults).
REVIEW_MINUTES = {Role.DISPATCHER: 30, Role.DUTY_CHIEF: 30}

# After so many approved returns the next dispatch is a designation (domain law §4, a default).
RETURNS_BEFORE_DESIGNATION = 2

IMPLEMENTED = (RequestKind.RETURN, RequestKind.VOID, RequestKind.DESIGNATION)


def check_nothing_waits(case: Case) -> None:
    """Raise NotAllowed while a request about the case waits for its answer."""
    waiting = open_request(case)
    if waiting is not None:
        raise NotAllowed(
            _("A request waits for its answer: %(kind)s. Answer it first.")
            % {"kind": waiting.get_kind_display()},
            request=waiting.pk,
        )


def open_request(case: Case) -> Request | None:
    waiting = Request.objects.filter(case=case, state=RequestState.OPEN)
    return waiting.exclude(kind=RequestKind.APPEAL).first()


def needs_designation(case: Case) -> bool:
    """Whether two returns of this round were approved: the ownership is disputed (§4, end)."""
    returned = Turn.objects.filter(case=case, round=case.round, end_kind=TurnEnd.RETURNED)
    return returned.count() >= RETURNS_BEFORE_DESIGNATION


@transaction.atomic
def ask_request(
    *,
    number: str,
    actor: Actor,
    at: datetime,
    version: int | None,
    kind: str,
    reason: str,
    reason_code: str = "",
    department: str = "",
) -> Request:
    """Ask for a return 退件, a voiding 作废 or the consent to a designation 指定处置.

    Raises Invalid for a missing reason or department, NotAllowed when a rule of §5 forbids it.
    """
    if kind not in IMPLEMENTED:
        raise Invalid(_("Unknown kind of request."), kind=_("RETURN, VOID or DESIGNATION."))
    case = lock_case(number, version=version)
    check_may(case, f"ask_{kind.lower()}", actor)
    check_nothing_waits(case)
    assert actor.user_id is not None
    turn, role = _ASKING[RequestKind(kind)](case, actor, at)
    request = Request.objects.create(
        case=case,
        turn=turn,
        kind=kind,
        reason_code=_reason_code(kind, reason_code),
        reason=clean_words(reason, field="reason", limit=REASON_LIMIT, required=True),
        asked_by_id=actor.user_id,
        asked_at=at,
        proposed_department=_proposed(kind, department),
    )
    _begin_step(request, role, at)
    move(
        case, action=f"ask_{kind.lower()}", actor=actor, at=at, reason=request.reason,
        changes=_said(request) | {"reviewer": role},
    )  # fmt: skip
    return request


def _ask_return(case: Case, actor: Actor, at: datetime) -> tuple[Turn, str]:
    """Of the own turn; a second return of the same turn goes to the duty chief (§5)."""
    turn = own_turn(case, actor)
    check_return(turn, at)
    second = turn.returns_refused > 0
    return turn, Role.DUTY_CHIEF if second else Role.DISPATCHER


def check_return(turn: Turn, at: datetime) -> None:
    """Within the first quarter, never once overdue, not of a designation (§5).

    Raises NotAllowed; the page shows the same sentence before it is asked.
    """
    if turn.is_designation:
        raise NotAllowed(_("A designated case cannot be returned any more."))
    within, in_time = handling_clock.may_return(
        clock_of(turn), turn.whole_limit, at, calendar_of(turn)
    )
    if not in_time:
        raise NotAllowed(_("The case is overdue: it can no longer be returned."))
    if not within:
        raise NotAllowed(
            _(
                "A case can be returned within the first quarter of its limit, at least 30 "
                "minutes; that time has passed."
            )
        )


def _ask_void(case: Case, actor: Actor, at: datetime) -> tuple[Turn | None, str]:
    """Before any dispatch there is no turn to name."""
    check_void(case)
    turn = None if case.state == State.TO_DISPATCH else open_turn(case)
    return turn, Role.DUTY_CHIEF


def check_void(case: Case) -> None:
    """Never once a department finished it, never after a reopening (§5). Raises NotAllowed."""
    if case.ever_finished:
        raise NotAllowed(_("A department has finished this case before: it cannot be voided."))
    if case.round > 1:
        raise NotAllowed(_("The case was reopened: it cannot be voided."))


def _ask_designation(case: Case, actor: Actor, at: datetime) -> tuple[None, str]:
    """Only after two approved returns; before, a dispatch needs no consent (§4, end)."""
    if not needs_designation(case):
        raise NotAllowed(_("This case can be dispatched without a designation."))
    return None, Role.DUTY_CHIEF


_ASKING = {
    RequestKind.RETURN: _ask_return,
    RequestKind.VOID: _ask_void,
    RequestKind.DESIGNATION: _ask_designation,
}


def _reason_code(kind: str, code: str) -> str:
    if kind != RequestKind.RETURN:
        return ""
    if code not in ReturnReason.values:
        raise Invalid(
            _("Choose the reason of the return."), reason_code=_("One of the listed reasons.")
        )
    return code


def _proposed(kind: str, code: str) -> Department | None:
    """The department that a return proposes, or that is to be designated."""
    if not code and kind != RequestKind.DESIGNATION:
        return None
    found = Department.objects.active().filter(code=code).first()
    if found is None:
        raise Invalid(_("There is no such department."), department=_("Not a department in use."))
    return found


def _said(request: Request) -> dict[str, Any]:
    """What events say of a request."""
    said: dict[str, Any] = {"request": request.pk, "kind": request.kind}
    if request.reason_code:
        said["reason_code"] = request.reason_code
    if request.proposed_department is not None:
        said["department"] = request.proposed_department.code
    return said


def _begin_step(request: Request, role: str, at: datetime) -> RequestStep:
    """Open a review and tell those on duty at that desk."""
    limit_s = REVIEW_MINUTES[role] * 60
    step = RequestStep.objects.create(
        request=request,
        reviewer_role=role,
        began_at=at,
        limit_s=limit_s,
        due_at=at + timedelta(seconds=limit_s),
    )
    notify(request.case, on_duty([role]), NoticeKind.REQUEST, at=at, values={"kind": request.kind})
    return step


@transaction.atomic
def approve_request(
    *, number: str, request_id: int, actor: Actor, at: datetime, version: int | None,
    reason: str = "",
) -> Case:  # fmt: skip
    """Approve what waits: a return ends the turn, a voiding the case, a consent changes nothing."""
    case, request, step = _reviewed(number, request_id, actor, version)
    action = _APPROVAL[RequestKind(request.kind)]
    check_may(case, action, actor)
    check_reviewer(case, request, actor)
    _give_back(case, request, step, at)
    _end(request, step, RequestState.APPROVED, actor, at, reason)
    if request.kind == RequestKind.RETURN:
        end_turn(open_turn(case), TurnEnd.RETURNED, at, wrong=True)
    elif request.kind == RequestKind.VOID and case.state != State.TO_DISPATCH:
        end_turn(open_turn(case), TurnEnd.VOIDED, at)
    move(case, action=action, actor=actor, at=at, reason=reason, changes=_said(request))
    return case


_APPROVAL = {
    RequestKind.RETURN: "approve_return",
    RequestKind.VOID: "approve_void",
    RequestKind.DESIGNATION: "approve_request",
}


@transaction.atomic
def refuse_request(
    *, number: str, request_id: int, actor: Actor, at: datetime, version: int | None, reason: str
) -> Case:
    """`refuse` ⚑: the clock goes on as it did, with what the reviewers took too long."""
    case, request, step = _reviewed(number, request_id, actor, version)
    check_may(case, "refuse_request", actor)
    check_reviewer(case, request, actor)
    reason = clean_words(reason, field="reason", limit=REASON_LIMIT, required=True)
    _give_back(case, request, step, at)
    _end(request, step, RequestState.REFUSED, actor, at, reason)
    if request.kind == RequestKind.RETURN and request.turn is not None:
        turn = open_turn(case)
        turn.returns_refused += 1
        turn.save(update_fields=["returns_refused"])
    move(case, action="refuse_request", actor=actor, at=at, reason=reason, changes=_said(request))
    return case


@transaction.atomic
def withdraw_request(
    *, number: str, request_id: int, actor: Actor, at: datetime, version: int | None,
    reason: str = "",
) -> Case:  # fmt: skip
    """`withdraw_request` by the side that asked: the department, or the dispatchers."""
    case, request, step = _waiting(number, request_id, version)
    check_may(case, "withdraw_request", actor)
    _check_asker(request, actor)
    _give_back(case, request, step, at)
    _end(request, step, RequestState.WITHDRAWN, actor, at, reason)
    move(case, action="withdraw_request", actor=actor, at=at, reason=reason, changes=_said(request))
    return case


def lapse_requests(case: Case, at: datetime) -> list[int]:
    """End what waits about a locked case without an answer; returns the ids (§5: finish)."""
    request = open_request(case)
    if request is None:
        return []
    step = _open_step(request)
    _give_back(case, request, step, at)
    _end(request, step, RequestState.LAPSED, None, at, "")
    return [request.pk]


def _waiting(
    number: str, request_id: int, version: int | None
) -> tuple[Case, Request, RequestStep]:
    """Case, request and open step. Raises NotVisible, or NotAllowed once it was answered."""
    case = lock_case(number, version=version)
    request = (
        Request.objects.select_related("turn__department", "proposed_department")
        .filter(case=case, pk=request_id)
        .first()
    )
    if request is None:
        raise NotVisible
    if request.state != RequestState.OPEN:
        raise NotAllowed(
            _("This request no longer waits: it is %(state)s.")
            % {"state": request.get_state_display()}
        )
    return case, request, _open_step(request)


def _reviewed(
    number: str, request_id: int, actor: Actor, version: int | None
) -> tuple[Case, Request, RequestStep]:
    """As `_waiting`, for the role whose review it is. Raises Forbidden for another one."""
    case, request, step = _waiting(number, request_id, version)
    if step.reviewer_role not in actor.roles:
        raise Forbidden(
            _("This request is reviewed by the duty chief.")
            if step.reviewer_role == Role.DUTY_CHIEF
            else _("This request is reviewed by a dispatcher.")
        )
    return case, request, step


def _open_step(request: Request) -> RequestStep:
    return RequestStep.objects.get(request=request, ended_at=None)


def check_reviewer(case: Case, request: Request, actor: Actor) -> None:
    """A voiding is reviewed by another duty chief than who filed it, where two are on duty."""
    if request.kind != RequestKind.VOID or case.filed_by_id != actor.user_id:
        return
    if len(on_duty([Role.DUTY_CHIEF])) > 1:
        raise Forbidden(_("You filed this case: another duty chief reviews whether it is voided."))


def _check_asker(request: Request, actor: Actor) -> None:
    """A return is the department's to withdraw, anything else the dispatchers'."""
    if request.kind == RequestKind.RETURN:
        assert request.turn is not None
        if actor.department_id == request.turn.department_id:
            return
    elif Role.DISPATCHER in actor.roles:
        return
    raise Forbidden(_("Only the side that asked may withdraw the request."))


def _give_back(case: Case, request: Request, step: RequestStep, at: datetime) -> None:
    """Add to the deadline what the reviewers used beyond their limit, whatever the answer (§5).

    Measured in the turn's own unit: exactly what the handling clock lost meanwhile.
    """
    if request.turn is None or at <= step.due_at or case.state != State.HANDLING:
        return
    turn = open_turn(case)
    allow_more(case, turn, spent(step.due_at, at, Unit(turn.limit_unit), calendar_of(turn)))


def _end(
    request: Request,
    step: RequestStep,
    state: RequestState,
    actor: Actor | None,
    at: datetime,
    reason: str,
) -> None:
    """End request and step alike, and tell who asked."""
    step.ended_at, step.decision = at, state
    step.decided_by_id = actor.user_id if actor else None
    step.reason = clean_words(reason, field="reason", limit=REASON_LIMIT)
    step.save(update_fields=["ended_at", "decision", "decided_by", "reason"])
    request.state, request.ended_at = state, at
    request.save(update_fields=["state", "ended_at"])
    if state in (RequestState.APPROVED, RequestState.REFUSED):
        notify(
            request.case, [request.asked_by_id], NoticeKind.ANSWERED, at=at,
            values={"kind": request.kind, "answer": state},
        )  # fmt: skip
