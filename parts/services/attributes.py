"""What is said of a part by hand: read, cleaned and checked before any row is written."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.contrib.gis.geos import GEOSException, GEOSGeometry
from django.utils import timezone
from django.utils.translation import gettext as _

from gridcity.contracts import Invalid
from parts.codes import is_uscc
from parts.models import CatalogueClass, Part

BODIES = ("competent", "owner", "maintainer")
LENGTHS = {
    "name": 100, "location_text": 200, "note": 500, "competent_name": 100, "owner_name": 100,
    "maintainer_name": 100,
}  # fmt: skip
CREDIT_CODES = tuple(f"{body}_uscc" for body in BODIES)
CHOICES = {"source": Part.Source.values, "accuracy_class": CatalogueClass.Accuracy.values}
# What a person may say of a part; code, cell, community and street are found by the system, state
# and position have services of their own.
EDITABLE = (*LENGTHS, *CREDIT_CODES, *CHOICES, "initial_on")
KINDS = {
    "point": ("Point",),
    "line": ("LineString", "MultiLineString"),
    "polygon": ("Polygon", "MultiPolygon"),
}
POINT_DECIMALS, BOUNDARY_DECIMALS = 7, 9


def clean_attributes(said: Mapping[str, Any], *, at: datetime) -> dict[str, Any]:
    """The editable attributes that were said, as the columns want them.

    Raises Invalid with all fields at fault: unknown names, texts that are too long, credit codes
    whose check character is wrong, choices that do not exist, a day to come.
    """
    values: dict[str, Any] = {}
    faults: dict[str, str] = {}
    for name, value in said.items():
        try:
            values[name] = cleaned(name, value, at)
        except ValueError as fault:
            faults[name] = str(fault)
    if faults:
        refusal = Invalid(_("Please check the marked fields."))
        refusal.fields = {name: [sentence] for name, sentence in faults.items()}
        raise refusal
    return values


def cleaned(name: str, value: Any, at: datetime) -> Any:
    """One attribute. Raises ValueError with a sentence."""
    if name == "initial_on":
        return day_of(value, at)
    text = str(value or "").replace("\0", "").strip()
    if name in LENGTHS:
        if len(text) > LENGTHS[name]:
            raise ValueError(_("At most %(n)d characters.") % {"n": LENGTHS[name]})
        return text
    if name in CREDIT_CODES:
        return credit_code(text)
    if name not in CHOICES:
        raise ValueError(_("This is nothing that is changed by hand."))
    if text not in CHOICES[name]:
        raise ValueError(_("Choose one of the list."))
    return text


def credit_code(text: str) -> str:
    """A unified social credit code, checked by its check character; empty is allowed."""
    code = text.upper().replace(" ", "")
    if code and not is_uscc(code):
        raise ValueError(_("The unified social credit code is wrong in form or check character."))
    return code


def day_of(value: Any, at: datetime) -> date:
    try:
        day = value if isinstance(value, date) else date.fromisoformat(str(value))
    except ValueError:
        raise ValueError(_("A day like 2026-06-10.")) from None
    if day > timezone.localdate(at):
        raise ValueError(_("This day has not come yet."))
    return day


def clean_reason(reason: str) -> str:
    """Why something is changed. Raises Invalid without it."""
    words = reason.replace("\0", "").strip()
    if not words:
        raise Invalid(_("A reason is required."), reason=_("A reason is required."))
    return words[:200]


def read_geometry(text: str) -> GEOSGeometry:
    """A geometry in degrees from GeoJSON or WKT (EPSG:4490). Raises Invalid."""
    try:
        geometry = GEOSGeometry(text)
        geometry.srid = 4490
        if geometry.empty or geometry.hasz:
            raise ValueError(text)
    except (ValueError, TypeError, GEOSException):
        raise Invalid(
            _("The position is missing."), geom=_("Set the position on the map.")
        ) from None
    return geometry


def check_geometry(geometry: GEOSGeometry, entry: CatalogueClass) -> GEOSGeometry:
    """The geometry with the digits that are kept. Raises Invalid for another kind than the class's.

    Points keep 7 decimals of a degree, boundaries 9 (`codes.md`, accuracy).
    """
    if geometry.geom_type not in KINDS[entry.geometry]:
        kind = entry.get_geometry_display()
        raise Invalid(
            _("Parts of this class are drawn as: %(kind)s.") % {"kind": kind},
            geom=_("The class wants another kind of geometry."),
        )
    decimals = POINT_DECIMALS if entry.geometry == "point" else BOUNDARY_DECIMALS
    kept = rounded(geometry, decimals)
    if not kept.valid:
        raise Invalid(_("The boundary crosses itself or is not closed."), geom=_("Draw it anew."))
    return kept


def rounded(geometry: GEOSGeometry, decimals: int) -> GEOSGeometry:
    """The same geometry with coordinates of so many decimals."""

    def short(value: Any) -> Any:
        if isinstance(value, float | int):
            return round(value, decimals)
        return [short(each) for each in value]

    said = json.loads(geometry.geojson)
    said["coordinates"] = short(said["coordinates"])
    made = GEOSGeometry(json.dumps(said))
    made.srid = 4490
    return made
