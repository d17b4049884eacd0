"""Turns begin, stand, go on and end; each change of the clock is written to its row here."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from cases.clocks.calendar import WorkingCalendar
from cases.clocks.deadlines import Limit, Unit
from cases.clocks.numbers import GREEN
from cases.models import Case, Stay
from cases.selectors.settings import number_at
from cases.services.transition import Term
from dispatch import handling_clock
from dispatch.handling_clock import Clock
from dispatch.models import Department, Turn, TurnAssistant, TurnEnd
from dispatch.selectors.departments import calendar_of_department
from dispatch.selectors.ladders import ladder_for, rungs_of
from gridcity.contracts import Actor, Forbidden, NotAllowed
from parts.selectors.compiled import compiled
from parts.services.writing import insert, save

CLOCK_FIELDS = (
    "allowed", "used", "running_since", "due_at", "provisional", "overdue_at",
    "marks", "timer_at",
)  # fmt: skip


def open_turn(case: Case) -> Turn:
    """The open turn of a locked case, locked too. Raises NotAllowed where no department has it."""
    turn = _open_turn.first(case_id=case.pk)
    if turn is None:
        raise NotAllowed(_("No department has this case now."))
    return turn


@compiled
def _open_turn(case_id: Any) -> QuerySet[Turn]:
    # The sweep of timers locks turns on their own; here the case's lock is held already.
    turns = Turn.objects.select_for_update(of=("self",), no_key=True).select_related("department")
    return turns.filter(case_id=case_id, ended_at=None)[:1]


def own_turn(case: Case, actor: Actor) -> Turn:
    """The open turn, when it is the actor's department's. Raises Forbidden when it is another's.

    Whose it is then a department that had the case before is not told (domain law §1).
    """
    turn = open_turn(case)
    if actor.department_id != turn.department_id:
        raise Forbidden(_("It is the turn of another department."))
    return turn


def clock_of(turn: Turn) -> Clock:
    """The turn's clock as the pure rules want it."""
    return Clock(
        unit=Unit(turn.limit_unit),
        allowed=turn.allowed,
        used=turn.used,
        running_since=turn.running_since,
        due_at=turn.due_at,
        overdue_at=turn.overdue_at,
        provisional=turn.provisional,
    )


def calendar_of(turn: Turn) -> WorkingCalendar:
    return calendar_of_department(turn.department_id)


def set_clock(turn: Turn, clock: Clock, *, not_before: datetime | None = None) -> None:
    """Put a clock on the turn, with the instants at which its timers are due; saves nothing.

    A level that has fired is not due again, wherever its instant lies now; one that has not is due
    `not_before` an instant, where a calendar has changed.
    """
    turn.allowed, turn.used, turn.overdue_at = clock.allowed, clock.used, clock.overdue_at
    turn.running_since, turn.due_at = clock.running_since, clock.due_at
    turn.provisional = clock.provisional
    turn.marks, turn.timer_at = [], None
    if clock.running_since is not None:
        shares = [rung.share for rung in rungs_of(turn.ladder_id)]
        turn.marks = handling_clock.marks(clock, calendar_of(turn), shares)
        if not_before is not None:
            coming = turn.marks[turn.timer_level :]
            turn.marks[turn.timer_level :] = [max(mark, not_before) for mark in coming]
        if turn.timer_level < len(turn.marks):
            turn.timer_at = turn.marks[turn.timer_level]


def begin_turn(
    case: Case,
    department: Department,
    *,
    actor: Actor,
    role: str,
    at: datetime,
    assistants: tuple[Department, ...] = (),
    is_designation: bool = False,
    proposal_department_id: int | None = None,
    proposal_rule_id: int | None = None,
) -> Turn:
    """Write a new turn with its assistants."""
    turn = next_turn(
        case, department, actor=actor, role=role, at=at,
        number=(_last_number.first(case_id=case.pk) or 0) + 1,
        is_designation=is_designation, proposal_department_id=proposal_department_id,
        proposal_rule_id=proposal_rule_id,
    )  # fmt: skip
    insert(turn)
    TurnAssistant.objects.bulk_create(
        TurnAssistant(turn=turn, department=helper) for helper in assistants
    )
    return turn


@compiled
def _last_number(case_id: Any) -> QuerySet[Turn, int]:
    turns = Turn.objects.filter(case_id=case_id).order_by("-number")
    return turns.values_list("number", flat=True)[:1]


def next_turn(
    case: Case,
    department: Department,
    *,
    actor: Actor,
    role: str,
    at: datetime,
    number: int,
    is_designation: bool = False,
    proposal_department_id: int | None = None,
    proposal_rule_id: int | None = None,
    made: Callable[..., Turn] = Turn,
) -> Turn:
    """A turn with a whole limit whose clock runs from now (domain law §6.2); nothing is written."""
    assert case.limit_value is not None
    calendar = calendar_of_department(department.pk)
    limit = Limit(case.limit_value, Unit(case.limit_unit))
    fresh = handling_clock.fresh(limit, calendar.holding_at(at))
    turn = made(
        case=case,
        department=department,
        number=number,
        round=case.round,
        is_designation=is_designation,
        dispatched_by_id=actor.user_id,
        dispatched_by_role=role,
        automatic=actor.user_id is None,
        proposal_department_id=proposal_department_id,
        proposal_rule_id=proposal_rule_id,
        began_at=at,
        limit_value=case.limit_value,
        limit_unit=case.limit_unit,
        whole_limit=fresh.allowed,
        ladder_id=ladder_for(case, department.pk, at),
    )
    set_clock(turn, handling_clock.started(fresh, at, calendar))
    return turn


def stop_clock(turn: Turn, at: datetime) -> None:
    """Stand the turn's clock; saves nothing."""
    if turn.running_since is None:
        return
    set_clock(turn, handling_clock.stopped(clock_of(turn), at, calendar_of(turn)))


def go_on(turn: Turn, at: datetime) -> None:
    """Run the clock again with what is left: the same department again (§6.2); saves nothing."""
    set_clock(turn, handling_clock.started(clock_of(turn), at, calendar_of(turn)))


def end_turn(
    turn: Turn,
    end: TurnEnd,
    at: datetime,
    *,
    wrong: bool = False,
    stands_from: datetime | None = None,
) -> None:
    """End a turn as it is stored, its clock with it, and save both.

    The clock stands from `stands_from`, where that was before the end; of one that stood already
    nothing changes.
    """
    clock = () if turn.running_since is None else CLOCK_FIELDS
    if stands_from is not None:
        stop_clock(turn, stands_from)
    put_end(turn, end, at, wrong=wrong)
    save(turn, ("ended_at", "end_kind", "wrong_dispatch", *clock))


def put_end(turn: Turn, end: TurnEnd, at: datetime, *, wrong: bool = False) -> None:
    """End a turn and its clock; saves nothing."""
    stop_clock(turn, at)
    turn.ended_at, turn.end_kind = at, end
    turn.wrong_dispatch = turn.wrong_dispatch or wrong


def allow(turn: Turn, extra: timedelta) -> None:
    """Move a turn's deadline by `extra` of its own unit's time; saves nothing."""
    set_clock(turn, handling_clock.longer(clock_of(turn), extra, calendar_of(turn)))


def term_of(turn: Turn) -> Term:
    """What the stay in HANDLING and the case's lists show of a running clock, in real seconds."""
    assert turn.due_at is not None
    assert turn.running_since is not None
    share = number_at(GREEN, turn.running_since)
    green = handling_clock.green_end(clock_of(turn), calendar_of(turn), share)
    return Term(
        limit_s=int(turn.allowed.total_seconds()),
        used_before_s=int(turn.used.total_seconds()),
        due_at=turn.due_at,
        green_until=green,
        provisional=turn.provisional,
    )


def allow_more(case: Case, turn: Turn, extra: timedelta) -> None:
    """Move a turn's deadline by `extra` of its own unit's time, also on case and open stay."""
    if extra <= timedelta():
        return
    allow(turn, extra)
    save(turn, CLOCK_FIELDS)
    if turn.running_since is not None:
        show_term(case, term_of(turn))


def show_term(case: Case, term: Term) -> None:
    """Put a deadline that has moved on the case and on its open stay."""
    case.due_at, case.green_until = term.due_at, term.green_until
    save(case, ("due_at", "green_until"))
    Stay.objects.filter(case=case, ended_at=None).update(
        limit_s=term.limit_s,
        due_at=term.due_at,
        green_until=term.green_until,
        provisional=term.provisional,
    )
