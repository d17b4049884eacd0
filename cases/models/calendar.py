"""The working calendar and the numbers of the clocks: settings with a default (law §6)."""

from __future__ import annotations

from datetime import date

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from cases.clocks.numbers import NUMBERS


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


def check_days_of_year(value: list[str]) -> None:
    """Days of any year are written 05-01; the 29th of February is not in every year."""
    for day in value:
        try:
            if len(day) != len("05-01"):
                raise ValueError
            date.fromisoformat(f"2027-{day}")
        except ValueError:
            raise ValidationError(
                _("Days are written as 05-01: two digits of the month, two of the day.")
            ) from None


class ProvisionalDays(models.Model):
    """Which days are off in years that are not published yet, from a year on (domain law §6.1).

    Before the first year that is set the default of `cases.clocks.calendar` holds.
    """

    first_year = models.PositiveSmallIntegerField(_("from the year"), primary_key=True)
    days = ArrayField(
        models.CharField(max_length=5), verbose_name=_("days off"), blank=True, default=list,
        validators=[check_days_of_year],
        help_text=_("Month and day with commas between, such as 01-01,05-01,10-01."),
    )  # fmt: skip
    note = models.CharField(_("source or note"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("days off of years not yet published")
        verbose_name_plural = _("days off of years not yet published")
        ordering = ["-first_year"]

    def __str__(self) -> str:
        return str(self.first_year)


class CalendarChange(models.Model):
    """A year or working hours were written anew: the clocks that run are to be reckoned anew.

    They are after `holds_at`, when every process has forgotten the calendar it kept.
    """

    what = models.CharField(_("what changed"), max_length=200)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False,
        verbose_name=_("by"),
    )  # fmt: skip
    at = models.DateTimeField(_("changed"))
    holds_at = models.DateTimeField(_("clocks are reckoned anew from"))
    recomputed_at = models.DateTimeField(_("all clocks reckoned anew"), null=True)

    class Meta:
        verbose_name = _("change of the calendar")
        verbose_name_plural = _("changes of the calendar")
        ordering = ["-id"]
        indexes = [
            # The sweep that reckons anew: hardly ever is there one.
            models.Index(
                fields=["holds_at"],
                condition=models.Q(recomputed_at__isnull=True),
                name="calendar_change_pending",
            ),
        ]

    def __str__(self) -> str:
        return self.what


class ClockNumber(models.Model):
    """A number of the clocks that an administrator has set, from an instant on.

    Where none is set the default of `cases.clocks.numbers` holds. A stage limit is read at the
    entry, a review limit when the review begins, a share of a lamp when its clock is reckoned.
    """

    key = models.CharField(
        _("parameter"),
        max_length=24,
        choices=[(number.key, number.label) for number in NUMBERS.values()],
    )
    value = models.PositiveIntegerField(_("value"))
    valid_from = models.DateTimeField(_("valid from"))

    class Meta:
        verbose_name = _("limit or number of the clocks")
        verbose_name_plural = _("limits and numbers of the clocks")
        constraints = [
            models.UniqueConstraint(
                fields=["key", "valid_from"],
                name="clock_number_from_once",
                violation_error_message=_("This number is set from that instant on already."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_key_display()}: {self.value}"
