"""Schemes of scoring, in versions with a date, and the snapshots that were made under them."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Subject(models.TextChoices):
    """What is scored or listed (assessment law, first paragraph)."""

    STREET = "street", _("Streets")
    COMMUNITY = "community", _("Communities")
    CELL = "cell", _("Unit grid cells")
    DEPARTMENT = "department", _("Departments")


class Scheme(models.Model):
    """One version of a scheme: terms, their weights and bands, and grades; from a date on.

    A draft may be changed; what a second administrator has consented to stays as it is, and the
    next change is the next version.
    """

    key = models.SlugField(_("key"), max_length=40)
    version = models.PositiveSmallIntegerField(_("version"))
    name = models.CharField(_("name"), max_length=80)
    subject = models.CharField(_("scores"), max_length=12, choices=Subject)
    terms = models.JSONField(_("terms"))
    grades = models.JSONField(_("grades"))
    source = models.CharField(_("source"), max_length=200, blank=True)
    valid_from = models.DateField(_("valid from"))
    is_active = models.BooleanField(_("in force"), default=False)
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    consented_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )

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
        ]
        triggers = [
            pgtrigger.Protect(
                name="scheme_in_force_stays",
                operation=pgtrigger.Update | pgtrigger.Delete,
                condition=pgtrigger.Q(old__is_active=True),
            )
        ]

    def __str__(self) -> str:
        return f"{self.key} v{self.version}"


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
        ]
        triggers = [
            pgtrigger.Protect(name="snapshots_are_kept", operation=pgtrigger.Delete),
            pgtrigger.Protect(
                name="snapshots_stay_as_they_were",
                operation=pgtrigger.Update,
                condition=pgtrigger.AnyChange(exclude=["published_at"]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.period} {self.scheme_id} {self.kind}"
