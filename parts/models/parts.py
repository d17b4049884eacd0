"""Coded parts: what stands in the street, with a number, an owner and a history."""

from __future__ import annotations

import pghistory
import pgtrigger
from django.contrib.gis.db import models
from django.contrib.postgres.indexes import GistIndex
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from parts.models.areas import Community, Street
from parts.models.catalogue import CatalogueClass
from parts.models.grid import Cell
from parts.models.guards import SRID, geometry_checks

ORGANISATIONS = ("competent", "owner", "maintainer")


class PartQuerySet(models.QuerySet["Part"]):
    """Reads of parts that chain."""

    def standing(self) -> PartQuerySet:
        """Parts that are still there: intact or broken."""
        return self.filter(state__in=Part.STANDING)


def uscc_checks() -> list[models.CheckConstraint]:
    """Empty or 18 characters; the check character is tested by the services (`codes.py`)."""
    return [
        models.CheckConstraint(
            name=f"part_{body}_uscc_form",
            condition=Q(**{f"{body}_uscc": ""})
            | Q(**{f"{body}_uscc__regex": r"^[0-9A-HJ-NPQRTUWXY]{18}$"}),
            violation_error_message=_("A unified social credit code has 18 characters."),
        )
        for body in ORGANISATIONS
    ]


# Every change keeps the old values, also one by bulk or SQL: a trigger writes them. A part that
# somebody adds by hand says so with its first values; what an import adds says its register.
@pghistory.track(
    pghistory.UpdateEvent("changed", row=pghistory.Old),
    pghistory.ManualEvent("added"),
    model_name="PartHistory",
)
class Part(models.Model):
    """A coded part (部件). Never deleted: it gets an end state and a change date."""

    class State(models.TextChoices):
        INTACT = "intact", _("intact")
        BROKEN = "broken", _("broken")
        LOST = "lost", _("lost")
        ABANDONED = "abandoned", _("abandoned")
        REMOVED = "removed", _("removed")

    class Source(models.TextChoices):
        SURVEY = "survey", _("surveyed on site")
        TOPOGRAPHIC = "topographic", _("topographic map")
        BASE_DATA = "base_data", _("basic geographic data")
        OTHER = "other", _("other source")

    STANDING = (State.INTACT, State.BROKEN)

    code = models.CharField(_("code"), max_length=17, unique=True)
    catalogue_class = models.ForeignKey(
        CatalogueClass,
        models.PROTECT,
        related_name="parts",
        db_index=False,
        verbose_name=pgettext_lazy("district", "class"),
    )
    name = models.CharField(pgettext_lazy("district", "name"), max_length=100)
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.INTACT)
    geom = models.GeometryField(_("position"), srid=SRID, spatial_index=False)
    cell = models.ForeignKey(
        Cell,
        models.PROTECT,
        related_name="parts",
        db_index=False,
        verbose_name=_("cell"),
    )
    street = models.ForeignKey(
        Street,
        models.PROTECT,
        related_name="parts",
        db_index=False,
        verbose_name=_("street"),
    )
    community = models.ForeignKey(
        Community,
        models.PROTECT,
        related_name="parts",
        db_index=False,
        verbose_name=_("community"),
    )
    competent_name = models.CharField(_("competent department"), max_length=100, blank=True)
    competent_uscc = models.CharField(
        _("credit code of the competent department"), max_length=18, blank=True
    )
    owner_name = models.CharField(_("owner"), max_length=100, blank=True)
    owner_uscc = models.CharField(_("credit code of the owner"), max_length=18, blank=True)
    maintainer_name = models.CharField(_("maintainer"), max_length=100, blank=True)
    maintainer_uscc = models.CharField(
        _("credit code of the maintainer"), max_length=18, blank=True
    )
    initial_on = models.DateField(_("initial date"))
    change_on = models.DateField(_("change date"), null=True, blank=True)
    source = models.CharField(
        _("source of the data"), max_length=12, choices=Source, default=Source.SURVEY
    )
    accuracy_class = models.CharField(
        _("accuracy class"), max_length=1, choices=CatalogueClass.Accuracy, blank=True
    )
    location_text = models.CharField(_("place in words"), max_length=200, blank=True)
    note = models.CharField(_("note"), max_length=500, blank=True)
    source_key = models.CharField(
        _("register"),
        max_length=64,
        blank=True,
        help_text=_("The register this part was imported from."),
    )
    source_id = models.CharField(_("key in the register"), max_length=64, blank=True)
    # Reclassifying ends one part and begins another; this is the way back (`codes.md`).
    predecessor = models.OneToOneField(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="successor",
        verbose_name=_("part before the reclassification"),
    )

    objects = PartQuerySet.as_manager()

    class Meta:
        verbose_name = _("part")
        verbose_name_plural = _("parts")
        ordering = ["code"]
        constraints = [
            # a register read twice finds its own rows again
            models.UniqueConstraint(
                fields=["source_key", "source_id"],
                condition=~Q(source_key=""),
                name="part_once_per_register_row",
                violation_error_message=_("This row of the register is a part already."),
            ),
            models.CheckConstraint(
                name="part_code_digits",
                condition=Q(code__regex=r"^[0-9]{16,17}$"),
                violation_error_message=_("A part's code has 16 or 17 digits."),
            ),
            models.CheckConstraint(
                name="part_change_after_initial",
                condition=Q(change_on=None) | Q(change_on__gte=F("initial_on")),
                violation_error_message=_("The change date lies before the initial date."),
            ),
            models.CheckConstraint(
                name="part_end_state_dated",
                condition=~Q(state__in=["lost", "abandoned", "removed"])
                | Q(change_on__isnull=False),
                violation_error_message=_("An end state needs a change date."),
            ),
            *geometry_checks("part"),
            *uscc_checks(),
        ]
        indexes = [
            # nearest parts of a point; parts in a map's window
            GistIndex(fields=["geom"], name="part_geom_gist"),
            # pages of the register by code, of one class, cell, community or street
            models.Index(fields=["catalogue_class", "code"], name="part_of_class"),
            models.Index(fields=["cell", "code"], name="part_of_cell"),
            models.Index(fields=["community", "code"], name="part_of_community"),
            models.Index(fields=["street", "code"], name="part_of_street"),
            # the few that are not intact
            models.Index(
                fields=["state", "code"], condition=~Q(state="intact"), name="part_not_intact"
            ),
            # parts of one body, and the names of all bodies by skipping from one to the next
            models.Index(fields=["competent_name"], name="part_competent"),
            models.Index(fields=["owner_name"], name="part_owner"),
            models.Index(fields=["maintainer_name"], name="part_maintainer"),
        ]
        triggers = [pgtrigger.Protect(name="part_kept", operation=pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class PartSerial(models.Model):
    """The last serial given in a district and class; serials are never used again (`codes.md`)."""

    district_code = models.CharField(_("district"), max_length=6)
    scheme = models.ForeignKey(
        "parts.CodingScheme", models.PROTECT, verbose_name=_("coding scheme")
    )
    class_code = models.CharField(pgettext_lazy("district", "class"), max_length=8)
    last = models.PositiveIntegerField(_("last serial given"), default=0)

    class Meta:
        verbose_name = _("part serial")
        verbose_name_plural = _("part serials")
        constraints = [
            # the row that two imports at once queue for
            models.UniqueConstraint(
                fields=["district_code", "scheme", "class_code"], name="part_serial_key"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.district_code}{self.class_code}: {self.last}"
