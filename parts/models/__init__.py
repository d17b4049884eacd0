"""The district as data: areas, cells, catalogues, coded parts, places and patrols."""

from parts.models.areas import Community, District, Street
from parts.models.catalogue import CatalogueClass, CodingScheme, FilingStandard, LimitUnit
from parts.models.censuses import Census, CensusCell, CensusPart
from parts.models.counts import CellCount, LayerVersion
from parts.models.crosswalk import CrosswalkPair, SchemeSwitch
from parts.models.drafts import CellHeir, Check, DraftFinding, DraftShape, Flaw, Level
from parts.models.grid import Cell, Edition
from parts.models.imports import PartImport, PartSource
from parts.models.land_use import LandUse
from parts.models.parts import Part, PartSerial
from parts.models.patrols import Patrol, PatrolCell, Shift
from parts.models.places import Place, PlaceName, Road
from parts.models.proposals import Proposal, ProposalPhoto

__all__ = [
    "CatalogueClass",
    "Cell",
    "CellCount",
    "CellHeir",
    "Census",
    "CensusCell",
    "CensusPart",
    "Check",
    "CodingScheme",
    "Community",
    "CrosswalkPair",
    "District",
    "DraftFinding",
    "DraftShape",
    "Edition",
    "FilingStandard",
    "Flaw",
    "LandUse",
    "LayerVersion",
    "Level",
    "LimitUnit",
    "Part",
    "PartImport",
    "PartSerial",
    "PartSource",
    "Patrol",
    "PatrolCell",
    "Place",
    "PlaceName",
    "Proposal",
    "ProposalPhoto",
    "Road",
    "SchemeSwitch",
    "Shift",
    "Street",
]
