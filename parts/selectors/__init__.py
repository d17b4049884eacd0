"""Reads of the district: where a point lies, what is near, who answers for a cell."""

from parts.selectors.catalogue import current_scheme, get_class, list_classes, standards_of
from parts.selectors.keys import (
    cell_ids,
    class_by_id,
    class_ids,
    communities,
    community_id,
    street_id,
    streets,
)
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
    "cell_ids",
    "cells_around",
    "cells_of",
    "class_by_id",
    "class_ids",
    "communities",
    "community_id",
    "current_scheme",
    "district_code",
    "get_class",
    "list_classes",
    "locate",
    "locate_place",
    "nearest_parts",
    "shift_end",
    "standards_of",
    "street_id",
    "streets",
    "supervisors_of_neighbours",
    "supervisors_on_duty",
]
