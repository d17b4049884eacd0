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
from gridcity.templatetags.case_rows import case_cells, stamp
from gridcity.templatetags.gridcity_ui import lamp

register = template.Library()

Row = Mapping[str, Any]


class Column(NamedTuple):
    """Its head, and what a row shows there at the instants of a period."""

    head: Promise
    cell: Callable[[Row, Period], str]
    is_number: bool = False


@register.simple_tag(takes_context=True)
def fact_rows(context: Context, rows: Iterable[Row], grain: str) -> SafeString:
    """Head and body of a page of facts of a grain."""
    period, columns = context["period"], _COLUMNS[Grain(grain)]
    marks = [' class="gc-num"' if each.is_number else "" for each in columns]
    labels = [escape(str(each.head)) for each in columns]
    opened = [
        (f'<td{mark} data-label="{label}">', each.cell)
        for mark, label, each in zip(marks, labels, columns, strict=True)
    ]
    body = [
        f'<tr data-gc-row="{row["id"]}"><td class="gc-no gc-muted">{number}</td>'
        f"{case_cells(context, row)}\n"
        + "\n".join([f"{start}{cell(row, period)}</td>" for start, cell in opened])
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


def _said(key: str, otherwise: str = "") -> Callable[[Row, Period], str]:
    """A word as it stands in the row."""

    def cell(row: Row, _period: Period) -> str:
        return escape(str(row[key] or otherwise))

    return cell


def _at(key: str, to: str = "minutes") -> Callable[[Row, Period], str]:
    """An instant, to the minute or the second."""

    def cell(row: Row, _period: Period) -> str:
        return stamp(row[key], to)

    return cell


def _whether(key: str) -> Callable[[Row, Period], str]:
    """Yes or no; nothing where nobody asked."""

    def cell(row: Row, _period: Period) -> str:
        yes, no, unknown = __("yes,no,–").split(",")
        value = row[key]
        return escape(unknown if value is None else yes if value else no)

    return cell


def _time_left(row: Row, period: Period) -> str:
    if not row["due_at"]:
        return "–"
    return lamp(due_at=row["due_at"], green_until=row["green_until"], now=period.as_of)


def _finished(row: Row, period: Period) -> str:
    """Of a turn that is still open only that it is overdue."""
    if row["finish_in_time"]:
        return escape(__("In time"))
    if row["finished_at"]:
        return escape(__("Late"))
    is_overdue = row["due_at"] and row["due_at"] < period.cut and not row["ended_at"]
    return escape(__("Overdue")) if is_overdue else "–"


def _answered(row: Row, _period: Period) -> str:
    if row["in_time"]:
        return escape(__("In time"))
    return escape(__("Late") if row["ended_at"] else __("Not answered"))


def _left(row: Row, period: Period) -> str:
    """As `_answered`; a visit whose time nobody measures is neither in time nor late."""
    return "–" if row["ended_at"] and row["in_time"] is None else _answered(row, period)


def _answer(row: Row, _period: Period) -> str:
    outcome = f" · {escape(str(row['outcome']))}" if row["outcome"] else ""
    return stamp(row["ended_at"], "seconds") + outcome


def _how_called(row: Row, _period: Period) -> str:
    return escape(__("Rated on the web") if row["call"] == "web" else __("Called back"))


_COLUMNS: dict[Grain, tuple[Column, ...]] = {
    Grain.CASE: (
        Column(_("Department"), _said("department__name", "–")),
        Column(pgettext_lazy("instant", "Reported"), _at("reported")),
        Column(pgettext_lazy("instant", "Filed"), _at("filed")),
        Column(pgettext_lazy("instant", "Ended"), _at("ended_at")),
        Column(_("Time left"), _time_left),
    ),
    Grain.TURN: (
        Column(_("Department"), _said("department__name")),
        Column(pgettext_lazy("instant", "Began"), _at("began_at")),
        Column(_("Due"), _at("due_at")),
        Column(pgettext_lazy("instant", "Finished"), _at("finished_at")),
        Column(pgettext_lazy("in time or late", "Result"), _finished),
        Column(_("Reworks"), lambda row, _period: str(row["reworks"]), is_number=True),
    ),
    Grain.TASK: (
        Column(_("Task"), _said("task")),
        Column(_("Supervisor"), _said("assignee__full_name")),
        Column(pgettext_lazy("instant", "Sent"), _at("sent_at", "seconds")),
        Column(_("Due"), _at("due_at", "seconds")),
        Column(pgettext_lazy("instant", "Answered"), _answer),
        Column(pgettext_lazy("in time or late", "Result"), _answered),
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
