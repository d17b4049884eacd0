"""Running clocks of desks that do not work around the clock, reckoned anew (domain law §6.1).

There are few of them at a time: all are looked at when a change of the calendar holds. Done twice
it moves nothing twice, so a sweep that was killed begins again.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from cases.clocks.desks import desk_due, idle_at
from cases.models import CalendarChange, Case, Stay
from cases.selectors.settings import desk_calendar
from cases.services.transition import calendar_of_stage, move, reckoned_term
from cases.workflow import DESKS, State
from dispatch.models import ClockMove, RequestStep
from dispatch.services.sweep_errors import list_error
from gridcity.contracts import CLOCK, Role

KIND = "recompute_desk"


def recompute_desks(change: CalendarChange, *, at: datetime) -> int:
    """Put the deadlines of open desk stages and reviews where they lie now; how many moved."""
    stays = Stay.objects.filter(
        ended_at=None, state__in=[str(state) for state in DESKS], due_at__gt=at,
        began_at__lt=change.holds_at,
    ).order_by("pk")  # fmt: skip
    moved = 0
    for stay in stays.iterator(chunk_size=500):
        if calendar_of_stage(State(stay.state), stay.began_at) is None:
            continue  # around the clock no calendar matters
        try:
            with transaction.atomic():
                moved += _recompute_stay(change, stay.pk, stay.case_id, at)
        except Exception as problem:
            list_error(KIND, stay.pk, problem, at)
    _recompute_reviews(change, at)
    return moved


def _recompute_stay(change: CalendarChange, stay_id: int, case_id: int, at: datetime) -> bool:
    """One stage of a locked case; never to an instant already past."""
    case = Case.objects.select_for_update(of=("self",), no_key=True).get(pk=case_id)
    stay = Stay.objects.filter(pk=stay_id, ended_at=None).first()
    if stay is None or stay.due_at is None or stay.limit_s is None:
        return False
    term = reckoned_term(State(stay.state), stay.began_at, stay.limit_s, stay.used_before_s)
    assert term.due_at is not None
    before, after = stay.due_at, max(term.due_at, at)
    stay.due_at, stay.twice_at, stay.idle_at = after, term.twice_at, term.idle_at
    stay.green_until, stay.provisional = term.green_until, term.provisional
    stay.save(update_fields=["due_at", "twice_at", "idle_at", "green_until", "provisional"])
    if before == after:
        return False
    case.due_at, case.green_until = after, term.green_until
    ClockMove.objects.create(
        change=change, stay=stay, case=case, at=at, due_before=before, due_after=after
    )
    move(
        case, action="recompute", actor=CLOCK, at=at, fields=("due_at", "green_until"),
        changes={
            "calendar": change.what, "due_before": before.isoformat(), "due_at": after.isoformat(),
        },
    )  # fmt: skip
    return True


def _recompute_reviews(change: CalendarChange, at: datetime) -> None:
    """Reviews at the desks; those of leads stand with the handling clock of their turn."""
    steps = RequestStep.objects.select_for_update(of=("self",)).filter(
        ended_at=None, due_at__gt=at, began_at__lt=change.holds_at,
        reviewer_role__in=[Role.DISPATCHER, Role.DUTY_CHIEF],
    )  # fmt: skip
    with transaction.atomic():
        for step in steps:
            calendar = desk_calendar(step.reviewer_role, step.began_at)
            if calendar is None:
                continue
            step.due_at = max(desk_due(step.began_at, step.limit_s, calendar).at, at)
            step.twice_at = desk_due(step.began_at, 2 * step.limit_s, calendar).at
            step.idle_at = idle_at(step.began_at, step.twice_at)
            step.save(update_fields=["due_at", "twice_at", "idle_at"])
