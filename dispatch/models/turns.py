"""Turns 承办: one department's time with a case, and the handling clock that belongs to it."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from cases.models import CalendarChange, Case
from dispatch.models.departments import Department
from dispatch.models.ladders import EscalationLadder
from dispatch.models.routing import RoutingRule


class TurnEnd(models.TextChoices):
    """How a turn ended."""

    RETURNED = "returned", _("returned")
    REASSIGNED = "reassigned", _("reassigned")
    CLOSED = "closed", _("closed")
    VOIDED = "voided", _("voided")
    FORCED = "forced", _("closed by force")
    UNDONE = "undone", _("undone")


class Turn(models.Model):
    """From a dispatch until the department is done with the case: the grain of its figures.

    The clock's durations are in the limit's own unit: working time for working units
    (`handling_clock`). `allowed` is the limit with its extensions and what reviewers took beyond
    their own limits.
    """

    case = models.ForeignKey(Case, models.PROTECT, related_name="turns", db_index=False)
    department = models.ForeignKey(
        Department, models.PROTECT, related_name="turns", db_index=False,
        verbose_name=_("department"),
    )  # fmt: skip
    number = models.PositiveSmallIntegerField(_("number"))
    round = models.PositiveSmallIntegerField(_("round"), default=1)
    is_designation = models.BooleanField(_("designation"), default=False)

    dispatched_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    dispatched_by_role = models.CharField(max_length=16)
    automatic = models.BooleanField(_("dispatched automatically"), default=False)
    # What routing proposed, followed or not: the accuracy of rules is counted from it.
    proposal_department = models.ForeignKey(
        Department, models.PROTECT, null=True, related_name="+", db_index=False
    )
    proposal_rule = models.ForeignKey(RoutingRule, models.PROTECT, null=True, related_name="turns")

    began_at = models.DateTimeField(_("began"))
    ended_at = models.DateTimeField(_("ended"), null=True)
    end_kind = models.CharField(max_length=10, choices=TurnEnd, blank=True)
    opened_at = models.DateTimeField(_("first opened by the department"), null=True)

    limit_value = models.DecimalField(_("limit"), max_digits=7, decimal_places=2)
    limit_unit = models.CharField(_("unit of the limit"), max_length=12)
    whole_limit = models.DurationField(_("whole limit"))
    allowed = models.DurationField(_("time allowed"))
    used = models.DurationField(_("time used"))
    running_since = models.DateTimeField(null=True)
    due_at = models.DateTimeField(_("due"), null=True)
    provisional = models.BooleanField(_("due instant is provisional"), default=False)
    overdue_at = models.DateTimeField(_("overdue since"), null=True)

    # Whom its clock tells at which share; None: the default ladder of `dispatch.ladder`.
    ladder = models.ForeignKey(
        EscalationLadder, models.PROTECT, null=True, related_name="turns", db_index=False
    )
    # Instants of the ladder's shares while the clock runs; `timer_level` of them have fired.
    marks = ArrayField(models.DateTimeField(), default=list)
    timer_level = models.PositiveSmallIntegerField(default=0)
    timer_at = models.DateTimeField(null=True)

    # The last change of the calendar by which its clock was reckoned anew.
    calendar_change = models.ForeignKey(
        CalendarChange, models.PROTECT, null=True, related_name="+", db_index=False
    )

    finished_at = models.DateTimeField(_("finished"), null=True)
    finish_in_time = models.BooleanField(_("finished in time"), null=True)
    rework_count = models.PositiveSmallIntegerField(_("reworks"), default=0)
    # 缓办: until this date the clock cannot run out, and nothing is closed by force.
    deferred_until = models.DateField(_("deferred until"), null=True)
    wrong_dispatch = models.BooleanField(_("wrong dispatch"), default=False)
    returns_refused = models.PositiveSmallIntegerField(_("returns refused"), default=0)

    class Meta:
        verbose_name = _("turn")
        verbose_name_plural = _("turns")
        ordering = ["case", "number"]
        constraints = [
            # Also the index by which a case's turns are read.
            models.UniqueConstraint(fields=["case", "number"], name="turn_number_in_case"),
            models.UniqueConstraint(
                fields=["case"],
                condition=Q(ended_at__isnull=True),
                name="turn_one_open_in_case",
                violation_error_message=_("A department has this case already."),
            ),
            models.CheckConstraint(
                name="turn_end_kind_iff_ended",
                condition=Q(ended_at__isnull=True, end_kind="")
                | (Q(ended_at__isnull=False) & ~Q(end_kind="")),
            ),
            models.CheckConstraint(
                name="turn_runs_only_while_open",
                condition=Q(ended_at__isnull=True) | Q(running_since__isnull=True),
            ),
            models.CheckConstraint(
                name="turn_due_iff_running",
                condition=Q(running_since__isnull=True, due_at__isnull=True, timer_at__isnull=True)
                | Q(running_since__isnull=False, due_at__isnull=False),
            ),
            models.CheckConstraint(
                name="turn_in_time_iff_finished",
                condition=Q(finished_at__isnull=True, finish_in_time__isnull=True)
                | Q(finished_at__isnull=False, finish_in_time__isnull=False),
            ),
        ]
        indexes = [
            # The sweep that warns and escalates: running clocks by their next instant.
            models.Index(
                fields=["timer_at"], condition=Q(timer_at__isnull=False), name="turn_timer"
            ),
            # A department's own cases: open turns, due first.
            models.Index(
                fields=["department", "due_at"],
                condition=Q(ended_at__isnull=True),
                name="turn_open_of_department",
            ),
            # What a department may see: cases it has or had, newest first; by the index alone, for
            # in years it has had very many.
            models.Index(
                fields=["department", "-case"], include=["end_kind"], name="turn_department_case"
            ),
            # The accuracy of routing: the dispatches of a month.
            models.Index(fields=["began_at"], name="turn_began"),
            # Ledgers of a period years ago: what ended in it or later.
            models.Index(
                fields=["ended_at"], condition=Q(ended_at__isnull=False), name="turn_ended"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case_id}#{self.number} {self.department_id}"


class TurnAssistant(models.Model):
    """A department that assists 协办: it sees the case and adds evidence, without a clock."""

    turn = models.ForeignKey(Turn, models.PROTECT, related_name="assistants", db_index=False)
    department = models.ForeignKey(
        Department, models.PROTECT, related_name="assisted_turns", verbose_name=_("department")
    )

    class Meta:
        verbose_name = _("assisting department")
        verbose_name_plural = _("assisting departments")
        constraints = [
            models.UniqueConstraint(
                fields=["turn", "department"],
                name="turn_assistant_once",
                violation_error_message=_("This department assists already."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.turn_id} {self.department_id}"
