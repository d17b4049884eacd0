"""Ladders of escalation as administrators set them, by class group and department (law §6.4)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from dispatch.models.departments import Department

RECEIVERS = [
    ("members", _("the department")),
    ("lead", _("the department's lead")),
    ("dispatcher", _("dispatchers on duty")),
    ("duty_chief", _("duty chiefs on duty")),
    ("official", _("officials")),
]
KINDS = [("", _("parts and events")), ("part", _("parts")), ("event", _("events"))]


class EscalationLadder(models.Model):
    """Who is told at which share of the limit; the nearest to class and department counts.

    A turn keeps the ladder that held when it began, so one that holds is not changed any more: a
    new one follows it.
    """

    kind = models.CharField(_("kind"), max_length=5, choices=KINDS, blank=True)
    scheme_key = models.CharField(_("coding scheme"), max_length=32, blank=True)
    class_prefix = models.CharField(
        _("class group"),
        max_length=8,
        blank=True,
        help_text=_("First digits of the class code, such as 02; empty for every class."),
    )
    department = models.ForeignKey(
        Department, models.PROTECT, null=True, blank=True, related_name="ladders",
        verbose_name=_("department"), help_text=_("Empty for every department."),
    )  # fmt: skip
    valid_from = models.DateTimeField(_("valid from"))
    note = models.CharField(_("source or note"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("ladder of escalation")
        verbose_name_plural = _("ladders of escalation")
        ordering = ["department", "class_prefix", "-valid_from"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "scheme_key", "class_prefix", "department", "valid_from"],
                name="ladder_from_once",
                nulls_distinct=False,
                violation_error_message=_(
                    "There is a ladder for this class group and department from that instant on."
                ),
            ),
            models.CheckConstraint(
                name="ladder_class_fits_scheme",
                condition=Q(class_prefix="")
                | (Q(class_prefix__regex=r"^[0-9]{1,8}$") & ~Q(scheme_key="") & ~Q(kind="")),
                violation_error_message=_("A class group belongs to a scheme and a kind."),
            ),
        ]

    def __str__(self) -> str:
        group = self.class_prefix or self.get_kind_display()
        return f"{group} · {self.department or _('every department')}"


class EscalationRung(models.Model):
    """One level of a ladder."""

    ladder = models.ForeignKey(
        EscalationLadder, models.CASCADE, related_name="rungs", db_index=False
    )
    level = models.PositiveSmallIntegerField(
        _("level"), help_text=_("0 warns before the limit has run out; 1 and more escalate.")
    )
    share = models.PositiveSmallIntegerField(_("per cent of the time allowed"))
    receiver = models.CharField(_("tells"), max_length=10, choices=RECEIVERS)

    class Meta:
        verbose_name = _("level of escalation")
        verbose_name_plural = _("levels of escalation")
        ordering = ["ladder", "level"]
        constraints = [
            # Also the index by which a ladder's levels are read.
            models.UniqueConstraint(fields=["ladder", "level"], name="rung_level_once"),
            models.CheckConstraint(
                name="rung_share_fits_level",
                condition=Q(level=0, share__gte=1, share__lt=100)
                | Q(level__gte=1, level__lte=9, share__gte=100, share__lte=1000),
                violation_error_message=_(
                    "Level 0 warns below 100 %; levels 1 to 9 escalate from 100 to 1000 %."
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.level}: {self.share} %"
