"""The numbers of a map's tiles, and the degrees that a tile covers; no database, no clock."""

from __future__ import annotations

import math
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from gridcity.contracts import Invalid

# Below, parts are not drawn one by one but cells are shaded by counts (ux.md, 17).
PARTS_FROM = 15
CELLS_FROM = 10
DEEPEST = 22
EXTENT = 4096
# What a tile holds beyond its edge, in units of its extent: half of the widest sign that is drawn.
BUFFER = 64


def tile_pattern(address: str) -> str:
    """The address of a layer's tile 0/0/0 as the map's script fills it in, with its version."""
    return address.replace("/0/0/0.mvt", "/{z}/{x}/{y}.mvt?v={v}")


@dataclass(frozen=True, slots=True)
class Tile:
    """One tile of the usual division of the Mercator square: 2^z columns and rows."""

    z: int
    x: int
    y: int

    @classmethod
    def checked(cls, z: int, x: int, y: int) -> Tile:
        """The tile of these numbers. Raises Invalid where there is none."""
        if not 0 <= z <= DEEPEST:
            raise Invalid(_("There is no such tile."), z=_("Out of range."))
        if not (0 <= x < 1 << z and 0 <= y < 1 << z):
            raise Invalid(_("There is no such tile."), x=_("Out of range."), y=_("Out of range."))
        return cls(z, x, y)

    @classmethod
    def at(cls, z: int, lon: float, lat: float) -> Tile:
        """The tile that holds a point in degrees; the poles belong to no tile."""
        side = 1 << z
        x = (lon + 180) / 360 * side
        y = (1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * side
        return cls(z, min(side - 1, max(0, int(x))), min(side - 1, max(0, int(y))))

    def box(self, buffer: float = 0.0) -> tuple[float, float, float, float]:
        """West, south, east and north in degrees, widened by a share of the tile's side."""
        side = 1 << self.z
        west, east = ((self.x + edge) / side * 360 - 180 for edge in (-buffer, 1 + buffer))
        north, south = (
            math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * (self.y + edge) / side))))
            for edge in (-buffer, 1 + buffer)
        )
        return west, south, east, north
