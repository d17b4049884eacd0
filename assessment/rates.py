"""Rates: one way of dividing for figures, lists, snapshots and the terms of scores. Pure (§4)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from functools import lru_cache

from assessment.indicators import Indicator
from assessment.scoring import FOUR_PLACES, added_by, exact_rate


def rate(indicator: Indicator, counts: Mapping[str, int]) -> Decimal | None:
    """A rate with four places, half up."""
    return rounded(exact_rate(indicator.key, indicator.of, indicator.also, counts))


def rates_of(indicators: Iterable[Indicator], counts: Mapping[str, int]) -> dict[str, str | None]:
    """All rates among some figures, as snapshots and the interface write them."""
    said = {each.key: rate(each, counts) for each in indicators if each.is_rate}
    return {key: None if value is None else str(value) for key, value in said.items()}


def percent_of(indicator: Indicator, counts: Mapping[str, int]) -> str:
    """A rate in per cent with two decimals, with what else counts in it."""
    return in_percent(rate(indicator, counts))


class Rated:
    """What has a count and, of a rate, its whole: read as a share with four places or in words.

    `more` is what other figures add to the numerator (`Indicator.also`).
    """

    __slots__ = ()
    count: int
    whole: int | None
    more: Fraction | int = 0

    @property
    def rate(self) -> Decimal | None:
        return None if self.whole is None else _share(self.count + self.more, self.whole)

    @property
    def percent(self) -> str:
        return percent(self.count + self.more, self.whole or 0)


@dataclass(frozen=True, slots=True)
class Ratio(Rated):
    """A rate alone: its count, its whole, and what else counts in it."""

    count: int
    whole: int | None
    more: Fraction | int = 0


def ratio_of(indicator: Indicator, counts: Mapping[str, int]) -> Ratio:
    """One figure of some counts; `whole` is None where it is no rate."""
    whole = counts.get(indicator.of, 0) if indicator.is_rate else None
    return Ratio(counts.get(indicator.key, 0), whole, more_in(indicator, counts))


def more_in(indicator: Indicator, counts: Mapping[str, int]) -> Fraction | int:
    """What other figures add to the numerator of a rate; of most of them nothing."""
    return added_by(indicator.also, counts) if indicator.also else 0


def _share(part: Fraction | int, whole: int) -> Decimal | None:
    """A part of a whole with four places, half up; of nothing it is None."""
    if not whole:
        return None
    return rounded(Fraction(part) / whole)


def rounded(found: Fraction | None) -> Decimal | None:
    if found is None:
        return None
    return (Decimal(found.numerator) / found.denominator).quantize(FOUR_PLACES, ROUND_HALF_UP)


@lru_cache(maxsize=8192)
def percent(part: Fraction | int, whole: int) -> str:
    """A share in per cent with two decimals; “–” where there is nothing to divide by."""
    return in_percent(_share(part, whole))


def in_percent(found: Decimal | None) -> str:
    return "–" if found is None else f"{found * 100:.2f} %"
