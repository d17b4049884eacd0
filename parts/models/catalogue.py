"""Coding schemes, the classes of parts and events, and their standards of filing."""

from __future__ import annotations

import pghistory
import pgtrigger
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from parts.codes import Pattern
from parts.models.guards import validity_check


class CodingScheme(models.Model):
    """The structure of codes as data (`codes.md`); one scheme at a time serves new objects."""

    key = models.CharField(_("key"), max_length=32, primary_key=True)
    name = models.CharField(pgettext_lazy("district", "name"), max_length=200)
    is_current = models.BooleanField(_("current"), default=False)
    district_length = models.PositiveSmallIntegerField(_("digits of the district"), default=6)
    street_length = models.PositiveSmallIntegerField(_("digits of the street"), default=3)
    community_length = models.PositiveSmallIntegerField(_("digits of the community"), default=3)
    cell_serial_length = models.PositiveSmallIntegerField(_("digits of a cell's serial"), default=3)
    class_major_length = models.PositiveSmallIntegerField(_("digits of a major class"), default=2)
    class_minor_length = models.PositiveSmallIntegerField(_("digits of a minor class"))
    class_code_length = models.PositiveSmallIntegerField(_("digits of a class"))
    part_serial_length = models.PositiveSmallIntegerField(_("digits of a part's serial"), default=6)
    matters_have_codes = models.BooleanField(
        _("events carry a matter code"),
        default=False,
        help_text=_("District and class of the event; a type in a place, without a serial."),
    )
    extension_rules = models.JSONField(
        _("rules for local classes"),
        default=list,
        blank=True,
        help_text=_("Which majors and minors a city may use for classes of its own."),
    )
    is_imported = models.BooleanField(
        _("imported"),
        default=False,
        help_text=_("A city's own table, which a later edition of it may change."),
    )
    note = models.CharField(_("note"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("coding scheme")
        verbose_name_plural = _("coding schemes")
        ordering = ["key"]
        constraints = [
            models.UniqueConstraint(
                fields=["is_current"],
                condition=Q(is_current=True),
                name="coding_scheme_one_current",
                violation_error_message=_("There is a current coding scheme already."),
            ),
            models.CheckConstraint(
                name="coding_scheme_class_length",
                condition=Q(class_code_length=F("class_major_length") + F("class_minor_length")),
                violation_error_message=_("Major and minor digits must add up to the class code."),
            ),
        ]

    def __str__(self) -> str:
        return self.key

    @property
    def pattern(self) -> Pattern:
        """The lengths as the pure rules of `codes.py` want them."""
        return Pattern(
            district=self.district_length,
            street=self.street_length,
            community=self.community_length,
            cell_serial=self.cell_serial_length,
            class_major=self.class_major_length,
            class_minor=self.class_minor_length,
            part_serial=self.part_serial_length,
        )


class Family(models.TextChoices):
    """Families of classes: what default standards and routing rules are written for."""

    MANHOLE = "manhole", _("manhole covers")
    LAMP = "lamp", _("lamps")
    POLE_BOX = "pole_box", _("poles and boxes")
    KIOSK = "kiosk", _("kiosks and street furniture")
    TRAFFIC_FACILITY = "traffic_facility", _("traffic facilities")
    BRIDGE = "bridge", _("bridges and passages")
    PARKING = "parking", _("parking")
    TOILET_WASTE = "toilet_waste", _("toilets and waste facilities")
    ADVERT_SIGN = "advert_sign", _("adverts and signs")
    MONITOR = "monitor", _("monitoring facilities")
    TREE_GREEN = "tree_green", _("trees and greens")
    SCULPTURE_SEAT = "sculpture_seat", _("sculptures and seats")
    CIVIL_DEFENCE = "civil_defence", _("civil defence and public basements")
    HAZARD_SITE = "hazard_site", _("hazards and building sites")
    WATER_FACILITY = "water_facility", _("water facilities")
    ILLEGAL_BUILDING = "illegal_building", _("illegal building")
    RUBBISH = "rubbish", _("rubbish")
    ROAD_CLEAN = "road_clean", _("cleanliness of roads")
    GREEN_MESS = "green_mess", _("untidy greens")
    ABANDONED = "abandoned", _("abandoned vehicles and furniture")
    ROAD_DAMAGE = "road_damage", _("damage to roads and banks")
    SPILL = "spill", _("spills on roads")
    FACADE = "facade", _("façades")
    WATER_SURFACE = "water_surface", _("water surfaces")
    SMOKE = "smoke", _("smoke and burning")
    ANIMAL = "animal", _("animals")
    ADVERTS = "adverts", _("adverts out of order")
    CONSTRUCTION = "construction", _("construction")
    SUDDEN_PIPE = "sudden_pipe", _("burst pipes")
    SUDDEN_ROAD = "sudden_road", _("collapsed or flooded roads")
    SNOW = "snow", _("snow and ice")
    CABLE = "cable", _("overhead cables")
    CROWD = "crowd", _("crowds and other sudden events")
    TRADE = "trade", _("trade on the street")
    VEHICLE_PARKING = "vehicle_parking", _("parked vehicles and cycles")
    NOISE = "noise", _("noise")
    STREET_ORDER = "street_order", _("order on the street")
    OTHER = "other", _("other")


@pghistory.track(
    pghistory.UpdateEvent("changed", row=pghistory.Old),
    model_name="CatalogueClassHistory",
)
class CatalogueClass(models.Model):
    """A minor class of parts or events. Its key is (scheme, kind, code): 0101 exists twice."""

    class Kind(models.TextChoices):
        PART = "part", _("part")
        EVENT = "event", _("event")

    class GeometryKind(models.TextChoices):
        NONE = "", _("none")
        POINT = "point", _("point")
        LINE = "line", _("line")
        POLYGON = "polygon", pgettext_lazy("geometry", "area")

    class Accuracy(models.TextChoices):
        NONE = "", _("none")
        A = "A", _("A ±0.5 m")
        B = "B", _("B ±1.0 m")
        C = "C", _("C ±10 m")

    scheme = models.ForeignKey(
        CodingScheme,
        models.PROTECT,
        related_name="classes",
        verbose_name=_("coding scheme"),
    )
    kind = models.CharField(_("kind"), max_length=5, choices=Kind)
    code = models.CharField(_("code"), max_length=8)
    name = models.CharField(pgettext_lazy("district", "name"), max_length=64)
    major_code = models.CharField(_("code of the major class"), max_length=4)
    major_name = models.CharField(_("major class"), max_length=64)
    geometry = models.CharField(
        _("geometry"),
        max_length=7,
        choices=GeometryKind,
        blank=True,
        default=GeometryKind.NONE,
    )
    accuracy_class = models.CharField(
        _("accuracy class"),
        max_length=1,
        choices=Accuracy,
        blank=True,
        default=Accuracy.NONE,
    )
    pinyin = models.CharField(_("pinyin"), max_length=200, blank=True)
    initials = models.CharField(_("initials"), max_length=64, blank=True)
    family = models.CharField(_("family"), max_length=32, choices=Family)
    self_handled_allowed = models.BooleanField(_("may be fixed on the spot"), default=False)
    deferral_allowed = models.BooleanField(_("may be deferred"), default=False)
    seen_on_patrol = models.BooleanField(_("seen on patrol"), default=True)
    is_active = models.BooleanField(_("in use"), default=True)
    is_local = models.BooleanField(_("local class"), default=False)
    certainty = models.CharField(
        _("certainty"),
        max_length=16,
        blank=True,
        help_text=_("Where code and name were seen; the printed standard was not at hand."),
    )

    class Meta:
        verbose_name = pgettext_lazy("district", "class")
        verbose_name_plural = pgettext_lazy("district", "classes")
        ordering = ["scheme", "kind", "code"]
        constraints = [
            models.UniqueConstraint(
                fields=["scheme", "kind", "code"],
                name="catalogue_class_key",
                violation_error_message=_("This scheme has a class of this code already."),
            ),
            models.CheckConstraint(
                name="catalogue_class_code_digits",
                condition=Q(code__regex=r"^[0-9]{4,8}$"),
                violation_error_message=_("A class code has digits only."),
            ),
            models.CheckConstraint(
                name="catalogue_class_part_has_geometry",
                condition=Q(kind="event", geometry="", accuracy_class="")
                | Q(kind="part", geometry__in=["point", "line", "polygon"]),
                violation_error_message=_("A class of parts is a point, a line or an area."),
            ),
        ]
        triggers = [pgtrigger.Protect(name="catalogue_class_kept", operation=pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class LimitUnit(models.TextChoices):
    """In what a handling limit is reckoned (domain law §6.1)."""

    MINUTE = "minute", _("minutes")
    URGENT_HOUR = "urgent_hour", _("urgent hours")
    CALENDAR_DAY = "calendar_day", pgettext_lazy("unit", "calendar days")
    WORKING_HOUR = "working_hour", _("working hours")
    WORKING_DAY = "working_day", _("working days")


class ForcedClose(models.TextChoices):
    """Whether the clock closes an unhandled case by force (domain law §6.4)."""

    NEVER = "NEVER", _("never")
    SAME_DAY = "SAME_DAY", _("at the end of the day of filing")
    AFTER_DAYS = "AFTER_DAYS", _("after some days")


@pghistory.track(
    pghistory.UpdateEvent("changed", row=pghistory.Old),
    model_name="FilingStandardHistory",
)
class FilingStandard(models.Model):
    """A condition of filing with its limit and its condition of closing (domain law §7).

    A case copies text and limit when it is filed, so a later change here never moves it.
    """

    catalogue_class = models.ForeignKey(
        CatalogueClass,
        models.PROTECT,
        related_name="standards",
        verbose_name=pgettext_lazy("district", "class"),
    )
    position = models.PositiveSmallIntegerField(_("order"), default=1)
    condition = models.CharField(_("condition of filing"), max_length=300)
    limit_value = models.DecimalField(
        pgettext_lazy("district", "limit"), max_digits=6, decimal_places=2
    )
    limit_unit = models.CharField(_("unit of the limit"), max_length=12, choices=LimitUnit)
    limit_value_a = models.DecimalField(
        _("limit in area A"), max_digits=6, decimal_places=2, null=True, blank=True
    )
    limit_value_c = models.DecimalField(
        _("limit in area C"), max_digits=6, decimal_places=2, null=True, blank=True
    )
    closing_condition = models.CharField(_("condition of closing"), max_length=300)
    department_kind = models.CharField(_("default kind of department"), max_length=32, blank=True)
    responsible = models.CharField(
        _("responsible bodies"),
        max_length=200,
        blank=True,
        help_text=_("As the city's table names them; routing goes by its own rules."),
    )
    forced_close = models.CharField(
        _("forced close"), max_length=10, choices=ForcedClose, default=ForcedClose.NEVER
    )
    forced_close_days = models.PositiveSmallIntegerField(
        _("days until the forced close"), null=True, blank=True
    )
    is_default = models.BooleanField(
        _("shipped default"),
        default=False,
        help_text=_("Written by the makers of this product, not by a standard or your city."),
    )
    valid_from = models.DateField(_("valid from"))
    valid_to = models.DateField(_("valid to"), null=True, blank=True)

    class Meta:
        verbose_name = _("filing standard")
        verbose_name_plural = _("filing standards")
        ordering = ["catalogue_class", "position", "valid_from"]
        constraints = [
            models.UniqueConstraint(
                fields=["catalogue_class", "position"],
                condition=Q(valid_to=None),
                name="filing_standard_one_open_per_position",
                violation_error_message=_("This position of the class has a standard in force."),
            ),
            validity_check("filing_standard"),
            # on any day one standard at most holds at a position of a class
            ExclusionConstraint(
                name="filing_standard_one_at_a_time",
                expressions=[
                    ("catalogue_class", RangeOperators.EQUAL),
                    ("position", RangeOperators.EQUAL),
                    (
                        Func(
                            F("valid_from"),
                            F("valid_to"),
                            Value("[]"),
                            function="daterange",
                            output_field=DateRangeField(),
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                violation_error_message=_("Another standard holds at this position in that time."),
            ),
            models.CheckConstraint(
                name="filing_standard_limits_positive",
                condition=Q(limit_value__gt=0)
                & (Q(limit_value_a=None) | Q(limit_value_a__gt=0))
                & (Q(limit_value_c=None) | Q(limit_value_c__gt=0)),
                violation_error_message=_("A limit must be more than zero."),
            ),
            models.CheckConstraint(
                name="filing_standard_forced_close_days",
                condition=Q(forced_close="AFTER_DAYS", forced_close_days__gte=1)
                | ~Q(forced_close="AFTER_DAYS") & Q(forced_close_days=None),
                violation_error_message=_("Days belong to a forced close after some days."),
            ),
        ]
        triggers = [pgtrigger.Protect(name="filing_standard_kept", operation=pgtrigger.Delete)]

    def __str__(self) -> str:
        return self.condition
