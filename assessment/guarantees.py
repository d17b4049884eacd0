"""The guarantee scheme 保证金, warnings 黄牌 and vetoes 一票否决 (assessment law §8). Pure.

All amounts and thresholds are data of a city; money is in whole yuan.
"""

from __future__ import annotations

import operator
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

COMPARED = {"lt": operator.lt, "le": operator.le, "gt": operator.gt, "ge": operator.ge}
# What a rule can look at beside indicators.
TOTAL, RANK_FROM_LAST = "total", "rank_from_last"


@dataclass(frozen=True, slots=True)
class Band:
    """What a year's score brings: from `least` per cent of the full mark, or only above it.

    A unit gets `unit_times` its deposit and `unit_amount`, a person `person_times` his deposit.
    """

    name: str
    least: Decimal
    above: bool
    refund: bool
    unit_times: Decimal = Decimal()
    unit_amount: int = 0
    person_times: Decimal = Decimal()

    def holds(self, score: Decimal) -> bool:
        return score > self.least if self.above else score >= self.least


@dataclass(frozen=True, slots=True)
class Settled:
    """What becomes of one deposit."""

    deposit: int
    refund: int
    reward: int

    @property
    def forfeited(self) -> int:
        return self.deposit - self.refund

    @property
    def paid(self) -> int:
        return self.refund + self.reward


def band_of(score: Decimal | None, bands: Sequence[Band], is_vetoed: bool) -> Band | None:
    """The best band that a score reaches; a veto brings the last; no score, no band."""
    best_first = sorted(bands, key=lambda one: (one.least, one.above), reverse=True)
    if score is None or not best_first:
        return None
    if is_vetoed:
        return best_first[-1]
    return next((one for one in best_first if one.holds(score)), best_first[-1])


def settle(deposit: int, band: Band, is_unit: bool) -> Settled:
    """A unit's or a person's deposit under a band; rewards are rounded down to whole yuan."""
    if is_unit:
        reward = int(deposit * band.unit_times) + band.unit_amount
    else:
        reward = int(deposit * band.person_times)
    return Settled(deposit, deposit if band.refund else 0, reward)


def bands_from(data: Sequence[Mapping[str, Any]]) -> tuple[Band, ...]:
    """Bands as a guarantee keeps them. Raises KeyError, TypeError, ValueError, ArithmeticError."""
    return tuple(
        Band(
            name=str(one["name"]),
            least=Decimal(str(one["least"])),
            above=bool(one.get("above", False)),
            refund=bool(one["refund"]),
            unit_times=Decimal(str(one.get("unit_times", 0))),
            unit_amount=int(one.get("unit_amount", 0)),
            person_times=Decimal(str(one.get("person_times", 0))),
        )
        for one in data
    )


def faults_of_bands(bands: Sequence[Band]) -> list[str]:
    """What is wrong: empty, none from 0, twice, percent (outside 0 … 100), negative (money)."""
    found = []
    if not bands:
        return ["empty"]
    if min((one.least, one.above) for one in bands) != (Decimal(), False):
        found.append("zero")
    if len({(one.least, one.above) for one in bands}) != len(bands):
        found.append("twice")
    if any(not 0 <= one.least <= 100 for one in bands):
        found.append("percent")
    if any(one.unit_times < 0 or one.unit_amount < 0 or one.person_times < 0 for one in bands):
        found.append("negative")
    return found


# ---------------------------------------------------------------- warnings and vetoes


@dataclass(frozen=True, slots=True)
class Rule:
    """A figure of a snapshot against a bound; `measure` is an indicator, the total, or the rank."""

    pk: int
    name: str
    is_veto: bool
    measure: str
    compared: str
    bound: Decimal


def broken(rules: Iterable[Rule], row: Mapping[str, Any], from_last: int | None) -> list[Rule]:
    """The rules that a row of a snapshot meets; what has no value meets none.

    `from_last` is 1 for the last of those that are ranked, 2 for the one before, and so on.
    """
    return [
        rule
        for rule in rules
        if (value := _measured(rule.measure, row, from_last)) is not None
        and COMPARED[rule.compared](value, rule.bound)
    ]


def _measured(measure: str, row: Mapping[str, Any], from_last: int | None) -> Decimal | None:
    if measure == RANK_FROM_LAST:
        return None if from_last is None else Decimal(from_last)
    if measure == TOTAL:
        total = row["score"]["total"]
        return None if total is None else Decimal(total)
    if measure in row["rates"]:
        rate = row["rates"][measure]
        return None if rate is None else Decimal(rate) * 100
    count = row["counts"].get(measure)
    return None if count is None else Decimal(count)
