"""The order in which cells of a community are numbered, and the serials that are still free.

Pure rules of `codes.md`: metres of the plane that areas are measured in (EPSG:4548) in, serials
out. The database and the page ask the same functions.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Hashable, Mapping
from typing import TypeVar

Key = TypeVar("Key", bound=Hashable)

# Rows are bands of 100 m counted from the community's northernmost point (codes.md).
BAND_M = 100.0


class SerialsExhausted(ValueError):
    """A community has used all serials of its pattern; `wanted` more were asked for."""

    def __init__(self, wanted: int) -> None:
        super().__init__(f"no serial left for {wanted} more cells")
        self.wanted = wanted


def in_order(points: Mapping[Key, tuple[float, float]], north: float) -> list[Key]:
    """Keys of cells as they are to be numbered: band by band from the north, then from the west.

    `points` are easting and northing of a point on each cell's surface in metres, `north` the
    northernmost northing of the community. Inside a band by easting, then northing.
    """

    def place(key: Key) -> tuple[int, float, float]:
        east, northing = points[key]
        return math.floor((north - northing) / BAND_M), east, northing

    return sorted(points, key=place)


def free_serials(used: Collection[int], wanted: int, most: int) -> list[int]:
    """The next `wanted` serials that no cell has ever had, at most `most` (999).

    They follow the highest one; where these run out, serials that were left out before. Raises
    SerialsExhausted.
    """
    taken = set(used)
    after = max(taken, default=0) + 1
    found = list(range(after, min(most, after + wanted - 1) + 1))
    for serial in range(1, after):
        if len(found) == wanted:
            break
        if serial not in taken:
            found.append(serial)
    if len(found) < wanted:
        raise SerialsExhausted(wanted)
    return found
