"""Figures over time: the same figure for each day, week or month."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as __

from assessment.indicators import Indicator
from assessment.periods import STEPS, Period, step_for, steps_within, trend_of
from assessment.selectors.figures import (
    Counts,
    indicators_for,
    percent,
    share,
)
from assessment.selectors.summed import quick_totals
from gridcity.contracts import Actor

DEFAULT_TREND = ("reported", "filed", "closed", "handled_in_time")
MOST_LINES = 8


@dataclass(frozen=True, slots=True)
class Trend:
    """What the part of the page shows: its days, its step, and a chart each of counts and rates."""

    period: Period
    step: str
    chosen: tuple[str, ...]
    choices: list[Indicator]
    charts: list[dict[str, Any]]


def build_trend(
    actor: Actor, period: Period, lists: str, *, keys: Sequence[str] = (), step: str = ""
) -> Trend:
    """Count each step of the period; `keys` that the actor may not see are left out."""
    days = trend_of(period)
    step = step_for(days, step)
    choices = indicators_for(actor)
    wanted = set(keys) or set(DEFAULT_TREND)
    chosen = [each for each in choices if each.key in wanted][:MOST_LINES]
    steps = steps_within(days, step)
    keys_of = {each.key for each in chosen} | {each.of for each in chosen if each.of}
    counted = quick_totals(actor, steps, frozenset(keys_of))
    charts = [
        _chart(f"chart-trend-{name}", title, listed, steps, counted, lists)
        for name, title, listed in (
            ("counts", __("Counts over time"), [each for each in chosen if not each.is_rate]),
            ("rates", __("Rates over time"), [each for each in chosen if each.is_rate]),
        )
        if listed
    ]
    return Trend(days, step, tuple(each.key for each in chosen), choices, charts)


def step_choices(trend: Trend) -> list[tuple[str, Any, bool]]:
    """The steps that this trend has room for, each with whether it is the one shown."""
    return [
        (key, label, key == trend.step)
        for key, label in STEPS.items()
        if step_for(trend.period, key) == key
    ]


def _chart(
    key: str,
    title: str,
    indicators: list[Indicator],
    steps: list[Period],
    counted: list[Counts],
    lists: str,
) -> dict[str, Any]:
    """A chart of `includes/_chart.html`; each point opens its list. Rates stand in per cent."""
    chart: dict[str, Any] = {
        "id": key,
        "title": title,
        "kind": "line",
        "category_label": __("Days"),
        "categories": [_words(step) for step in steps],
        "series": [_line(each, steps, counted, lists) for each in indicators],
    }
    return chart | {"inline": json.dumps(chart, ensure_ascii=False)}


def _line(
    indicator: Indicator, steps: list[Period], counted: list[Counts], lists: str
) -> dict[str, Any]:
    urls = [step.address(lists, figure=indicator.key) for step in steps]
    pairs = [(counts.get(indicator.key, 0), counts.get(indicator.of, 0)) for counts in counted]
    line = {"name": indicator.name, "figure": indicator.key, "urls": urls}
    if not indicator.is_rate:
        return line | {"data": [count for count, _whole in pairs]}
    rates = [share(count, whole) for count, whole in pairs]
    return line | {
        "data": [None if rate is None else float(rate * 100) for rate in rates],
        "texts": [
            percent(count, whole) + (f" ({count}/{whole})" if whole else "")
            for count, whole in pairs
        ],
    }


def _words(step: Period) -> str:
    if step.first == step.last:
        return step.first.isoformat()
    return f"{step.first.isoformat()} – {step.last:%m-%d}"
