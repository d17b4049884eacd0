"""Deposits, warnings, the yearly settlement and the comment on a period (assessment law §8)."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from assessment.models.schemes import Snapshot


class Guarantee(models.Model):
    """A year's guarantee scheme 保证金办法: by which scores it settles, and what each band brings.

    It may be changed until the year is settled; the settlement keeps what it was made by.
    """

    year = models.PositiveSmallIntegerField(_("year"), validators=[MinValueValidator(2004)])
    name = models.CharField(_("name"), max_length=80)
    scheme_key = models.SlugField(
        _("scheme of scoring"),
        max_length=40,
        help_text=_("Key of the scheme whose final score of the year decides."),
    )
    bands = models.JSONField(
        _("bands"),
        help_text=_(
            "A list; each with name, least (per cent of the full mark), above (true: only above"
            " it), refund, unit_times, unit_amount (yuan), person_times."
        ),
    )
    source = models.CharField(_("source"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("guarantee scheme")
        verbose_name_plural = _("guarantee schemes")
        ordering = ["-year", "scheme_key"]
        constraints = [
            models.UniqueConstraint(
                fields=["year", "scheme_key"],
                name="guarantee_once_a_year",
                violation_error_message=_("This year has a guarantee scheme of this score."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.year}"


class Depositor(models.Model):
    """Who has paid in: a unit, or one of its heads by his office (no name is kept)."""

    class Kind(models.TextChoices):
        UNIT = "unit", pgettext_lazy("depositor", "Unit")
        PERSON = "person", pgettext_lazy("depositor", "Person in office")

    guarantee = models.ForeignKey(
        Guarantee, models.PROTECT, related_name="depositors", verbose_name=_("guarantee scheme")
    )
    object_key = models.CharField(
        _("code of what is scored"), max_length=16,
        help_text=_("Code of the street, community or department."),
    )  # fmt: skip
    kind = models.CharField(pgettext_lazy("depositor", "kind"), max_length=6, choices=Kind)
    title = models.CharField(_("unit or office"), max_length=60)
    amount = models.PositiveIntegerField(_("deposit (yuan)"), validators=[MinValueValidator(1)])

    class Meta:
        verbose_name = _("depositor")
        verbose_name_plural = _("depositors")
        ordering = ["object_key", "-kind", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["guarantee", "object_key", "title"],
                name="depositor_once",
                violation_error_message=_("This depositor is listed already."),
            ),
            models.CheckConstraint(
                name="deposit_is_money",
                condition=Q(amount__gt=0),
                violation_error_message=_("A deposit is more than nothing."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.object_key} {self.title}"


class WarningRule(models.Model):
    """When a figure means a warning 黄牌 or a veto 一票否决, from a day on."""

    class Kind(models.TextChoices):
        WARNING = "warning", pgettext_lazy("rule", "Yellow card")
        VETO = "veto", pgettext_lazy("rule", "Veto")

    class Compared(models.TextChoices):
        LESS = "lt", _("less than")
        AT_MOST = "le", _("at most")
        MORE = "gt", _("more than")
        AT_LEAST = "ge", _("at least")

    class Span(models.TextChoices):
        WEEK = "week", pgettext_lazy("span", "Week")
        MONTH = "month", pgettext_lazy("span", "Month")
        QUARTER = "quarter", pgettext_lazy("span", "Quarter")
        HALF = "half", pgettext_lazy("span", "Half-year")
        YEAR = "year", pgettext_lazy("span", "Year")

    name = models.CharField(_("name"), max_length=80)
    kind = models.CharField(pgettext_lazy("rule", "kind"), max_length=7, choices=Kind)
    scheme_key = models.SlugField(_("scheme of scoring"), max_length=40)
    span = models.CharField(_("of each"), max_length=7, choices=Span, default="month")
    measure = models.CharField(
        _("figure"), max_length=40,
        help_text=_("total, rank_from_last (1: the last), or the key of an indicator (in %)."),
    )  # fmt: skip
    compared = models.CharField(_("is"), max_length=2, choices=Compared)
    bound = models.DecimalField(_("bound"), max_digits=9, decimal_places=2)
    valid_from = models.DateField(pgettext_lazy("rule", "valid from"))
    valid_to = models.DateField(
        pgettext_lazy("rule", "valid to (exclusive)"), null=True, blank=True
    )

    class Meta:
        verbose_name = _("warning or veto")
        verbose_name_plural = _("warnings and vetoes")
        ordering = ["scheme_key", "span", "kind", "id"]
        constraints = [
            models.CheckConstraint(
                name="warning_rule_validity",
                condition=Q(valid_to=None) | Q(valid_to__gt=F("valid_from")),
                violation_error_message=_("Validity ends after it begins."),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Settlement(models.Model):
    """The settlement sheet of a year, as it was made; a second person confirms it."""

    guarantee = models.OneToOneField(
        Guarantee, models.PROTECT, related_name="settlement", verbose_name=_("guarantee scheme")
    )
    snapshot = models.ForeignKey(Snapshot, models.PROTECT, related_name="+")
    content = models.TextField()
    sha256 = models.CharField(_("fingerprint"), max_length=64)
    made_at = models.DateTimeField(_("made"))
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    confirmed_at = models.DateTimeField(_("confirmed"), null=True)
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        verbose_name = _("yearly settlement")
        verbose_name_plural = _("yearly settlements")
        constraints = [
            models.CheckConstraint(
                name="settlement_confirmed_by_another",
                condition=Q(confirmed_by=None, confirmed_at=None)
                | Q(confirmed_at__isnull=False) & ~Q(confirmed_by=F("made_by")),
                violation_error_message=_("Somebody else confirms a settlement."),
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="settlements_are_kept", operation=pgtrigger.Delete),
            pgtrigger.Protect(
                name="settlements_stay_as_they_were",
                operation=pgtrigger.Update,
                condition=pgtrigger.AnyChange(exclude=["confirmed_at", "confirmed_by"]),
            ),
            pgtrigger.Protect(
                name="settlements_are_confirmed_once",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__confirmed_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return str(self.guarantee)


class Comment(models.Model):
    """What the supervision centre says of a period 点评, beside its ranking; it stays."""

    snapshot = models.ForeignKey(Snapshot, models.PROTECT, related_name="comments")
    words = models.TextField(_("comment"), max_length=2000)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(_("recorded"))

    class Meta:
        verbose_name = _("comment on a period")
        verbose_name_plural = _("comments on periods")
        ordering = ["id"]
        triggers = [
            pgtrigger.Protect(name="comments_stay", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    def __str__(self) -> str:
        return f"{self.snapshot_id} {self.at:%Y-%m-%d}"
