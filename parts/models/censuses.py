"""Yearly census 普查: a campaign over cells, in which supervisors tick what they find."""

from __future__ import annotations

import pghistory
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from jobs.models import Job
from parts.models.catalogue import CatalogueClass
from parts.models.grid import Cell
from parts.models.parts import Part
from parts.models.proposals import Proposal


@pghistory.track(pghistory.UpdateEvent("changed", row=pghistory.Old), model_name="CensusHistory")
class Census(models.Model):
    """A campaign: cells, classes and days. What it is to look at is fixed when it is opened.

    Opening is long work: until its job has written the cells and parts, all of them at once, the
    campaign is being opened and nobody walks it.
    """

    class State(models.TextChoices):
        OPENING = "opening", pgettext_lazy("census", "being opened")
        OPEN = "open", pgettext_lazy("census", "open")
        CLOSED = "closed", pgettext_lazy("census", "ended")

    state = models.CharField(
        pgettext_lazy("census", "state"), max_length=7, choices=State, default=State.OPENING
    )
    name = models.CharField(pgettext_lazy("district", "name"), max_length=64, unique=True)
    begins_on = models.DateField(_("from"))
    ends_on = models.DateField(_("until"))
    classes: models.ManyToManyField[CatalogueClass, models.Model] = models.ManyToManyField(
        CatalogueClass, blank=True, related_name="+", verbose_name=_("classes")
    )
    # what it is opened over, by code; nothing chosen: the whole district
    chosen = models.JSONField(
        _("chosen"), default=dict, blank=True, help_text="{streets: [code], cells: [code]}"
    )
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("opened by")
    )
    opened_at = models.DateTimeField(_("opened at"), null=True, blank=True)
    # what writes its cells and parts; those that were opened within a request had none
    opening_job = models.ForeignKey(
        Job,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        verbose_name=pgettext_lazy("census", "opening"),
    )
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True)
    note = models.CharField(_("note"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("census")
        verbose_name_plural = _("censuses")
        ordering = ["-begins_on", "-id"]
        constraints = [
            models.CheckConstraint(
                name="census_ends_after_begin",
                condition=Q(ends_on__gte=F("begins_on")),
                violation_error_message=_("The census ends before it begins."),
            ),
            models.CheckConstraint(
                name="census_instants_fit_state",
                condition=Q(state="opening", opened_at=None, closed_at=None)
                | Q(state="open", opened_at__isnull=False, closed_at=None)
                | Q(state="closed", opened_at__isnull=False, closed_at__isnull=False),
                violation_error_message=_(
                    "A census has been opened when it is open, and ended when it is closed."
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class CensusCell(models.Model):
    """A cell to be walked, and when a supervisor said that he is through with it."""

    census = models.ForeignKey(
        Census, models.PROTECT, related_name="cells", db_index=False, verbose_name=_("census")
    )
    cell = models.ForeignKey(Cell, models.PROTECT, related_name="+", verbose_name=_("cell"))
    done_at = models.DateTimeField(_("done at"), null=True, blank=True)
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        verbose_name=_("done by"),
    )

    class Meta:
        verbose_name = _("cell of a census")
        verbose_name_plural = _("cells of a census")
        constraints = [
            # also finds the cells of a census
            models.UniqueConstraint(
                fields=["census", "cell"],
                name="census_cell_once",
                violation_error_message=_("This census has this cell already."),
            ),
            models.CheckConstraint(
                name="census_cell_done_by_somebody",
                condition=Q(done_at=None, done_by=None)
                | Q(done_at__isnull=False, done_by__isnull=False),
                violation_error_message=_("A cell is done by somebody, at an instant."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.census_id}: {self.cell_id}"


class CensusPart(models.Model):
    """A part that the census looks for, where it stood when the census was opened."""

    class Found(models.TextChoices):
        PRESENT = "present", pgettext_lazy("census", "present")
        CHANGED = "changed", pgettext_lazy("census", "changed")
        GONE = "gone", pgettext_lazy("census", "gone")

    census_cell = models.ForeignKey(
        CensusCell,
        models.PROTECT,
        related_name="parts",
        db_index=False,
        verbose_name=_("cell of a census"),
    )
    part = models.ForeignKey(
        Part, models.PROTECT, related_name="census_parts", verbose_name=_("part")
    )
    found = models.CharField(
        pgettext_lazy("census", "found"), max_length=7, choices=Found, blank=True
    )
    found_at = models.DateTimeField(_("found at"), null=True, blank=True)
    found_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        verbose_name=_("found by"),
    )
    proposal = models.ForeignKey(
        Proposal,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="census_parts",
        verbose_name=_("field update"),
    )

    class Meta:
        verbose_name = _("part of a census")
        verbose_name_plural = _("parts of a census")
        constraints = [
            # also finds the parts of a cell
            models.UniqueConstraint(
                fields=["census_cell", "part"],
                name="census_part_once",
                violation_error_message=_("This census has this part already."),
            ),
            models.CheckConstraint(
                name="census_part_found_by_somebody",
                condition=Q(found="", found_at=None, found_by=None)
                | ~Q(found="") & Q(found_at__isnull=False, found_by__isnull=False),
                violation_error_message=_("A part was found by somebody, at an instant."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.census_cell_id}: {self.part_id} {self.found}"
