"""Undo within seconds: a dispatch, a sending back, an approved return (domain law §4).

By who did it, while nobody on the other side has opened it. The events remain; the figures are as
if neither had happened: the stays between are marked undone, the stage that was left goes on with
the deadline it had.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils.translation import gettext_lazy as _

from cases.clocks.numbers import UNDO_SECONDS
from cases.models import Case, Event, Stay
from cases.models.notice import NoticeKind
from cases.selectors.settings import number_at
from cases.services.notices import withdraw
from cases.services.transactions import in_transaction
from cases.services.transition import Term, check_may, lock_case, move, used_in_stay
from cases.workflow import State, rows_of
from dispatch.models import Request, RequestKind, RequestState, RequestStep, Turn, TurnEnd
from dispatch.services.review_steps import check_nothing_waits
from dispatch.services.turns import CLOCK_FIELDS, end_turn, go_on, open_turn, term_of
from gridcity.contracts import Actor, Forbidden, NotAllowed


def seconds_to_undo(at: datetime) -> int:
    """For how long something can be taken back (domain law §4; 10 s by default)."""
    return number_at(UNDO_SECONDS, at)


def entering_event(case: Case) -> Event | None:
    """The event by which the case came to where it is."""
    stay = Stay.objects.filter(case=case, ended_at=None).values_list("seq", flat=True).first()
    return case.events.filter(seq=stay).first() if stay is not None else None


def check_undo(entered: Event | None, action: str, actor: Actor, at: datetime) -> Event:
    """The event to be undone: of this kind, his own, and seconds old. Raises NotAllowed."""
    if entered is None or entered.action != action or moved_since(entered):
        raise NotAllowed(_("There is nothing to undo."))
    if entered.actor_id != actor.user_id:
        raise Forbidden(_("Only who did it may undo it."))
    seconds = seconds_to_undo(at)
    if at - entered.at > timedelta(seconds=seconds):
        raise NotAllowed(
            _("It can be undone within %(n)d seconds; that time has passed.") % {"n": seconds}
        )
    return entered


def moved_since(entered: Event) -> bool:
    """Whether anything that raises the version was done after an event."""
    later = Event.objects.filter(case=entered.case_id, seq__gt=entered.seq)
    return any(
        rows_of(action)[0].raises_version for action in later.values_list("action", flat=True)
    )


def check_unopened(opened_at: datetime | None) -> None:
    """Raise NotAllowed once the other side has opened it."""
    if opened_at is not None:
        raise NotAllowed(_("The other side has opened it already: it can no longer be undone."))


def opened_by_another(stay: Stay, actor: Actor) -> datetime | None:
    """When somebody else first opened a desk's stage; his own look does not count."""
    return stay.first_opened_at if stay.first_opened_by_id != actor.user_id else None


@in_transaction
def undo_dispatch(*, number: str, actor: Actor, at: datetime, version: int | None) -> Case:
    """The turn is undone; the case waits to be dispatched with the deadline it had."""
    case = lock_case(number, version=version)
    check_may(case, "undo_dispatch", actor)
    entered = check_undo(entering_event(case), "dispatch", actor, at)
    check_nothing_waits(case)
    turn = open_turn(case)
    check_unopened(turn.opened_at)
    end_turn(turn, TurnEnd.UNDONE, at)
    Request.objects.filter(used_by=turn).update(used_by=None)
    withdraw(case, NoticeKind.DISPATCHED, at=entered.at)
    _step_back(case, "undo_dispatch", State.TO_DISPATCH, actor, at)
    return case


@in_transaction
def undo_send_back(*, number: str, actor: Actor, at: datetime, version: int | None) -> Case:
    """The case waits to be dispatched again, with the deadline it had."""
    case = lock_case(number, version=version)
    check_may(case, "undo_send_back", actor)
    check_undo(entering_event(case), "send_back_to_file", actor, at)
    check_unopened(opened_by_another(_stay(case), actor))
    _step_back(case, "undo_send_back", State.TO_DISPATCH, actor, at)
    return case


@in_transaction
def undo_return(*, number: str, actor: Actor, at: datetime, version: int | None) -> Case:
    """The turn goes on as if its clock had never stood; the request waits as before."""
    case = lock_case(number, version=version)
    check_may(case, "undo_return", actor)
    entered = check_undo(entering_event(case), "approve_return", actor, at)
    check_nothing_waits(case)
    stay = _stay(case)
    check_unopened(opened_by_another(stay, actor))
    turn = _turn_returned(case)
    withdraw(case, NoticeKind.ANSWERED, at=entered.at)
    Stay.objects.filter(pk=stay.pk).update(undone=True)
    move(
        case, action="undo_return", actor=actor, at=at, term=term_of(turn),
        changes={"turn": turn.number, "request": _wait_again(turn)},
    )  # fmt: skip
    return case


def _turn_returned(case: Case) -> Turn:
    """The turn that the return had ended, running again from when it was stopped."""
    turn = (
        Turn.objects.select_for_update(of=("self",), no_key=True)
        .filter(case=case, end_kind=TurnEnd.RETURNED)
        .order_by("-number")[0]
    )
    assert turn.ended_at is not None
    stopped_at, turn.ended_at = turn.ended_at, None
    turn.end_kind, turn.wrong_dispatch = "", False
    go_on(turn, stopped_at)
    turn.save(update_fields=["ended_at", "end_kind", "wrong_dispatch", *CLOCK_FIELDS])
    return turn


def _wait_again(turn: Turn) -> int:
    """The approved request is open again, with the same review and its limit."""
    request = Request.objects.filter(
        turn=turn, kind=RequestKind.RETURN, state=RequestState.APPROVED
    ).order_by("-id")[0]
    step = RequestStep.objects.filter(request=request).order_by("-id")[0]
    step.ended_at, step.decision, step.decided_by, step.reason = None, "", None, ""
    step.save(update_fields=["ended_at", "decision", "decided_by", "reason"])
    request.state, request.ended_at = RequestState.OPEN, None
    request.save(update_fields=["state", "ended_at"])
    return request.pk


def _stay(case: Case) -> Stay:
    return Stay.objects.get(case=case, ended_at=None)


def _step_back(case: Case, action: str, target: State, actor: Actor, at: datetime) -> None:
    """Go back to the desk before: its clock ran on, and the two stays between count nowhere."""
    here = _stay(case)
    before = Stay.objects.filter(case=case, state=target, seq__lt=here.seq).order_by("-seq")[0]
    Stay.objects.filter(pk__in=[here.pk, before.pk]).update(undone=True)
    term = Term(
        limit_s=before.limit_s,
        used_before_s=used_in_stay(before, at),
        due_at=before.due_at,
        twice_at=before.twice_at,
        idle_at=before.idle_at,
        green_until=before.green_until,
        provisional=before.provisional,
    )
    move(case, action=action, actor=actor, at=at, target=target, term=term)
