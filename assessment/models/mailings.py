"""The overview by e-mail: who asked for it how often, and what was owed and sent to him."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Subscription(models.Model):
    """One reader's wish: the overview of each such period that has ended, as one file.

    `choices` is what he had chosen on the page, as `Choices.as_data` says it.
    """

    class Span(models.TextChoices):
        DAY = "day", pgettext_lazy("span", "Day")
        WEEK = "week", pgettext_lazy("span", "Week")
        MONTH = "month", pgettext_lazy("span", "Month")
        QUARTER = "quarter", pgettext_lazy("span", "Quarter")
        HALF = "half", pgettext_lazy("span", "Half-year")
        YEAR = "year", pgettext_lazy("span", "Year")

    class Form(models.TextChoices):
        PDF = "pdf", "PDF"
        XLSX = "xlsx", "XLSX"

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="figure_subscriptions",
        verbose_name=_("reader"),
    )  # fmt: skip
    span = models.CharField(_("of each"), max_length=7, choices=Span)
    form = models.CharField(_("file"), max_length=4, choices=Form)
    choices = models.JSONField(_("choices of the page"), default=dict)
    since = models.DateTimeField(_("asked for"))
    ended_at = models.DateTimeField(pgettext_lazy("subscription", "ended"), null=True)

    class Meta:
        verbose_name = _("overview by e-mail")
        verbose_name_plural = _("overviews by e-mail")
        ordering = ["user", "span", "form", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "span", "form", "choices"],
                condition=Q(ended_at=None),
                name="subscription_once",
                violation_error_message=_("You get this already."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.span} {self.form}"


class Mailing(models.Model):
    """One file owed to one reader: of one period, once; tried again until it is too old."""

    subscription = models.ForeignKey(Subscription, models.PROTECT, related_name="mailings")
    period = models.CharField(_("period"), max_length=24)
    owed_at = models.DateTimeField(_("owed since"))
    next_at = models.DateTimeField(_("next attempt"))
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    done_at = models.DateTimeField(_("sent"), null=True)
    dead_at = models.DateTimeField(_("given up"), null=True)
    last_error = models.CharField(_("last error"), max_length=80, blank=True)

    class Meta:
        verbose_name = _("mailing of an overview")
        verbose_name_plural = _("mailings of overviews")
        constraints = [
            models.UniqueConstraint(fields=["subscription", "period"], name="mailing_once")
        ]
        indexes = [
            models.Index(
                fields=["next_at"],
                condition=Q(done_at=None, dead_at=None),
                name="mailing_owed",
            )
        ]
        triggers = [pgtrigger.Protect(name="mailing_kept", operation=pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.subscription_id} {self.period}"
