"""A draft of the next edition: its shapes as they came, faults and all, and what was found wrong.

A draft may hold what the district itself refuses: boundaries that cross themselves, codes given
twice. So its shapes lie in a table of their own; publishing turns them into areas and cells.
"""

from __future__ import annotations

from django.contrib.gis.db import models
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GistIndex
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from parts.models.grid import Cell, Edition
from parts.models.guards import SRID


class Level(models.TextChoices):
    """What a shape of a draft is to become."""

    DISTRICT = "district", _("district")
    STREET = "street", _("street")
    COMMUNITY = "community", _("community")
    CELL = "cell", _("unit grid cell")


class Flaw(models.TextChoices):
    """Why a shape of a file could not be taken as it was; found while reading."""

    NONE = "", _("none")
    NO_SHAPE = "no_shape", _("no boundary")
    NOT_AREA = "not_area", _("not an area")
    NOT_CLOSED = "not_closed", _("not closed")
    OFF_MAP = "off_map", _("outside China")


class DraftShape(models.Model):
    """A district, street, community or cell as the next edition is to have it."""

    edition = models.ForeignKey(Edition, models.CASCADE, related_name="shapes")
    level = models.CharField(max_length=9, choices=Level)
    # the row of the file; 0 where it was taken over from the current edition or drawn here
    row = models.PositiveIntegerField(default=0)
    code = models.CharField(max_length=64, blank=True)
    # the number that stood there where a spreadsheet had dropped the leading zeros
    padded_from = models.CharField(max_length=64, blank=True)
    name = models.CharField(max_length=200, blank=True)
    geom = models.GeometryField(srid=SRID, null=True, spatial_index=False)
    flaw = models.CharField(max_length=10, choices=Flaw, blank=True, default=Flaw.NONE)
    area_m2 = models.DecimalField(max_digits=14, decimal_places=1, null=True)
    management_class = models.CharField(max_length=16, blank=True)
    limit_area = models.CharField(max_length=16, blank=True)
    responsible_body = models.CharField(max_length=200, blank=True)
    land_use = models.CharField(max_length=64, blank=True)
    note = models.CharField(max_length=200, blank=True)
    initial_on = models.DateField(null=True)
    # codes of the cells that this one was cut from or put together of
    origins = ArrayField(models.CharField(max_length=15), default=list)
    # in force today, and not to be any more when the draft is published
    ends = models.BooleanField(default=False)
    end_reason = models.CharField(max_length=200, blank=True)
    successor_code = models.CharField(max_length=12, blank=True)

    class Meta:
        verbose_name = _("shape of a draft")
        verbose_name_plural = _("shapes of a draft")
        ordering = ["level", "code", "pk"]
        indexes = [
            # the cells of a community in the editor, the shape of a code
            models.Index("edition", "level", "code", name="draft_shape_code"),
            # the shapes in the editor's window
            GistIndex(fields=["geom"], name="draft_shape_geom_gist"),
        ]

    def __str__(self) -> str:
        return self.code


class Check(models.TextChoices):
    """What is checked before a draft may be published, each with its name."""

    NO_SHAPE = "no_shape", _("No boundary")
    NOT_AREA = "not_area", _("Not an area")
    NOT_CLOSED = "not_closed", _("Boundary not closed")
    OFF_MAP = "off_map", _("Outside China")
    CROSSES_ITSELF = "crosses_itself", _("Boundary crosses itself")
    SEVERAL_PIECES = "several_pieces", _("Cell in several pieces")
    CODE_FORM = "code_form", _("Code wrong in form")
    CODE_TWICE = "code_twice", _("Code given twice")
    CODE_VOIDED = "code_voided", _("Code used before")
    CODE_MOVED = "code_moved", _("Code of another place")
    NO_PARENT = "no_parent", _("Area of the code unknown")
    OVERLAP = "overlap", pgettext_lazy("grid", "Overlap")
    GAP = "gap", pgettext_lazy("grid", "Gap")
    OUTSIDE = "outside", _("Outside its area")
    ACROSS = "across", _("Across a boundary")
    NAME = "name", _("Name missing or too long")
    SUCCESSOR = "successor", _("No successor")
    SHIFTED = "shifted", _("Shifted by the vector of GCJ-02")
    PARTS_OUTSIDE = "parts_outside", _("Parts outside every cell")
    TOO_MANY = "too_many", _("Too many cells in a community")
    EMPTY = "empty", _("Nothing to publish")
    ORDER = "order", _("Order of the serials")
    AREA_BAND = "area_band", _("Unusual area")
    ATTRIBUTE = "attribute", _("Attribute not understood")
    PADDED = "padded", _("Leading zeros put back")
    CUTS_PARTS = "cuts_parts", _("Cells cut parts")


REMARKS = frozenset({Check.ORDER, Check.AREA_BAND, Check.ATTRIBUTE, Check.PADDED, Check.CUTS_PARTS})


class DraftFinding(models.Model):
    """One thing found wrong or remarkable in a draft, with the area it concerns."""

    edition = models.ForeignKey(Edition, models.CASCADE, related_name="findings")
    check_key = models.CharField(max_length=16, choices=Check)
    is_fault = models.BooleanField(default=True)
    level = models.CharField(max_length=9, choices=Level, blank=True)
    codes = ArrayField(models.CharField(max_length=64), default=list)
    row = models.PositiveIntegerField(default=0)
    # how large the gap, the overlap or the piece outside is
    area_m2 = models.FloatField(null=True)
    # what the sentence about it names
    values = models.JSONField(default=dict)
    geom = models.GeometryField(srid=SRID, null=True, spatial_index=False)

    class Meta:
        verbose_name = _("finding in a draft")
        verbose_name_plural = _("findings in a draft")
        ordering = ["pk"]
        indexes = [
            # the report: faults before remarks, check by check
            models.Index("edition", "is_fault", "check_key", name="draft_finding_of_edition"),
        ]

    def __str__(self) -> str:
        return f"{self.get_check_key_display()} {' '.join(self.codes)}"


class CellHeir(models.Model):
    """The cells of today in which a cell of a former edition lies; written at every publication.

    Cases keep the cell they were filed in. Who patrols there, what is near, what is counted where:
    that is asked of the cells of today, and found through here.
    """

    former = models.ForeignKey(Cell, models.CASCADE, related_name="heirs")
    # indexed by its key: what was filed in former cells of this ground
    heir = models.ForeignKey(Cell, models.CASCADE, related_name="inherits")
    area_m2 = models.FloatField()
    is_main = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("heir of a cell")
        verbose_name_plural = _("heirs of cells")
        constraints = [
            models.UniqueConstraint(fields=["former", "heir"], name="cell_heir_once"),
            # a case is counted in one cell of today
            models.UniqueConstraint(
                fields=["former"], condition=models.Q(is_main=True), name="cell_heir_one_main"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.former} → {self.heir}"
