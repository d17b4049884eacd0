"""Where a case is: its point, the cell that covers it, and the part it is about."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, TypeVar

from django.contrib.gis.geos import Point
from django.db import DEFAULT_DB_ALIAS
from django.utils.translation import gettext_lazy as _

from cases.models import Case
from cases.models.case import PlacedBy
from gridcity.contracts import Invalid
from parts.models import Cell, Community, Part, Street
from parts.selectors import locate

Area = TypeVar("Area", Cell, Community, Street)

# A position of the device worse than this needs the pin set by hand (ux.md 4).
WORST_ACCURACY_M = 100
EARTH_M = 6_371_008.8  # mean radius
# A part lies where it lies: a pin farther from it than this is a slip.
FARTHEST_FROM_PART_M = 300
NO_PART_REASON_LIMIT, PLACE_LIMIT = 200, 200

# Fields that `place_case` sets, for `update_fields` and for the event.
PLACE_FIELDS = ("point", "accuracy_m", "placed_by", "cell", "community", "street")


@dataclass(frozen=True, slots=True)
class Place:
    """A point in degrees (EPSG:4490, lon, lat) and how it was set; accuracy in metres."""

    lon: float
    lat: float
    accuracy_m: float | None = None
    placed_by: str = PlacedBy.GPS


def checked_place(place: Place) -> Place:
    """Raises Invalid for numbers that are no position, and for one too vague to be believed."""
    if not (math.isfinite(place.lon) and math.isfinite(place.lat)):
        raise Invalid(_("This is no position."), lon=_("Not a number."))
    if not (-180 <= place.lon <= 180 and -90 <= place.lat <= 90):
        raise Invalid(
            _("Longitude lies between -180 and 180, latitude between -90 and 90."),
            lon=_("Longitude comes first."),
        )
    if place.placed_by not in PlacedBy.values:
        raise Invalid(_("How was the place set?"), placed_by=_("One of: gps, manual, part."))
    if place.accuracy_m is None:
        return place
    if not (math.isfinite(place.accuracy_m) and 0 <= place.accuracy_m < 1_000_000):
        raise Invalid(_("This is no accuracy."), accuracy_m=_("Metres, not below zero."))
    if place.placed_by == PlacedBy.GPS and place.accuracy_m > WORST_ACCURACY_M:
        raise Invalid(
            _("The position is only accurate to %(m)d m: set the pin by hand.")
            % {"m": round(place.accuracy_m)},
            accuracy_m=_("Worse than 100 m."),
        )
    return place


def place_case(case: Case, place: Place) -> None:
    """Set the point and find cell, community and street anew. Raises OutsideDistrict, Invalid."""
    place = checked_place(place)
    case.point = Point(place.lon, place.lat, srid=4490)
    case.accuracy_m, case.placed_by = place.accuracy_m, place.placed_by
    locate_case(case)


def locate_case(case: Case) -> None:
    """Find cell, community and street from the point, in the edition of today.

    Their codes and names come with the search, so that reading them costs no further query; any
    other column of theirs is fetched when it is asked for.
    """
    if case.point is None:
        return
    found = locate(lon=case.point.x, lat=case.point.y)
    case.cell = known(
        Cell, id=found.cell_id, code=found.cell_code, limit_area=found.limit_area,
        community_id=found.community_id,
    )  # fmt: skip
    case.community = known(
        Community, id=found.community_id, code=found.community_code, name=found.community_name,
        street_id=found.street_id,
    )  # fmt: skip
    case.street = known(Street, id=found.street_id, code=found.street_code, name=found.street_name)


def known(model: type[Area], **columns: Any) -> Area:
    """A row of which these columns are known; it takes them in the order of its fields."""
    names = [field.attname for field in model._meta.concrete_fields if field.attname in columns]
    return model.from_db(DEFAULT_DB_ALIAS, names, [columns[name] for name in names])


def find_part(code: str) -> Part:
    """The part of this code. Raises Invalid naming the field."""
    part = Part.objects.filter(code=code).only("id", "geom", "catalogue_class_id", "state").first()
    if part is None:
        raise Invalid(_("There is no part of this code."), part_code=_("Unknown part."))
    return part


def place_of_part(part: Part) -> Place:
    """The point of a part, for a report that names no other."""
    point = part.geom if part.geom.geom_type == "Point" else part.geom.point_on_surface
    return Place(point.x, point.y, None, PlacedBy.PART)


def metres_between(lon: float, lat: float, other: Point) -> float:
    """Metres between two near points, on the sphere; good to a few per mille."""
    east = math.radians(other.x - lon) * math.cos(math.radians((other.y + lat) / 2))
    north = math.radians(other.y - lat)
    return math.hypot(east, north) * EARTH_M
