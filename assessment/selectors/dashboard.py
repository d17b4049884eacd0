"""The first page for officials: figures, charts and tables in the shape that it shows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from itertools import chain
from typing import Any, NamedTuple

from django.db.models import Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext as __

from assessment.beside import beside
from assessment.dimensions import DIMENSIONS, NONE, TABLED
from assessment.indicators import INDICATORS, Indicator
from assessment.periods import COMPARED, Period, end_of_address, other_periods
from assessment.rates import Rated, more_in, ratio_of
from assessment.selectors.figures import Counts, Figures
from assessment.selectors.summed import figures_by, sums_state
from cases.workflow import ENDED, State
from dispatch.models import Department
from gridcity.contracts import Actor, Role, Sentence
from parts.models import CatalogueClass, Street
from parts.selectors import current_scheme
from parts.selectors.compiled import compiled, one_of

TENTH = Decimal("0.1")

Linker = Callable[..., str]
Named = tuple[int, str, str]  # id, code, word

STATS = ("reported", "filed", "handled", "handled_in_time", "closed", "open", "unhandled_late")
RATES = (
    "filed_in_time", "dispatched_in_time", "handled_share", "closed_share", "closed_in_time",
    "forced_share",
)  # fmt: skip
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
# What charts count: figure → the lamp of its bars, or none.
CHARTED: dict[str, dict[str, str | None]] = {
    "state": {"open": None},
    "street": {"filed": None, "closed": None},
    # In time, late, not handled: with a lamp and a pattern each, never by colour alone.
    "department": {"handled_in_time": "green", "handled_late": "yellow", "unhandled_late": "red"},
    "class": {"filed": None, "closed": None},
}
# By which of its figures the values of a dimension are chosen where there are too many for a chart.
TOPPED: dict[str, tuple[str, int]] = {"department": ("need_handle", 15), "class": ("filed", 12)}


def _with_wholes(keys: Iterable[str]) -> frozenset[str]:
    """Some figures, and what those that are rates are made of."""
    return frozenset(chain.from_iterable(INDICATORS[key].parts for key in keys))


# What is compared with other periods; and all that the page says anywhere.
KEY_FIGURES = _with_wholes((*STATS, *RATES))
SAID = KEY_FIGURES | _with_wholes(
    ["self_handled", *chain(*COLUMNS.values(), *CHARTED.values()),
     *(key for key, _most in TOPPED.values())]
)  # fmt: skip


class Value(NamedTuple):
    """One value of a dimension: how an address names it, and its word."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class Compared:
    """A figure of another period beside it: what it was there, how it has changed, its rows."""

    label: Sentence
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
    more: Fraction | int = 0


@dataclass(frozen=True, slots=True)
class Column:
    """A figure, of everything or of many values: where its lists open, before they are narrowed."""

    indicator: Indicator
    url: str
    whole_url: str

    def shown(self, counts: Counts, narrowed: str = "") -> Shown:
        """The figure of some counts; `narrowed` is the end of its addresses."""
        is_rate = self.indicator.is_rate
        return Shown(
            self.indicator, counts.get(self.indicator.key, 0), self.url + narrowed,
            counts.get(self.indicator.of, 0) if is_rate else None,
            self.whole_url + narrowed if is_rate else "",
            more=more_in(self.indicator, counts),
        )  # fmt: skip


class Line(NamedTuple):
    """The counts of one value, and the end of the addresses that are narrowed to it."""

    value: Value
    counts: Counts
    narrowed: str


@dataclass(frozen=True, slots=True)
class Table:
    """One breakdown: its columns, and for each value the counts in which these find theirs."""

    key: str
    title: Promise
    columns: list[Column]
    lines: list[Line]


@dataclass(frozen=True, slots=True)
class Dashboard:
    """All that the page shows; `shown` are the keys this actor may see."""

    stats: list[Shown]
    rates: list[Shown]
    charts: dict[str, dict[str, Any]]
    tables: list[Table]


def build_dashboard(actor: Actor, period: Period, lists: str) -> Dashboard:
    """Count once, and the key figures of two other periods, then lay out; a query a grain each.

    `lists` is the address of the lists behind figures.
    """
    state = sums_state()
    figures = figures_by(state, actor, period, TABLED, SAID)
    names = _names(figures)
    others = [
        Other(label, figures_by(state, actor, other, (), KEY_FIGURES).total, other.addresses(lists))
        for label, other in zip(COMPARED.values(), other_periods(period).values(), strict=True)
    ]

    page = _Page(figures, period.addresses(lists), names, frozenset(figures.total), others)
    return Dashboard(
        stats=[page.stat(key) for key in STATS if key in page.keys],
        rates=[page.key_figure(key) for key in RATES],
        charts={
            "state": _chart(page, "state", __("Open cases by state")),
            "street": _chart(page, "street", __("Filed and closed by street")),
            "department": _chart(page, "department", __("Handling by department"), "stack_across"),
            "class": _chart(page, "class", __("Most filed classes")),
        },
        tables=[_table(page, key) for key in COLUMNS],
    )


class _Page:
    """The counts, the words of their values, and how to link them."""

    def __init__(
        self,
        figures: Figures,
        link: Linker,
        names: Mapping[str, Mapping[Any, Value]],
        keys: frozenset[str],
        others: list[Other],
    ) -> None:
        self.figures = figures
        self.link = link
        self.names = names
        self.keys = keys
        self.others = others

    def column(self, key: str) -> Column:
        indicator = INDICATORS[key]
        whole_url = self.link(figure=indicator.of) if indicator.of else ""
        return Column(indicator, self.link(figure=key), whole_url)

    def lines(self, dimension: str, values: Iterable[Any]) -> list[Line]:
        """The counts of some values of a dimension."""
        names, counts = self.names[dimension], self.figures.by[dimension]
        return [
            Line(
                names[value], counts.get(value, {}), end_of_address({dimension: names[value].code})
            )
            for value in values
        ]

    def show(self, key: str) -> Shown:
        """One figure of everything."""
        return self.column(key).shown(self.figures.total)

    def key_figure(self, key: str) -> Shown:
        """One figure of everything, beside what it was in other periods."""
        shown = self.show(key)
        return replace(shown, compared=tuple(compared_with(shown, other) for other in self.others))

    def stat(self, key: str) -> Shown:
        shown = self.key_figure(key)
        if "self_handled" not in beside(key) or "self_handled" not in self.keys:
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
    figures: Figures, period: Period, lists: str, dimension: str, keys: Sequence[str]
) -> list[tuple[Value, list[Shown]]]:
    """Some figures for every value of a dimension that `figures` were counted by."""

    names = {dimension: _NAMERS[dimension](figures)}
    page = _Page(figures, period.addresses(lists), names, frozenset(keys), [])
    lines = page.lines(dimension, page.values(dimension))
    columns = [page.column(key) for key in keys]
    return [
        (line.value, [column.shown(line.counts, line.narrowed) for column in columns])
        for line in lines
    ]


@dataclass(frozen=True, slots=True)
class Other:
    """Another period to compare with: its counts, and its lists."""

    label: Sentence
    counts: Counts
    link: Linker


def compared_with(shown: Shown, other: Other) -> Compared:
    """Counts change by a share of what they were, rates by percentage points; from 0 by neither."""
    then = ratio_of(shown.indicator, other.counts)
    url = other.link(figure=shown.indicator.key)
    if shown.whole is None:
        change = Decimal(shown.count - then.count) * 100 / then.count if then.count else None
        return Compared(other.label, str(then.count), signed(change, " %"), url)
    before, now = then.rate, shown.rate
    moved = None if before is None or now is None else (now - before) * 100
    return Compared(other.label, then.percent, signed(moved, __(" points")), url)


def signed(change: Decimal | None, unit: str) -> str:
    """With one place, half up; what rounds to nothing has no sign."""
    if change is None:
        return "–"
    tenths = change.quantize(TENTH, ROUND_HALF_UP)
    return f"{tenths:+}{unit}" if tenths else f"0.0{unit}"


# ---------------------------------------------------------------- words of the values


def _names(figures: Figures) -> dict[str, dict[Any, Value]]:
    """Words for every value that has counts, and for all streets and departments in use."""
    return {
        "state": {str(s): Value(str(s), str(s.label)) for s in State if s not in ENDED},
        **{key: named(figures) for key, named in _NAMERS.items()},
    }


def _streets(figures: Figures) -> dict[Any, Value]:
    rows = _street_names(ids=_ids(figures, "street"))
    names: dict[Any, Value] = {pk: Value(code, name) for pk, code, name in rows}
    if None in figures.by["street"]:
        names[None] = Value(NONE, __("Without a place"))
    return names


def _departments(figures: Figures) -> dict[Any, Value]:
    rows = _department_names(ids=_ids(figures, "department"))
    return {pk: Value(code, name) for pk, code, name in rows}


def _classes(figures: Figures) -> dict[Any, Value]:
    rows = _class_names(ids=_ids(figures, "class"))
    current = current_scheme()
    return {
        pk: Value(f"{scheme}:{kind}:{code}", name if scheme == current else _unmapped(scheme, name))
        for pk, scheme, kind, code, name in rows
    }


@compiled
def _street_names(ids: Any) -> QuerySet[Any, Named]:
    """The streets in use, and these."""
    found = Street.objects.filter(Q(valid_to=None) | Q(one_of("pk", ids)))
    return found.order_by("code").values_list("pk", "code", "name")


@compiled
def _department_names(ids: Any) -> QuerySet[Any, Named]:
    """The departments in use, and these."""
    found = Department.objects.filter(Q(is_active=True) | Q(one_of("pk", ids)))
    return found.order_by("code").values_list("pk", "code", "name")


@compiled
def _class_names(ids: Any) -> QuerySet[Any, tuple[int, str, str, str, str]]:
    """These classes, each with its scheme and kind."""
    found = CatalogueClass.objects.filter(one_of("pk", ids)).order_by("scheme_id", "kind", "code")
    return found.values_list("pk", "scheme_id", "kind", "code", "name")


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
    return Table(
        dimension, DIMENSIONS[dimension].label, [page.column(key) for key in columns],
        page.lines(dimension, values),
    )  # fmt: skip


def _chart(page: _Page, dimension: str, title: str, kind: str = "bar_across") -> dict[str, Any]:
    """A chart of `includes/_chart.html`; each bar opens its list."""
    values = page.values(dimension)
    if dimension in TOPPED:
        values = page.top(dimension, *TOPPED[dimension])
    lines = page.lines(dimension, values)
    series = []
    for key, lamp in CHARTED[dimension].items():
        column = page.column(key)
        one: dict[str, Any] = {
            "name": str(column.indicator.label),
            "figure": key,
            "data": [line.counts.get(key, 0) for line in lines],
            "urls": [column.url + line.narrowed for line in lines],
        }
        series.append(one | ({"lamp": lamp} if lamp else {}))
    return {
        "id": f"chart-{dimension}",
        "title": title,
        "kind": kind,
        "category_label": str(DIMENSIONS[dimension].label),
        "categories": [line.value.name for line in lines],
        "series": series,
    }


# ---------------------------------------------------------------- who may read

READERS = frozenset({Role.OFFICIAL, Role.DUTY_CHIEF, Role.DISPATCHER})
