"""One way to page through the district's lists: by the code, or the id, of the row last seen.

Rows that come or go meanwhile neither repeat nor hide others,
and the last page costs what the first does.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from gridcity.contracts import Invalid

Row = TypeVar("Row")
# The longest code of a list, that of a place, has 32 letters; an id of the database 19 digits.
LONGEST, LONGEST_NUMBER = 32, 18


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """Some rows, and the cursors of the pages around them (None where there is none)."""

    rows: list[Row]
    next: str | None
    previous: str | None


def page_by(
    rows: QuerySet[Any, Row],
    column: str,
    *,
    cursor: str | None,
    size: int,
    newest_first: bool = False,
    letters: bool = False,
) -> Page[Row]:
    """One page in the order of a unique column, which rows made by `.values()` must hold.

    `letters` says that the column holds other than digits. Raises Invalid for another's cursor.
    """
    back, at = read_cursor(cursor, letters=letters)
    down = back != newest_first
    if at:
        rows = rows.filter(**{f"{column}__lt" if down else f"{column}__gt": at})
    found = list(rows.order_by(f"-{column}" if down else column)[: size + 1])
    more, found = len(found) > size, found[:size]
    if back:
        found.reverse()
    has_next, has_previous = (True, more) if back else (more, bool(at))
    return Page(
        rows=found,
        next=f"after-{value_of(found[-1], column)}" if found and has_next else None,
        previous=f"before-{value_of(found[0], column)}" if found and has_previous else None,
    )


def value_of(row: Any, column: str) -> Any:
    return row[column] if isinstance(row, dict) else getattr(row, column)


def read_cursor(cursor: str | None, *, letters: bool) -> tuple[bool, str]:
    """Whether a page goes back, and from which row. Raises Invalid."""
    way, _dash, at = (cursor or "after-").partition("-")
    fits = at.isprintable() and len(at) <= LONGEST if letters else is_number(at)
    if way not in ("after", "before") or (at and not fits):
        raise Invalid(_("This page is unknown."), cursor=_("Unknown cursor."))
    return way == "before", at


def is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= LONGEST_NUMBER
