"""The page on which every figure stands beside itself: the period before, and a year ago."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from django.utils.functional import Promise

from assessment.dimensions import DIMENSIONS, unknown
from assessment.indicators import Grain, Indicator, indicators_of_post
from assessment.periods import COMPARED, Period, other_periods
from assessment.posts import POSTS
from assessment.selectors.broken_down import (
    CLASS,
    POST,
    SOURCE,
    WHOLE,
)
from assessment.selectors.broken_down import GROUP as GROUPS
from assessment.selectors.dashboard import Column, Other, Shown, compared_with
from assessment.selectors.figures import Counts, beside_in, indicators_for
from assessment.selectors.posts import desk_line
from assessment.selectors.scores import Listed, objects_of
from assessment.selectors.summed import quick_figures, quick_totals
from cases.workflow import ROLE_LABELS
from gridcity.contracts import Actor, NotVisible

# What the page breaks down by; cells are on the map and have pages of their own.
OFFERED = (WHOLE, "street", "community", "department", GROUPS, CLASS, SOURCE, POST)
DEFAULT_FIGURE: Mapping[str, str] = {"department": "handled_in_time", GROUPS: "handled_in_time"}


@dataclass(frozen=True, slots=True)
class Row:
    """One figure of one object, beside what it was."""

    name: str | Promise
    shown: Shown


@dataclass(frozen=True, slots=True)
class Section:
    """Rows under one head: a figure of every object, or the figures of a grain or a desk."""

    name: str | Promise
    rows: list[Row]


def figures_of(actor: Actor, by: str) -> list[Indicator]:
    """The figures among which is chosen where each object has one row. Raises Invalid."""
    if by not in OFFERED:
        raise unknown("by")
    if by in {WHOLE, POST}:
        return []
    columns = DIMENSIONS[by].columns
    return [each for each in indicators_for(actor) if each.grain in columns]


def chosen(figures: list[Indicator], by: str, key: str) -> Indicator | None:
    """The figure of these that an address names, or the usual one. Raises NotVisible."""
    if not figures:
        return None
    wanted = key or DEFAULT_FIGURE.get(by, "filed")
    found = next((each for each in figures if each.key == wanted), None)
    if found is None:
        raise NotVisible
    return found


def compared_figures(
    actor: Actor, period: Period, lists: str, by: str, indicator: Indicator | None
) -> list[Section]:
    """All figures of the district or of each desk; or one of every object, with what it needs."""
    told = _Told(period, lists)
    if by == POST:
        return [*_desks(actor, told)]
    if indicator is None:
        return [*_whole(actor, told)]
    shown = [indicator, *beside_in(actor, by, indicator.key)]
    keys = frozenset(key for each in shown for key in each.parts)
    figures = [quick_figures(actor, each, (by,), keys) for each in told.periods]
    listed = _in_order(by, objects_of(by, period, figures[0]), figures[0].by[by], indicator)
    return [
        Section(
            each.name,
            [
                told.row(one.name, each, [found.of(by, one.pk) for found in figures], {by: one.key})
                for one in listed
            ],
        )
        for each in shown
    ]


class _Told:
    """A period with the two beside it, and how their lists are addressed."""

    def __init__(self, period: Period, lists: str) -> None:
        others = other_periods(period)
        self.periods = [period, *others.values()]
        self._link = period.addresses(lists)
        self._others = [(COMPARED[key], other.addresses(lists)) for key, other in others.items()]

    def row(
        self, name: str | Promise, indicator: Indicator, counts: list[Counts],
        narrowed: Mapping[str, str],
    ) -> Row:  # fmt: skip
        """One figure: its counts in this period and in the others, in their order."""
        link = partial(self._link, **narrowed)
        whole_url = link(figure=indicator.of) if indicator.of else ""
        shown = Column(indicator, link(figure=indicator.key), whole_url).shown(counts[0])
        compared = [
            compared_with(shown, Other(label, then, partial(other, **narrowed)))
            for (label, other), then in zip(self._others, counts[1:], strict=True)
        ]
        return Row(name, replace(shown, compared=tuple(compared)))


def _in_order(
    by: str, listed: Iterator[Listed], counts: Mapping[Any, Counts], indicator: Indicator
) -> list[Listed]:
    """Classes by how much was counted, for there are hundreds; all others by their codes."""
    if by != CLASS:
        return [*listed]
    key = indicator.of or indicator.key
    return sorted(listed, key=lambda one: -counts.get(one.pk, {}).get(key, 0))


def _whole(actor: Actor, told: _Told) -> Iterator[Section]:
    listed = indicators_for(actor)
    counts = quick_totals(actor, told.periods, frozenset(each.key for each in listed))
    for grain in Grain:
        rows = [told.row(each.name, each, counts, {}) for each in listed if each.grain == grain]
        yield Section(grain.label, rows)


def _desks(actor: Actor, told: _Told) -> Iterator[Section]:
    """Of each desk as a whole: people have no league table."""
    seen = {each.key for each in indicators_for(actor)}
    for post in POSTS:
        counts = [desk_line(post, each).counts for each in told.periods]
        rows = [
            told.row(each.name, each, counts, {POST: post})
            for each in indicators_of_post(post)
            if each.key in seen
        ]
        yield Section(ROLE_LABELS[post], rows)
