"""The first page on paper and as a workbook: the same figures, as heads and rows of tables.

Everything is read by the selectors of the page itself, so that file and page cannot differ.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from assessment.handbook import entry_of
from assessment.indicators import Indicator
from assessment.models import Scheme
from assessment.periods import STEPS, Period
from assessment.selectors.dashboard import Dashboard, Shown, build_dashboard
from assessment.selectors.schemes import visible_schemes
from assessment.selectors.shading import busiest_cells
from assessment.selectors.stages import StageTimes, sheet_of, stage_times
from assessment.selectors.standings import Standings, build_standings
from assessment.selectors.trends import Trend, build_trend
from gridcity.contracts import Actor

Row = list[Any]


@dataclass(frozen=True, slots=True)
class Section:
    """One table. Numbers stay numbers; from the column `seconds_from` on they are seconds.

    A workbook can reckon with these; paper has words for them, under `paper_heads`. `name` is
    short enough for a sheet of a workbook.
    """

    name: str
    title: str
    heads: list[str]
    rows: list[Row]
    note: str = ""
    seconds_from: int | None = None
    paper_heads: list[str] | None = None


@dataclass(frozen=True, slots=True)
class Choices:
    """What the address of the page chooses beside the period."""

    trend: Sequence[str] = ()
    step: str = ""
    ranked_by: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Summary:
    """The head of the file, label and value, and its tables."""

    period: Period
    head: list[tuple[str, str]]
    sections: list[Section]


def build_summary(actor: Actor, period: Period, choices: Choices) -> Summary:
    """All that the first page shows for this period and these choices, as this actor sees it."""
    page = build_dashboard(actor, period, "")
    trend = build_trend(actor, period, "", keys=choices.trend, step=choices.step)
    standings = build_standings(actor, period, "", choices.ranked_by)
    used = [each.indicator for each in (*page.stats, *page.rates)]
    used += [each for each in trend.choices if each.key in trend.chosen]
    used += [one.indicator for one in standings]
    sections = [
        _key_figures(page),
        _trend(trend),
        *(_standing(one) for one in standings),
        _stages(stage_times(actor, period)),
        _classes(page),
        _cells(actor, period),
        *_breakdowns(page),
        _definitions(list(dict.fromkeys(used))),
    ]
    return Summary(period, _head(actor, period, trend, standings), sections)


def _head(
    actor: Actor, period: Period, trend: Trend, standings: list[Standings]
) -> list[tuple[str, str]]:
    """Period, data time, scheme versions and filters, as every such paper begins."""
    days = f"{period.first.isoformat()} – {period.last.isoformat()}"
    if period.is_running:
        days = f"{days} · {_('still running: provisional figures')}"
    chosen = "、".join(str(each.label) for each in trend.choices if each.key in trend.chosen)
    ranked = "；".join(f"{one.title}：{one.indicator.name}" for one in standings)
    return [
        (_("Period"), days),
        (_("Data time"), f"{timezone.localtime(period.as_of):%Y-%m-%d %H:%M:%S}"),
        (_("Schemes in force"), "；".join(schemes_said(actor, period)) or "–"),
        (_("Figures of the trends"), f"{chosen}（{STEPS[trend.step]}）"),
        (_("Ranked by"), ranked),
        (_("Definitions"), _("See the last table; each with its version.")),
    ]


def schemes_said(actor: Actor, period: Period) -> list[str]:
    """The version of every scheme that holds on the last day of a period, in words."""
    held: dict[str, Scheme] = {}
    rows = visible_schemes(actor).filter(is_active=True, valid_from__lte=period.last)
    for one in rows.order_by("key", "valid_from", "version"):
        held[one.key] = one
    return [
        _("%(name)s, version %(n)s") % {"name": one.name, "n": one.version} for one in held.values()
    ]


def _key_figures(page: Dashboard) -> Section:
    heads = [_("Figure"), _("Count"), pgettext("rate", "Out of"), _("Rate")]
    shown = [*page.stats, *page.rates]
    for one in shown[0].compared if shown else ():
        heads += [str(one.label), f"{one.label}（{_('then')}）"]
    rows = [_key_row(one) for one in shown]
    rows += [
        [_("besides, self-handled:") + str(one.indicator.label), one.self_handled.count]
        + [None] * (len(heads) - 2)
        for one in shown
        if one.self_handled
    ]  # fmt: skip
    return Section(_("Key figures"), _("Key figures"), heads, rows)


def _key_row(one: Shown) -> Row:
    rate = None if one.whole is None else one.percent
    row: Row = [one.indicator.name, one.count, one.whole, rate]
    for other in one.compared:
        row += [other.change, other.said]
    return row


def _trend(trend: Trend) -> Section:
    """A column a figure, a row a step; rates with their counts beside them."""
    lines = [line for chart in trend.charts for line in chart["series"]]
    days = trend.charts[0]["categories"] if trend.charts else []
    rows = [
        [day, *(line.get("texts", line["data"])[place] for line in lines)]
        for place, day in enumerate(days)
    ]
    heads = [_("Days"), *(line["name"] for line in lines)]
    return Section(_("Trends"), _("Trends"), heads, rows)


def _standing(one: Standings) -> Section:
    rows: list[Row] = [
        [line.rank, group.name, line.value.name, line.shown.percent, line.shown.count,
         line.shown.whole]
        for group in one.groups
        for line in group.lines
    ]  # fmt: skip
    title = _("Ranking by %(figure)s: %(name)s") % {
        "figure": one.indicator.name, "name": one.title,
    }  # fmt: skip
    note = _("“–”: fewer than %(n)s cases; shown, not ranked.") % {"n": one.least}
    heads = [
        _("Rank"),
        _("Group"),
        str(one.title),
        _("Rate"),
        _("Count"),
        pgettext("rate", "Out of"),
    ]
    return Section(_("Ranking: %(name)s") % {"name": one.title}, title, heads, rows, note=note)


def _stages(times: list[StageTimes]) -> Section:
    heads, rows = sheet_of(times)
    lengths = [_("Mean"), _("Median"), _("90th percentile")]
    kinds = [_("Clock time"), pgettext("stage times", "Working time")]
    title = _("Times of the stages")
    return Section(
        title, title, heads[1:], [row[1:] for row in rows], seconds_from=2,
        paper_heads=[*heads[1:3], *(f"{kind} · {length}" for kind in kinds for length in lengths)],
    )  # fmt: skip


def _classes(page: Dashboard) -> Section:
    chart = page.charts["class"]
    heads = [_("No."), chart["category_label"], *(line["name"] for line in chart["series"])]
    rows = [
        [place + 1, name, *(line["data"][place] for line in chart["series"])]
        for place, name in enumerate(chart["categories"])
    ]
    return Section(_("Busiest classes"), chart["title"], heads, rows)


def _cells(actor: Actor, period: Period) -> Section:
    shading, listed = busiest_cells(actor, period, "")
    rows: list[Row] = [[place, one.code, one.count] for place, one in enumerate(listed, start=1)]
    heads = [_("No."), _("Unit grid cell"), str(shading.indicator.label)]
    return Section(_("Busiest cells"), _("Busiest cells"), heads, rows)


def _breakdowns(page: Dashboard) -> list[Section]:
    """The tables at the foot of the page."""
    found = []
    for table in page.tables:
        title = _("By %(name)s") % {"name": table.title}
        heads = [_("No."), str(table.title)]
        for column in table.columns:
            heads.append(column.indicator.name)
            heads += [_("Count"), pgettext("rate", "Out of")] if column.indicator.is_rate else []
        rows = [
            [number, line.value.name,
             *chain(*(_cells_of(column.shown(line.counts)) for column in table.columns))]
            for number, line in enumerate(table.lines, start=1)
        ]  # fmt: skip
        found.append(Section(title, title, heads, rows))
    return found


def _cells_of(one: Shown) -> Row:
    return [one.count] if one.whole is None else [one.percent, one.count, one.whole]


def _definitions(used: list[Indicator]) -> Section:
    heads = [_("Figure"), _("Version"), _("Time base"), _("Definition"), _("Source")]
    rows: list[Row] = [
        [each.name, each.version, "、".join(map(str, entry_of(each).bases)),
         str(each.definition), each.source]
        for each in used
    ]  # fmt: skip
    return Section(_("Definitions"), _("Definitions"), heads, rows)
