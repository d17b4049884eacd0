"""Requests that need approval: asked, reviewed step by step, withdrawn (domain law §5).

While a request waits only its answer, its withdrawal, a finish, supplements, urging and a forced
close are possible; the handling clock runs on. Who reviews a kind, and in which order, stands in
`CHAINS`; what may be asked in `asking`; what an approval does in `approvals`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from cases.models import Case
from cases.models.notice import NoticeKind
from cases.selectors.duty import on_duty
from cases.services.accepting import tell_reporter
from cases.services.releasing import release_members
from cases.services.transactions import in_transaction
from cases.services.transition import check_may, lock_case, move
from cases.services.words import REASON_LIMIT, clean_words
from cases.workflow import State
from dispatch.models import (
    Department,
    Request,
    RequestKind,
    RequestState,
    RequestStep,
    ReturnReason,
    StepDecision,
    Turn,
)
from dispatch.selectors.duty import OWN_DEEDS, who_did
from dispatch.services import appealing, approvals, asking
from dispatch.services.asking import (
    Asked,
    check_return,
    check_void,
    needs_designation,
)
from dispatch.services.review_steps import (
    begin_step,
    check_nothing_waits,
    end_request,
    end_step,
    give_back,
    lapse_requests,
    open_request,
    open_step,
    passes_on,
)
from dispatch.services.turns import open_turn
from gridcity.contracts import (
    CLOCK,
    Actor,
    Forbidden,
    Invalid,
    NotAllowed,
    NotVisible,
    Role,
    Sentence,
)
from parts.services.writing import insert, save

__all__ = [
    "IMPLEMENTED",
    "approve_request",
    "ask_request",
    "check_nothing_waits",
    "check_return",
    "check_reviewer",
    "check_void",
    "lapse_requests",
    "needs_designation",
    "open_request",
    "pass_request_on",
    "preapprove_request",
    "refuse_request",
    "withdraw_request",
]

# Who reviews, in order. A lead's own request needs no pre-approval; a second return of the same
# turn goes to the duty chief at once.
CHAINS: dict[str, tuple[str, ...]] = {
    RequestKind.RETURN: (Role.DISPATCHER,),
    RequestKind.EXTENSION: (Role.DEPARTMENT, Role.DISPATCHER),
    RequestKind.SUSPENSION: (Role.DEPARTMENT, Role.DISPATCHER, Role.DUTY_CHIEF),
    RequestKind.DEFERRAL: (Role.DEPARTMENT, Role.DISPATCHER, Role.DUTY_CHIEF),
    RequestKind.VOID: (Role.DUTY_CHIEF,),
    RequestKind.DESIGNATION: (Role.DUTY_CHIEF,),
    RequestKind.APPEAL: (Role.DISPATCHER, Role.DUTY_CHIEF),
}
IMPLEMENTED = tuple(RequestKind(kind) for kind in CHAINS)

_ASKING: dict[str, Callable[[Asked], Turn | None]] = {
    RequestKind.RETURN: asking.ask_return,
    RequestKind.EXTENSION: asking.ask_more_time,
    RequestKind.SUSPENSION: asking.ask_more_time,
    RequestKind.DEFERRAL: asking.ask_more_time,
    RequestKind.VOID: asking.ask_void,
    RequestKind.DESIGNATION: asking.ask_designation,
    RequestKind.APPEAL: appealing.ask_appeal,
}
# Said of a review that the clock passed on: no lead answered, or nobody may; stored as data.
NO_LEAD = "负责人未在时限内审核"
NO_OTHER = "无其他派遣员在岗"


@in_transaction
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
    until: date | None = None,
    fact: str = "",
) -> Request:
    """Ask for what needs approval; the department it proposes and the date by the kind.

    Raises Invalid for a missing reason, department or date, NotAllowed when a rule forbids it.
    """
    if kind not in IMPLEMENTED:
        raise Invalid(_("Unknown kind of request."), kind=_("One of the listed kinds."))
    case = lock_case(number, version=version)
    check_may(case, f"ask_{kind.lower()}", actor)
    if kind != RequestKind.APPEAL:
        check_nothing_waits(case)
    assert actor.user_id is not None
    asked = Asked(case, RequestKind(kind), actor, at, until, fact)
    turn = _ASKING[kind](asked)
    request = Request(
        case=case,
        turn=turn,
        kind=kind,
        reason_code=_reason_code(kind, reason_code),
        reason=clean_words(reason, field="reason", limit=REASON_LIMIT, required=True),
        asked_by_id=actor.user_id,
        asked_at=at,
        proposed_department=_proposed(kind, department),
        until=until if kind in asking.DATED else None,
        fact=fact if kind == RequestKind.APPEAL else "",
    )
    insert(request)
    role = _first_reviewer(request, actor)
    begin_step(request, role, at)
    move(
        case, action=f"ask_{kind.lower()}", actor=actor, at=at, reason=request.reason,
        changes=said_of(request) | {"reviewer": role},
    )  # fmt: skip
    return request


def _first_reviewer(request: Request, actor: Actor) -> str:
    if request.kind == RequestKind.RETURN and _asked_before(request):
        return Role.DUTY_CHIEF
    chain = CHAINS[request.kind]
    return chain[1] if chain[0] == Role.DEPARTMENT and actor.is_lead else chain[0]


def _asked_before(request: Request) -> bool:
    """Whether this turn's department has asked for a return before, whatever came of it (§5)."""
    earlier = Request.objects.filter(turn=request.turn, kind=request.kind)
    return earlier.exclude(pk=request.pk).exists()


def next_reviewer(request: Request, role: str) -> str | None:
    """Who reviews after this role; None after the last."""
    chain = CHAINS[request.kind]
    following = chain[chain.index(role) + 1 :] if role in chain else ()
    return following[0] if following else None


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
    if kind not in {RequestKind.RETURN, RequestKind.DESIGNATION}:
        return None
    if not code and kind == RequestKind.RETURN:
        return None
    found = Department.objects.active().filter(code=code).first()
    if found is None:
        raise Invalid(_("There is no such department."), department=_("Not a department in use."))
    return found


def said_of(request: Request) -> dict[str, Any]:
    """What events say of a request."""
    said: dict[str, Any] = {"request": request.pk, "kind": request.kind}
    if request.turn is not None:
        said["turn"] = request.turn.number
    if request.reason_code:
        said["reason_code"] = request.reason_code
    if request.proposed_department is not None:
        said["department"] = request.proposed_department.code
    if request.until is not None:
        said["until"] = request.until.isoformat()
    if request.fact:
        said["fact"] = request.fact
    return said


@in_transaction
def approve_request(
    *, number: str, request_id: int, actor: Actor, at: datetime, version: int | None,
    reason: str = "",
) -> Case:  # fmt: skip
    """Approve what waits: it goes on to the next reviewer, or after the last it is carried out."""
    case, request, step = _reviewed(number, request_id, actor, version)
    following = next_reviewer(request, step.reviewer_role)
    action = _approval(request, step, following)
    check_may(case, action, actor)
    check_reviewer(case, request, actor)
    moved = give_back(case, request, step, at)
    said = said_of(request) | (moved if action in approvals.ROWS.values() else {})
    effect = approvals.Effect()
    if following is None:
        end_request(request, step, RequestState.APPROVED, actor, at, reason)
        effect = approvals.carry_out(case, request, at)
    else:
        end_step(step, StepDecision.APPROVED, actor, at, reason)
        begin_step(request, following, at)
    move(
        case, action=action, actor=actor, at=at, reason=reason, term=effect.term,
        changes=said | effect.said | ({"reviewer": following} if following else {}),
        fields=effect.fields,
    )  # fmt: skip
    if case.state == State.VOIDED:
        release_members(case, at)
        tell_reporter(case, NoticeKind.ENDED, at, approvals.who_had_it(case))
    return case


@in_transaction
def preapprove_request(
    *, number: str, request_id: int, actor: Actor, at: datetime, version: int | None,
    reason: str = "",
) -> Case:  # fmt: skip
    """`preapprove` by a lead of the department. Raises NotAllowed where none waits for one."""
    case, _request, step = _waiting(number, request_id, version)
    check_may(case, "preapprove", actor)
    if step.reviewer_role != Role.DEPARTMENT:
        raise NotAllowed(_("This request does not wait for a lead of the department."))
    return approve_request(
        number=number, request_id=request_id, actor=actor, at=at, version=version, reason=reason
    )


def _approval(request: Request, step: RequestStep, following: str | None) -> str:
    """The row of the table by which this step is approved."""
    if step.reviewer_role == Role.DEPARTMENT:
        return "preapprove"
    if following is not None:
        return "approve_request"
    return approvals.ROWS.get(request.kind, "approve_request")


@in_transaction
def refuse_request(
    *, number: str, request_id: int, actor: Actor, at: datetime, version: int | None, reason: str
) -> Case:
    """`refuse` ⚑: the clock goes on as it did, with what the reviewers took too long."""
    case, request, step = _reviewed(number, request_id, actor, version)
    check_may(case, "refuse_request", actor)
    check_reviewer(case, request, actor)
    reason = clean_words(reason, field="reason", limit=REASON_LIMIT, required=True)
    give_back(case, request, step, at)
    end_request(request, step, RequestState.REFUSED, actor, at, reason)
    if request.kind == RequestKind.RETURN and request.turn is not None:
        turn = open_turn(case)
        turn.returns_refused += 1
        save(turn, ("returns_refused",))
    move(case, action="refuse_request", actor=actor, at=at, reason=reason, changes=said_of(request))
    return case


@in_transaction
def withdraw_request(
    *, number: str, request_id: int, actor: Actor, at: datetime, version: int | None,
    reason: str = "",
) -> Case:  # fmt: skip
    """`withdraw_request` by the side that asked: the department, or the dispatchers."""
    case, request, step = _waiting(number, request_id, version)
    check_may(case, "withdraw_request", actor)
    _check_asker(request, actor)
    give_back(case, request, step, at)
    end_request(request, step, RequestState.WITHDRAWN, actor, at, reason)
    move(
        case, action="withdraw_request", actor=actor, at=at, reason=reason,
        changes=said_of(request),
    )  # fmt: skip
    return case


@in_transaction
def pass_request_on(*, step_id: int, at: datetime) -> Case | None:
    """By the clock: no lead answered within his limit, so the request passes on, saying so (§5).

    So does an appeal that no dispatcher on duty may review. Does nothing to a step that was
    answered meanwhile.
    """
    found = RequestStep.objects.select_related("request__case").get(pk=step_id)
    case = lock_case(found.request.case.number)
    request = Request.objects.select_related("turn__department").get(pk=found.request_id)
    step = RequestStep.objects.filter(pk=step_id, ended_at=None, due_at__lt=at).first()
    following = next_reviewer(request, found.reviewer_role)
    if step is None or following is None:
        return None
    if not passes_on(request, step.reviewer_role, on_duty([Role.DISPATCHER])):
        return None
    remark = remark_of(step)
    give_back(case, request, step, at)
    end_step(step, StepDecision.PASSED_ON, None, at, remark)
    begin_step(request, following, at)
    move(
        case, action="pass_request_on", actor=CLOCK, at=at, occurred_at=step.due_at,
        reason=remark, changes=said_of(request) | {"reviewer": following},
    )  # fmt: skip
    return case


def remark_of(step: RequestStep) -> str:
    """Why the clock passes a review on."""
    return NO_LEAD if step.reviewer_role == Role.DEPARTMENT else NO_OTHER


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
    request.case = case
    return case, request, open_step(request)


def _reviewed(
    number: str, request_id: int, actor: Actor, version: int | None
) -> tuple[Case, Request, RequestStep]:
    """As `_waiting`, for the role whose review it is. Raises Forbidden for another one."""
    case, request, step = _waiting(number, request_id, version)
    if not reviews_step(request, step, actor):
        raise Forbidden(_REVIEWED_BY[step.reviewer_role])
    return case, request, step


_REVIEWED_BY = {
    Role.DUTY_CHIEF: _("This request is reviewed by the duty chief."),
    Role.DISPATCHER: _("This request is reviewed by a dispatcher."),
    Role.DEPARTMENT: _("This request is reviewed by a lead of the department first."),
}


def reviews_step(request: Request, step: RequestStep, actor: Actor) -> bool:
    """Whether this actor may answer a step: the desk's role, or a lead of the department."""
    if step.reviewer_role == Role.DEPARTMENT:
        turn = request.turn
        return actor.is_lead and turn is not None and turn.department_id == actor.department_id
    return step.reviewer_role in actor.roles


def check_reviewer(case: Case, request: Request, actor: Actor) -> None:
    """A voiding is reviewed by another duty chief than who filed it, where two are on duty.

    An appeal is reviewed by a dispatcher who did not dispatch the turn. Raises Forbidden.
    """
    for deed in OWN_DEEDS:
        if deed.kind != request.kind or deed.role not in actor.roles:
            continue
        is_his = who_did(deed, request, case) == actor.user_id
        if is_his and (deed.never or len(on_duty([deed.role])) > 1):
            raise Forbidden(_OWN[deed.kind])


_OWN: dict[str, Sentence] = {
    RequestKind.APPEAL: _("You dispatched this turn: another dispatcher reviews the appeal."),
    RequestKind.VOID: _("You filed this case: another duty chief reviews whether it is voided."),
}


# What the dispatchers ask; everything else is the department's.
ASKED_BY_DISPATCHER = frozenset({RequestKind.VOID, RequestKind.DESIGNATION})


def is_asker(request: Request, actor: Actor) -> bool:
    """Whether the actor belongs to the side that asked: the department, or the dispatchers."""
    if request.kind in ASKED_BY_DISPATCHER:
        return Role.DISPATCHER in actor.roles
    turn = request.turn
    return turn is not None and turn.department_id == actor.department_id


def _check_asker(request: Request, actor: Actor) -> None:
    if not is_asker(request, actor):
        raise Forbidden(_("Only the side that asked may withdraw the request."))
