"""Parts a set of small areas into connected groups of equal weight.

Pure: used to draw communities out of cells and to plan patrols of neighbouring cells.
Coordinates are metres of any plane.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

# How far from the wanted share a cut may move to find a gap, as a share of the whole.
ROOMY: Final = 0.12
TIGHT: Final = 0.02


@dataclass(frozen=True, slots=True)
class Piece:
    """One small area: its id, its box in metres and what it weighs."""

    id: int
    x_min: float
    y_min: float
    x_max: float
    y_max: float
    weight: float

    @property
    def centre(self) -> tuple[float, float]:
        return (self.x_min + self.x_max) / 2, (self.y_min + self.y_max) / 2


def parted(pieces: Sequence[Piece], groups: int, slack: float) -> list[list[Piece]]:
    """`groups` sets of near-equal weight, by cuts across the longer side; ties go by id."""
    if groups <= 1 or len(pieces) <= 1:
        return [list(pieces)]
    first = groups // 2
    low, high = cut(pieces, first / groups, (first, groups - first), slack)
    return parted(low, first, slack) + parted(high, groups - first, slack)


def cut(
    pieces: Sequence[Piece], share: float, least: tuple[int, int], slack: float
) -> tuple[list[Piece], list[Piece]]:
    """Two sides of one straight cut near `share` of the weight that halves the fewest pieces."""
    width = max(p.x_max for p in pieces) - min(p.x_min for p in pieces)
    height = max(p.y_max for p in pieces) - min(p.y_min for p in pieces)
    axis = 0 if width >= height else 1
    ordered = sorted(pieces, key=lambda p: (p.centre[axis], p.id))
    total = sum(p.weight for p in ordered)
    best, best_cost = least[0], float("inf")
    weight = 0.0
    for index, piece in enumerate(ordered, start=1):
        weight += piece.weight
        if index < least[0] or len(ordered) - index < least[1]:
            continue
        off = abs(weight / total - share)
        cost = off if off > slack else off * 0.5 + straddling(ordered, index, axis) - 1.0
        if cost < best_cost:
            best, best_cost = index, cost
    return ordered[:best], ordered[best:]


def straddling(ordered: Sequence[Piece], index: int, axis: int) -> float:
    """The share of pieces that a cut before `index` would run through."""
    if index >= len(ordered):
        return 0.0
    at = (ordered[index - 1].centre[axis] + ordered[index].centre[axis]) / 2
    if axis == 0:
        hit = sum(p.x_min + 5 < at < p.x_max - 5 for p in ordered)
    else:
        hit = sum(p.y_min + 5 < at < p.y_max - 5 for p in ordered)
    return hit / len(ordered)


def components(ids: Iterable[int], touching: Mapping[int, Mapping[int, float]]) -> list[set[int]]:
    """The connected sets among `ids`, the largest first."""
    left, found = set(ids), []
    while left:
        frontier = {min(left)}
        seen = set(frontier)
        while frontier:
            frontier = {n for i in frontier for n in touching.get(i, {}) if n in left} - seen
            seen |= frontier
        left -= seen
        found.append(seen)
    return sorted(found, key=lambda s: (-len(s), min(s)))


def joined(
    groups: Sequence[Sequence[Piece]], touching: Mapping[int, Mapping[int, float]]
) -> dict[int, int]:
    """Group of each piece, with stray islands given to the group they touch longest."""
    group_of = {p.id: number for number, group in enumerate(groups) for p in group}
    for number, group in enumerate(groups):
        for island in components([p.id for p in group], touching)[1:]:
            border: dict[int, float] = {}
            for piece in island:
                for other, length in touching.get(piece, {}).items():
                    if other in group_of and group_of[other] != number:
                        border[group_of[other]] = border.get(group_of[other], 0.0) + length
            if border:
                target = max(sorted(border), key=lambda key: border[key])
                group_of.update(dict.fromkeys(island, target))
    return group_of
