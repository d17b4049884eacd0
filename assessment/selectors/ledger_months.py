"""The ledgers over time: counts and shares of the last months, each number opening its list."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from assessment.ledgers import LEDGERS, Ledger, Row
from assessment.periods import Period, months_back
from assessment.rates import Rated
from assessment.selectors.ledgers import counts_of, ledgers_for
from gridcity.contracts import Actor

Link = Callable[[str, Period], str]

MONTHS = 12
# What a city must keep small, or watch: the lines of the overview.
WATCHED = (
    "returned", "voided", "extended", "suspended", "deferred", "forced", "appealed",
    "appeal_upheld",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Month(Rated):
    """One ledger in one month: its count of its whole."""

    period: Period
    count: int
    whole: int

    @property
    def points(self) -> float | None:
        """The share in per cent for a chart; None where there is nothing to divide by."""
        return None if self.rate is None else float(self.rate * 100)


@dataclass(frozen=True, slots=True)
class Line:
    """One ledger over the months, oldest first; plain data, so that it may be kept a while."""

    key: str
    months: list[Month]

    @property
    def ledger(self) -> Ledger:
        return LEDGERS[self.key]

    def shown(self, link: Link) -> list[tuple[Month, str, str]]:
        """Each month with the addresses of its rows and of its whole."""
        of = self.ledger.of
        return [
            (month, link(self.key, month.period), link(of, month.period)) for month in self.months
        ]


def ledger_months(actor: Actor, at: datetime, keys: tuple[str, ...]) -> list[Line]:
    """The ledgers of `keys` that this actor may read; for each month one query a sort of rows.

    The periods are pinned to the data time: a list opened later is as long as its count says.
    """
    listed = [each for each in ledgers_for(actor) if each.of and each.key in keys]
    listed.sort(key=lambda each: keys.index(each.key))
    periods = [replace(period, is_pinned=True) for period in months_back(at, MONTHS)]
    counted = [(period, _counts(listed, actor, period)) for period in periods]
    return [
        Line(
            each.key,
            [Month(period, counts[each.key], counts[each.of]) for period, counts in counted],
        )
        for each in listed
    ]


def _counts(listed: list[Ledger], actor: Actor, period: Period) -> dict[str, int]:
    wanted = {each.key: each for each in listed} | {each.of: LEDGERS[each.of] for each in listed}
    counts: dict[str, int] = {}
    for row in Row:
        counts |= counts_of(
            [each for each in wanted.values() if each.row is row], row, actor, period
        )
    return counts


def months_chart(lines: list[Line], link: Link, title: str, label: str) -> dict[str, object]:
    """A chart of `includes/_chart.html`: one line a ledger, each point opening its list.

    Upheld appeals are a share of a few appeals: beside the others they would press all of them
    flat, so they have a chart on their own page alone.
    """
    drawn = [line for line in lines if line.ledger.row is not Row.APPEAL] or lines
    return {
        "id": "ledger-months",
        "title": title,
        "kind": "line",
        "unit": " %",
        "category_label": label,
        "categories": [month.period.key for month in lines[0].months] if lines else [],
        "series": [
            {
                "name": str(line.ledger.label),
                "data": [month.points for month in line.months],
                "urls": [url for _month, url, _whole in line.shown(link)],
            }
            for line in drawn
        ],
    }
