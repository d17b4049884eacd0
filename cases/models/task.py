"""A verify or check task of one supervisor (domain law §4): the grain of supervisors' figures."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from cases.models.case import Case


class TaskKind(models.TextChoices):
    """核实 happens before filing, 核查 after handling; the two are never swapped."""

    VERIFY = "verify", _("Verify")
    CHECK = "check", _("Check")


class TaskOutcome(models.TextChoices):
    """How a task ended; the first five are answers, the rest is not charged as an answer."""

    CONFIRMED = "confirmed", _("Confirmed")
    NOT_TRUE = "not_true", _("Not true")
    NOT_FOUND = "not_found", _("Not found")
    PASSED = "passed", _("Passed")
    FAILED = "failed", _("Failed")
    MISSED = "missed", _("Missed")
    SHIFT_ENDED = "shift_ended", _("Passed on at the end of the shift")
    RECALLED = "recalled", _("Recalled")
    LAPSED = "lapsed", _("Lapsed")


VERIFY_OUTCOMES = (TaskOutcome.CONFIRMED, TaskOutcome.NOT_TRUE, TaskOutcome.NOT_FOUND)


class Task(models.Model):
    """Go and look: sent to one supervisor, answered by him, or passed on to the next."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="tasks", db_index=False)
    kind = models.CharField(max_length=6, choices=TaskKind.choices)
    # Which sending it belongs to: a task passed on keeps it, a new sending takes the next.
    sending = models.PositiveSmallIntegerField()
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="tasks", db_index=False
    )
    sent_at = models.DateTimeField()
    due_at = models.DateTimeField()
    # The end of the assignee's shift: then the task passes on without a miss.
    shift_ends_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=12, choices=TaskOutcome.choices, blank=True)
    in_time = models.BooleanField(null=True)

    class Meta:
        verbose_name = _("task")
        verbose_name_plural = _("tasks")
        ordering = ["case", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["case"], condition=Q(ended_at__isnull=True), name="task_one_open_in_case"
            ),
            models.CheckConstraint(
                name="task_outcome_iff_ended",
                condition=Q(ended_at__isnull=True, outcome="")
                | (Q(ended_at__isnull=False) & ~Q(outcome="")),
            ),
        ]
        indexes = [
            # A case's tasks in order.
            models.Index(fields=["case", "id"], name="task_of_case"),
            # The phone page of a supervisor: his open tasks, due first.
            models.Index(
                fields=["assignee", "due_at"],
                condition=Q(ended_at__isnull=True),
                name="task_open_of_assignee",
            ),
            # What a supervisor may still see: cases he once had a task for.
            models.Index(fields=["assignee", "case"], name="task_assignee_case"),
            # The sweep that passes tasks on.
            models.Index(
                fields=["due_at"], condition=Q(ended_at__isnull=True), name="task_open_due"
            ),
            # The ledgers of a period: tasks that ended in it.
            models.Index(
                fields=["ended_at"], condition=Q(ended_at__isnull=False), name="task_ended"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.kind} {self.assignee_id}"
