"""Reads of the district: where a point lies, what is near, who answers for a cell."""

from parts.selectors.catalogue import current_scheme, get_class, list_classes, standards_of
from parts.selectors.locating import (
    Location,
    NearPart,
    cells_around,
    district_code,
    locate,
    locate_place,
    nearest_parts,
)
from parts.selectors.patrols import (
    cells_of,
    shift_end,
    supervisors_of_neighbours,
    supervisors_on_duty,
)

__all__ = [
    "Location",
    "NearPart",
    "cells_around",
    "cells_of",
    "current_scheme",
    "district_code",
    "get_class",
    "list_classes",
    "locate",
    "locate_place",
    "nearest_parts",
    "shift_end",
    "standards_of",
    "supervisors_of_neighbours",
    "supervisors_on_duty",
]
