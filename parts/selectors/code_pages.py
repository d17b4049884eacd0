"""One way to page through what is listed by a code of digits: by the code last seen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from gridcity.contracts import Invalid


@dataclass(frozen=True, slots=True)
class CodePage:
    """Some rows by code, and the cursors of the pages around them (None where there is none)."""

    rows: list[dict[str, Any]]
    next: str | None
    previous: str | None


def page_by_code(
    rows: QuerySet[Any, dict[str, Any]], column: str, *, cursor: str | None, size: int
) -> CodePage:
    """One page of `.values()` rows that hold the column of their code. Raises Invalid."""
    back, code = read_cursor(cursor)
    if code:
        rows = rows.filter(**{f"{column}__lt" if back else f"{column}__gt": code})
    found = list(rows.order_by(f"-{column}" if back else column)[: size + 1])
    more, found = len(found) > size, found[:size]
    if back:
        found.reverse()
    has_next, has_previous = (True, more) if back else (more, bool(code))
    return CodePage(
        rows=found,
        next=f"after-{found[-1][column]}" if found and has_next else None,
        previous=f"before-{found[0][column]}" if found and has_previous else None,
    )


def read_cursor(cursor: str | None) -> tuple[bool, str]:
    """Whether a page goes back, and from which code. Raises Invalid."""
    way, _dash, code = (cursor or "after-").partition("-")
    if way not in ("after", "before") or (code and not code.isdecimal()):
        raise Invalid(_("This page is unknown."), cursor=_("Unknown cursor."))
    return way == "before", code
