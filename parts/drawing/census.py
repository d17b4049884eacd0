"""What is placed where: for each class of parts how many, along what, and who answers for it.

Counts are ours, sized for a demonstration of about 20,000 parts; a real census has hundreds of
thousands. Organisations are kinds of `fixtures/departments.csv` or keys of
`fixtures/organisations.csv`; `street` is the street office of the place, "" nobody.
"""

from __future__ import annotations

from typing import NamedTuple

WIDE = ("expressway", "trunk", "main")
BUSY = (*WIDE, "secondary")
ALL_ROADS = (*BUSY, "lane")


class Scatter(NamedTuple):
    """Points at random along roads: class, how many, on what roads, where across.

    `across` is a share of half the width: 0 is the middle, 1 the kerb, above 1 the pavement.
    """

    class_code: str
    number: int
    roads: tuple[str, ...]
    across: tuple[float, float]


class Row(NamedTuple):
    """Points in a row along both sides of roads: class, roads, spacing in m, across, share."""

    class_code: str
    roads: tuple[str, ...]
    spacing_m: float
    across: float
    share: float


class Spot(NamedTuple):
    """Things inside cells: class, how many, in what land use, size in m (0 for a point)."""

    class_code: str
    number: int
    land: str
    size_m: float


class Strip(NamedTuple):
    """Lines or narrow areas along roads or water: class, count, roads, across, length, width."""

    class_code: str
    number: int
    roads: tuple[str, ...]
    across: float
    length_m: float
    width_m: float


ROWS: tuple[Row, ...] = (
    Row("0118", BUSY, 78, 1.08, 0.92),
    Row("0118", ("lane",), 170, 1.0, 0.6),
    Row("0402", BUSY, 56, 1.18, 0.75),
    Row("0402", ("lane",), 190, 1.05, 0.6),
)

SCATTERS: tuple[Scatter, ...] = (
    Scatter("0101", 620, ALL_ROADS, (-0.9, 0.9)),
    Scatter("0102", 900, ALL_ROADS, (-0.6, 0.6)),
    Scatter("0103", 820, ALL_ROADS, (-0.7, 0.7)),
    Scatter("0104", 1150, BUSY, (0.93, 0.99)),
    Scatter("0105", 360, ALL_ROADS, (1.05, 1.25)),
    Scatter("0106", 180, BUSY, (1.05, 1.15)),
    Scatter("0107", 520, ALL_ROADS, (1.0, 1.3)),
    Scatter("0108", 70, ALL_ROADS, (1.0, 1.3)),
    Scatter("0109", 130, ALL_ROADS, (1.0, 1.3)),
    Scatter("0110", 180, BUSY, (-0.5, 0.5)),
    Scatter("0111", 260, ALL_ROADS, (-0.8, 0.8)),
    Scatter("0112", 40, BUSY, (1.0, 1.2)),
    Scatter("0113", 330, ALL_ROADS, (1.1, 1.3)),
    Scatter("0114", 26, ALL_ROADS, (-0.8, 1.2)),
    Scatter("0115", 150, ALL_ROADS, (1.2, 1.5)),
    Scatter("0116", 160, ALL_ROADS, (1.2, 1.5)),
    Scatter("0117", 520, ALL_ROADS, (1.05, 1.3)),
    Scatter("0119", 110, ("trunk", "secondary"), (1.2, 1.5)),
    Scatter("0120", 150, ("trunk", "main"), (1.2, 1.5)),
    Scatter("0121", 46, BUSY, (1.2, 1.4)),
    Scatter("0122", 60, BUSY, (1.2, 1.4)),
    Scatter("0123", 62, BUSY, (1.2, 1.4)),
    Scatter("0124", 18, BUSY, (1.2, 1.4)),
    Scatter("0125", 44, BUSY, (1.3, 1.5)),
    Scatter("0127", 36, BUSY, (-0.6, 0.6)),
    Scatter("0128", 14, WIDE, (-0.6, 0.6)),
    Scatter("0129", 10, WIDE, (-0.6, 0.6)),
    Scatter("0130", 16, ALL_ROADS, (-0.6, 0.6)),
    Scatter("0134", 110, ALL_ROADS, (1.3, 1.6)),
    Scatter("0135", 60, ALL_ROADS, (1.3, 1.6)),
    Scatter("0136", 420, ALL_ROADS, (1.05, 1.2)),
    Scatter("0137", 30, BUSY, (1.2, 1.4)),
    Scatter("0138", 32, BUSY, (1.2, 1.4)),
    Scatter("0202", 120, ("secondary",), (1.02, 1.1)),
    Scatter("0203", 220, BUSY, (1.1, 1.2)),
    Scatter("0204", 36, WIDE, (1.1, 1.2)),
    Scatter("0209", 720, BUSY, (1.04, 1.15)),
    Scatter("0212", 260, ALL_ROADS, (1.2, 1.4)),
    Scatter("0215", 30, WIDE, (1.05, 1.15)),
    Scatter("0303", 60, ALL_ROADS, (1.1, 1.2)),
    Scatter("0305", 860, ALL_ROADS, (1.1, 1.25)),
    Scatter("0306", 170, BUSY, (1.4, 1.7)),
    Scatter("0307", 320, BUSY, (1.4, 1.8)),
    Scatter("0311", 12, WIDE, (1.1, 1.2)),
    Scatter("0403", 420, BUSY, (1.15, 1.2)),
    Scatter("0404", 160, BUSY, (1.2, 1.4)),
    Scatter("0501", 240, ALL_ROADS, (1.2, 1.5)),
)

# At the crossings of main roads: class, across how many corners, chance.
CROSSINGS: tuple[tuple[str, int, float], ...] = (
    ("0210", 4, 1.0),
    ("0213", 4, 0.9),
    ("0214", 1, 0.8),
    ("0217", 1, 0.25),
)

SPOTS: tuple[Spot, ...] = (
    Spot("0126", 160, "R", 0),
    Spot("0131", 10, "R", 0),
    Spot("0132", 36, "R", 0),
    Spot("0133", 8, "U", 0),
    Spot("0302", 260, "R", 0),
    Spot("0308", 10, "A", 0),
    Spot("0309", 6, "G1", 0),
    Spot("0310", 8, "U", 0),
    Spot("0401", 240, "G1", 0),
    Spot("0406", 80, "G1", 0),
    Spot("0407", 300, "G1", 0),
    Spot("0409", 90, "G1", 0),
    Spot("0601", 14, "U", 0),
    Spot("0201", 110, "B", 42),
    Spot("0301", 280, "R", 9),
    Spot("0304", 90, "R", 8),
    Spot("0405", 520, "G1", 62),
    Spot("0405", 380, "R", 26),
    Spot("0410", 14, "G1", 16),
    Spot("0502", 40, "R", 22),
    Spot("0503", 70, "R", 24),
    Spot("0602", 36, "B", 55),
)

STRIPS: tuple[Strip, ...] = (
    Strip("0211", 320, BUSY, 0.55, 60, 0),
    Strip("0216", 18, ("expressway",), 1.1, 120, 0),
    Strip("0408", 260, BUSY, 1.3, 40, 0),
    Strip("0205", 34, WIDE, 0.0, 0, 4),
    Strip("0206", 26, WIDE, 0.0, 0, 5),
    Strip("0207", 14, ("expressway",), 0.0, 0, 16),
    Strip("0604", 70, ("river",), 1.05, 60, 0),
    Strip("0606", 36, ("river",), 1.0, 90, 0),
    Strip("0208", 26, ("river",), 0.0, 0, 12),
)

WATERSIDE: tuple[Scatter, ...] = (
    Scatter("0603", 70, ("river",), (0.95, 1.1)),
    Scatter("0605", 10, ("river",), (0.9, 1.1)),
)

# Competent, owner, maintainer of each class; the first match of the longest prefix counts.
BODIES: dict[str, tuple[str, str, str]] = {
    "01": ("district_management", "roads", "roads"),
    "0101": ("district_management", "water", "water"),
    "0102": ("district_management", "drainage", "drainage"),
    "0103": ("district_management", "drainage", "drainage"),
    "0104": ("district_management", "drainage", "drainage"),
    "0105": ("district_management", "power", "power"),
    "0106": ("district_management", "lighting", "lighting"),
    "0107": ("district_management", "telecom", "telecom"),
    "0108": ("district_management", "cable_tv", "cable_tv"),
    "0109": ("district_management", "telecom", "telecom"),
    "0110": ("district_management", "heat", "heat"),
    "0111": ("district_management", "gas", "gas"),
    "0112": ("district_management", "police", "police"),
    "0113": ("fire", "fire", "water"),
    "0114": ("district_management", "", ""),
    "0115": ("district_management", "telecom", "telecom"),
    "0116": ("district_management", "power", "power"),
    "0117": ("district_management", "telecom", "telecom"),
    "0118": ("district_management", "lighting", "lighting"),
    "0119": ("district_management", "lighting", "lighting"),
    "0120": ("district_management", "lighting", "lighting"),
    "0121": ("district_management", "street", "newsstand"),
    "0122": ("district_management", "telecom", "telecom"),
    "0123": ("district_management", "post", "post"),
    "0124": ("district_management", "street", "amenities"),
    "0125": ("district_management", "street", "amenities"),
    "0126": ("district_management", "street", "amenities"),
    "0127": ("district_management", "drainage", "drainage"),
    "0128": ("district_management", "transit", "transit"),
    "0129": ("district_management", "gas", "pipeline"),
    "0131": ("district_management", "water", "water"),
    "0132": ("district_management", "water", "water"),
    "0133": ("district_management", "power", "power"),
    "0134": ("district_management", "power", "power"),
    "0135": ("district_management", "gas", "gas"),
    "0136": ("police", "police", "police"),
    "0137": ("district_management", "street", "amenities"),
    "0138": ("police", "police", "police"),
    "02": ("traffic_police", "traffic_police", "traffic_police"),
    "0201": ("traffic_police", "street", "parking_company"),
    "0202": ("traffic_police", "street", "parking_company"),
    "0203": ("district_management", "transit", "transit"),
    "0204": ("district_management", "transit", "transit"),
    "0205": ("district_management", "roads", "roads"),
    "0206": ("district_management", "roads", "roads"),
    "0207": ("district_management", "roads", "roads"),
    "0208": ("district_management", "roads", "roads"),
    "0212": ("district_management", "street", "street"),
    "0213": ("district_management", "street", "street"),
    "0216": ("district_management", "roads", "roads"),
    "03": ("district_management", "sanitation", "sanitation"),
    "0306": ("enforcement", "street", "advertising"),
    "0307": ("enforcement", "street", "advertising"),
    "0308": ("environment", "environment", "environment"),
    "0309": ("environment", "environment", "environment"),
    "0310": ("environment", "environment", "drainage"),
    "0311": ("environment", "environment", "environment"),
    "04": ("landscaping", "landscaping", "landscaping"),
    "0501": ("street", "street", "street"),
    "0502": ("civil_defence", "civil_defence", "civil_defence"),
    "0503": ("housing", "housing", "housing"),
    "0601": ("fire", "street", "street"),
    "0602": ("construction", "construction", "construction"),
    "06": ("water_affairs", "water_affairs", "water_affairs"),
}


def bodies_of(class_code: str) -> tuple[str, str, str]:
    """Competent, owner and maintainer of a class, as kinds or keys."""
    return BODIES.get(class_code) or BODIES[class_code[:2]]
