"""One way to page through cases: by a cursor that names the last row seen.

Rows that arrive meanwhile neither repeat nor hide others, and page 1,000 costs what page 1 costs.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from gridcity.contracts import Invalid

PAGE_SIZE = 50
COUNT_LIMIT = 5_000

# The column by which a list is ordered: the id, when something is due, or the name of a column
# with the instant at which something happened. The id decides among equals. FOUND: the id, of rows
# that are all found before they are put in order: how they are found says nothing of it.
Order = str
FOUND = "found"


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows, and the cursors of the pages before and after (None where there is none)."""

    rows: list[dict[str, Any]]
    next: str | None
    previous: str | None


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a page begins: after (or, going back, before) this row."""

    key: datetime | None
    pk: int
    back: bool = False

    def encode(self) -> str:
        key = self.key.isoformat() if self.key else None
        return base64.urlsafe_b64encode(json.dumps([key, self.pk, self.back]).encode()).decode()

    @classmethod
    def decode(cls, text: str) -> Cursor:
        """Raises Invalid for anything that is not a cursor of ours."""
        try:
            key, pk, back = json.loads(base64.urlsafe_b64decode(text.encode()))
            at = datetime.fromisoformat(key).astimezone(UTC) if key else None
            if not 0 <= int(pk) < 2**63:
                raise ValueError(pk)
            return cls(at, int(pk), bool(back))
        except (ValueError, TypeError, OverflowError, RecursionError):
            raise Invalid(_("This page is unknown."), cursor=_("Unknown cursor.")) from None


def page_of(
    *lists: QuerySet[Any, dict[str, Any]],
    cursor: str | None,
    by: Order = "id",
    size: int = PAGE_SIZE,
) -> Page:
    """One page of `.values()` rows that hold `id` and the column they are ordered `by`.

    By `due_at`: earliest first, those without one last. By `id`, FOUND or an instant: newest first;
    such an instant is set in every row. Several lists that share no row are one, in one order: each
    gives what a page may need of it, by an index of its own: when one has filled the page, others
    are looked through only as far as that reaches.
    """
    at = Cursor.decode(cursor) if cursor else None
    back = at is not None and at.back
    found: list[dict[str, Any]] = []
    for rows in lists:
        reach = {f"{by}__{'lte' if back else 'gte'}": found[size][by]} if len(found) > size else {}
        found += part_of(rows.filter(**reach), at, by, size)
        if len(lists) > 1:
            found.sort(key=lambda row: (row[by], row["id"]), reverse=not back)
    return turned(found, at, by, size)


def part_of(
    rows: QuerySet[Any, dict[str, Any]], at: Cursor | None, by: Order, size: int
) -> QuerySet[Any, dict[str, Any]]:
    """The rows of a page in the order of its way, and one more where there is one."""
    beyond = rows if at is None else rows.filter(_beyond(at, by))
    return beyond.order_by(*_order(by, at is not None and at.back))[: size + 1]


def turned(found: list[dict[str, Any]], at: Cursor | None, by: Order, size: int) -> Page:
    """The page of rows that `part_of` found, in the order of the list."""
    back = at is not None and at.back
    more, found = len(found) > size, found[:size]
    if back:
        found.reverse()
    has_next, has_previous = (True, more) if back else (more, at is not None)
    return Page(
        rows=found,
        next=_cursor(found[-1], by, False) if found and has_next else None,
        previous=_cursor(found[0], by, True) if found and has_previous else None,
    )


def _cursor(row: dict[str, Any], by: Order, back: bool) -> str:
    return Cursor(None if by in {"id", FOUND} else row[by], row["id"], back).encode()


def _order(by: Order, back: bool) -> list[Any]:
    match by:
        case "id":
            return ["id"] if back else ["-id"]
        case "found":
            # Plus nothing: whoever walks the index of ids meets all that came after a long past.
            unordered = F("id") + 0
            return [unordered.asc() if back else unordered.desc()]
        case "due_at" if back:
            return [F("due_at").desc(nulls_first=True), "-id"]
        case "due_at":
            return [F("due_at").asc(nulls_last=True), "id"]
    return [by, "id"] if back else [f"-{by}", "-id"]


def _beyond(at: Cursor, by: Order) -> Q:
    """The rows after the cursor, in the order of the list."""
    match by:
        case "id" | "found":
            return Q(pk__gt=at.pk) if at.back else Q(pk__lt=at.pk)
        case "due_at":
            return _beyond_due(at)
    return _beyond_instant(at, by)


def _beyond_due(at: Cursor) -> Q:
    if at.key is None:
        here = Q(due_at=None, pk__lt=at.pk) if at.back else Q(due_at=None, pk__gt=at.pk)
        return here | Q(due_at__isnull=False) if at.back else here
    if at.back:
        return Q(due_at__lt=at.key) | Q(due_at=at.key, pk__lt=at.pk)
    return Q(due_at__gt=at.key) | Q(due_at=at.key, pk__gt=at.pk) | Q(due_at=None)


def _beyond_instant(at: Cursor, by: str) -> Q:
    """The bound on the column alone lets the index begin at the cursor."""
    if at.key is None:
        raise Invalid(_("This page is unknown."), cursor=_("Unknown cursor."))
    way = "gt" if at.back else "lt"
    beyond = Q(**{f"{by}__{way}": at.key}) | Q(**{f"pk__{way}": at.pk})
    return Q(**{f"{by}__{way}e": at.key}) & beyond


def capped_count(rows: QuerySet[Any, Any]) -> int:
    """How many rows there are, counted up to a limit: a million rows are not counted for a page."""
    return capped(rows).count()


def capped(rows: QuerySet[Any, Any]) -> QuerySet[Any, Any]:
    """So many rows that they say whether there are more than the limit; in no order."""
    return rows.order_by()[: COUNT_LIMIT + 1]
