"""Definitions that later versions replaced: what was counted by them is counted so for ever."""

from __future__ import annotations

from dataclasses import replace

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from assessment.indicators import stays, tasks
from assessment.indicators.declaring import Condition, Indicator, within
from assessment.periods import Period
from cases.models import TaskKind, TaskOutcome
from cases.workflow import State
from gridcity.contracts import Role

_TODAY = {each.key: each for each in (*stays.INDICATORS, *tasks.INDICATORS)}


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


_FORMER = (
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
)  # fmt: skip
FORMER: dict[tuple[str, int], Indicator] = {(each.key, each.version): each for each in _FORMER}
