"""One visit of a state by a case: the grain of every stage figure (domain law §6.2)."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from cases.models.case import Case
from cases.workflow import State


class Stay(models.Model):
    """From entering a state to leaving it. The stays of a case tile its life."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="stays", db_index=False)
    seq = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=12, choices=State.choices)
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    # Seconds allowed in the stage and used in it before this stay; of handling, see the turn.
    limit_s = models.PositiveIntegerField(null=True)
    used_before_s = models.PositiveIntegerField(default=0)
    due_at = models.DateTimeField(null=True)
    green_until = models.DateTimeField(null=True)
    # When twice the limit has run, of a desk that does not work around the clock.
    twice_at = models.DateTimeField(null=True)
    # When a day has passed, where nobody beyond the desk hears of the case before.
    idle_at = models.DateTimeField(null=True)
    provisional = models.BooleanField(default=False)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    actor_role = models.CharField(max_length=16, blank=True)
    in_time = models.BooleanField(null=True)
    # Taken back within seconds (domain law §4, undo): a row of the history, of no figure.
    undone = models.BooleanField(default=False)
    # By whoever was first; each one's own first opening is a `StayOpening`.
    first_opened_at = models.DateTimeField(null=True)
    first_opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+",
        db_index=False,
    )  # fmt: skip

    class Meta:
        verbose_name = _("stay")
        verbose_name_plural = _("stays")
        ordering = ["case", "seq"]
        constraints = [
            models.UniqueConstraint(fields=["case", "seq"], name="stay_seq_in_case"),
            models.UniqueConstraint(
                fields=["case"], condition=Q(ended_at__isnull=True), name="stay_one_open_in_case"
            ),
            models.CheckConstraint(
                name="stay_ends_after_it_began",
                condition=Q(ended_at__isnull=True) | Q(ended_at__gte=models.F("began_at")),
            ),
        ]
        indexes = [
            # The sweep of desks that are late and of auto-closing: open stays by due instant.
            models.Index(
                fields=["due_at", "state"], condition=Q(ended_at__isnull=True), name="stay_open_due"
            ),
            # … and of desks that keep hours, over their weekend.
            models.Index(
                fields=["idle_at"],
                condition=Q(ended_at__isnull=True, idle_at__isnull=False),
                name="stay_open_idle",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case_id}#{self.seq} {self.state}"


class StayOpening(models.Model):
    """When each of a desk first opened a stay: from then on it is his (assessment, §3)."""

    stay = models.ForeignKey(Stay, models.PROTECT, related_name="openings", db_index=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False
    )
    at = models.DateTimeField(_("opened"))

    class Meta:
        verbose_name = _("opening of a stay")
        verbose_name_plural = _("openings of stays")
        constraints = [
            # Also the index by which the openings of a stay are read.
            models.UniqueConstraint(fields=["stay", "user"], name="stay_opened_first_once"),
        ]

    def __str__(self) -> str:
        return f"{self.stay_id} {self.user_id}"
