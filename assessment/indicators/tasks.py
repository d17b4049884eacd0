"""Figures over tasks: what supervisors are counted by, and rework (assessment law §3)."""

from __future__ import annotations

from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from assessment.indicators.declaring import Condition, Grain, Indicator, lasts, within
from assessment.periods import Period
from cases.models import TaskKind, TaskOutcome
from gridcity.contracts import Role

_ANSWERS = (
    TaskOutcome.CONFIRMED, TaskOutcome.NOT_TRUE, TaskOutcome.NOT_FOUND, TaskOutcome.PASSED,
    TaskOutcome.FAILED,
)  # fmt: skip
_CHECKED = (TaskOutcome.PASSED, TaskOutcome.FAILED)
# Nobody's: taken back, passed on at the end of a shift, or answered by who had it before.
_UNCHARGED = (TaskOutcome.RECALLED, TaskOutcome.SHIFT_ENDED, TaskOutcome.LAPSED)


def _answered(kind: TaskKind, period: Period) -> Q:
    return Q(task=kind, outcome__in=_ANSWERS) & within("ended_at", period)


def _need(kind: TaskKind) -> Condition:
    """Answered in the period, or due before its end and not answered before it began."""

    def condition(period: Period) -> Q:
        missed = Q(outcome=TaskOutcome.MISSED) & within("ended_at", period)
        waits = Q(due_at__lt=period.cut) & lasts("ended_at", period.cut)
        left = Q(task=kind) & (missed | waits & ~Q(outcome__in=_UNCHARGED))
        return _answered(kind, period) | left

    return condition


def _in_time(kind: TaskKind) -> Condition:
    def condition(period: Period) -> Q:
        return _answered(kind, period) & Q(in_time=True)

    return condition


def _finishes_checked(period: Period) -> Q:
    """Finishes of the period, checked by the data time by whoever answered first.

    A failed check that an upheld appeal took out is in neither.
    """
    answered = Q(outcome__in=_CHECKED, ended_at__lte=period.as_of) | Q(late_outcome__in=_CHECKED)
    return Q(task=TaskKind.CHECK, counted=True) & within("finished_at", period) & answered


def _rework(period: Period) -> Q:
    return Q(outcome=TaskOutcome.FAILED) | Q(late_outcome=TaskOutcome.FAILED)


def _task_missed(period: Period) -> Q:
    return within("ended_at", period) & Q(outcome=TaskOutcome.MISSED)


def _answered_after(period: Period) -> Q:
    """He was offline, and the task had passed on before his answer came."""
    return within("ended_at", period) & ~Q(late_outcome="")


INDICATORS = (
    Indicator(
        "need_verify", pgettext_lazy("figure", "To verify"), Grain.TASK, _need(TaskKind.VERIFY),
        _("Verification tasks answered in the period, or due before its end and not answered "
          "before it began; recalled ones and those passed on at the end of a shift are out."),
        "§3 need_verify", before_filing=True, post=Role.SUPERVISOR, person="assignee",
    ),
    Indicator(
        "verified_in_time", pgettext_lazy("figure", "Verified in time"), Grain.TASK,
        _in_time(TaskKind.VERIFY), _("Of the tasks to be verified, those answered in time."),
        "§4 按时核实率", of="need_verify", better=1, before_filing=True,
        post=Role.SUPERVISOR, person="assignee",
    ),
    Indicator(
        "need_check", pgettext_lazy("figure", "To check"), Grain.TASK, _need(TaskKind.CHECK),
        _("Check tasks answered in the period, or due before its end and not answered before it "
          "began; recalled ones and those passed on at the end of a shift are out."),
        "§3 need_check", post=Role.SUPERVISOR, person="assignee",
    ),
    Indicator(
        "checked_in_time", pgettext_lazy("figure", "Checked in time"), Grain.TASK,
        _in_time(TaskKind.CHECK), _("Of the tasks to be checked, those answered in time."),
        "§4 按时核查率", of="need_check", better=1, post=Role.SUPERVISOR, person="assignee",
    ),
    Indicator(
        "task_missed", pgettext_lazy("figure", "Tasks missed"), Grain.TASK, _task_missed,
        _("Verification and check tasks that ended in the period because nobody answered them."),
        "§3 need_verify", better=-1, before_filing=True, post=Role.SUPERVISOR, person="assignee",
    ),
    Indicator(
        "answered_after", pgettext_lazy("figure", "Answered after passing on"), Grain.TASK,
        _answered_after,
        _("Tasks that had passed on to another supervisor in the period before the answer of "
          "the first one came, who had been offline."), "§3 need_verify", before_filing=True,
        post=Role.SUPERVISOR, person="assignee",
    ),
    Indicator(
        "finishes_checked", pgettext_lazy("figure", "Finishes checked"), Grain.TASK,
        _finishes_checked,
        _("Finishes of departments in the period that were checked by the data time; of a finish "
          "checked twice the last check counts."), "§3 finishes_checked", version=2,
    ),
    Indicator(
        "rework", pgettext_lazy("figure", "Rework"), Grain.TASK, _rework,
        _("Of the finishes checked, those that failed."), "§4 返工率", of="finishes_checked",
        better=-1, version=2,
    ),
)  # fmt: skip
