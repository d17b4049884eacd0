"""Places that words can name, and the roads that the demonstration draws."""

from __future__ import annotations

from datetime import date

import pghistory
import pgtrigger
from django.contrib.gis.db import models
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GistIndex
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from parts.models.areas import Community, Street
from parts.models.guards import SRID, geometry_checks, validity_check


class PlaceQuerySet(models.QuerySet["Place"]):
    """Reads of places that chain."""

    def valid_on(self, day: date) -> PlaceQuerySet:
        """Places whose names are in force on a day."""
        in_force = Q(valid_to=None) | Q(valid_to__gte=day)
        return self.filter(in_force, valid_from__lte=day)


@pghistory.track(pghistory.UpdateEvent("changed", row=pghistory.Old), model_name="PlaceHistory")
class Place(models.Model):
    """A name in the geocoder: region, plot, area, lane, door plate or point of interest."""

    class Kind(models.TextChoices):
        REGION = "region", _("administrative region")
        PLOT = "plot", _("named plot")
        AREA = "area", _("named area")
        LANE = "lane", _("road or lane")
        DOOR = "door", _("door plate")
        POINT = "point", _("point of interest")

    kind = models.CharField(_("kind"), max_length=8, choices=Kind)
    standard_name = models.CharField(_("standard name"), max_length=100)
    aliases = ArrayField(
        models.CharField(max_length=100),
        default=list,
        blank=True,
        verbose_name=_("aliases"),
    )
    former_names = ArrayField(
        models.CharField(max_length=100),
        default=list,
        blank=True,
        verbose_name=_("former names"),
    )
    code = models.CharField(_("code"), max_length=32, unique=True)
    street = models.ForeignKey(
        Street,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="places",
        verbose_name=_("street"),
    )
    community = models.ForeignKey(
        Community,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="places",
        verbose_name=_("community"),
    )
    point = models.PointField(_("position"), srid=SRID, spatial_index=False)
    pinyin = models.CharField(_("pinyin"), max_length=200, blank=True)
    initials = models.CharField(_("initials"), max_length=64, blank=True)
    valid_from = models.DateField(_("valid from"))
    valid_to = models.DateField(_("valid to"), null=True, blank=True)

    objects = PlaceQuerySet.as_manager()

    class Meta:
        verbose_name = pgettext_lazy("district", "place")
        verbose_name_plural = _("places")
        ordering = ["code"]
        constraints = [validity_check("place"), *geometry_checks("place", "point")]
        indexes = [
            # nearest place names of a point
            GistIndex(fields=["point"], name="place_point_gist"),
        ]
        triggers = [pgtrigger.Protect(name="place_kept", operation=pgtrigger.Delete)]

    def __str__(self) -> str:
        return self.standard_name


class PlaceName(models.Model):
    """One way to call a place, as it is looked for: derived from the place by the services."""

    class Sort(models.TextChoices):
        STANDARD = "standard", _("standard name")
        ALIAS = "alias", _("alias")
        SHORT = "short", _("short form")
        FORMER = "former", _("former name")

    place = models.ForeignKey(
        Place, models.CASCADE, related_name="names", verbose_name=pgettext_lazy("district", "place")
    )
    sort = models.CharField(_("sort of name"), max_length=8, choices=Sort)
    text = models.CharField(pgettext_lazy("district", "name"), max_length=100)
    pinyin = models.CharField(_("pinyin"), max_length=200, blank=True)
    initials = models.CharField(_("initials"), max_length=64, blank=True)

    class Meta:
        verbose_name = _("name of a place")
        verbose_name_plural = _("names of places")
        constraints = [
            models.UniqueConstraint(
                fields=["place", "text"],
                name="place_name_once",
                violation_error_message=_("This place has this name already."),
            ),
        ]
        indexes = [
            # names that equal or begin with what was typed; names within an address
            models.Index(
                fields=["text"], name="place_name_text", opclasses=["varchar_pattern_ops"]
            ),
            # the same, typed in pinyin
            models.Index(
                fields=["pinyin"], name="place_name_pinyin", opclasses=["varchar_pattern_ops"]
            ),
            # the same, typed as initials
            models.Index(
                fields=["initials"], name="place_name_initials", opclasses=["varchar_pattern_ops"]
            ),
        ]

    def __str__(self) -> str:
        return self.text


class Road(models.Model):
    """A road or watercourse of the base map: drawn for the demonstration, or a city's own."""

    class Klass(models.TextChoices):
        EXPRESSWAY = "expressway", _("expressway")
        TRUNK = "trunk", _("trunk road")
        MAIN = "main", _("main road")
        SECONDARY = "secondary", _("secondary road")
        LANE = "lane", _("lane")
        RIVER = "river", _("watercourse")

    name = models.CharField(pgettext_lazy("district", "name"), max_length=64)
    klass = models.CharField(_("class of road"), max_length=12, choices=Klass)
    width_m = models.PositiveSmallIntegerField(_("width in m"), default=10)
    geom = models.MultiLineStringField(_("course"), srid=SRID, spatial_index=False)

    class Meta:
        verbose_name = _("road")
        verbose_name_plural = _("roads")
        ordering = ["klass", "name"]
        constraints = [*geometry_checks("road")]
        indexes = [
            # roads in a map's window
            GistIndex(fields=["geom"], name="road_geom_gist"),
        ]

    def __str__(self) -> str:
        return self.name
