"""Working periods and shifts, with the date from which they hold (domain law §6.1)."""

from __future__ import annotations

import re
from typing import Any

import pgtrigger
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from cases.workflow import DESK_ROLES, ROLE_LABELS

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
        choices=[(role, ROLE_LABELS[role]) for role in DESK_ROLES],
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


# Facts of a day that has begun were counted by its plan (assessment law §3); where no case was
# ever told of there are none. Days are those of Asia/Shanghai.
_DAYS_BEGUN_STAY = """
    today := (clock_timestamp() AT TIME ZONE 'Asia/Shanghai')::date;
    IF (TG_OP <> 'INSERT' AND OLD.valid_from <= today
            OR TG_OP <> 'DELETE' AND NEW.valid_from <= today)
        AND EXISTS (SELECT FROM cases_event)
    THEN
        RAISE EXCEPTION 'pgtrigger: Cannot plan days that have begun in % table', TG_TABLE_NAME;
    END IF;
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    RETURN NEW;
"""


class PlannedShift(models.Model):
    """In which hours a person of the two centres works, from a day on; without hours: in none.

    Hours are local times; an end at or before the begin is on the next day, and a shift is that of
    the day on which it begins. They stand here and not in `parts.Shift`: the shifts of patrols are
    walked, tested for gaps and edited as they stand now, while what a stay was charged by may
    never change afterwards.
    """

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="planned_shifts",
        verbose_name=_("person"),
        db_index=False,
    )
    name = models.CharField(
        _("shift"), max_length=32, blank=True, help_text=_("As people call it: 早班, 中班, 夜班.")
    )
    begins = models.TimeField(_("begins"), null=True, blank=True)
    ends = models.TimeField(
        _("ends"),
        null=True,
        blank=True,
        help_text=_("At or before the begin: on the next day. Both empty: no shift is planned."),
    )
    valid_from = models.DateField(_("valid from"))

    class Meta:
        verbose_name = _("planned shift")
        verbose_name_plural = _("planned shifts")
        ordering = ["person", "-valid_from"]
        constraints = [
            # Also the index by which a person's plan is read.
            models.UniqueConstraint(
                fields=["person", "valid_from"],
                name="planned_shift_from_once",
                violation_error_message=_("This person's shift from that day on is planned."),
            ),
            models.CheckConstraint(
                name="planned_shift_has_both_ends",
                condition=Q(begins__isnull=True, ends__isnull=True)
                | Q(begins__isnull=False, ends__isnull=False) & ~Q(begins=F("ends")),
                violation_error_message=_(
                    "A shift begins at one time and ends at another; without one both are empty."
                ),
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="planned_days_begun_stay",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
                declare=[("today", "date")],
                func=_DAYS_BEGUN_STAY,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person} {self.valid_from}"
