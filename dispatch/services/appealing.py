"""申诉: a department asks that a fact of its turn shall not count against it (domain law §5).

The fact stays; only its counted twin becomes false, with the reason. An appeal blocks nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from cases.clocks.numbers import APPEAL_DAYS, SHIRKING_REFUSALS
from cases.models import Case
from cases.selectors.settings import days_at, number_at
from dispatch import handling_clock
from dispatch.models import FactKind, Request, RequestKind, RequestState, Turn, TurnEnd, TurnFact
from dispatch.services.asking import Asked
from dispatch.services.turns import clock_of
from gridcity.contracts import Invalid, NotAllowed


def facts_of(turn: Turn, at: datetime, refused: Iterable[Request]) -> list[FactKind]:
    """What happened in a turn up to now, whether it counts or not.

    `refused` are the returns of this turn that were refused, in order of their answers.
    """
    overdue_at = handling_clock.overdue_since(clock_of(turn), at)
    found = {
        FactKind.OVERDUE: overdue_at is not None,
        FactKind.FAILED_CHECK: turn.rework_count > 0,
        FactKind.REFUSED_RETURN: turn.returns_refused > 0,
        FactKind.SHIRKING: is_shirking(
            turn, overdue_at, list(refused), number_at(SHIRKING_REFUSALS, at)
        ),
        FactKind.FORCED_CLOSE: turn.end_kind == TurnEnd.FORCED,
    }
    return [kind for kind, is_so in found.items() if is_so]


def is_shirking(
    turn: Turn, overdue_at: datetime | None, refused: list[Request], refusals: int
) -> bool:
    """推诿: so many refused returns, overdue afterwards, no wrong dispatch found later (§5)."""
    if overdue_at is None or turn.wrong_dispatch or len(refused) < refusals:
        return False
    last = refused[refusals - 1].ended_at
    return last is not None and overdue_at > last


def refused_returns(turn: Turn) -> list[Request]:
    """The refused returns of a turn, in order; no query where the turn counts none."""
    if not turn.returns_refused:
        return []
    rows = Request.objects.filter(turn=turn, kind=RequestKind.RETURN, state=RequestState.REFUSED)
    return list(rows.order_by("ended_at", "id"))


def check_in_time(turn: Turn, at: datetime) -> None:
    """Raise NotAllowed later than some days (7 by default) after the turn has ended."""
    within = days_at(APPEAL_DAYS, at)
    if turn.ended_at is not None and at - turn.ended_at > within:
        raise NotAllowed(
            _("An appeal is possible within %(days)d days after the end.") % {"days": within.days}
        )


def ask_appeal(asked: Asked) -> Turn:
    """The last turn of the department in which this fact happened and may still be appealed.

    Once for each turn and fact, so an earlier turn's after a later one's.
    """
    if asked.fact not in FactKind.values:
        raise Invalid(_("What is the appeal against?"), fact=_("One of the listed facts."))
    turns = Turn.objects.filter(
        case=asked.case, department_id__in=[one for one in [asked.actor.department_id] if one]
    )
    turns = turns.exclude(end_kind=TurnEnd.UNDONE).order_by("-number")
    had = [one for one in turns if asked.fact in facts_of(one, asked.at, refused_returns(one))]
    if not had:
        raise NotAllowed(_("Nothing of the kind happened in a turn of your department."))
    refusals = []
    for turn in had:
        try:
            check_in_time(turn, asked.at)
            _check_once(turn, asked.fact)
        except NotAllowed as refusal:
            refusals.append(refusal)
        else:
            return turn
    raise refusals[0]


def _check_once(turn: Turn, fact: str) -> None:
    if Request.objects.filter(turn=turn, kind=RequestKind.APPEAL, fact=fact).exists():
        raise NotAllowed(_("This was appealed against already."))


def uphold(case: Case, request: Request) -> None:
    """The fact counts no more; the row says by which appeal and why."""
    assert request.turn is not None
    TurnFact.objects.update_or_create(
        turn=request.turn,
        kind=request.fact,
        defaults={"counted": False, "reason": request.reason, "appeal": request},
    )
