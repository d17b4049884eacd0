"""Reads of the district: where a point lies, what is near, who answers for a cell."""

from parts.selectors.catalogue import (
    class_of_matter,
    current_scheme,
    get_class,
    list_classes,
    matter_code,
    standards_of,
)
from parts.selectors.crosswalk import read_as, same_matter
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
    district_code,
    locate,
    locate_place,
    nearest_parts,
)
from parts.selectors.patrols import (
    cells_of,
    shift_end,
    shifts_running_for,
    supervisors_of_neighbours,
    supervisors_on_duty,
    who_patrolled,
)
from parts.selectors.succession import cell_today, cells_around, codes_today, patrolled_cells

__all__ = [
    "Location",
    "NearPart",
    "cell_ids",
    "cell_today",
    "cells_around",
    "cells_of",
    "class_by_id",
    "class_ids",
    "class_of_matter",
    "codes_today",
    "communities",
    "community_id",
    "current_scheme",
    "district_code",
    "get_class",
    "list_classes",
    "locate",
    "locate_place",
    "matter_code",
    "nearest_parts",
    "patrolled_cells",
    "read_as",
    "same_matter",
    "shift_end",
    "shifts_running_for",
    "standards_of",
    "street_id",
    "streets",
    "supervisors_of_neighbours",
    "supervisors_on_duty",
    "who_patrolled",
]
