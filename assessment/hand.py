"""Points that people give: what the entries of a sheet make of a period (assessment law §5). Pure.

An inspection deducts from the full mark and is worth so much of 100; a bonus or penalty is a sum.
Each month stands for itself, as counts by bands do, and a longer period is the mean of its months;
a part of a month is taken as one. Where nothing was inspected there is nothing to judge: an
inspection that found nothing is an entry of nought.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

FULL = 100

# The points of the entries of one month.
Points = Sequence[Fraction]


def inspected(full: int, months: Sequence[Points]) -> Fraction | None:
    """Points of 100: the mean over the months in which something was looked at; None for none."""
    marks = [
        max(Fraction(full) - sum(points, Fraction()), Fraction()) * FULL / full
        for points in months
        if points
    ]
    return sum(marks, Fraction()) / len(marks) if marks else None


def added(months: Sequence[Points], most: Fraction | None = None) -> Fraction:
    """Points of a bonus or penalty, the mean over all months; each month at most `most`."""
    if not months:
        return Fraction()
    sums = [sum(points, Fraction()) for points in months]
    capped = sums if most is None else [min(one, most) for one in sums]
    return sum(capped, Fraction()) / len(months)
