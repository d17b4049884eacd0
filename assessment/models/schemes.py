"""Schemes of scoring, in versions with a date, and the snapshots that were made under them."""

from __future__ import annotations

from datetime import date, timedelta

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from gridcity.contracts import Role


class Subject(models.TextChoices):
    """What is scored (assessment law, first paragraph); of a post the desk and each person of it.

    Posts are named by their roles.
    """

    STREET = "street", _("Streets")
    COMMUNITY = "community", _("Communities")
    CELL = "cell", _("Unit grid cells")
    DEPARTMENT = "department", _("Departments")
    SUPERVISOR = Role.SUPERVISOR, pgettext_lazy("subject", "Supervisors")
    ACCEPTOR = Role.ACCEPTOR, pgettext_lazy("subject", "Acceptors")
    DUTY_CHIEF = Role.DUTY_CHIEF, pgettext_lazy("subject", "Duty chiefs")
    DISPATCHER = Role.DISPATCHER, pgettext_lazy("subject", "Dispatchers")


# What has lines that whoever reads figures may read; posts have people in them.
LISTED_SUBJECTS = (Subject.STREET, Subject.COMMUNITY, Subject.CELL, Subject.DEPARTMENT)
# Of which only like is ranked with like: by the group for assessment, by the management class.
GROUPED_SUBJECTS = (Subject.DEPARTMENT, Subject.CELL)
POST_SUBJECTS = (Subject.SUPERVISOR, Subject.ACCEPTOR, Subject.DUTY_CHIEF, Subject.DISPATCHER)

# What a second administrator consents to: nothing of it moves while he looks.
CONTENT = ("key", "version", "name", "subject", "terms", "grades", "source", "valid_from",
           "month_from")  # fmt: skip
_CONTENT_MOVED = " OR ".join(f"OLD.{name} IS DISTINCT FROM NEW.{name}" for name in CONTENT)


class Scheme(models.Model):
    """One version of a scheme: terms, their weights and bands, and grades; from a date on.

    A draft may be changed; while it is proposed it stands still; what a second administrator has
    consented to stays as it is for ever, and the next change is the next version.
    """

    key = models.SlugField(_("key"), max_length=40)
    version = models.PositiveSmallIntegerField(_("version"))
    name = models.CharField(_("name"), max_length=80)
    subject = models.CharField(_("scores"), max_length=12, choices=Subject)
    terms = models.JSONField(_("terms"))
    grades = models.JSONField(_("grades"))
    source = models.CharField(_("source"), max_length=200, blank=True)
    valid_from = models.DateField(_("valid from"))
    # The 19th: its October runs from 19 September to 18 October.
    month_from = models.PositiveSmallIntegerField(_("month begins on day"), default=1)
    is_active = models.BooleanField(_("in force"), default=False)
    # What the product came with; nobody was there to consent.
    is_shipped = models.BooleanField(default=False)
    is_open_to_comment = models.BooleanField(_("open to comment"), default=False)
    # Raised by every change, so that nobody consents to, or writes over, what he has not seen.
    revision = models.PositiveIntegerField(default=0)
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    proposed_at = models.DateTimeField(_("proposed"), null=True)
    consented_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    discarded_at = models.DateTimeField(_("discarded"), null=True)

    class Meta:
        verbose_name = _("scheme of scoring")
        verbose_name_plural = _("schemes of scoring")
        ordering = ["key", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["key", "version"], name="scheme_version_once"),
            models.CheckConstraint(
                name="scheme_consent_of_another",
                condition=Q(consented_by=None) | ~Q(consented_by=models.F("proposed_by")),
                violation_error_message=_("A second administrator consents, not who proposed it."),
            ),
            models.CheckConstraint(
                name="scheme_in_force_by_two",
                condition=Q(is_active=False, consented_by=None)
                | Q(is_active=True, proposed_by__isnull=False, consented_by__isnull=False)
                | Q(is_active=True, is_shipped=True),
                violation_error_message=_("A scheme comes into force by two administrators."),
            ),
            models.CheckConstraint(
                name="scheme_proposed_by_somebody",
                condition=Q(proposed_at=None) | Q(proposed_by__isnull=False),
                violation_error_message=_("A proposal names who made it."),
            ),
            models.CheckConstraint(
                name="scheme_discarded_never_held",
                condition=Q(discarded_at=None) | Q(is_active=False, proposed_at=None),
                violation_error_message=_("Only a draft is discarded."),
            ),
            models.CheckConstraint(
                name="scheme_month_from_a_day_of_every_month",
                condition=Q(month_from__gte=1, month_from__lte=28),
                violation_error_message=_("A month begins on a day from 1 to 28."),
            ),
        ]
        triggers = [
            pgtrigger.Protect(
                name="scheme_in_force_stays",
                operation=pgtrigger.Update | pgtrigger.Delete,
                condition=pgtrigger.Q(old__is_active=True),
            ),
            pgtrigger.Protect(
                name="scheme_proposed_stands_still",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(
                    f"((OLD.proposed_at IS NOT NULL OR NEW.is_active) AND ({_CONTENT_MOVED}))"
                ),
            ),
            pgtrigger.Protect(name="scheme_kept", operation=pgtrigger.Delete),
            pgtrigger.Protect(
                name="scheme_shipped_or_not",
                operation=pgtrigger.Update,
                condition=pgtrigger.AnyChange("is_shipped"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.key} v{self.version}"


class SchemeAct(models.TextChoices):
    """What was done with a version, as its history tells it."""

    MADE = "made", pgettext_lazy("scheme", "Draft made")
    CHANGED = "changed", pgettext_lazy("scheme", "Changed")
    OPENED = "opened", pgettext_lazy("scheme", "Opened to comment")
    SHUT = "shut", pgettext_lazy("scheme", "Comment ended")
    PROPOSED = "proposed", pgettext_lazy("scheme", "Proposed")
    TAKEN_BACK = "taken_back", pgettext_lazy("scheme", "Proposal taken back")
    REFUSED = "refused", pgettext_lazy("scheme", "Refused")
    CONSENTED = "consented", pgettext_lazy("scheme", "Consented")
    DISCARDED = "discarded", pgettext_lazy("scheme", "Discarded")


class SchemeStep(models.Model):
    """One line of the history of a version: by whom, when, and why; with the terms as they were."""

    scheme = models.ForeignKey(Scheme, models.PROTECT, related_name="steps")
    act = models.CharField(max_length=12, choices=SchemeAct)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    words = models.TextField(blank=True)
    revision = models.PositiveIntegerField()
    # What the version said after this step.
    content = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("step of a scheme")
        verbose_name_plural = _("steps of schemes")
        ordering = ["at", "pk"]
        constraints = [
            models.CheckConstraint(
                name="scheme_refused_with_a_reason",
                condition=~Q(act="refused") | ~Q(words=""),
                violation_error_message=_("A refusal says why."),
            )
        ]
        triggers = [
            pgtrigger.Protect(
                name="scheme_steps_stay", operation=pgtrigger.Update | pgtrigger.Delete
            )
        ]

    def __str__(self) -> str:
        return f"{self.scheme_id} {self.act}"


class SchemeComment(models.Model):
    """What an official or a department says of a draft that was opened to comment."""

    scheme = models.ForeignKey(Scheme, models.PROTECT, related_name="comments")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    # For whom: the name of the department, as it was; empty for everybody else.
    unit = models.CharField(max_length=100, blank=True)
    at = models.DateTimeField()
    words = models.TextField()
    revision = models.PositiveIntegerField()

    class Meta:
        verbose_name = _("comment on a scheme")
        verbose_name_plural = _("comments on schemes")
        ordering = ["at", "pk"]
        triggers = [
            pgtrigger.Protect(
                name="scheme_comments_stay", operation=pgtrigger.Update | pgtrigger.Delete
            )
        ]

    def __str__(self) -> str:
        return f"{self.scheme_id} {self.by_id}"


class SnapshotKind(models.TextChoices):
    """As of when a closed period was counted (assessment law §2)."""

    PROVISIONAL = "provisional", _("Provisional")
    FINAL = "final", _("Final")
    CORRECTION = "correction", _("Correction")


class Snapshot(models.Model):
    """The figures and scores of one period as they were: never changed, never deleted.

    `content` is text and not JSON of the database's own, because its bytes are what the hash says.
    """

    period = models.CharField(_("period"), max_length=24)
    start = models.DateTimeField()
    end = models.DateTimeField()
    as_of = models.DateTimeField(_("data time"))
    kind = models.CharField(_("kind"), max_length=12, choices=SnapshotKind)
    subject = models.CharField(max_length=12, choices=Subject)
    scheme = models.ForeignKey(Scheme, models.PROTECT, related_name="snapshots")
    content = models.TextField()
    sha256 = models.CharField(_("fingerprint"), max_length=64)
    corrects = models.ForeignKey("self", models.PROTECT, null=True, related_name="corrections")
    reason = models.TextField(_("reason"), blank=True)
    made_at = models.DateTimeField(_("made"))
    published_at = models.DateTimeField(_("published"), null=True)

    class Meta:
        verbose_name = _("snapshot")
        verbose_name_plural = _("snapshots")
        ordering = ["-start", "-as_of", "pk"]
        constraints = [
            # Made twice it is the same one; a correction has a data time of its own.
            models.UniqueConstraint(
                fields=["period", "scheme", "kind", "as_of"], name="snapshot_once"
            ),
            models.CheckConstraint(
                name="snapshot_correction_names_the_old",
                condition=Q(kind="correction", corrects__isnull=False) & ~Q(reason="")
                | ~Q(kind="correction") & Q(corrects=None),
                violation_error_message=_("A correction names what it corrects, and why."),
            ),
            models.CheckConstraint(
                name="snapshot_of_people_not_public",
                condition=Q(published_at=None) | ~Q(subject__in=POST_SUBJECTS),
                violation_error_message=_("Scores of people are never published."),
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="snapshots_are_kept", operation=pgtrigger.Delete),
            pgtrigger.Protect(
                name="snapshots_stay_as_they_were",
                operation=pgtrigger.Update,
                condition=pgtrigger.AnyChange(exclude=["published_at"]),
            ),
        ]

    @property
    def last_day(self) -> date:
        """The last day that belongs to the period, whose end is the instant after it."""
        return timezone.localdate(self.end) - timedelta(days=1)

    def __str__(self) -> str:
        return f"{self.period} {self.scheme_id} {self.kind}"
