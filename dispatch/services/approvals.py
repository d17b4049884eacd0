"""What the last approval of each kind of request does (domain law §5, last column)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cases.models import Case
from cases.services.accepting import first_contact_of
from cases.services.transition import Term
from cases.workflow import State
from dispatch.models import Request, RequestKind, Turn, TurnEnd
from dispatch.selectors.departments import members_of
from dispatch.services.appealing import uphold
from dispatch.services.asking import deferral_gain, midnight
from dispatch.services.turns import CLOCK_FIELDS, allow_more, end_turn, open_turn, stop_clock
from gridcity.contracts import NotAllowed


@dataclass(frozen=True, slots=True)
class Effect:
    """What an approval changed beside the state: for the event, the stay and the case's row."""

    said: dict[str, Any] = field(default_factory=dict)
    term: Term | None = None
    fields: tuple[str, ...] = ()


# The rows of the table by which kinds are approved at last; the others let the state stay.
ROWS: dict[str, str] = {
    RequestKind.RETURN: "approve_return",
    RequestKind.SUSPENSION: "approve_suspension",
    RequestKind.VOID: "approve_void",
}


def carry_out(case: Case, request: Request, at: datetime) -> Effect:
    """Do what was approved, on a locked case before it moves. Raises NotAllowed when too late."""
    return _EFFECTS[request.kind](case, request, at)


def _return(case: Case, request: Request, at: datetime) -> Effect:
    """The turn ends, as a wrong dispatch."""
    end_turn(open_turn(case), TurnEnd.RETURNED, at, wrong=True)
    return Effect()


def _void(case: Case, request: Request, at: datetime) -> Effect:
    if case.state != State.TO_DISPATCH:
        end_turn(open_turn(case), TurnEnd.VOIDED, at)
    return Effect()


def who_had_it(case: Case) -> list[int]:
    """Who hears of a voiding beside its reporters: the department at work on it, first contact."""
    ended = Turn.objects.filter(case=case, end_kind=TurnEnd.VOIDED).first()
    at_work = members_of(ended.department_id) if ended else []
    return [*at_work, *first_contact_of(case)]


def _nothing(case: Case, request: Request, at: datetime) -> Effect:
    """A consent to a designation is used up by the dispatch it allows."""
    return Effect()


def _extension(case: Case, request: Request, at: datetime) -> Effect:
    """One original limit more, from the old deadline on."""
    turn = open_turn(case)
    allow_more(case, turn, turn.whole_limit)
    return Effect({"due_at": turn.due_at.isoformat() if turn.due_at else None})


def _suspension(case: Case, request: Request, at: datetime) -> Effect:
    """The clock stands until 00:00 of the date; what lies beyond the old deadline is not used."""
    assert request.until is not None
    _check_not_passed(request, at)
    turn = open_turn(case)
    stop_clock(turn, at if turn.due_at is None else min(at, turn.due_at))
    turn.save(update_fields=list(CLOCK_FIELDS))
    end = midnight(request.until)
    case.force_close_at = None  # never suspended or deferred (domain law §4, force_close)
    return Effect(term=Term(due_at=end, green_until=end), fields=("force_close_at",))


def _deferral(case: Case, request: Request, at: datetime) -> Effect:
    """It stays in handling; the end of the date is the new deadline."""
    assert request.until is not None
    _check_not_passed(request, at)
    turn = open_turn(case)
    turn.deferred_until = request.until
    turn.save(update_fields=["deferred_until"])
    allow_more(case, turn, deferral_gain(turn, request.until))
    case.force_close_at = None
    said = {"due_at": turn.due_at.isoformat() if turn.due_at else None}
    return Effect(said, fields=("force_close_at",))


def _appeal(case: Case, request: Request, at: datetime) -> Effect:
    uphold(case, request)
    return Effect()


def _check_not_passed(request: Request, at: datetime) -> None:
    if request.until is not None and request.until <= timezone.localdate(at):
        raise NotAllowed(_("The date that was asked for has passed: refuse the request."))


_EFFECTS: dict[str, Callable[[Case, Request, datetime], Effect]] = {
    RequestKind.RETURN: _return,
    RequestKind.VOID: _void,
    RequestKind.DESIGNATION: _nothing,
    RequestKind.EXTENSION: _extension,
    RequestKind.SUSPENSION: _suspension,
    RequestKind.DEFERRAL: _deferral,
    RequestKind.APPEAL: _appeal,
}
