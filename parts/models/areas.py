"""The administrative areas: district, streets, communities, with validity and successors."""

from __future__ import annotations

import pghistory
import pgtrigger
from django.contrib.gis.db import models
from django.contrib.postgres.indexes import GistIndex
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from parts.models.guards import SRID, code_check, geometry_checks, validity_check


class District(models.Model):
    """The district this installation runs; a second one may lie beside it for comparison."""

    code = models.CharField(_("code"), max_length=6, primary_key=True)
    name = models.CharField(pgettext_lazy("district", "name"), max_length=64)
    geom = models.MultiPolygonField(_("boundary"), srid=SRID, spatial_index=False)

    class Meta:
        verbose_name = _("district")
        verbose_name_plural = _("districts")
        ordering = ["code"]
        constraints = [code_check("district", 6), *geometry_checks("district")]

    def __str__(self) -> str:
        return self.name


@pghistory.track(pghistory.UpdateEvent("changed", row=pghistory.Old), model_name="StreetHistory")
class Street(models.Model):
    """A street (街道): code of 9 digits, name, and when both were in force (`codes.md`)."""

    code = models.CharField(_("code"), max_length=9, unique=True)
    name = models.CharField(pgettext_lazy("district", "name"), max_length=64)
    geom = models.MultiPolygonField(_("boundary"), srid=SRID, spatial_index=False)
    valid_from = models.DateField(_("valid from"))
    valid_to = models.DateField(_("valid to"), null=True, blank=True)
    successor = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="predecessors",
        verbose_name=_("successor"),
    )

    class Meta:
        verbose_name = _("street")
        verbose_name_plural = _("streets")
        ordering = ["code"]
        constraints = [
            code_check("street", 9),
            validity_check("street"),
            *geometry_checks("street"),
        ]
        indexes = [
            # which street holds a point that lies in no cell; streets in a map's window
            GistIndex(fields=["geom"], name="street_geom_gist"),
        ]
        triggers = [pgtrigger.Protect(name="street_kept", operation=pgtrigger.Delete)]

    def __str__(self) -> str:
        return self.name


@pghistory.track(pghistory.UpdateEvent("changed", row=pghistory.Old), model_name="CommunityHistory")
class Community(models.Model):
    """A community (社区): code of 12 digits, inside one street."""

    code = models.CharField(_("code"), max_length=12, unique=True)
    name = models.CharField(pgettext_lazy("district", "name"), max_length=64)
    street = models.ForeignKey(
        Street, models.PROTECT, related_name="communities", verbose_name=_("street")
    )
    geom = models.MultiPolygonField(_("boundary"), srid=SRID, spatial_index=False)
    valid_from = models.DateField(_("valid from"))
    valid_to = models.DateField(_("valid to"), null=True, blank=True)
    successor = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="predecessors",
        verbose_name=_("successor"),
    )

    class Meta:
        verbose_name = _("community")
        verbose_name_plural = _("communities")
        ordering = ["code"]
        constraints = [
            code_check("community", 12),
            validity_check("community"),
            *geometry_checks("community"),
        ]
        indexes = [
            # communities in a map's window
            GistIndex(fields=["geom"], name="community_geom_gist"),
        ]
        triggers = [pgtrigger.Protect(name="community_kept", operation=pgtrigger.Delete)]

    def __str__(self) -> str:
        return self.name
