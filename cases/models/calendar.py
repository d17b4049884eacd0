"""The working calendar and the limits of the desks: settings with a default (domain law §6)."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from cases.workflow import State


class CalendarYear(models.Model):
    """A year whose holidays are published; other years are computed by weekdays, provisionally."""

    year = models.PositiveSmallIntegerField(primary_key=True)
    source = models.CharField(_("source"), max_length=200)
    published_on = models.DateField(_("published"), null=True, blank=True)

    class Meta:
        verbose_name = _("calendar year")
        verbose_name_plural = _("calendar years")

    def __str__(self) -> str:
        return str(self.year)


class CalendarDay(models.Model):
    """A date that differs from its weekday: a holiday, or a weekend day that is worked."""

    on = models.DateField(_("date"), primary_key=True)
    kind = models.CharField(
        _("kind"),
        max_length=7,
        choices=[("holiday", _("Holiday")), ("workday", _("Worked weekend day"))],
    )
    name = models.CharField(_("name"), max_length=40, blank=True)

    class Meta:
        verbose_name = _("calendar day")
        verbose_name_plural = _("calendar days")
        ordering = ["on"]

    def __str__(self) -> str:
        return f"{self.on} {self.kind}"


class StageLimit(models.Model):
    """How many minutes of its own working time a desk has for a stage, from a date on."""

    state = models.CharField(_("stage"), max_length=12, choices=State.choices)
    minutes = models.PositiveIntegerField(_("minutes"))
    valid_from = models.DateTimeField(_("valid from"))

    class Meta:
        verbose_name = _("stage limit")
        verbose_name_plural = _("stage limits")
        constraints = [
            models.UniqueConstraint(fields=["state", "valid_from"], name="stage_limit_from_once"),
        ]

    def __str__(self) -> str:
        return f"{self.state} {self.minutes} min"
