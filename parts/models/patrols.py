"""Responsibility grids 责任网格: which supervisor answers for which cells in which shift."""

from __future__ import annotations

import pghistory
import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from parts.models.grid import Cell


@pghistory.track(pghistory.UpdateEvent("changed", row=pghistory.Old), model_name="ShiftHistory")
class Shift(models.Model):
    """Hours of duty in Asia/Shanghai; `ends` at or before `begins` is on the next day."""

    key = models.CharField(_("key"), max_length=16, primary_key=True)
    name = models.CharField(pgettext_lazy("district", "name"), max_length=32)
    begins = models.TimeField(_("begins"))
    ends = models.TimeField(_("ends"))

    class Meta:
        verbose_name = _("shift")
        verbose_name_plural = _("shifts")
        ordering = ["begins"]
        constraints = [
            models.CheckConstraint(
                name="shift_has_length",
                condition=~Q(begins=F("ends")),
                violation_error_message=_("A shift cannot begin and end at the same time."),
            )
        ]

    def __str__(self) -> str:
        return self.name


class Patrol(models.Model):
    """What one supervisor walks in one shift."""

    supervisor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="patrols",
        verbose_name=_("supervisor"),
    )
    shift = models.ForeignKey(
        Shift, models.PROTECT, related_name="patrols", verbose_name=_("shift")
    )
    cells: models.ManyToManyField[Cell, PatrolCell] = models.ManyToManyField(
        Cell, through="PatrolCell", related_name="patrols", verbose_name=_("cells")
    )

    class Meta:
        verbose_name = _("patrol")
        verbose_name_plural = _("patrols")
        ordering = ["shift", "supervisor"]
        constraints = [
            models.UniqueConstraint(
                fields=["supervisor", "shift"],
                name="patrol_one_per_supervisor_and_shift",
                violation_error_message=_("This supervisor has a patrol in this shift already."),
            )
        ]
        # its history names it; a patrol that is given up is one without cells
        triggers = [pgtrigger.Protect(name="patrol_kept", operation=pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.supervisor} {self.shift}"


# Whose cell it was at an instant is asked long after: who was on duty where something was missed.
@pghistory.track(
    pghistory.InsertEvent("given"), pghistory.DeleteEvent("taken"), model_name="PatrolCellHistory"
)
class PatrolCell(models.Model):
    """A cell of a patrol."""

    patrol = models.ForeignKey(
        Patrol, models.CASCADE, related_name="patrol_cells", verbose_name=_("patrol")
    )
    # indexed by its key: who answers for this cell, asked for every verify and check task
    cell = models.ForeignKey(
        Cell, models.PROTECT, related_name="patrol_cells", verbose_name=_("cell")
    )

    class Meta:
        verbose_name = _("cell of a patrol")
        verbose_name_plural = _("cells of a patrol")
        constraints = [
            models.UniqueConstraint(
                fields=["patrol", "cell"],
                name="patrol_cell_once",
                violation_error_message=_("This patrol has this cell already."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.patrol}: {self.cell}"
