"""One way to page through cases: by a cursor that names the last row seen.

Rows that arrive meanwhile neither repeat nor hide others, and page 1,000 costs what page 1 costs.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from gridcity.contracts import Invalid

PAGE_SIZE = 50
COUNT_LIMIT = 10_000


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
            return cls(datetime.fromisoformat(key) if key else None, int(pk), bool(back))
        except (ValueError, TypeError):
            raise Invalid(_("This page is unknown."), cursor=_("Unknown cursor.")) from None


def page_of(
    rows: QuerySet[Any, dict[str, Any]],
    *,
    cursor: str | None,
    by_due: bool = False,
    size: int = PAGE_SIZE,
) -> Page:
    """One page of `.values()` rows that hold `id` and, when ordered by due instant, `due_at`.

    By due instant: earliest first, those without one last. Otherwise newest first.
    """
    at = Cursor.decode(cursor) if cursor else None
    back = at is not None and at.back
    if at is not None:
        rows = rows.filter(_beyond(at, by_due))
    ordered = rows.order_by(*_order(by_due, back))
    found = list(ordered[: size + 1])
    more, found = len(found) > size, found[:size]
    if back:
        found.reverse()
    has_next, has_previous = (True, more) if back else (more, at is not None)
    return Page(
        rows=found,
        next=_cursor(found[-1], by_due, False) if found and has_next else None,
        previous=_cursor(found[0], by_due, True) if found and has_previous else None,
    )


def _cursor(row: dict[str, Any], by_due: bool, back: bool) -> str:
    return Cursor(row["due_at"] if by_due else None, row["id"], back).encode()


def _order(by_due: bool, back: bool) -> list[Any]:
    if not by_due:
        return ["id"] if back else ["-id"]
    if back:
        return [F("due_at").desc(nulls_first=True), "-id"]
    return [F("due_at").asc(nulls_last=True), "id"]


def _beyond(at: Cursor, by_due: bool) -> Q:
    """The rows after the cursor, in the order of the list."""
    if not by_due:
        return Q(pk__gt=at.pk) if at.back else Q(pk__lt=at.pk)
    if at.key is None:
        here = Q(due_at=None, pk__lt=at.pk) if at.back else Q(due_at=None, pk__gt=at.pk)
        return here | Q(due_at__isnull=False) if at.back else here
    if at.back:
        return Q(due_at__lt=at.key) | Q(due_at=at.key, pk__lt=at.pk)
    return Q(due_at__gt=at.key) | Q(due_at=at.key, pk__gt=at.pk) | Q(due_at=None)


def capped_count(rows: QuerySet[Any, Any]) -> int:
    """How many rows there are, counted up to a limit: a million rows are not counted for a page."""
    return rows.order_by()[: COUNT_LIMIT + 1].count()
