"""Conditions that the database checks on geometries, codes and validity of several models."""

from __future__ import annotations

from django.contrib.gis.db import models
from django.db.models import F, FloatField, Func, Q
from django.db.models.lookups import GreaterThanOrEqual, LessThanOrEqual
from django.utils.translation import gettext_lazy as _

# EPSG:4490, CGCS2000 in degrees: what every geometry of the product is stored in.
SRID = 4490
# The extent of China in degrees: feet, swapped axes, metres and (0, 0) fall outside it.
CHINA = {"ST_XMin": 73.0, "ST_YMin": 3.0, "ST_XMax": 136.0, "ST_YMax": 54.0}


def in_china(field: str = "geom") -> Q:
    """The condition that a geometry's box lies within China, whatever its shape."""

    def side(function: str) -> Func:
        return Func(F(field), function=function, output_field=FloatField())

    return Q(
        GreaterThanOrEqual(side("ST_XMin"), CHINA["ST_XMin"]),
        GreaterThanOrEqual(side("ST_YMin"), CHINA["ST_YMin"]),
        LessThanOrEqual(side("ST_XMax"), CHINA["ST_XMax"]),
        LessThanOrEqual(side("ST_YMax"), CHINA["ST_YMax"]),
    )


def geometry_checks(name: str, field: str = "geom") -> list[models.CheckConstraint]:
    """Valid by the simple-features rules and within China (house style §5)."""
    return [
        models.CheckConstraint(
            name=f"{name}_{field}_valid",
            condition=Q(**{f"{field}__isvalid": True}),
            violation_error_message=_("The boundary crosses itself or is not closed."),
        ),
        models.CheckConstraint(
            name=f"{name}_{field}_in_china",
            condition=in_china(field),
            violation_error_message=_("The coordinates lie outside China: longitude comes first."),
        ),
    ]


def validity_check(name: str) -> models.CheckConstraint:
    """`valid_to` is empty or not before `valid_from`."""
    return models.CheckConstraint(
        name=f"{name}_valid_to_after_from",
        condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")),
        violation_error_message=_("The end of validity lies before its begin."),
    )


def code_check(name: str, length: int, field: str = "code") -> models.CheckConstraint:
    """A code of exactly `length` digits."""
    return models.CheckConstraint(
        name=f"{name}_{field}_digits",
        condition=Q(**{f"{field}__regex": rf"^[0-9]{{{length}}}$"}),
        violation_error_message=_("The code must have its full number of digits."),
    )
