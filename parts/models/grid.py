"""Unit grid cells, in editions: a draft is checked, made current, and stays answerable after."""

from __future__ import annotations

import pghistory
from django.conf import settings
from django.contrib.gis.db import models
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GistIndex
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from parts.models.areas import Community
from parts.models.guards import SRID, code_check, geometry_checks


class Edition(models.Model):
    """One issue of the whole grid. A case keeps the cell it was filed in, hence the edition."""

    class State(models.TextChoices):
        DRAFT = "draft", _("draft")
        CURRENT = "current", _("current")
        FORMER = "former", _("former")

    name = models.CharField(pgettext_lazy("district", "name"), max_length=64, unique=True)
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.DRAFT)
    published_at = models.DateTimeField(_("published at"), null=True, blank=True)
    superseded_at = models.DateTimeField(_("superseded at"), null=True, blank=True)
    note = models.CharField(_("note"), max_length=200, blank=True)
    # Of a draft: who began it and when, and the edition it is to follow.
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("begun by"),
    )
    made_at = models.DateTimeField(_("begun at"), null=True, blank=True)
    base = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="following",
        verbose_name=_("follows"),
    )
    # Raised by every change of a draft: who edits or publishes names the version that he saw.
    version = models.PositiveIntegerField(_("version"), default=1)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("changed by"),
    )
    changed_at = models.DateTimeField(_("changed at"), null=True, blank=True)
    checked_version = models.PositiveIntegerField(_("checked version"), default=0)
    checked_at = models.DateTimeField(_("checked at"), null=True, blank=True)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("published by"),
    )
    # What the publication did: counts, what became of patrols and rules.
    outcome = models.JSONField(_("outcome"), default=dict, blank=True)

    class Meta:
        verbose_name = _("edition of the grid")
        verbose_name_plural = _("editions of the grid")
        ordering = ["-published_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["state"],
                condition=Q(state="current"),
                name="edition_one_current",
                violation_error_message=_("There is a current edition already."),
            ),
            models.CheckConstraint(
                name="edition_dates_fit_state",
                condition=Q(state="draft", published_at=None, superseded_at=None)
                | Q(state="current", published_at__isnull=False, superseded_at=None)
                | Q(
                    state="former",
                    published_at__isnull=False,
                    superseded_at__isnull=False,
                ),
                violation_error_message=_("The dates do not fit the state of the edition."),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class CellQuerySet(models.QuerySet["Cell"]):
    """Reads of cells that chain."""

    def current(self) -> CellQuerySet:
        """Cells in use of the current edition."""
        return self.filter(edition__state=Edition.State.CURRENT, end_on=None)


@pghistory.track(pghistory.UpdateEvent("changed", row=pghistory.Old), model_name="CellHistory")
class Cell(models.Model):
    """A unit grid cell (单元网格) of about 10,000 m²; its area is computed, never typed in."""

    class ManagementClass(models.IntegerChoices):
        FIRST = 1, _("class 1")
        SECOND = 2, _("class 2")

    class LimitArea(models.TextChoices):
        CORE = "A", _("A core area")
        GENERAL = "B", _("B general area")
        OUTER = "C", _("C outer area")

    edition = models.ForeignKey(
        Edition, models.PROTECT, related_name="cells", verbose_name=_("edition")
    )
    code = models.CharField(_("code"), max_length=15)
    community = models.ForeignKey(
        Community, models.PROTECT, related_name="cells", verbose_name=_("community")
    )
    geom = models.PolygonField(_("boundary"), srid=SRID, spatial_index=False)
    area_m2 = models.DecimalField(_("area in m²"), max_digits=12, decimal_places=1, editable=False)
    management_class = models.PositiveSmallIntegerField(
        _("management class"), choices=ManagementClass, default=ManagementClass.FIRST
    )
    limit_area = models.CharField(
        _("limit area"), max_length=1, choices=LimitArea, default=LimitArea.GENERAL
    )
    responsible_body = models.CharField(_("responsible body"), max_length=100, blank=True)
    land_use = models.CharField(_("land use"), max_length=32, blank=True)
    note = models.CharField(_("note"), max_length=200, blank=True)
    initial_on = models.DateField(_("initial date"))
    end_on = models.DateField(_("end date"), null=True, blank=True)
    void_reason = models.CharField(_("reason for voiding"), max_length=200, blank=True)
    origins = ArrayField(
        models.CharField(max_length=15),
        default=list,
        db_default=[],
        editable=False,
        verbose_name=_("made of"),
        help_text=_("Codes of the cells it was cut from or put together of."),
    )
    neighbours = ArrayField(
        models.BigIntegerField(),
        default=list,
        editable=False,
        verbose_name=_("neighbours"),
        help_text=_("Ids of the cells of the same edition that touch this one."),
    )

    objects = CellQuerySet.as_manager()

    class Meta:
        verbose_name = _("unit grid cell")
        verbose_name_plural = _("unit grid cells")
        ordering = ["code"]
        constraints = [
            # a voided code is kept and never given again in its edition
            models.UniqueConstraint(
                fields=["edition", "code"],
                name="cell_code_once_per_edition",
                violation_error_message=_("This edition has a cell of this code already."),
            ),
            code_check("cell", 15),
            *geometry_checks("cell"),
            models.CheckConstraint(
                name="cell_void_has_reason",
                condition=Q(end_on=None, void_reason="")
                | Q(end_on__gte=F("initial_on")) & ~Q(void_reason=""),
                violation_error_message=_("A voided cell needs an end date and a reason."),
            ),
        ]
        indexes = [
            # locate: the cell of a point; map feeds: the cells of a window
            GistIndex(fields=["geom"], name="cell_geom_gist"),
        ]

    def __str__(self) -> str:
        return self.code
