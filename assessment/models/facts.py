"""Facts at their grains, in versions: what figures of any past are counted from.

Made of events alone (`assessment.facts`), never written by anybody else: they may be dropped and
made anew at any time. Instants without a time zone of their own are UTC; a fact has no place but
the codes of its cell, so no SRID.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.fields.ranges import DateTimeRangeField
from django.contrib.postgres.indexes import BrinIndex, SpGistIndex
from django.db import models
from django.db.models.functions import Greatest
from django.db.models.lookups import GreaterThan
from django.utils.translation import gettext_lazy as _

from assessment.facts.versions import FOREVER
from cases.models import Case
from dispatch.models import Department
from parts.models import CatalogueClass, Cell, Community, Street


class Grain(models.TextChoices):
    """Whose rows a figure counts (assessment law §1)."""

    CASE = "case", _("Case")
    TURN = "turn", _("Turn of a department")
    TASK = "task", _("Task of a supervisor")
    STAY = "stay", _("Stay at a desk")
    CALL = "call", _("Call back")


def reference(model: type[models.Model] | str) -> models.ForeignKey[Any, Any]:
    """A dimension of a fact: never searched by alone, never gone (everything is kept)."""
    return models.ForeignKey(
        model, models.PROTECT, null=True, related_name="+", db_index=False, db_constraint=False
    )


def person() -> models.ForeignKey[Any, Any]:
    return reference(settings.AUTH_USER_MODEL)


class FactRow(models.Model):
    """One version of one fact of a case, `key` of its grain.

    Valid over [valid_from, valid_to) of life, known over [known_from, known_to) of recorded time.
    `needed_until` is the last instant at which a period may begin that counts this version. The
    id follows from case, key and version, so that a rebuild gives every row its own again and
    lists are in the order of their cases.
    """

    id = models.BigIntegerField(primary_key=True)
    case = models.ForeignKey(Case, models.PROTECT, related_name="+", db_constraint=False)
    key = models.PositiveIntegerField()
    valid_from = models.DateTimeField()
    valid_to = models.DateTimeField()
    known_from = models.DateTimeField()
    known_to = models.DateTimeField()
    needed_until = models.DateTimeField()

    street = reference(Street)
    community = reference(Community)
    cell = reference(Cell)
    catalogue_class = reference(CatalogueClass)
    source = models.CharField(max_length=12)
    kind = models.CharField(max_length=5)
    # Voided or merged: outside every figure except its ledger.
    out = models.BooleanField()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.case_id}#{self.key}"


class Lifetime(models.Func):
    """From when on to when a version is needed by a cut: (valid_from, needed_until]."""

    function = "tstzrange"
    template = "%(function)s(%(expressions)s, '(]')"
    output_field = DateTimeRangeField()

    def __init__(self) -> None:
        super().__init__("valid_from", Greatest("valid_from", "needed_until"))


class Beside(models.Func):
    """A condition that no index is asked for, though the planner knows how many rows meet it.

    Beside an index of when something happened that of `valid_from` is far too coarse; and whoever
    believes that few rows are left reads and sorts a whole month for one page of it.
    """

    template = "(%(expressions)s) is true"
    output_field = models.BooleanField()


# What is told of life long before it was recorded: verdicts, and what came late.
LATE = timedelta(hours=1)
REACHES_BACK = models.Q(
    GreaterThan(
        models.ExpressionWrapper(
            models.F("known_from") - models.F("valid_from"), output_field=models.DurationField()
        ),
        LATE,
    )
)


def indexes_of(grain: str, *time_bases: str) -> list[models.Index]:
    """How a period finds its rows: by what is still needed, had begun, or happened in it."""
    return [
        models.Index(fields=["needed_until"], name=f"{grain}_fact_needed"),
        BrinIndex(fields=["valid_from"], name=f"{grain}_fact_valid", autosummarize=True),
        # What stands at a cut of long ago: neither what had gone nor what came later is read.
        SpGistIndex(Lifetime(), name=f"{grain}_fact_lifetime"),
        # What has turned out otherwise in life since a cut (figures from sums).
        models.Index(
            fields=["valid_to", "valid_from"],
            condition=models.Q(valid_to__lt=FOREVER, known_to=FOREVER),
            name=f"{grain}_fact_superseded",
        ),
        # Whether figures of a past that was counted once have moved since.
        models.Index(
            fields=["known_from", "valid_from"], condition=REACHES_BACK, name=f"{grain}_fact_late"
        ),
        *(
            # With the street, so that of one street's rare rows no others are read.
            models.Index(
                fields=[base, "street"],
                condition=models.Q(**{f"{base}__isnull": False}),
                name=f"{grain}_fact_{base.removesuffix('_at')}",
            )
            for base in time_bases
        ),
    ]


class CaseFact(FactRow):
    """One round of a case: the first from its report, each further one from a reopening."""

    began_at = models.DateTimeField()
    reported_at = models.DateTimeField(null=True)
    reporter = person()
    accepted_at = models.DateTimeField(null=True)
    accepted_in_time = models.BooleanField(null=True)
    accepted_by = person()
    filed_at = models.DateTimeField(null=True)
    filed_in_time = models.BooleanField(null=True)
    filed_by = person()
    # The last return after which nobody knew whose it is, but by designation (domain law §5).
    disputed_at = models.DateTimeField(null=True)
    # The first dispatch that was not undone; by nobody where routing did it alone.
    dispatched_at = models.DateTimeField(null=True)
    dispatched_by = person()
    finished_at = models.DateTimeField(null=True)
    finish_in_time = models.BooleanField(null=True)
    # The handling deadline that runs, or ran when the department finished.
    due_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    end_kind = models.CharField(max_length=12, blank=True)
    ended_by = person()
    ended_role = models.CharField(max_length=16, blank=True)

    self_handled = models.BooleanField()
    succeeds = models.BooleanField()
    public = models.BooleanField()
    # Whom the patrol's figures are of: who reported it, or who was charged with having missed it.
    missed = models.BooleanField(default=False)
    watched_by = person()
    waived = models.BooleanField(default=False)
    relapse = models.BooleanField(default=False)
    sent_back = models.BooleanField(default=False)
    unfiled = models.BooleanField(default=False)
    reopened = models.BooleanField(default=False)
    forced_early = models.BooleanField(default=False)
    merged = models.BooleanField()
    voided = models.BooleanField()
    # What upheld appeals took out of the figures, of the last turn of this round (`FactKind`).
    uncounted = ArrayField(models.CharField(max_length=16), default=list)

    class Meta:
        verbose_name = _("fact of a case")
        verbose_name_plural = _("facts of cases")
        indexes = indexes_of(
            "case", "began_at", "reported_at", "accepted_at", "filed_at", "dispatched_at",
            "disputed_at", "ended_at",
        )  # fmt: skip


class TurnFact(FactRow):
    """One department's time with a case."""

    department = reference(Department)
    round = models.PositiveSmallIntegerField()
    began_at = models.DateTimeField()
    dispatcher = person()
    automatic = models.BooleanField()
    designation = models.BooleanField()
    due_at = models.DateTimeField(null=True)
    # Since when the clock stands: the case waits with the centres, or is suspended.
    stood_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    finish_in_time = models.BooleanField(null=True)
    ended_at = models.DateTimeField(null=True)
    end_kind = models.CharField(max_length=10, blank=True)

    # Another department helps it.
    assisted = models.BooleanField(default=False)
    undone = models.BooleanField()
    wrong = models.BooleanField()
    reopened = models.BooleanField()
    forced_early = models.BooleanField()
    deferred = models.BooleanField()
    suspended = models.BooleanField()
    reworks = models.PositiveSmallIntegerField()
    extensions = models.PositiveSmallIntegerField()
    refusals = models.PositiveSmallIntegerField()
    # The refusal of a return after which being overdue is shirking (domain law §5).
    refused_at = models.DateTimeField(null=True)
    # An appeal was asked against something of it.
    appealed = models.BooleanField(default=False)
    # What upheld appeals took out of the figures (`FactKind`).
    uncounted = ArrayField(models.CharField(max_length=16))

    class Meta:
        verbose_name = _("fact of a turn")
        verbose_name_plural = _("facts of turns")
        indexes = indexes_of("turn", "began_at", "finished_at", "ended_at")


class TaskFact(FactRow):
    """One verify or check task of one supervisor."""

    task = models.CharField(max_length=6)
    assignee = person()
    department = reference(Department)
    turn = models.PositiveSmallIntegerField(null=True)
    # When the department finished what is checked; none where a later check of it speaks.
    finished_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=12, blank=True)
    # What he answered after it had passed on, before the next one did (domain law §4, end).
    late_outcome = models.CharField(max_length=12, blank=True)
    in_time = models.BooleanField(null=True)
    # False where an upheld appeal took a failed check out.
    counted = models.BooleanField()

    class Meta:
        verbose_name = _("fact of a task")
        verbose_name_plural = _("facts of tasks")
        indexes = indexes_of("task", "finished_at", "ended_at")


class StayFact(FactRow):
    """One visit of a state; `by` is the action that ended it."""

    state = models.CharField(max_length=12)
    round = models.PositiveSmallIntegerField()
    began_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    actor = person()
    actor_role = models.CharField(max_length=16, blank=True)
    by = models.CharField(max_length=24, blank=True)
    in_time = models.BooleanField(null=True)
    # Of whoever ended it: within its limit from when on it was his (`Story.own_in_time`).
    own_in_time = models.BooleanField(null=True)
    # Whose turn it was in, and seconds of the working time of the desk or the department.
    department = reference(Department)
    worked_s = models.PositiveIntegerField(null=True)
    undone = models.BooleanField()

    class Meta:
        verbose_name = _("fact of a stay")
        verbose_name_plural = _("facts of stays")
        # Who answers for a desk's figures asks for the stays of one state.
        indexes = [
            *indexes_of("stay", "ended_at"),
            models.Index(fields=["state", "ended_at"], name="stay_fact_state_ended"),
        ]


class CallFact(FactRow):
    """One call back to a reporter by telephone, or one rating by himself on the web."""

    called_at = models.DateTimeField()
    call = models.CharField(max_length=5)
    caller = person()
    valid = models.BooleanField(null=True)
    contacted = models.BooleanField(null=True)
    resolved = models.BooleanField(null=True)
    satisfaction = models.CharField(max_length=9, blank=True)
    # A later valid call to the same reporter speaks in its place.
    superseded = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("fact of a call back")
        verbose_name_plural = _("facts of calls back")
        indexes = indexes_of("call", "called_at")


FACTS: dict[Grain, type[FactRow]] = {
    Grain.CASE: CaseFact,
    Grain.TURN: TurnFact,
    Grain.TASK: TaskFact,
    Grain.STAY: StayFact,
    Grain.CALL: CallFact,
}


class StaleCase(models.Model):
    """A case with events that its facts do not tell yet; written by a trigger with each event."""

    case_id = models.BigIntegerField()

    class Meta:
        verbose_name = _("case whose facts wait")
        verbose_name_plural = _("cases whose facts wait")

    def __str__(self) -> str:
        return str(self.case_id)
