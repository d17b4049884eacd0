"""What may be asked of a case, and when: the rules of each kind of request (domain law §5).

Counts are per turn. "Not once overdue" is tested when it is asked; an approval given later acts
from the old deadline. The pages show the same sentences before anybody asks.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cases.clocks.numbers import (
    DESIGNATION_RETURNS,
    RETURN_LEAST,
    RETURN_SHARE,
    days_key,
    times_key,
)
from cases.models import Case
from cases.selectors.settings import number_at
from cases.workflow import State
from dispatch import handling_clock
from dispatch.models import Request, RequestKind, RequestState, Turn, TurnEnd
from dispatch.services.turns import calendar_of, clock_of, open_turn, own_turn
from gridcity.contracts import Actor, Invalid, NotAllowed
from parts.selectors.compiled import compiled

# What ends on a date.
DATED = frozenset({RequestKind.SUSPENSION, RequestKind.DEFERRAL})


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as it is asked for, before it is written."""

    case: Case
    kind: RequestKind
    actor: Actor
    at: datetime
    until: date | None = None
    fact: str = ""


def needs_designation(case: Case, at: datetime) -> bool:
    """Whether so many returns were approved that the ownership is disputed (§4, end).

    Whose the matter is does not become clearer by a reopening: the returns of every round count.
    """
    return len(_returned(case_id=case.pk)) >= number_at(DESIGNATION_RETURNS, at)


@compiled
def _returned(case_id: Any) -> QuerySet[Turn, int]:
    returned = Turn.objects.filter(case_id=case_id, end_kind=TurnEnd.RETURNED)
    return returned.values_list("pk", flat=True)


def ask_return(asked: Asked) -> Turn:
    """Of the own turn."""
    turn = own_turn(asked.case, asked.actor)
    check_return(turn, asked.at)
    return turn


def check_return(turn: Turn, at: datetime) -> None:
    """Within the first part of the limit, never once overdue, not of a designation (§5).

    Raises NotAllowed; the page shows the same sentence before it is asked.
    """
    if turn.is_designation:
        raise NotAllowed(_("A designated case cannot be returned any more."))
    share, least = number_at(RETURN_SHARE, at), number_at(RETURN_LEAST, at)
    within, in_time = handling_clock.may_return(
        clock_of(turn), turn.whole_limit, at, calendar_of(turn),
        share=share, least=timedelta(minutes=least),
    )  # fmt: skip
    if not in_time:
        raise NotAllowed(_("The case is overdue: it can no longer be returned."))
    if not within:
        raise NotAllowed(
            _(
                "A case can be returned within the first %(share)d %% of its limit, at least "
                "%(least)d minutes; that time has passed."
            )
            % {"share": share, "least": least}
        )


def ask_void(asked: Asked) -> Turn | None:
    """Before any dispatch there is no turn to name."""
    check_void(asked.case)
    return None if asked.case.state == State.TO_DISPATCH else open_turn(asked.case)


def check_void(case: Case) -> None:
    """Never once a department finished it, never after a reopening (§5). Raises NotAllowed."""
    if case.ever_finished:
        raise NotAllowed(_("A department has finished this case before: it cannot be voided."))
    if case.round > 1:
        raise NotAllowed(_("The case was reopened: it cannot be voided."))


def ask_designation(asked: Asked) -> None:
    """Only after two approved returns; before, a dispatch needs no consent (§4, end)."""
    if not needs_designation(asked.case, asked.at):
        raise NotAllowed(_("This case can be dispatched without a designation."))


def ask_more_time(asked: Asked) -> Turn:
    """An extension, a suspension or a deferral of the own turn."""
    turn = own_turn(asked.case, asked.actor)
    approved = Request.objects.filter(
        turn=turn, kind=asked.kind, state=RequestState.APPROVED
    ).count()
    check_more_time(asked.kind, asked.case, turn, approved, asked.at)
    if asked.kind in DATED:
        check_until(asked.kind, asked.until, asked.at)
    if asked.kind == RequestKind.DEFERRAL and asked.until is not None:
        check_later(turn, asked.until)
    return turn


def check_more_time(kind: RequestKind, case: Case, turn: Turn, approved: int, at: datetime) -> None:
    """Not once overdue, not more often than allowed, and where the class allows it (§5).

    `approved` counts this kind's approved requests in the turn. Raises NotAllowed.
    """
    if kind == RequestKind.DEFERRAL and not case.catalogue_class.deferral_allowed:
        raise NotAllowed(_("Cases of this class cannot be deferred."))
    if handling_clock.overdue_since(clock_of(turn), at) is not None:
        raise NotAllowed(_("The case is overdue: more time can no longer be asked for."))
    if approved >= number_at(times_key(kind), at):
        raise NotAllowed(
            _("%(kind)s was approved %(n)d times for this turn; more is not possible.")
            % {"kind": kind.label, "n": approved}
        )


def check_until(kind: RequestKind, until: date | None, at: datetime) -> None:
    """A date after today and within what the kind allows. Raises Invalid naming `until`."""
    if until is None:
        raise Invalid(_("Until which date?"), until=_("Please fill this in."))
    today, days = timezone.localdate(at), number_at(days_key(kind), at)
    if not today < until <= today + timedelta(days=days):
        raise Invalid(
            _("The date lies after today and within %(days)d days.") % {"days": days},
            until=_("From %(first)s to %(last)s.")
            % {"first": today + timedelta(days=1), "last": today + timedelta(days=days)},
        )


def check_later(turn: Turn, until: date) -> None:
    """A deferral moves the deadline on, never back. Raises Invalid naming `until`."""
    if deferral_gain(turn, until) <= timedelta():
        raise Invalid(
            _("The deadline lies later than that date already."),
            until=_("Choose a date after the present deadline."),
        )


def deferral_gain(turn: Turn, until: date) -> timedelta:
    """What a deferral adds to the time allowed, in the unit's own time.

    The new deadline is the end of that date as the limit's unit knows it: 24:00, or the end of
    its last working period.
    """
    end = midnight(until + timedelta(days=1))
    return handling_clock.used_at(clock_of(turn), end, calendar_of(turn)) - turn.allowed


def midnight(on: date) -> datetime:
    """00:00 of a date in local time."""
    begin = datetime.combine(on, datetime.min.time())
    return timezone.make_aware(begin, timezone.get_default_timezone())
