"""What the clock has done: the ledger of fired timers, and the items a sweep could not do."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cases.models import CalendarChange, Case, Stay
from dispatch.models.turns import Turn

# What the clock does, by the kinds of its sweep (domain law §6.4).
SWEPT_LABELS: dict[str, Promise] = {
    "turn": _("warnings and escalations of handling"),
    "stay": _("late desks"),
    "step": _("late reviews"),
    "task": _("tasks passed on"),
    "resume": _("suspensions that end"),
    "force": _("forced closes by policy"),
    "review": _("pre-approvals passed on"),
    "close": _("closing by the clock"),
    "recompute": _("deadlines reckoned anew"),
    "recompute_desk": _("deadlines of desks reckoned anew"),
}


class ClockKind(models.TextChoices):
    """Which clock a timer belongs to; `clock_id` is the row that carries it."""

    TURN = "turn", _("handling")
    STAY = "stay", _("desk stage")
    STEP = "step", _("review step")


class TimerFiring(models.Model):
    """One level of one clock, fired once: nothing fires twice (domain law §6.4).

    `share` is that of the time allowed, in per cent, at which the level is set; of a desk level 1
    is 100 %, level 2 is 200 %, and level 0 a day, whatever of it has run. A clock keeps its
    identity through extension, pause and recomputation.
    """

    clock_kind = models.CharField(max_length=4, choices=ClockKind)
    clock_id = models.BigIntegerField()
    level = models.PositiveSmallIntegerField()
    share = models.PositiveSmallIntegerField()
    case = models.ForeignKey(Case, models.PROTECT, related_name="timer_firings")
    occurred_at = models.DateTimeField(_("was due"))
    at = models.DateTimeField(_("recorded"))

    class Meta:
        verbose_name = _("fired timer")
        verbose_name_plural = _("fired timers")
        constraints = [
            models.UniqueConstraint(
                fields=["clock_kind", "clock_id", "level"], name="timer_fires_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.clock_kind} {self.clock_id} {self.share} %"


class ClockMove(models.Model):
    """A deadline that a change of the calendar has moved, with the old and the new instant."""

    change = models.ForeignKey(CalendarChange, models.PROTECT, related_name="moves")
    # Of a department's clock its turn, of a desk's its stay.
    turn = models.ForeignKey(Turn, models.PROTECT, null=True, related_name="moves", db_index=False)
    stay = models.ForeignKey(Stay, models.PROTECT, null=True, related_name="+", db_index=False)
    case = models.ForeignKey(Case, models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField(_("reckoned anew"))
    due_before = models.DateTimeField(_("was due"))
    due_after = models.DateTimeField(_("is due"))

    class Meta:
        verbose_name = _("moved deadline")
        verbose_name_plural = _("moved deadlines")
        ordering = ["change", "id"]
        constraints = [
            models.UniqueConstraint(fields=["change", "turn"], name="clock_move_once"),
            models.UniqueConstraint(fields=["change", "stay"], name="clock_move_once_of_desk"),
            models.CheckConstraint(
                name="clock_move_of_one_clock",
                condition=Q(turn__isnull=False, stay__isnull=True)
                | Q(turn__isnull=True, stay__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.due_before} → {self.due_after}"


class CatchUp(models.Model):
    """A sweep that came late, as after a stop: how late, and what it did."""

    at = models.DateTimeField(_("swept"))
    oldest_due_at = models.DateTimeField(_("oldest was due"))
    done = models.JSONField(_("done by kind"))
    failed = models.PositiveIntegerField(_("failed"))

    class Meta:
        verbose_name = _("late sweep")
        verbose_name_plural = _("late sweeps and the lag of the clock")
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.at} – {self.at - self.oldest_due_at}"


class SweepError(models.Model):
    """An item that a sweep rolled back and skipped; it is tried again at `retry_at`."""

    kind = models.CharField(max_length=16)
    item_id = models.BigIntegerField()
    error = models.TextField()
    attempts = models.PositiveIntegerField(default=1)
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    retry_at = models.DateTimeField()
    resolved_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("item a sweep could not do")
        verbose_name_plural = _("items a sweep could not do")
        ordering = ["-last_at"]
        constraints = [
            # What a sweep leaves out until its time has come.
            models.UniqueConstraint(
                fields=["kind", "item_id"],
                condition=Q(resolved_at__isnull=True),
                name="sweep_error_one_open",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.item_id}"
