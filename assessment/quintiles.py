"""Bands proposed from what was counted: five classes with as many objects in each. Pure.

Example bands of one city give another one the same points everywhere (assessment law §5); fifths of
its own last year do not.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import ceil, floor

from assessment.scoring import Band

# From the best fifth to the worst: the middles of the usual grades.
POINTS = (100, 90, 75, 60, 40)


def quintile_bands(values: Sequence[Fraction], *, more_is_better: bool) -> tuple[Band, ...]:
    """Bands whose ends are the fifths of the values; fewer where many values are equal.

    A mean between two whole counts belongs to the lower band, as it does when it is scored.
    """
    if not values:
        return ()
    ordered = sorted(floor(value) for value in values)
    points = POINTS[::-1] if more_is_better else POINTS
    found: list[Band] = []
    least = 0
    for fifth in range(1, 5):
        end = ordered[ceil(len(ordered) * fifth / 5) - 1]
        if end >= least:
            found.append(Band(least, end, points[fifth - 1]))
            least = end + 1
    return (*found, Band(least, None, points[4]))
