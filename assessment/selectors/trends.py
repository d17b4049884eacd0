"""Figures over time: the same figure for each day, week or month."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as __

from assessment.indicators import Indicator
from assessment.periods import Period
from assessment.rates import ratio_of
from assessment.selectors.figures import Counts, beside_in, indicators_for
from assessment.selectors.summed import quick_totals
from assessment.steps import STEPS, step_for, steps_within, trend_of
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
    """Count each step of the period; `keys` that the actor may not see are left out, and what
    stands beside a figure comes with it."""
    days = trend_of(period)
    step = step_for(days, step)
    choices = indicators_for(actor)
    wanted = set(keys) or set(DEFAULT_TREND)
    chosen = [each for each in choices if each.key in wanted][:MOST_LINES]
    steps = steps_within(days, step)
    beside = {one.key for each in chosen for one in beside_in(actor, "", each.key)}
    shown = [each for each in choices if each in chosen or each.key in beside]
    keys_of = frozenset(key for each in shown for key in each.parts)
    counted = quick_totals(actor, steps, keys_of)
    charts = [
        _chart(f"chart-trend-{name}", title, listed, steps, counted, lists)
        for name, title, listed in (
            ("counts", __("Counts over time"), [each for each in shown if not each.is_rate]),
            ("rates", __("Rates over time"), [each for each in shown if each.is_rate]),
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
    found = [ratio_of(indicator, counts) for counts in counted]
    line = {"name": indicator.name, "figure": indicator.key, "urls": urls}
    if not indicator.is_rate:
        return line | {"data": [one.count for one in found]}
    rates = [one.rate for one in found]
    return line | {
        "data": [None if rate is None else float(rate * 100) for rate in rates],
        "texts": [
            one.percent + (f" ({one.count}/{one.whole})" if one.whole else "") for one in found
        ],
    }


def _words(step: Period) -> str:
    if step.first == step.last:
        return step.first.isoformat()
    return f"{step.first.isoformat()} – {step.last:%m-%d}"
