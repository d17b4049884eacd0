"""Counts and rates in the cells of tables, each number a link to the list behind it.

They stand by the thousand on the first page for officials, so they are built here, at a fraction of
the time that a template takes.
"""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import Protocol

from django import template
from django.utils.safestring import SafeString, mark_safe

from assessment.rates import more_in, percent
from assessment.selectors.dashboard import Table
from assessment.selectors.explained import Explained

register = template.Library()


class Opened(Protocol):
    """A count or rate with the addresses of what lies behind (`shading.Place`)."""

    @property
    def count(self) -> int: ...
    @property
    def whole(self) -> int | None: ...
    @property
    def percent(self) -> str: ...
    @property
    def url(self) -> str: ...
    @property
    def whole_url(self) -> str: ...


@register.simple_tag
def figure_lines(table: Table) -> SafeString:
    """The rows of a breakdown: number and word of each value, and its figures."""
    columns = [
        (each.indicator, escape(each.url), each.indicator.of, escape(each.whole_url))
        for each in table.columns
    ]
    lines = []
    for number, (value, counts, narrowed) in enumerate(table.lines, 1):
        end, get = escape(narrowed), counts.get
        cells = [
            _rate(
                url + end, get(one.key, 0), whole_url + end, get(of, 0),
                percent(get(one.key, 0) + more_in(one, counts), get(of, 0)),
            )
            if of
            else _count(url + end, get(one.key, 0))
            for one, url, of, whole_url in columns
        ]  # fmt: skip
        lines.append(
            f'<tr><td class="gc-no gc-muted">{number}</td>'
            f'<th scope="row">{escape(value.name)}</th>{"".join(cells)}</tr>'
        )
    return mark_safe("\n".join(lines))  # noqa: S308 - addresses and words are escaped


@register.simple_tag
def lost_points(terms: Iterable[Explained]) -> str:
    """What the terms of one score lost together; a dash where there is no score."""
    lost = [one.lost for one in terms if one.lost is not None]
    return str(sum(lost)) if lost else "–"


@register.simple_tag
def figure_cell(shown: Opened) -> SafeString:
    """One figure in its cell: a count, or a rate with its count and whole; zeros stand back."""
    url = escape(shown.url)
    if shown.whole is None:
        cell = _count(url, shown.count)
    else:
        cell = _rate(url, shown.count, escape(shown.whole_url), shown.whole, shown.percent)
    return mark_safe(cell)  # noqa: S308 - addresses are escaped


def _count(url: str, count: int) -> str:
    return f'<td class="gc-num">{_link(url, count)}</td>'


def _rate(url: str, count: int, whole_url: str, whole: int, said: str) -> str:
    of = f"{_link(url, count)}/{_link(whole_url, whole)}"
    rate = f'<a href="{url}">{said}</a>'
    return f'<td class="gc-num">{rate} <span class="gc-of">{of}</span></td>'


def _link(url: str, number: int) -> str:
    muted = "" if number else ' class="gc-muted"'
    return f'<a href="{url}"{muted}>{number:,}</a>'
