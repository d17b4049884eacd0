"""Cuts a block into plots of near-equal area by straight lines, each across the longer side.

Pure and exact enough: the database nodes the lines afterwards and takes the faces between them,
so what is computed here needs no tolerance. Coordinates are metres; rings are open lists of
corners.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

Point = tuple[float, float]
Ring = list[Point]


@dataclass(frozen=True, slots=True)
class Line:
    """The points with a·x + b·y = c, where (a, b) has length 1."""

    a: float
    b: float
    c: float

    def off(self, point: Point) -> float:
        """Signed distance in metres; negative on the low side."""
        return self.a * point[0] + self.b * point[1] - self.c


@dataclass(frozen=True, slots=True)
class Chord:
    """One stretch of a cut within its block, and how many plots the cut piece was to hold."""

    start: Point
    end: Point
    plots: int

    @property
    def length_m(self) -> float:
        return math.dist(self.start, self.end)


def area_of(ring: Ring) -> float:
    """Area in m², whatever the direction of the ring."""
    pairs = zip(ring, ring[1:] + ring[:1], strict=True)
    return abs(sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in pairs)) / 2


def side_of(ring: Ring, line: Line, sign: int) -> Ring:
    """The part of the ring below (sign 1) or above (sign −1) the line (Sutherland–Hodgman)."""
    kept: Ring = []
    for here, there in zip(ring, ring[1:] + ring[:1], strict=True):
        off_here, off_there = sign * line.off(here), sign * line.off(there)
        if off_here <= 0:
            kept.append(here)
        if (off_here < 0 < off_there) or (off_there < 0 < off_here):
            kept.append(between(here, there, off_here / (off_here - off_there)))
    return kept


def between(start: Point, end: Point, share: float) -> Point:
    """The point that lies `share` of the way from start to end."""
    return start[0] + (end[0] - start[0]) * share, start[1] + (end[1] - start[1]) * share


def crossings(ring: Ring, line: Line) -> list[Point]:
    """Where the ring crosses the line, in order along it."""
    found: Ring = []
    for here, there in zip(ring, ring[1:] + ring[:1], strict=True):
        off_here, off_there = line.off(here), line.off(there)
        if (off_here < 0) != (off_there < 0):
            found.append(between(here, there, off_here / (off_here - off_there)))
    return sorted(found, key=lambda p: p[1] * line.a - p[0] * line.b)


def halving_line(ring: Ring, share: float, tilt: float) -> Line:
    """The line across the longer side that leaves `share` of the area on its low side."""
    xs, ys = [p[0] for p in ring], [p[1] for p in ring]
    across = 0.0 if max(xs) - min(xs) >= max(ys) - min(ys) else math.pi / 2
    return sharing_line(ring, share, across + tilt)


def line_at(ring: Ring, bearing: float, share: float) -> tuple[Point, Point]:
    """Both ends of the line of a bearing that leaves `share` of the area on its left.

    `bearing` in degrees from north, clockwise. It is longer than the ring on both ends.
    """
    # the normal to the right of a line that runs to the bearing
    line = sharing_line(ring, share, -math.radians(bearing))
    far = max(math.dist(p, q) for p in ring for q in ring[:1]) * 2 + 1
    foot = line.a * line.c, line.b * line.c
    middle = sum(p[0] for p in ring) / len(ring), sum(p[1] for p in ring) / len(ring)
    along = -line.b, line.a
    way = (middle[0] - foot[0]) * along[0] + (middle[1] - foot[1]) * along[1]
    at = foot[0] + along[0] * way, foot[1] + along[1] * way
    return (
        (at[0] - along[0] * far, at[1] - along[1] * far),
        (at[0] + along[0] * far, at[1] + along[1] * far),
    )


def sharing_line(ring: Ring, share: float, angle: float) -> Line:
    """The line whose normal has this angle (from east, against the clock) that leaves `share`."""
    a, b = math.cos(angle), math.sin(angle)
    offsets = [a * x + b * y for x, y in ring]
    low, high = min(offsets), max(offsets)
    wanted = area_of(ring) * share
    for _step in range(30):
        middle = (low + high) / 2
        if area_of(side_of(ring, Line(a, b, middle), 1)) < wanted:
            low = middle
        else:
            high = middle
    return Line(a, b, (low + high) / 2)


def chords(ring: Ring, plots: int, dice: random.Random | None = None) -> Iterator[Chord]:
    """The cuts that part a block into `plots` plots of like area.

    With dice each is a little uneven, as grown streets are: for the demonstration alone.
    """
    if plots <= 1 or len(ring) < 3:
        return
    first = plots // 2
    share, tilt = first / plots, 0.0
    if dice is not None:
        share *= dice.uniform(0.94, 1.06)
        tilt = math.radians(dice.gauss(0, 1.1))
    line = halving_line(ring, share, tilt)
    points = crossings(ring, line)
    for start, end in zip(points[::2], points[1::2], strict=False):
        yield Chord(start, end, plots)
    yield from chords(side_of(ring, line, 1), first, dice)
    yield from chords(side_of(ring, line, -1), plots - first, dice)


def plots_in(area_m2: float, wished_m2: float) -> int:
    """How many plots a block of this area is cut into so that they come near the wished size."""
    return max(1, round(area_m2 / wished_m2))


def without_slivers(
    areas: Mapping[int, float], borders: Mapping[int, Mapping[int, float]], least_m2: float
) -> dict[int, int]:
    """To which plot each plot goes so that none stays below `least_m2`, where it has a neighbour.

    The smallest goes first, to the neighbour with which it shares the longest border; `borders`
    are metres by pair, both ways. Returns plot → the plot that stands for its group.
    """
    group = {plot: {plot} for plot in areas}
    size = dict(areas)
    touching = {plot: dict(borders.get(plot, {})) for plot in areas}
    while small := [p for p in group if size[p] < least_m2 and touching[p]]:
        plot = min(small, key=lambda p: (size[p], p))
        into = max(touching[plot], key=lambda other: (touching[plot][other], -other))
        group[into] |= group.pop(plot)
        size[into] += size.pop(plot)
        for other, metres in touching.pop(plot).items():
            touching[other].pop(plot)
            if other != into:
                touching[into][other] = touching[into].get(other, 0.0) + metres
                touching[other][into] = touching[into][other]
    return {plot: head for head, plots in group.items() for plot in plots}
