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

from assessment.dimensions import DIMENSIONS
from assessment.handbook import entry_of
from assessment.indicators import INDICATORS, Indicator
from assessment.models import Scheme
from assessment.periods import Period
from assessment.rates import Rated
from assessment.selectors.dashboard import Dashboard, Shown, build_dashboard
from assessment.selectors.schemes import visible_schemes
from assessment.selectors.score_map import SCORE, build_score_map
from assessment.selectors.shading import (
    DEFAULT_FIGURE,
    DEFAULT_LEVEL,
    build_shading,
    busiest_cells,
    level_label,
    shadings_for,
)
from assessment.selectors.stages import StageTimes, sheet_of, stage_times
from assessment.selectors.standings import Standings, build_standings
from assessment.selectors.trends import Trend, build_trend
from assessment.steps import STEPS
from gridcity.contracts import Actor

Row = list[Any]
# Of the map's table so many lines are set on paper.
MOST_PLACES = 100


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
    # How many of the rows are set on paper; all of them stand in a workbook.
    most_on_paper: int | None = None

    @property
    def paper_rows(self) -> list[Row]:
        return self.rows[: self.most_on_paper]

    @property
    def left_on_paper(self) -> int:
        return len(self.rows) - len(self.paper_rows)


@dataclass(frozen=True, slots=True)
class Choices:
    """What the address of the page chooses beside the period."""

    trend: Sequence[str] = ()
    step: str = ""
    ranked_by: Mapping[str, str] = field(default_factory=dict)
    shade: str = ""
    level: str = ""

    def as_data(self) -> dict[str, Any]:
        """What is chosen, to be kept; nothing of what is not."""
        said = {
            "trend": list(self.trend), "step": self.step, "ranked_by": dict(self.ranked_by),
            "shade": self.shade, "level": self.level,
        }  # fmt: skip
        return {key: value for key, value in said.items() if value}

    @property
    def words(self) -> list[str]:
        """What is chosen, in words."""
        said = [f"{_('Trends')}：{'、'.join(INDICATORS[key].name for key in self.trend)}"]
        said += [f"{DIMENSIONS[key].label}：{_('Ranked by')} {INDICATORS[each].name}"
                 for key, each in self.ranked_by.items() if each]  # fmt: skip
        shaded = _("Score") if self.shade == SCORE else ""
        shaded = INDICATORS[self.shade].name if self.shade in INDICATORS else shaded
        level = str(level_label(self.level)) if self.level else ""
        if shaded or level:
            said.append(f"{_('Map')}：{' · '.join(filter(None, (shaded, level)))}")
        return said[0 if self.trend else 1 :]


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
        _states(page),
        _shaded(actor, period, choices),
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
    heads = [_("Figure"), _("Count"), pgettext("rate", "Out of"), pgettext("figure", "Rate")]
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


def _states(page: Dashboard) -> Section:
    chart = page.charts["state"]
    (line,) = chart["series"]
    rows: list[Row] = [list(pair) for pair in zip(chart["categories"], line["data"], strict=True)]
    note = _("At the data time, whatever the period")
    heads = [chart["category_label"], line["name"]]
    return Section(chart["title"], chart["title"], heads, rows, note=note)


def _shaded(actor: Actor, period: Period, choices: Choices) -> Section:
    """The table of the shaded map; a figure that its reader sees no more gives the default."""
    level = choices.level or DEFAULT_LEVEL
    if choices.shade == SCORE:
        return _scored(actor, period, level)
    seen = {each.key for each in shadings_for(actor)}
    figure = choices.shade if choices.shade in seen else DEFAULT_FIGURE
    shading = build_shading(actor, period, "", figure=figure, level=level)
    shown = (shading.indicator, *shading.beside)
    heads = [_("No."), str(level_label(level)), *chain(*(_heads_of(each) for each in shown))]
    rows = [
        [place, one.name, *chain(*(_cells_of(each) for each in (one, *one.beside)))]
        for place, one in enumerate(shading.places, 1)
    ]
    title = _("Map: %(figure)s") % {"figure": shading.indicator.name}
    return Section(_("Map"), title, heads, rows, most_on_paper=MOST_PLACES)


def _scored(actor: Actor, period: Period, level: str) -> Section:
    found = build_score_map(actor, period, level)
    heads = [_("No."), str(level_label(level)), _("Score"), _("Grade")]
    rows: list[Row] = [
        [place, one.name, one.total, f"{one.letter} {one.grade_name}" if one.letter else None]
        for place, one in enumerate(found.places, 1)
    ]
    title = _("Map: %(figure)s") % {"figure": _("Score")}
    note = "" if found.snapshot is None else f"{found.snapshot.scheme} · {found.snapshot.period}"
    return Section(_("Map"), title, heads, rows, note=note, most_on_paper=MOST_PLACES)


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
         line.shown.whole, *chain(*(_cells_of(each) for each in line.beside))]
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
        pgettext("figure", "Rate"),
        _("Count"),
        pgettext("rate", "Out of"),
    ]
    for each in one.beside:
        heads += _heads_of(each)
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
            heads += _heads_of(column.indicator)
        rows = [
            [number, line.value.name,
             *chain(*(_cells_of(column.shown(line.counts)) for column in table.columns))]
            for number, line in enumerate(table.lines, start=1)
        ]  # fmt: skip
        found.append(Section(title, title, heads, rows))
    return found


def _heads_of(indicator: Indicator) -> list[str]:
    counts = [_("Count"), pgettext("rate", "Out of")] if indicator.is_rate else []
    return [indicator.name, *counts]


def _cells_of(one: Rated) -> Row:
    return [one.count] if one.whole is None else [one.percent, one.count, one.whole]


def _definitions(used: list[Indicator]) -> Section:
    heads = [
        _("Figure"),
        _("Version"),
        _("Time base"),
        _("Definition"),
        pgettext("scheme", "Source"),
    ]
    rows: list[Row] = [
        [each.name, each.version, "、".join(map(str, entry_of(each).bases)),
         str(each.definition), each.source]
        for each in used
    ]  # fmt: skip
    return Section(_("Definitions"), _("Definitions"), heads, rows)
