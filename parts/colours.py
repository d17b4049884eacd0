"""Colours for a map: neighbours get different ones, with as few as a greedy choice needs. Pure."""

from __future__ import annotations

from collections.abc import Mapping


def coloured(touching: Mapping[int, set[int]]) -> dict[int, int]:
    """A small number for each key, never that of one it touches; the same input, the same answer.

    Those with most neighbours choose first, which keeps the numbers low.
    """
    chosen: dict[int, int] = {}
    for key in sorted(touching, key=lambda key: (-len(touching[key]), key)):
        taken = {chosen[other] for other in touching[key] if other in chosen}
        chosen[key] = next(number for number in range(len(taken) + 1) if number not in taken)
    return chosen
