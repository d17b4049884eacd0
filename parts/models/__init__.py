"""The district as data: areas, cells, catalogues, coded parts, places and patrols."""

from parts.models.areas import Community, District, Street
from parts.models.catalogue import CatalogueClass, CodingScheme, FilingStandard, LimitUnit
from parts.models.grid import Cell, Edition
from parts.models.parts import Part, PartSerial
from parts.models.patrols import Patrol, PatrolCell, Shift
from parts.models.places import Place, Road

__all__ = [
    "CatalogueClass",
    "Cell",
    "CodingScheme",
    "Community",
    "District",
    "Edition",
    "FilingStandard",
    "LimitUnit",
    "Part",
    "PartSerial",
    "Patrol",
    "PatrolCell",
    "Place",
    "Road",
    "Shift",
    "Street",
]
