"""The list behind a figure, drawn as text: as a template fifty rows cost more than their page.

Each grain has its columns after those of its case; a cell of a card on a narrow screen bears the
head of its column. Every value is escaped.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from html import escape
from typing import Any, NamedTuple

from django import template
from django.template.context import Context
from django.utils.functional import Promise
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from assessment.models import Grain
from assessment.periods import Period
from gridcity.templatetags.case_rows import case_cells
from gridcity.times import Teller

register = template.Library()

Row = Mapping[str, Any]


class Seen(NamedTuple):
    """What all rows of a page are told by: their period, and who says its times and words."""

    period: Period
    teller: Teller
    yes: str
    no: str
    unknown: str

    @classmethod
    def of(cls, period: Period) -> Seen:
        return cls(period, Teller.at(period.as_of), *escape(__("yes,no,–")).split(","))


class Column(NamedTuple):
    """Its head, and what a row shows there."""

    head: Promise
    cell: Callable[[Row, Seen], str]
    is_number: bool = False


@register.simple_tag(takes_context=True)
def fact_rows(context: Context, rows: Iterable[Row], grain: str) -> SafeString:
    """Head and body of a page of facts of a grain."""
    seen, columns = Seen.of(context["period"]), _COLUMNS[Grain(grain)]
    marks = [' class="gc-num"' if each.is_number else "" for each in columns]
    labels = [escape(str(each.head)) for each in columns]
    opened = [
        (f'<td{mark} data-label="{label}">', each.cell)
        for mark, label, each in zip(marks, labels, columns, strict=True)
    ]
    body = [
        f'<tr data-gc-row="{row["id"]}"><td class="gc-no gc-muted">{number}</td>'
        f"{case_cells(context, row)}\n"
        + "\n".join([f"{start}{cell(row, seen)}</td>" for start, cell in opened])
        + "</tr>\n"
        for number, row in enumerate(rows, 1)
    ]
    heads = [
        f'<th scope="col"{mark}>{label}</th>' for mark, label in zip(marks, labels, strict=True)
    ]
    return mark_safe(  # noqa: S308 - every value is escaped
        f"<thead><tr>{_case_heads()}{''.join(heads)}</tr></thead>\n<tbody>\n{''.join(body)}</tbody>"
    )


def _case_heads() -> str:
    """The heads of the columns that `case_cells` fills, after the number of the row."""
    words = (__("Case number"), __("Class"), __("Place"), __("State"))
    heads = "".join([f'<th scope="col">{escape(word)}</th>' for word in words])
    return f'<th scope="col" class="gc-no">{escape(__("No."))}</th>{heads}'


# ---------------------------------------------------------------- cells


def _said(key: str, otherwise: str = "") -> Callable[[Row, Seen], str]:
    """A word as it stands in the row."""

    def cell(row: Row, _seen: Seen) -> str:
        return escape(str(row[key] or otherwise))

    return cell


def _at(key: str, to: str = "minutes") -> Callable[[Row, Seen], str]:
    """An instant, to the minute or the second."""

    def cell(row: Row, seen: Seen) -> str:
        return seen.teller.stamp(row[key], to)

    return cell


def _whether(key: str) -> Callable[[Row, Seen], str]:
    """Yes or no; nothing where nobody asked."""

    def cell(row: Row, seen: Seen) -> str:
        value = row[key]
        return seen.unknown if value is None else seen.yes if value else seen.no

    return cell


def _time_left(row: Row, seen: Seen) -> str:
    if not row["due_at"]:
        return "–"
    return seen.teller.lamp(due_at=row["due_at"], green_until=row["green_until"])


def _uncounted(cell: Callable[[Row, Seen], str]) -> Callable[[Row, Seen], str]:
    """The cell, and beneath it what an upheld appeal took out of the figures."""

    def marked(row: Row, seen: Seen) -> str:
        facts = row.get("uncounted") or ()
        if not facts and row.get("counted", True):
            return cell(row, seen)
        said = escape(__("Not counted after an appeal"))
        named = f"：{escape('、'.join(map(str, facts)))}" if facts else ""
        return f'{cell(row, seen)} <div class="gc-muted" data-gc-uncounted>{said}{named}</div>'

    return marked


def _finished(row: Row, seen: Seen) -> str:
    """Of a turn that is still open only that it is overdue."""
    if row["finish_in_time"]:
        return escape(__("In time"))
    if row["finished_at"]:
        return escape(__("Late"))
    is_overdue = row["due_at"] and row["due_at"] < seen.period.cut and not row["ended_at"]
    return escape(__("Overdue")) if is_overdue else "–"


def _answered(row: Row, _seen: Seen) -> str:
    if row["in_time"]:
        return escape(__("In time"))
    return escape(__("Late") if row["ended_at"] else __("Not answered"))


def _left(row: Row, seen: Seen) -> str:
    """As `_answered`; a visit whose time nobody measures is neither in time nor late."""
    return "–" if row["ended_at"] and row["in_time"] is None else _answered(row, seen)


def _answer(row: Row, seen: Seen) -> str:
    outcome = f" · {escape(str(row['outcome']))}" if row["outcome"] else ""
    return seen.teller.stamp(row["ended_at"], "seconds") + outcome


def _how_called(row: Row, _seen: Seen) -> str:
    return escape(__("Rated on the web") if row["call"] == "web" else __("Called back"))


_COLUMNS: dict[Grain, tuple[Column, ...]] = {
    Grain.CASE: (
        Column(_("Department"), _said("department__name", "–")),
        Column(pgettext_lazy("instant", "Reported"), _at("reported")),
        Column(pgettext_lazy("instant", "Filed"), _at("filed")),
        Column(pgettext_lazy("instant", "Ended"), _uncounted(_at("ended_at"))),
        Column(_("Time left"), _time_left),
    ),
    Grain.TURN: (
        Column(_("Department"), _said("department__name")),
        Column(pgettext_lazy("instant", "Began"), _at("began_at")),
        Column(_("Due"), _at("due_at")),
        Column(pgettext_lazy("instant", "Finished"), _at("finished_at")),
        Column(pgettext_lazy("in time or late", "Result"), _uncounted(_finished)),
        Column(_("Reworks"), lambda row, _seen: str(row["reworks"]), is_number=True),
    ),
    Grain.TASK: (
        Column(_("Task"), _said("task")),
        Column(_("Supervisor"), _said("assignee__full_name")),
        Column(pgettext_lazy("instant", "Sent"), _at("sent_at", "seconds")),
        Column(_("Due"), _at("due_at", "seconds")),
        Column(pgettext_lazy("instant", "Answered"), _answer),
        Column(pgettext_lazy("in time or late", "Result"), _uncounted(_answered)),
    ),
    Grain.STAY: (
        Column(pgettext_lazy("instant", "Began"), _at("began_at", "seconds")),
        Column(_("Due"), _at("due_at", "seconds")),
        Column(pgettext_lazy("instant", "Answered"), _at("ended_at", "seconds")),
        Column(pgettext_lazy("in time or late", "Result"), _left),
    ),
    Grain.CALL: (
        Column(_("When"), _at("called_at")),
        Column(_("How"), _how_called),
        Column(_("Contacted"), _whether("contacted")),
        Column(_("Resolved"), _whether("resolved")),
        Column(_("Satisfaction"), _said("satisfaction", "–")),
    ),
}
