"""The buttons of a case: what this user may do now, and why not what he would expect to.

The sentence of a refused button is the one its service would refuse with (house style §4).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from cases.clocks.numbers import DESIGNATION_RETURNS, RECONSIDER_DAYS, REOPEN_DAYS
from cases.models import Event
from cases.selectors.settings import number_at
from cases.services import merging
from cases.services.accepting import check_complete, needs_waiver
from cases.services.classing import ask_for, unread_class_of_part
from cases.services.ending import check_within
from cases.services.filing import check_never_finished
from cases.workflow import ROLE_LABELS, TURN, State, allowed_actions
from dispatch.models import FactKind, Request, RequestKind, Turn, TurnEnd
from dispatch.selectors.case_detail import (
    NOT_YET,
    OF_THE_TASK,
    REQUEST_ANSWERS,
    CaseView,
    takes_part,
)
from dispatch.services import undoing
from dispatch.services.appealing import check_in_time, facts_of
from dispatch.services.asking import (
    check_more_time,
    check_return,
    check_void,
)
from dispatch.services.forcing import check_not_too_often
from dispatch.services.handling import check_unchecked
from dispatch.services.reviews import check_reviewer, is_asker, reviews_step
from gridcity.contracts import NotAllowed, Refused, Role


@dataclass(frozen=True, slots=True)
class Offer:
    """One button: allowed, or refused with a sentence."""

    action: str
    label: str
    needs_reason: bool = False
    why: str = ""

    @property
    def allowed(self) -> bool:
        return not self.why


# A department's own actions; of another department's turn they are not even shown.
OWN_TURN = frozenset(
    {
        "finish", "withdraw_finish", "ask_return", "ask_extension", "ask_suspension",
        "resume",
    }
)  # fmt: skip
# What may not be done while a request waits for its answer (domain law §5).
BARRED_BY_REQUEST = frozenset(
    {
        "dispatch", "reassign", "send_back_to_file", "resume", "ask_return", "ask_extension",
        "ask_suspension", "ask_deferral", "ask_void", "ask_designation",
    }
)  # fmt: skip


def offers(view: CaseView) -> list[Offer]:
    """The actions of this user in this state, in the order of the law's table."""
    rows = allowed_actions(State(view.case.state), view.actor.roles)
    return [
        Offer(row.action, str(row.label), row.needs_reason, why_not(view, row.action))
        for row in rows
        if is_shown(view, row.action)
    ]


def is_shown(view: CaseView, action: str) -> bool:
    """Whether the action is this user's business here at all."""
    actor = view.actor
    if action in NOT_YET or action in REQUEST_ANSWERS:
        return False
    if action in OF_THE_TASK:
        return view.open_task is not None and view.open_task.assignee_id == actor.user_id
    if Role.DEPARTMENT in actor.roles and action in OWN_TURN:
        turn = view.turn
        return turn is not None and turn.ended_at is None and is_own(view)
    if Role.DEPARTMENT in actor.roles and action == "supplement":
        turn = view.turn  # those who assist add evidence too
        return turn is not None and turn.ended_at is None and takes_part(turn, actor.department_id)
    if action in SHOWN:
        return SHOWN[action](view)
    return True


def is_own(view: CaseView) -> bool:
    return view.turn is not None and view.turn.department_id == view.actor.department_id


def why_not(view: CaseView, action: str) -> str:
    """The sentence with which the service would refuse; empty when nothing is known against it."""
    try:
        if action in BARRED_BY_REQUEST:
            check_no_request(view)
        if guard := GUARDS.get(action):
            guard(view)
    except Refused as refusal:
        return str(refusal.detail)
    return ""


def check_no_request(view: CaseView) -> None:
    """Raise NotAllowed while a request about the case waits for its answer."""
    waiting = view.open_request
    if waiting is not None:
        raise NotAllowed(
            _("A request waits for its answer: %(kind)s. Answer it first.")
            % {"kind": waiting.get_kind_display()}
        )


def _finish_unchecked(view: CaseView) -> None:
    if view.turn is not None:
        check_unchecked(view.case, view.turn)


def _may_return(view: CaseView) -> None:
    if view.turn is not None:
        check_return(view.turn, view.at)


def _may_have_more(kind: RequestKind) -> Callable[[CaseView], None]:
    """More time of this kind: not once overdue, not too often, where the class allows it."""

    def check(view: CaseView) -> None:
        turn = view.turn
        if turn is None:
            return
        approved = [
            one
            for one in view.requests
            if one.turn_id == turn.pk and one.kind == kind and one.state == "approved"
        ]
        check_more_time(kind, view.case, turn, len(approved), view.at)

    return check


def _has_place(view: CaseView) -> None:
    if view.case.cell_id is None:
        raise NotAllowed(_("The case has no place yet: set its point first."))


def _designated_first(view: CaseView) -> None:
    """After so many approved returns a dispatch needs the duty chief's consent (law §4, end)."""
    if is_disputed(view) and not consents(view):
        raise NotAllowed(
            _(
                "This case was returned again and again: it can only be designated, with the duty "
                "chief's consent. Ask for the designation first."
            )
        )


def _not_designated_yet(view: CaseView) -> None:
    if consents(view):
        raise NotAllowed(_("The duty chief has consented already: dispatch the case."))


def is_disputed(view: CaseView) -> bool:
    """As `reviews.needs_designation`, from the turns that were read with the case."""
    returned = [turn for turn in view.turns if turn.end_kind == TurnEnd.RETURNED]
    return len(returned) >= number_at(DESIGNATION_RETURNS, view.at)


def consents(view: CaseView) -> list[Request]:
    """Consents to a designation that no dispatch has used up."""
    return [
        request
        for request in view.requests
        if request.kind == "DESIGNATION" and request.state == "approved" and not request.used_by_id
    ]


def _own_deferrable(view: CaseView) -> bool:
    turn = view.turn
    is_open = turn is not None and turn.ended_at is None and is_own(view)
    return is_open and view.case.catalogue_class.deferral_allowed


def appealable(view: CaseView) -> list[FactKind]:
    """What this department may still appeal against in its turns of the case, the last first."""
    own = [one for one in view.turns if one.department_id == view.actor.department_id]
    found = [fact for turn in reversed(own) for fact in appealable_of(turn, view)]
    return list(dict.fromkeys(found))


def appealable_of(turn: Turn, view: CaseView) -> list[FactKind]:
    """The facts of one turn that may still be appealed against: once each, within its days."""
    if turn.end_kind == TurnEnd.UNDONE or _refusal(lambda: check_in_time(turn, view.at)):
        return []
    asked = [one for one in view.requests if one.turn_id == turn.pk]
    refused = sorted(
        (one for one in asked if one.kind == RequestKind.RETURN and one.state == "refused"),
        key=lambda one: (one.ended_at or view.at, one.pk),
    )
    appealed = {one.fact for one in asked if one.kind == RequestKind.APPEAL}
    return [fact for fact in facts_of(turn, view.at, refused) if fact not in appealed]


def _entered(view: CaseView) -> Event | None:
    """The event by which the case came to where it is, from what was read with it."""
    stay = next((one for one in view.stays if one.ended_at is None), None)
    return next((one for one in view.events if stay and one.seq == stay.seq), None)


def _undoable(action: str) -> Callable[[CaseView], bool]:
    """An undo is offered to who did it, for its seconds, while nobody has opened it."""

    def is_shown_now(view: CaseView) -> bool:
        stay = next((one for one in view.stays if one.ended_at is None), None)
        opened = view.turn.opened_at if action == "dispatch" and view.turn else None
        if stay is None:
            return False
        opened = opened or undoing.opened_by_another(stay, view.actor)
        return not (
            _refusal(lambda: undoing.check_undo(_entered(view), action, view.actor, view.at))
            or _refusal(lambda: undoing.check_unopened(opened))
        )

    return is_shown_now


def _merge_undoable(view: CaseView) -> bool:
    merged = [one for one in view.events if one.action == "merge"]
    last = merged[-1] if merged else None
    return not _refusal(lambda: merging.check_undo(view.case, last, view.actor, view.at))


def _ended_within(key: str) -> Callable[[CaseView], bool]:
    return lambda view: not _refusal(lambda: check_within(view.case, view.at, key))


# Actions that are this user's business only now and then; elsewhere they are not even shown.
SHOWN: dict[str, Callable[[CaseView], bool]] = {
    "ask_designation": is_disputed,
    "ask_deferral": _own_deferrable,
    "ask_appeal": lambda view: bool(appealable(view)),
    "undo_dispatch": _undoable("dispatch"),
    "undo_send_back": _undoable("send_back_to_file"),
    "undo_return": _undoable("approve_return"),
    "undo_merge": _merge_undoable,
    "reconsider": _ended_within(RECONSIDER_DAYS),
    "reopen": _ended_within(REOPEN_DAYS),
}

GUARDS: dict[str, Callable[[CaseView], None]] = {
    "accept": lambda view: check_complete(view.case),
    "send_verify": _has_place,
    "not_file": lambda view: check_never_finished(view.case),
    "send_back_to_file": lambda view: check_never_finished(view.case),
    "withdraw_finish": _finish_unchecked,
    "force_close": lambda view: check_not_too_often(view.case, view.at),
    "merge": lambda view: check_never_finished(view.case),
    "ask_return": _may_return,
    "ask_extension": _may_have_more(RequestKind.EXTENSION),
    "ask_suspension": _may_have_more(RequestKind.SUSPENSION),
    "ask_deferral": _may_have_more(RequestKind.DEFERRAL),
    "ask_void": lambda view: check_void(view.case),
    "ask_designation": _not_designated_yet,
    "dispatch": _designated_first,
    "reassign": _designated_first,
}


# ---------------------------------------------------------------- answers to a request


def answerable(view: CaseView) -> Request | None:
    """The request that the page puts first: what this user may answer, else what he asked.

    Of several the one that blocks the case: an appeal may wait beside it, or beside others.
    """
    waiting = sorted(view.open_requests, key=lambda one: one.kind == RequestKind.APPEAL)
    may_answer = [one for one in waiting if any(offer.allowed for offer in reviews_of(view, one))]
    own = [one for one in waiting if is_asker(one, view.actor)]
    return next(iter([*may_answer, *own, *waiting]), None)


def answers(view: CaseView, request: Request | None = None) -> list[Offer]:
    """What this user may answer to a request that waits; the one the page offers, if none named."""
    request = request or answerable(view)
    if request is None:
        return []
    found = reviews_of(view, request)
    if is_asker(request, view.actor):
        found.append(Offer("withdraw", __("Withdraw the request")))
    return found


def reviews_of(view: CaseView, request: Request) -> list[Offer]:
    """How this user may review a request that waits; nothing where the review is another's."""
    step = next((step for step in request.steps.all() if step.ended_at is None), None)
    if step is None or not reviews_step(request, step, view.actor):
        return []
    why = _refusal(lambda: check_reviewer(view.case, request, view.actor))
    name, label = "approve", __("Approve")
    if step.reviewer_role == Role.DEPARTMENT:
        name, label = "preapprove", __("Pre-approve")
    return [Offer(name, label, False, why), Offer("refuse", __("Refuse"), True, why)]


def _refusal(check: Callable[[], object]) -> str:
    try:
        check()
    except Refused as refusal:
        return str(refusal.detail)
    return ""


# ---------------------------------------------------------------- whose turn it is


def whose_turn(view: CaseView) -> str:
    """Who has to act now, in words: the desk, the supervisor with the task, the department."""
    case, task, turn = view.case, view.open_task, view.turn
    if case.ended_at is not None:
        return ""
    if task is not None:
        return __("supervisor %(name)s") % {"name": task.assignee.full_name}
    if case.state in {State.HANDLING, State.SUSPENDED} and turn is not None:
        return turn.department.name
    roles = TURN.get(State(case.state), frozenset()) - {Role.CLOCK}
    return "、".join(str(ROLE_LABELS[role]) for role in sorted(roles))


def wants_waiver(view: CaseView) -> bool:
    """Whether accepting this case asks for a reason (domain law §2)."""
    return needs_waiver(view.case, view.at)


def wants_class(view: CaseView) -> str:
    """The question after the class of the case's part, where the crosswalk does not answer it."""
    unread = unread_class_of_part(view.case)
    return str(ask_for(unread)) if unread is not None else ""
