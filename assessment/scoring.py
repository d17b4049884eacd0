"""Composite scores: terms of a scheme, their points, the total and its grade (assessment law §5).

Pure. All is reckoned in fractions and rounded once, half up, when it is shown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from math import floor
from typing import Any

TWO_PLACES = Decimal("0.01")
FOUR_PLACES = Decimal("0.0001")
FULL = 100
# Below this share of the weights nothing can be said of the whole.
LEAST_WEIGHT = Fraction(1, 2)

# Fewer than these are shown, not ranked (assessment law §6).
LEAST_SAMPLE = 10

# What a figure says of one object: its own count and, of a rate, that of its denominator.
Counted = Mapping[str, int]
# Other figures that count in a numerator, each by its weight in per cent.
Also = Sequence[tuple[str, int]]


@dataclass(frozen=True, slots=True)
class Band:
    """Counts from `least` to `most` (None: without end) score so many points."""

    least: int
    most: int | None
    points: int

    def holds(self, count: Fraction) -> bool:
        """A mean of months between two bands belongs to the lower one."""
        return count >= self.least and (self.most is None or count < self.most + 1)


@dataclass(frozen=True, slots=True)
class Part:
    """A figure within a term, with the share in per cent at which it counts there."""

    indicator: str
    percent: int = 100


@dataclass(frozen=True, slots=True)
class Variant:
    """What a term is for one group of objects, where it differs; None: as for all others."""

    weight: int | None = None
    bands: tuple[Band, ...] | None = None
    least_sample: int | None = None


@dataclass(frozen=True, slots=True)
class Term:
    """One named part of a score: figures, or a count by bands, and its weight in per cent."""

    key: str
    name: str
    weight: int
    parts: tuple[Part, ...]
    is_good: bool = True
    bands: tuple[Band, ...] = ()
    least_sample: int = LEAST_SAMPLE
    # Of a count of a region: for each of its cells, so that regions of any size have one scale.
    per_cell: bool = False
    # Instead of figures: the sheet by which people give the points.
    hand: str = ""
    # Of a sheet of bonus (1) or penalty (-1): its points go onto the whole, apart from the weights.
    adds: int = 0
    most: int | None = None
    # By the key of a group of objects what is another there.
    groups: Mapping[str, Variant] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Grade:
    """A letter for scores from `least` on."""

    letter: str
    least: int
    name: str


@dataclass(frozen=True, slots=True)
class Scored:
    """A term with what it brought: points of 100, None where there was nothing to judge.

    Of bonus and penalty: the points that were really added, below nought where taken away.
    """

    term: Term
    points: Fraction | None
    is_small: bool


@dataclass(frozen=True, slots=True)
class Score:
    """The whole: None below half of the weights; `is_ranked` where no rate is of too few."""

    total: Fraction | None
    terms: tuple[Scored, ...]

    @property
    def is_ranked(self) -> bool:
        return self.total is not None and not any(one.is_small for one in self.terms)

    def shares(self) -> list[Decimal | None]:
        """What each term brings to the total, two places each; they add up to it exactly."""
        if self.total is None:
            return [None for _one in self.terms]
        judged = sum(one.term.weight for one in self.terms if one.points is not None)
        exact = [
            None
            if one.points is None
            else one.points
            if one.term.adds
            else one.points * one.term.weight / judged
            for one in self.terms
        ]
        return add_up(exact, shown(self.total))


def add_up(exact: Sequence[Fraction | None], total: Decimal) -> list[Decimal | None]:
    """Round parts so that they add up to the rounded whole: the largest remainders go up."""
    cents = {place: one * FULL for place, one in enumerate(exact) if one is not None}
    whole = {place: floor(one) for place, one in cents.items()}
    missing = int(total * FULL) - sum(whole.values())
    by_rest = sorted(cents, key=lambda place: (whole[place] - cents[place], place))
    for place in by_rest[:missing]:
        whole[place] += 1
    return [
        Decimal(whole[place]).scaleb(-2) if place in whole else None for place in range(len(exact))
    ]


def shown(value: Fraction) -> Decimal:
    """Two places, half up."""
    exact = Decimal(value.numerator) / Decimal(value.denominator)
    return exact.quantize(TWO_PLACES, ROUND_HALF_UP)


@dataclass(frozen=True, slots=True)
class Judged:
    """All that is known of one object.

    `counts` are its figures over the period, `months` those of each whole month of it (none where a
    part-month is in it), `cells` how many cells a region has, `hand` what people gave by sheet.
    """

    counts: Counted
    months: Sequence[Counted] = ()
    cells: int = 1
    hand: Mapping[str, Fraction | None] = field(default_factory=dict)
    # What else counts in the numerators of rates, by the rate.
    also: Mapping[str, Also] = field(default_factory=dict)


def exact_rate(key: str, whole: str, also: Also, counts: Counted) -> Fraction | None:
    """A rate unrounded, with what else counts in it; None where there is nothing to divide by."""
    if not counts.get(whole, 0):
        return None
    return (added_by(also, counts) + counts.get(key, 0)) / counts[whole]


def added_by(also: Also, counts: Counted) -> Fraction:
    """What other figures add to the numerator of a rate."""
    return sum((Fraction(counts.get(one, 0) * weight, FULL) for one, weight in also), Fraction())


def terms_for(terms: Sequence[Term], group: str) -> tuple[Term, ...]:
    """The terms as they score the objects of one group."""
    return tuple(_varied(term, term.groups[group]) if group in term.groups else term
                 for term in terms)  # fmt: skip


def _varied(term: Term, by: Variant) -> Term:
    return replace(
        term,
        weight=term.weight if by.weight is None else by.weight,
        bands=term.bands if by.bands is None else by.bands,
        least_sample=term.least_sample if by.least_sample is None else by.least_sample,
    )


def score(terms: Sequence[Term], wholes: Mapping[str, str], of: Judged) -> Score:
    """The score of one object; `wholes` names the denominator of each rate."""
    scored = [_term(one, wholes, of) for one in terms]
    weights = sum(one.weight for one in terms)
    judged = sum(one.term.weight for one in scored if one.points is not None)
    if not weights or Fraction(judged, weights) < LEAST_WEIGHT:
        return Score(None, tuple(scored))
    total = sum(
        (one.points * one.term.weight for one in scored if one.points is not None), Fraction()
    )
    total = total / judged
    for place, one in enumerate(scored):
        if one.points is not None and one.term.adds:
            # A penalty takes no more than there is.
            scored[place] = replace(one, points=max(one.points, -total))
            total = max(total + one.points, Fraction())
    return Score(total, tuple(scored))


def _term(term: Term, wholes: Mapping[str, str], of: Judged) -> Scored:
    if term.hand:
        return Scored(term, _by_hand(term, of.hand.get(term.hand)), is_small=False)
    if term.bands:
        return Scored(term, _by_bands(term, of.months, of.cells), is_small=False)
    points = Fraction()
    smallest: int | None = None
    for part in term.parts:
        whole = of.counts.get(wholes[part.indicator], 0)
        if not whole:
            return Scored(term, None, is_small=False)
        also = of.also.get(part.indicator, ())
        rate = exact_rate(part.indicator, wholes[part.indicator], also, of.counts)
        points += (rate or 0) * part.percent
        smallest = whole if smallest is None else min(smallest, whole)
    points = points if term.is_good else FULL - points
    clamped = min(max(points, Fraction()), Fraction(FULL))
    return Scored(term, clamped, is_small=(smallest or 0) < term.least_sample)


def _by_hand(term: Term, given: Fraction | None) -> Fraction | None:
    if given is None or not term.adds:
        return given
    return term.adds * (given if term.most is None else min(given, Fraction(term.most)))


def _by_bands(term: Term, months: Sequence[Counted], cells: int) -> Fraction | None:
    """By the mean of the months; None where there is no whole month."""
    key = term.parts[0].indicator
    found = banded(term, sum(month.get(key, 0) for month in months), len(months), cells)
    return Fraction(found.band.points) if found and found.band else None


@dataclass(frozen=True, slots=True)
class Banded:
    """How a count came to its band: divided by cells, where it is, and by months."""

    count: int
    months: int
    # None where it is not divided by cells.
    cells: int | None
    mean: Fraction
    band: Band | None

    @property
    def told(self) -> str:
        """The mean with up to four places, which tell 0.995 from 1."""
        exact = Decimal(self.mean.numerator) / Decimal(self.mean.denominator)
        return f"{exact.quantize(FOUR_PLACES, ROUND_HALF_UP).normalize():f}"


def banded(term: Term, count: int, months: int, cells: int) -> Banded | None:
    """The band of a count over whole months; None where there is no whole month or no cell."""
    if not months or not cells:
        return None
    divided_by = cells if term.per_cell else None
    mean = Fraction(count, months * (divided_by or 1))
    band = next((one for one in term.bands if one.holds(mean)), None)
    return Banded(count, months, divided_by, mean, band)


def ranks(values: Sequence[Fraction | Decimal | None]) -> list[int | None]:
    """1 for the highest, equal values share a rank; what is None has none (assessment law §6)."""
    highest_first = sorted((value for value in values if value is not None), reverse=True)
    first: dict[Fraction | Decimal, int] = {}
    for place, value in enumerate(highest_first, start=1):
        first.setdefault(value, place)
    return [None if value is None else first[value] for value in values]


def grade_of(total: Fraction | None, grades: Sequence[Grade]) -> Grade | None:
    """The grade of an unrounded score; of no score none."""
    if total is None:
        return None
    best_first = sorted(grades, key=lambda one: -one.least)
    return next((one for one in best_first if total >= one.least), None)


# ---------------------------------------------------------------- schemes as data


def terms_from(data: Sequence[Mapping[str, Any]]) -> tuple[Term, ...]:
    """Terms as a scheme keeps them. Raises KeyError, TypeError or ValueError for other data."""
    return tuple(
        Term(
            key=str(one["key"]),
            name=str(one["name"]),
            weight=int(one["weight"]),
            parts=tuple(Part(str(key), int(percent)) for key, percent in one.get("parts", ())),
            is_good=bool(one.get("is_good", True)),
            bands=bands_from(one.get("bands", ())),
            least_sample=int(one.get("least_sample", LEAST_SAMPLE)),
            per_cell=bool(one.get("per_cell", False)),
            hand=str(one.get("hand", "")),
            adds=int(one.get("adds", 0)),
            most=None if one.get("most") is None else int(one["most"]),
            groups={str(key): _variant(said) for key, said in one.get("groups", {}).items()},
        )
        for one in data
    )


def bands_from(data: Sequence[Sequence[Any]]) -> tuple[Band, ...]:
    """Bands as a scheme keeps them: from, to (None: without end), points."""
    return tuple(
        Band(int(least), None if most is None else int(most), int(points))
        for least, most, points in data
    )


def _variant(said: Mapping[str, Any]) -> Variant:
    return Variant(
        weight=None if said.get("weight") is None else int(said["weight"]),
        bands=bands_from(said["bands"]) if said.get("bands") else None,
        least_sample=None if said.get("least_sample") is None else int(said["least_sample"]),
    )


def grades_from(data: Sequence[Sequence[Any]]) -> tuple[Grade, ...]:
    """Grades as a scheme keeps them: letter, least score, name."""
    return tuple(Grade(str(letter), int(least), str(name)) for letter, least, name in data)
