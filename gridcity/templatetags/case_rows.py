"""The rows of a list of cases, drawn as text: fifty of them have 2,600 nodes as a template.

That cost more than everything else of the page together. What stands here is what
`dispatch/includes/_list.html` would say of each row; every value is escaped.
"""

from __future__ import annotations

import html
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any

from django import template
from django.template.context import Context
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import Truncator
from django.utils.translation import gettext as __
from django.utils.translation import pgettext

from gridcity.templatetags.gridcity_ui import state
from gridcity.times import Teller

register = template.Library()

NUMBER = "0" * 17  # stands for the number of a case in the addresses below
SERIAL_FROM = 10


@dataclass(frozen=True, slots=True)
class Table:
    """What all rows of one page have in common: columns, addresses, words, the instant."""

    columns: frozenset[str]
    has_map: bool
    teller: Teller
    case_url: str
    proposal_url: str
    words: Mapping[str, str]
    # The badges of the states that were drawn: a page shows few of them again and again.
    badges: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, columns: Iterable[str], has_map: bool, now: datetime) -> Table:
        return cls(
            frozenset(columns), has_map, Teller.at(now),
            reverse("dispatch:case", args=[NUMBER]), reverse("dispatch:proposal", args=[NUMBER]),
            {
                "place": escape(__("Place")), "words": escape(__("Description")),
                "source": escape(__("Source")), "state": escape(__("State")),
                "time": escape(pgettext("column", "Time left")), "limit": escape(__("Limit")),
                "department": escape(__("Handling department")),
                "reported": escape(pgettext("instant", "Reported")),
                "dispatched": escape(pgettext("instant", "Dispatched")),
                "event": escape(pgettext("kind", "Event")),
                "part": escape(pgettext("kind", "Part")),
                "no place": escape(__("no place yet")), "rework": escape(__("rework")),
                "waits": escape(__("%(kind)s waits")),
                "working time": escape(__("working time %(left)s")),
            },
        )  # fmt: skip


def escape(value: Any) -> str:
    """Text for HTML. Django's own also takes lazy and safe text, which costs as much as a row."""
    return html.escape(str(value))


# Names of classes, places and departments come again and again.
escape_name = lru_cache(maxsize=4096)(escape)


@register.simple_tag(takes_context=True)
def case_cells(context: Context, row: Mapping[str, Any]) -> SafeString:
    """What a row of any list of figures or ledgers says of its case: number, class, place, state.

    The number opens the case, unless the reader works with none (`opens_no_case`).
    """
    words: dict[str, str] = context.render_context.get("case_cells") or _words_of_cells(context)
    number = escape(row["case_number"])
    code = f'<span class="gc-code">{number}</span>'
    if not context.get("opens_no_case"):
        url = escape(words["url"].replace(NUMBER, str(row["case_number"])))
        code = f'<a class="gc-code" data-gc-main href="{url}">{number}</a>'
    names = [row[key] for key in ("street_name", "community_name") if row[key]]
    spot = " · ".join(map(escape_name, names))
    # A page shows few states again and again.
    badge = words.get(row["case_state"]) or words.setdefault(
        row["case_state"], state(row["case_state"])
    )
    return mark_safe(  # noqa: S308 - every value was escaped
        f'<th scope="row" data-label="{words["number"]}">{code}</th>'
        f'<td data-label="{words["class"]}">{escape_name(row["class_name"])}</td>'
        f'<td data-label="{words["place"]}">{spot}</td>'
        f'<td data-label="{words["state"]}">{badge}</td>'
    )


@register.filter
def stamp(instant: datetime | None, to: str = "minutes") -> SafeString:
    """Day and hour in local time, to the minute or the second; a narrow cell parts them only."""
    return Teller.at().stamp(instant, to)


def _words_of_cells(context: Context) -> dict[str, str]:
    """The same for all rows of a page, so found once."""
    words = {
        "url": reverse("dispatch:case", args=[NUMBER]), "number": escape(__("Case number")),
        "class": escape(__("Class")), "place": escape(__("Place")), "state": escape(__("State")),
    }  # fmt: skip
    context.render_context["case_cells"] = words
    return words


@register.simple_tag
def case_rows(
    rows: Iterable[Mapping[str, Any]], columns: Iterable[str], has_map: bool, now: datetime
) -> SafeString:
    """All rows of a page as `<tr>`s, as the list of a desk shows them."""
    table = Table.of(columns, has_map, now)
    drawn = [draw(row, number, table) for number, row in enumerate(rows, 1)]
    return mark_safe("".join(drawn))  # noqa: S308 - every value was escaped


def draw(row: Mapping[str, Any], number: int, table: Table) -> str:
    """One row: what it is, where, in which state, and the columns of the desk."""
    cells = [
        f'<tr data-gc-row="{escape(row["number"])}"{on_map(row, table)}{why(row)}>',
        f'<td class="gc-no">{number}</td>',
        named(row, table),
        f'<td data-label="{table.words["place"]}" class="gc-place">{place(row, table)}</td>',
        *(CELLS[name](row, table) for name in FIRST if name in table.columns),
        standing(row, table),
        *(CELLS[name](row, table) for name in LAST if name in table.columns),
        "</tr>",
    ]
    return "".join(cells)


def on_map(row: Mapping[str, Any], table: Table) -> str:
    """What the map beside the list needs of a row."""
    if not table.has_map:
        return ""
    number = str(row["number"])
    spot = ""
    if row["place"]:
        lon, lat = row["place"]
        spot = f' data-lon="{lon:.7f}" data-lat="{lat:.7f}"'
    label = escape(f"{number[SERIAL_FROM:]} {row['catalogue_class__name']}")
    proposal = escape(table.proposal_url.replace(NUMBER, number))
    return (
        f' data-proposal="{proposal}"{spot} data-label="{label}"'
        f' data-lamp="{escape(row["lamp"] or "none")}"'
    )


def why(row: Mapping[str, Any]) -> str:
    return f' data-why="{escape(row["why"])}"' if row.get("why") else ""


def named(row: Mapping[str, Any], table: Table) -> str:
    """Number and class, with the address of the case."""
    number = escape(row["number"])
    kind = table.words["part" if row["kind"] == "part" else "event"]
    return (
        f'<th scope="row"><a href="{table.case_url.replace(NUMBER, number)}" data-gc-main>'
        f'<span class="gc-code gc-number">{number[:SERIAL_FROM]}'
        f"<b>{number[SERIAL_FROM:]}</b></span></a>"
        f'<span class="gc-class"><span class="gc-tag">{kind}</span>'
        f"{escape_name(row['catalogue_class__name'])}</span></th>"
    )


def place(row: Mapping[str, Any], table: Table) -> str:
    """Street, community and cell, or the words for a place that has no point yet."""
    cell = row["cell__code"]
    if cell:
        return (
            f"<span>{escape_name(row['street__name'])}</span>"
            f'<span class="gc-sub" title="{escape(cell)}">{escape_name(row["community__name"])} '
            f'<span class="gc-code">{escape(cell[-3:])}</span></span>'
        )
    said = f"<em>{table.words['no place']}</em>"
    if row["place_text"]:
        said += f'<span class="gc-sub">{escape(Truncator(row["place_text"]).chars(24))}</span>'
    return said


def standing(row: Mapping[str, Any], table: Table) -> str:
    """State and time left: in one cell beside a map, else in two."""
    marks = ""
    if row["rework_count"]:
        rework = f"{table.words['rework']} {row['rework_count']}"
        marks += f' <span class="gc-sub gc-bad-ink">{rework}</span>'
    if row["request"]:
        waits = table.words["waits"] % {"kind": escape(row["request"])}
        marks += f' <span class="gc-sub gc-asks">{waits}</span>'
    between = "<br>" if table.has_map else f'</td><td data-label="{table.words["time"]}">'
    shown = table.badges.get(row["state"])
    if shown is None:
        shown = table.badges[row["state"]] = state(row["state"], row["state_label"])
    return f'<td data-label="{table.words["state"]}">{shown}{marks}{between}{time(row, table)}</td>'


def time(row: Mapping[str, Any], table: Table) -> str:
    """The lamp with the time left; of an ended case when it ended."""
    if row["ended_at"]:
        return f'<span class="gc-muted gc-nowrap">{table.teller.when(row["ended_at"])}</span>'
    shown: str = table.teller.lamp(row["lamp"], row["due_at"], row["green_until"])
    if row["working_left"]:
        left = table.words["working time"] % {"left": escape(row["working_left"])}
        shown += f'<span class="gc-sub">{left}</span>'
    return shown


def words(row: Mapping[str, Any], table: Table) -> str:
    only = " gc-only-large" if table.has_map else ""
    said = escape(row["description"])
    return (
        f'<td data-label="{table.words["words"]}" class="gc-wide{only}">'
        f'<span class="gc-two" title="{said}">{said or "—"}</span></td>'
    )


def plain(label: str, value: Any, *, narrow: bool = True) -> str:
    """A cell with one short value."""
    narrowed = ' class="gc-nowrap"' if narrow else ""
    return f'<td data-label="{label}"{narrowed}>{escape_name(str(value)) if value else "—"}</td>'


def instant(label: str, at: datetime | None, table: Table) -> str:
    """A cell with an instant."""
    said = table.teller.when(at) if at else "—"
    return f'<td data-label="{label}" class="gc-nowrap">{said}</td>'


def department(row: Mapping[str, Any], table: Table) -> str:
    name = row["department"]["name"] if row["department"] else ""
    return plain(table.words["department"], name, narrow=False)


FIRST, LAST = ("words", "source"), ("limit", "department", "reported", "dispatched")
CELLS: dict[str, Callable[[Mapping[str, Any], Table], str]] = {
    "words": words,
    "source": lambda row, table: plain(table.words["source"], row["source_label"]),
    "limit": lambda row, table: plain(table.words["limit"], row["limit"]),
    "department": department,
    "reported": lambda row, table: instant(table.words["reported"], row["reported_at"], table),
    "dispatched": lambda row, table: instant(table.words["dispatched"], row["began_at"], table),
}
