"""Working periods with the date from which they hold (domain law §6.1)."""

from __future__ import annotations

import re
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from cases.workflow import ROLE_LABELS
from gridcity.contracts import Role

CLOCK_TIME = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]|24:00")


def check_working_periods(value: Any) -> None:
    """Working periods are pairs of local times, in order, without overlap (domain law §6.1).

    A period that ends at or before its start reaches into the next day; only the last one may.
    """
    try:
        pairs = [(str(start), str(end)) for start, end in value]
    except (TypeError, ValueError):
        raise ValidationError(
            _("Working periods are a list of pairs of times, such as [["
              "\"08:00\", \"12:00\"], [\"14:00\", \"18:00\"]].")
        ) from None  # fmt: skip
    if not all(CLOCK_TIME.fullmatch(end) for pair in pairs for end in pair):
        raise ValidationError(_("Times are written as 08:00, from 00:00 to 24:00."))
    ordered = [instant for pair in pairs for instant in pair]
    last = ordered.pop() if ordered else ""
    # Strings of one form sort as the times do.
    if ordered != sorted(set(ordered)) or (
        ordered and not (last > ordered[-1] or last <= ordered[0])
    ):
        raise ValidationError(_("Working periods come in order and do not overlap."))


class HoursFrom(models.Model):
    """Working periods and the length of a working day, from 00:00 of a date on."""

    working_periods = models.JSONField(
        _("working periods"),
        default=list,
        blank=True,
        validators=[check_working_periods],
        help_text=_('Pairs of local times, such as [["08:00", "12:00"], ["14:00", "18:00"]].'),
    )
    hours_per_working_day = models.DecimalField(
        _("hours of a working day"), max_digits=4, decimal_places=2, default=8
    )
    valid_from = models.DateField(_("valid from"))
    note = models.CharField(_("source or note"), max_length=200, blank=True)

    class Meta:
        abstract = True


class WorkingHours(HoursFrom):
    """The working hours of the district: of every department that has none of its own."""

    class Meta(HoursFrom.Meta):
        abstract = False
        verbose_name = _("working hours of the district")
        verbose_name_plural = _("working hours of the district")
        ordering = ["-valid_from"]
        constraints = [
            models.UniqueConstraint(
                fields=["valid_from"],
                name="working_hours_from_once",
                violation_error_message=_("Working hours from that day on are set already."),
            ),
            models.CheckConstraint(
                name="working_hours_in_a_day",
                condition=Q(hours_per_working_day__gt=0, hours_per_working_day__lte=24)
                & ~Q(working_periods=[]),
                violation_error_message=_(
                    "The district has working periods, and a working day of at most 24 hours."
                ),
            ),
        ]

    def __str__(self) -> str:
        return str(self.valid_from)


class DeskHours(HoursFrom):
    """The working time of a desk of the two centres; without periods it works around the clock.

    Stage and review limits are minutes of it (domain law §§5, 6.2); those that hold when a stage
    is entered or a review begins hold for the whole of it.
    """

    desk = models.CharField(
        _("desk"),
        max_length=10,
        choices=[
            (role, ROLE_LABELS[role]) for role in (Role.ACCEPTOR, Role.DUTY_CHIEF, Role.DISPATCHER)
        ],
    )

    class Meta(HoursFrom.Meta):
        abstract = False
        verbose_name = _("working hours of a desk")
        verbose_name_plural = _("working hours of desks")
        ordering = ["desk", "-valid_from"]
        constraints = [
            models.UniqueConstraint(
                fields=["desk", "valid_from"],
                name="desk_hours_from_once",
                violation_error_message=_("Working hours from that day on are set already."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_desk_display()} {self.valid_from}"
