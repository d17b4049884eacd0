"""Running clocks reckoned anew after a change of the calendar (domain law §6.1).

A change is a row; the sweep takes the clocks that were started before it held everywhere, in
bounded batches, each turn in a transaction of its own. What it was killed at it goes on with.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet

from cases.clocks.deadlines import Unit, due
from cases.clocks.desks import idle_at
from cases.models import CalendarChange, Case
from cases.services.transition import move
from dispatch import handling_clock
from dispatch.handling_clock import Clock
from dispatch.models import ClockMove, RequestStep, Turn
from dispatch.services.asking import deferral_gain, midnight
from dispatch.services.recomputing_desks import recompute_desks
from dispatch.services.sweep_errors import left_out, list_error, resolve_errors
from dispatch.services.turns import (
    CLOCK_FIELDS,
    calendar_of,
    clock_of,
    open_turn,
    set_clock,
    show_term,
    term_of,
)
from gridcity.contracts import CLOCK, Role

KIND = "recompute"
TURNS_AT_ONCE = 500
# Units that run on know no calendar.
WORKING_UNITS = [str(unit) for unit in Unit if not unit.runs_on]


@dataclass(slots=True)
class Recomputed:
    """How many clocks were looked at, how many deadlines moved, and what failed."""

    looked_at: int = 0
    moved: int = 0
    failed: int = 0


def recompute_clocks(*, at: datetime) -> Recomputed:
    """Reckon anew what the changes that hold by now ask for; bounded, the next call goes on."""
    done = Recomputed()
    changes = CalendarChange.objects.filter(recomputed_at=None, holds_at__lte=at)
    for change in changes.order_by("id"):
        waiting = _waiting(change).exclude(pk__in=left_out(KIND, at)).order_by("pk")
        for turn_id, case_id in waiting.values_list("pk", "case_id")[:TURNS_AT_ONCE]:
            _one(change, turn_id, case_id, at, done)
        if _waiting(change).exists():
            break
        recompute_desks(change, at=at)
        change.recomputed_at = at
        change.save(update_fields=["recomputed_at"])
    return done


def _waiting(change: CalendarChange) -> QuerySet[Turn]:
    """Running clocks that were started before the change held everywhere, and not seen for it."""
    unseen = Q(calendar_change=None) | Q(calendar_change__lt=change.pk)
    return Turn.objects.filter(
        unseen, ended_at=None, running_since__lt=change.holds_at, limit_unit__in=WORKING_UNITS
    )


def _one(
    change: CalendarChange, turn_id: int, case_id: int, at: datetime, done: Recomputed
) -> None:
    """One turn; a case that somebody moves now is left to the next look."""
    held = Case.objects.select_for_update(of=("self",), no_key=True, skip_locked=True)
    try:
        with transaction.atomic():
            case = held.filter(pk=case_id).first()
            if case is None or not _waiting(change).filter(pk=turn_id).exists():
                return
            done.moved += _recompute(change, case, at)
            done.looked_at += 1
            resolve_errors(KIND, [turn_id], at)
    except Exception as problem:
        list_error(KIND, turn_id, problem, at)
        done.failed += 1


def _recompute(change: CalendarChange, case: Case, at: datetime) -> bool:
    """Put the deadline of a locked case where the calendar now has it; returns whether it moved."""
    turn = open_turn(case)
    before = turn.due_at
    set_clock(turn, _clock_under(turn, at), not_before=at)
    turn.calendar_change = change
    turn.save(update_fields=["calendar_change", *CLOCK_FIELDS])
    show_term(case, term_of(turn))
    _recompute_step(turn, at)
    assert before is not None
    assert turn.due_at is not None
    if turn.due_at == before:
        return False
    ClockMove.objects.create(
        change=change, turn=turn, case=case, at=at, due_before=before, due_after=turn.due_at
    )
    move(
        case, action="recompute", actor=CLOCK, at=at,
        changes={
            "turn": turn.number, "calendar": change.what,
            "due_before": before.isoformat(), "due_at": turn.due_at.isoformat(),
        },
    )  # fmt: skip
    return True


def _clock_under(turn: Turn, at: datetime) -> Clock:
    """The clock under the new calendar; a deadline that is a date by deferral stays that date."""
    clock, until = clock_of(turn), turn.deferred_until
    if until is None or clock.due_at is None or clock.due_at < at:
        return handling_clock.recomputed(clock, at, calendar_of(turn))
    if clock.due_at <= midnight(until + timedelta(days=1)):
        gain = deferral_gain(turn, until)
        clock = handling_clock.longer(clock, gain, calendar_of(turn))
    return handling_clock.recomputed(clock, at, calendar_of(turn))


def _recompute_step(turn: Turn, at: datetime) -> None:
    """A lead's review stands with the handling clock, so its end moves with the calendar too."""
    step = RequestStep.objects.filter(
        request__turn=turn, reviewer_role=Role.DEPARTMENT, ended_at=None, due_at__gte=at
    ).first()
    if step is None:
        return
    limit = timedelta(seconds=step.limit_s)
    reckoned = due(step.began_at, limit, Unit(turn.limit_unit), calendar_of(turn)).at
    step.due_at = max(reckoned, at)
    step.idle_at = idle_at(step.began_at, step.due_at + limit)
    step.save(update_fields=["due_at", "idle_at"])
