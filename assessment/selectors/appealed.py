"""Beside a figure what upheld appeals took out of it: how many rows, and which (law §6)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import Count, Q, QuerySet

from assessment.dimensions import POSTED, filter_of
from assessment.indicators import Grain, Indicator, defined_as, registry
from assessment.indicators.twins import taken_out
from assessment.periods import Period
from assessment.selectors.figures import SCORER, Counts, base_rows
from gridcity.contracts import Actor


def rows_taken_out(
    indicator: Indicator, actor: Actor, period: Period, wanted: Mapping[str, str]
) -> QuerySet[Any]:
    """The rows that do not count since an appeal was upheld. Raises Invalid.

    Posts have none: only departments appeal.
    """
    rows = base_rows(indicator.grain, actor, period)
    lost = taken_out(indicator, period)
    if lost is None or any(key in wanted for key in POSTED):
        return rows.none()
    return rows.filter(filter_of(indicator.grain, wanted)).filter(lost)


def count_taken_out(keys: Iterable[str], period: Period, wanted: Mapping[str, str]) -> Counts:
    """How many rows appeals took out of some figures; one query a grain, none where none can.

    By the definitions that the period names.
    """
    if any(key in wanted for key in POSTED):
        return {}
    found: Counts = {}
    with defined_as(dict(period.former)):
        for grain, lost in _by_grain(keys, period).items():
            sums = {key: Count("pk", filter=condition) for key, condition in lost.items()}
            rows = base_rows(grain, SCORER, period).filter(filter_of(grain, wanted))
            found |= rows.aggregate(**sums)
    return found


def _by_grain(keys: Iterable[str], period: Period) -> dict[Grain, dict[str, Q]]:
    found: dict[Grain, dict[str, Q]] = {}
    for key in keys:
        indicator = registry()[key]
        lost = taken_out(indicator, period)
        if lost is not None:
            found.setdefault(indicator.grain, {})[key] = lost
    return found
