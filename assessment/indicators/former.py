"""Definitions that later versions replaced: what was counted by them is counted so for ever."""

from __future__ import annotations

from dataclasses import replace

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from assessment.indicators import calls, cases, stays, tasks, turns
from assessment.indicators.declaring import Condition, Indicator, counts, within
from assessment.periods import Period
from cases.models import TaskKind, TaskOutcome
from cases.workflow import State
from dispatch.models import FactKind
from gridcity.contracts import Role

_LISTED = (
    *calls.INDICATORS, *cases.INDICATORS, *stays.INDICATORS, *tasks.INDICATORS, *turns.INDICATORS,
)  # fmt: skip
_TODAY = {each.key: each for each in _LISTED}


def _need(state: State, *roles: str) -> Condition:
    """What somebody else ended later was not due, though it was open at the end of the period."""

    def condition(period: Period) -> Q:
        of_desk = Q(undone=False, state=state)
        answered = Q(actor_role__in=roles) & within("ended_at", period)
        waits = Q(ended_at=None) | Q(ended_at__gte=period.cut, actor_role__in=roles)
        return of_desk & (answered | Q(due_at__lt=period.cut) & waits)

    return condition


def _finishes_checked(period: Period) -> Q:
    """By when the check was answered, by whoever had the task last."""
    answered = Q(outcome__in=(TaskOutcome.PASSED, TaskOutcome.FAILED))
    return Q(task=TaskKind.CHECK, counted=True) & answered & within("ended_at", period)


def _rework(period: Period) -> Q:
    return Q(outcome=TaskOutcome.FAILED)


# An appeal upheld took nothing out of a case, nor rework and refusals out of a turn.


def _need_close(period: Period) -> Q:
    return cases.closed(period) | cases.overdue_unclosed(period)


def _closed_late(period: Period) -> Q:
    return cases.closed(period) & Q(finish_in_time=False)


def _forced(period: Period) -> Q:
    return within("ended_at", period) & Q(end_kind=State.FORCE_CLOSED)


def _ended_by_close(period: Period) -> Q:
    return cases.closed(period) | _forced(period)


def _need_handle(period: Period) -> Q:
    """Without finishes that were reopened."""
    return turns.handled(period) | turns.unhandled_late(period)


def _multi_rework(period: Period) -> Q:
    return turns.handled(period) & Q(reworks__gte=2)


def _shirked(period: Period) -> Q:
    return turns.refused_then_overdue(period) & counts(FactKind.SHIRKING)


def _answers(period: Period) -> Q:
    """Of each call to a reporter, however many."""
    said = calls.calls(period) | within("called_at", period) & Q(call="web")
    return said & ~Q(satisfaction="")


_FORMER = (
    replace(
        _TODAY["called_back"], version=1, condition=calls.calls,
        definition=_("Valid call backs of the period."),
    ),
    replace(
        _TODAY["answers"], version=1, condition=_answers,
        definition=_("Call backs and ratings of the period that say how satisfied the reporter "
                     "is."),
    ),
    replace(
        _TODAY["need_dispatch"], version=1, own=None,
        condition=_need(State.TO_DISPATCH, Role.DISPATCHER, Role.ROUTING),
        definition=_("Stays at the dispatch desk answered in the period, or due before its end and "
                     "not answered by then."),
    ),
    replace(_TODAY["dispatched_in_time"], version=1),
    replace(
        _TODAY["need_check_send"], version=1, own=None,
        condition=_need(State.TO_CHECK, Role.ACCEPTOR, Role.ROUTING),
        definition=_("Finished cases whose check was sent in the period, or due to be sent before "
                     "its end and not sent by then."),
    ),
    replace(_TODAY["check_sent_in_time"], version=1),
    replace(
        _TODAY["finishes_checked"], version=1, condition=_finishes_checked,
        definition=_("Checks of a department's finish answered in the period."),
    ),
    replace(_TODAY["rework"], version=1, condition=_rework),
    replace(
        _TODAY["need_close"], version=1, condition=_need_close,
        definition=_("Cases closed in the period, or whose handling deadline lay before its end "
                     "and that had not ended before it began."),
    ),
    replace(
        _TODAY["closed_late"], version=1, condition=_closed_late,
        definition=_("Cases closed in the period whose department had finished after its "
                     "deadline."),
    ),
    replace(
        _TODAY["ended_by_close"], version=1, condition=_ended_by_close,
        definition=_("Cases closed in the period in whatever way; without self-handled ones."),
    ),
    replace(
        _TODAY["forced_share"], version=1, condition=_forced,
        definition=_("Of the cases closed in whatever way, those closed by force."),
    ),
    replace(
        _TODAY["need_handle"], version=2, condition=_need_handle,
        definition=_("Turns whose standing finish lies in the period, or that were due before its "
                     "end and neither finished by then nor ended before it began; turns whose "
                     "clock stood at the end of the period are out, and so are those that an "
                     "upheld appeal took out."),
    ),
    replace(
        _TODAY["multi_rework"], version=1, condition=_multi_rework,
        definition=_("Turns handled in the period that failed two checks or more."),
    ),
    replace(
        _TODAY["shirked"], version=1, condition=_shirked,
        definition=_("Of the turns to be handled, those whose returns were refused twice and that "
                     "were overdue afterwards."),
    ),
)  # fmt: skip
FORMER: dict[tuple[str, int], Indicator] = {(each.key, each.version): each for each in _FORMER}
