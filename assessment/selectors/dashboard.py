"""The first page for officials: figures, charts and tables in the shape that it shows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from assessment.dimensions import DIMENSIONS, NONE, TABLED
from assessment.indicators import INDICATORS, Indicator
from assessment.periods import Period, period_before, year_before
from assessment.rates import Rated
from assessment.selectors.figures import Counts, Figures, percent, share
from assessment.selectors.summed import quick_figures
from cases.workflow import ENDED, State
from dispatch.models import Department
from gridcity.contracts import Actor, Role
from parts.models import CatalogueClass, Street
from parts.selectors import current_scheme

Linker = Callable[..., str]

STATS = ("reported", "filed", "handled", "handled_in_time", "closed", "open", "unhandled_late")
RATES = (
    "filed_in_time", "dispatched_in_time", "handled_share", "closed_share", "closed_in_time",
    "forced_share",
)  # fmt: skip
# Beside filing, handling and closing stands what was settled on the spot (assessment law §3).
BESIDE_SELF_HANDLED = frozenset({"filed", "handled", "closed"})
COLUMNS: dict[str, tuple[str, ...]] = {
    "street": (
        "reported", "filed", "handled", "handled_in_time", "unhandled_late", "closed",
        "closed_in_time", "self_handled", "open",
    ),
    "department": (
        "dispatches", "handled", "handled_in_time", "handled_late", "unhandled_late", "in_hand",
    ),
    "class": (
        "reported", "filed", "handled", "handled_in_time", "unhandled_late", "closed",
        "closed_in_time", "self_handled", "open",
    ),
}  # fmt: skip
# What is compared with other periods, and the denominators of its rates.
KEY_FIGURES = frozenset(
    {*STATS, *RATES, *(INDICATORS[key].of for key in (*STATS, *RATES) if INDICATORS[key].of)}
)
TOP_CLASSES = 12
TOP_DEPARTMENTS = 15


class Value(NamedTuple):
    """One value of a dimension: how an address names it, and its word."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class Compared:
    """A figure of another period beside it: what it was there, how it has changed, its rows."""

    label: Promise
    said: str
    change: str
    url: str


@dataclass(frozen=True, slots=True)
class Shown(Rated):
    """A figure in its place: the count or the rate, with the addresses of what lies behind."""

    indicator: Indicator
    count: int
    url: str
    whole: int | None = None
    whole_url: str = ""
    self_handled: Shown | None = None
    compared: tuple[Compared, ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """One breakdown: its columns, and for each value the figures."""

    key: str
    title: Promise
    columns: list[Indicator]
    rows: list[tuple[Value, list[Shown]]]


@dataclass(frozen=True, slots=True)
class Dashboard:
    """All that the page shows; `shown` are the keys this actor may see."""

    stats: list[Shown]
    rates: list[Shown]
    charts: dict[str, dict[str, Any]]
    tables: list[Table]
    open_total: Shown


def build_dashboard(actor: Actor, period: Period, lists: str) -> Dashboard:
    """Count once, and the key figures of two other periods, then lay out; a query a grain each.

    `lists` is the address of the lists behind figures.
    """
    figures = quick_figures(actor, period, TABLED)
    names = _names(figures)
    others = [
        _Other(label, other, quick_figures(actor, other, (), KEY_FIGURES).total)
        for label, other in (
            (_("than before"), period_before(period)),
            (_("than a year ago"), year_before(period)),
        )
    ]

    page = _Page(figures, period.addresses(lists), names, frozenset(figures.total), others, lists)
    return Dashboard(
        stats=[page.stat(key) for key in STATS if key in page.keys],
        rates=[page.key_figure(key) for key in RATES],
        charts={
            "state": _state_chart(page),
            "street": _street_chart(page),
            "department": _department_chart(page),
            "class": _class_chart(page),
        },
        tables=[_table(page, key) for key in COLUMNS],
        open_total=page.show("open"),
    )


class _Page:
    """The counts, the words of their values, and how to link them."""

    def __init__(
        self,
        figures: Figures,
        link: Linker,
        names: Mapping[str, Mapping[Any, Value]],
        keys: frozenset[str],
        others: list[_Other],
        lists: str,
    ) -> None:
        self.figures = figures
        self.link = link
        self.names = names
        self.keys = keys
        self.others = others
        self.lists = lists

    def show(self, key: str, dimension: str = "", value: Any = None) -> Shown:
        """One figure, of everything or of one value of a dimension."""
        counts: Counts = self.figures.of(dimension, value)
        narrowed = {dimension: self.names[dimension][value].code} if dimension else {}
        indicator = INDICATORS[key]
        whole = counts.get(indicator.of, 0) if indicator.of else None
        return Shown(
            indicator=indicator,
            count=counts.get(key, 0),
            url=self.link(figure=key, **narrowed),
            whole=whole,
            whole_url=self.link(figure=indicator.of, **narrowed) if indicator.of else "",
        )

    def key_figure(self, key: str) -> Shown:
        """One figure of everything, beside what it was in other periods."""
        shown = self.show(key)
        return replace(
            shown, compared=tuple(_compared(shown, other, self.lists) for other in self.others)
        )

    def stat(self, key: str) -> Shown:
        shown = self.key_figure(key)
        if key not in BESIDE_SELF_HANDLED or "self_handled" not in self.keys:
            return shown
        return replace(shown, self_handled=self.show("self_handled"))

    def values(self, dimension: str, *keys: str) -> list[Any]:
        """The values of a dimension in order; with `keys`, those where any of them counts."""
        listed = list(self.names[dimension])
        if not keys:
            return listed
        return [
            value for value in listed
            if any(self.figures.of(dimension, value).get(key) for key in keys)
        ]  # fmt: skip

    def top(self, dimension: str, key: str, most: int) -> list[Any]:
        """The values with the highest count of a figure, highest first."""
        listed = self.values(dimension, key)
        listed.sort(key=lambda value: -self.figures.of(dimension, value)[key])
        return listed[:most]


def shown_by(
    figures: Figures, period: Period, lists: str, dimension: str, key: str
) -> list[tuple[Value, Shown]]:
    """One figure for every value of a dimension that `figures` were counted by."""

    names = {dimension: _NAMERS[dimension](figures)}
    page = _Page(figures, period.addresses(lists), names, frozenset({key}), [], lists)
    return [
        (names[dimension][value], page.show(key, dimension, value))
        for value in page.values(dimension)
    ]


@dataclass(frozen=True, slots=True)
class _Other:
    """Another period to compare with, and its counts."""

    label: Promise
    period: Period
    counts: Counts


def _compared(shown: Shown, other: _Other, lists: str) -> Compared:
    """Counts change by a share of what they were, rates by percentage points; from 0 by neither."""
    indicator, count = shown.indicator, other.counts.get(shown.indicator.key, 0)
    url = other.period.address(lists, figure=indicator.key)
    if shown.whole is None:
        change = Decimal(shown.count - count) * 100 / count if count else None
        return Compared(other.label, str(count), _signed(change, " %"), url)
    whole = other.counts.get(indicator.of, 0)
    before, now = share(count, whole), shown.rate
    moved = None if before is None or now is None else (now - before) * 100
    return Compared(other.label, percent(count, whole), _signed(moved, __(" points")), url)


def _signed(change: Decimal | None, unit: str) -> str:
    if change is None:
        return "–"
    return f"{change:+.1f}{unit}"


# ---------------------------------------------------------------- words of the values


def _names(figures: Figures) -> dict[str, dict[Any, Value]]:
    """Words for every value that has counts, and for all streets and departments in use."""
    return {
        "state": {str(s): Value(str(s), str(s.label)) for s in State if s not in ENDED},
        **{key: named(figures) for key, named in _NAMERS.items()},
    }


def _streets(figures: Figures) -> dict[Any, Value]:
    found = Street.objects.filter(Q(valid_to=None) | Q(pk__in=_ids(figures, "street")))
    rows = found.order_by("code").values_list("pk", "code", "name")
    names: dict[Any, Value] = {pk: Value(code, name) for pk, code, name in rows}
    if None in figures.by["street"]:
        names[None] = Value(NONE, __("Without a place"))
    return names


def _departments(figures: Figures) -> dict[Any, Value]:
    found = Department.objects.filter(Q(is_active=True) | Q(pk__in=_ids(figures, "department")))
    rows = found.order_by("code").values_list("pk", "code", "name")
    return {pk: Value(code, name) for pk, code, name in rows}


def _classes(figures: Figures) -> dict[Any, Value]:
    rows = (
        CatalogueClass.objects.filter(pk__in=_ids(figures, "class"))
        .order_by("scheme_id", "kind", "code")
        .values_list("pk", "scheme_id", "kind", "code", "name")
    )
    current = current_scheme()
    return {
        pk: Value(f"{scheme}:{kind}:{code}", name if scheme == current else _unmapped(scheme, name))
        for pk, scheme, kind, code, name in rows
    }


_NAMERS: dict[str, Callable[[Figures], dict[Any, Value]]] = {
    "street": _streets,
    "department": _departments,
    "class": _classes,
}


def _unmapped(scheme: str, name: str) -> str:
    """A class that no confirmed pair reads in the current scheme, shown as such."""
    return __("%(name)s (%(scheme)s, unmapped)") % {"name": name, "scheme": scheme}


def _ids(figures: Figures, dimension: str) -> list[int]:
    return [value for value in figures.by[dimension] if value is not None]


# ---------------------------------------------------------------- tables and charts


def _table(page: _Page, dimension: str) -> Table:
    columns = [key for key in COLUMNS[dimension] if key in page.keys]
    values = page.values(dimension, *columns) if dimension == "class" else page.values(dimension)
    rows = [
        (page.names[dimension][value], [page.show(key, dimension, value) for key in columns])
        for value in values
    ]
    return Table(dimension, DIMENSIONS[dimension].label, [INDICATORS[key] for key in columns], rows)


def _chart(
    page: _Page,
    dimension: str,
    title: str,
    kind: str,
    values: list[Any],
    keys: Mapping[str, str | None],
) -> dict[str, Any]:
    """A chart of `includes/_chart.html`; each bar opens its list. `keys`: figure → lamp."""
    names = page.names[dimension]
    series = []
    for key, lamp in keys.items():
        shown = [page.show(key, dimension, value) for value in values]
        one: dict[str, Any] = {
            "name": str(INDICATORS[key].label),
            "figure": key,
            "data": [each.count for each in shown],
            "urls": [each.url for each in shown],
        }
        series.append(one | ({"lamp": lamp} if lamp else {}))
    return {
        "id": f"chart-{dimension}",
        "title": title,
        "kind": kind,
        "category_label": str(DIMENSIONS[dimension].label),
        "categories": [names[value].name for value in values],
        "series": series,
    }


def _state_chart(page: _Page) -> dict[str, Any]:
    values = page.values("state")
    return _chart(page, "state", __("Open cases by state"), "bar_across", values, {"open": None})


def _street_chart(page: _Page) -> dict[str, Any]:
    values = page.values("street")
    keys = {"filed": None, "closed": None}
    return _chart(page, "street", __("Filed and closed by street"), "bar_across", values, keys)


def _department_chart(page: _Page) -> dict[str, Any]:
    """In time, late, not handled: with a lamp and a pattern each, never by colour alone."""
    keys = {"handled_in_time": "green", "handled_late": "yellow", "unhandled_late": "red"}
    values = page.top("department", "need_handle", TOP_DEPARTMENTS)
    title = __("Handling by department")
    return _chart(page, "department", title, "stack_across", values, keys)


def _class_chart(page: _Page) -> dict[str, Any]:
    values = page.top("class", "filed", TOP_CLASSES)
    title = __("Most filed classes")
    return _chart(page, "class", title, "bar_across", values, {"filed": None, "closed": None})


# ---------------------------------------------------------------- who may read

READERS = frozenset({Role.OFFICIAL, Role.DUTY_CHIEF, Role.DISPATCHER})
