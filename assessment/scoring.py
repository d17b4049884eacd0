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
    part = sum((Fraction(counts.get(one, 0) * weight, FULL) for one, weight in also), Fraction())
    return (part + counts.get(key, 0)) / counts[whole]


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
    if not months or not cells:
        return None
    key = term.parts[0].indicator
    divided_by = len(months) * (cells if term.per_cell else 1)
    mean = Fraction(sum(month.get(key, 0) for month in months), divided_by)
    return next((Fraction(band.points) for band in term.bands if band.holds(mean)), None)


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


def faults_of(
    terms: Sequence[Term], wholes: Mapping[str, str], sheets: Mapping[str, int]
) -> list[tuple[str, str]]:
    """What is wrong with terms: (key of the term, kind of fault); empty where they can score.

    `sheets` says of each sheet whether it inspects (0), adds (1) or takes away (-1).

    Kinds: weights (not 100 in all), unknown (figure or sheet), rate (bands on a rate, or none on a
    count), bands (a gap, an overlap, no beginning at 0 or no open end), points (outside 0 … 100),
    twice, adds (a bonus or penalty with a weight of its own, or an inspection without).
    """
    found = []
    if sum(term.weight for term in terms) != FULL:
        found.append(("", "weights"))
    if len({term.key for term in terms}) != len(terms):
        found.append(("", "twice"))
    for term in terms:
        faults = _hand_faults(term, sheets) if term.hand else _faults(term, wholes)
        found += [(term.key, fault) for fault in faults]
    return found


def _hand_faults(term: Term, sheets: Mapping[str, int]) -> list[str]:
    if term.parts or term.bands or term.hand not in sheets:
        return ["unknown"]
    is_extra = bool(term.adds)
    if term.adds != sheets[term.hand] or is_extra == bool(term.weight):
        return ["adds"]
    return []


def _faults(term: Term, wholes: Mapping[str, str]) -> list[str]:
    if not term.parts or any(part.indicator not in wholes for part in term.parts):
        return ["unknown"]
    found = []
    if any(bool(wholes[part.indicator]) == bool(term.bands) for part in term.parts):
        found.append("rate")
    if term.bands and not _bands_tile(term.bands):
        found.append("bands")
    if any(not 0 <= band.points <= FULL for band in term.bands):
        found.append("points")
    return found


def _bands_tile(bands: Sequence[Band]) -> bool:
    """From 0 on, each beginning where the one before ended, the last without end."""
    ordered = sorted(bands, key=lambda one: one.least)
    starts = [0, *(one.most + 1 for one in ordered[:-1] if one.most is not None)]
    return [one.least for one in ordered] == starts and ordered[-1].most is None


def terms_from(data: Sequence[Mapping[str, Any]]) -> tuple[Term, ...]:
    """Terms as a scheme keeps them. Raises KeyError, TypeError or ValueError for other data."""
    return tuple(
        Term(
            key=str(one["key"]),
            name=str(one["name"]),
            weight=int(one["weight"]),
            parts=tuple(Part(str(key), int(percent)) for key, percent in one.get("parts", ())),
            is_good=bool(one.get("is_good", True)),
            bands=tuple(
                Band(int(least), None if most is None else int(most), int(points))
                for least, most, points in one.get("bands", ())
            ),
            least_sample=int(one.get("least_sample", LEAST_SAMPLE)),
            per_cell=bool(one.get("per_cell", False)),
            hand=str(one.get("hand", "")),
            adds=int(one.get("adds", 0)),
            most=None if one.get("most") is None else int(one["most"]),
        )
        for one in data
    )


def grades_from(data: Sequence[Sequence[Any]]) -> tuple[Grade, ...]:
    """Grades as a scheme keeps them: letter, least score, name."""
    return tuple(Grade(str(letter), int(least), str(name)) for letter, least, name in data)
