"""Frames of coordinates that a file may be declared in, and the way out of GCJ-02.

A frame is what the sender says it is, from this list; what a file says of itself is not believed
(`stack.md`, database). Longitude or easting comes first, whatever a registry says of EPSG:4490.
"""

from __future__ import annotations

from dataclasses import dataclass

import prcoords
from django.utils.translation import gettext_lazy as _

from gridcity.contracts import Sentence

GCJ02 = "GCJ-02"
#: How far data in GCJ-02 lies from the true place in Dongcheng, in metres to the east and north,
#: and by how much this differs within a district (`codes.md`, coordinates).
GCJ_EAST_M, GCJ_NORTH_M, GCJ_SLACK_M = 531.0, 150.0, 30.0
Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Frame:
    """A frame: its EPSG code, its name, and the box of numbers that can be a place in China."""

    key: str
    srid: int
    label: Sentence
    box: Box

    @property
    def name(self) -> str:
        """What the lists of frames call it."""
        code = "" if self.key == GCJ02 else f"EPSG:{self.srid} · "
        return f"{code}{self.label}"

    def holds(self, box: Box) -> bool:
        """Whether a box of numbers (west, south, east, north) can be in China in this frame."""
        return (
            self.box[0] <= box[0] <= box[2] <= self.box[2]
            and self.box[1] <= box[1] <= box[3] <= self.box[3]
        )


_MERCATOR: Box = (8_126_000.0, 333_000.0, 15_140_000.0, 7_170_000.0)
_DEGREES: Box = (73.0, 3.0, 136.0, 54.0)
_ZONE: Box = (250_000.0, 330_000.0, 750_000.0, 6_000_000.0)


def _zoned(zone: int) -> Box:
    return (zone * 1e6 + _ZONE[0], _ZONE[1], zone * 1e6 + _ZONE[2], _ZONE[3])


FRAMES: dict[str, Frame] = {
    frame.key: frame
    for frame in (
        Frame("4490", 4490, _("CGCS2000, degrees"), _DEGREES),
        Frame("4326", 4326, _("WGS84, degrees"), _DEGREES),
        Frame("4548", 4548, _("CGCS2000, 3° zone 117°E, metres"), _ZONE),
        Frame("4547", 4547, _("CGCS2000, 3° zone 114°E, metres"), _ZONE),
        Frame("4549", 4549, _("CGCS2000, 3° zone 120°E, metres"), _ZONE),
        Frame("4527", 4527, _("CGCS2000, 3° zone 39 with its number, metres"), _zoned(39)),
        Frame("4526", 4526, _("CGCS2000, 3° zone 38 with its number, metres"), _zoned(38)),
        Frame("4528", 4528, _("CGCS2000, 3° zone 40 with its number, metres"), _zoned(40)),
        Frame("32650", 32650, _("WGS84, UTM zone 50N, metres"), _ZONE),
        Frame(
            "3857",
            3857,
            _("Web Mercator, metres"),
            _MERCATOR,
        ),
        Frame(GCJ02, 4490, _("GCJ-02, degrees (Chinese consumer maps)"), _DEGREES),
    )
}


def from_gcj02(lon: float, lat: float) -> tuple[float, float]:
    """A place in GCJ-02 as longitude and latitude in WGS84; by iteration, to some centimetres."""
    found = prcoords.gcj_wgs_bored((lat, lon), False)
    return float(found[1]), float(found[0])


def into_gcj02(lon: float, lat: float) -> tuple[float, float]:
    """A true place as consumer maps show it: what a test or a comparison needs."""
    found = prcoords.wgs_gcj((lat, lon), False)
    return float(found[1]), float(found[0])
