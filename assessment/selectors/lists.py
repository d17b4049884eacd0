"""The list behind a figure: one row for each thing it counts, each opening its case.

Nothing of a reporter is read here, and no free text in which one might stand.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import F, QuerySet

from assessment.dimensions import DIMENSIONS, NONE
from assessment.indicators import Grain, Indicator
from assessment.periods import Period
from assessment.selectors.figures import rows_behind
from cases.selectors.paging import PAGE_SIZE, Page, page_of
from cases.workflow import State
from dispatch.models import Department
from dispatch.selectors.case_lists import departments_of, lamp_of
from gridcity.contracts import Actor
from parts.models import CatalogueClass, Street

OF_CASE = {
    "case_number": "number",
    "case_state": "state",
    "class_name": "catalogue_class__name",
    "street_name": "street__name",
    "community_name": "community__name",
    "cell_code": "cell__code",
    "reported": "reported_at",
    "filed": "filed_at",
}
# What each grain shows of itself, beside its case.
_OWN: dict[Grain, tuple[str, ...]] = {
    Grain.CASE: ("due_at", "green_until", "ended_at"),
    Grain.TURN: (
        "department__name", "began_at", "due_at", "overdue_at", "finished_at", "finish_in_time",
        "ended_at", "rework_count",
    ),
    Grain.STAY: ("began_at", "due_at", "ended_at", "in_time"),
}  # fmt: skip


def list_rows(
    indicator: Indicator,
    actor: Actor,
    period: Period,
    wanted: Mapping[str, str],
    *,
    cursor: str | None,
    size: int = PAGE_SIZE,
) -> Page:
    """One page of the rows behind a figure, newest first; two queries."""
    prefix = "" if indicator.grain is Grain.CASE else "case__"
    of_case = {name: F(prefix + path) for name, path in OF_CASE.items()}
    rows = rows_behind(indicator, actor, period, wanted).values(
        "id", *_OWN[indicator.grain], **of_case
    )
    page = page_of(rows, cursor=cursor, size=size)
    if indicator.grain is Grain.CASE:
        name_departments(page.rows, period)
    return page


def name_departments(rows: list[dict[str, Any]], period: Period) -> None:
    """Whose turn each case is now, and its lamp."""
    departments = departments_of([row["id"] for row in rows])
    for row in rows:
        row["department__name"] = departments.get(row["id"], {}).get("name", "")
        row["lamp"] = lamp_of(row, period.as_of)


def count_rows(
    indicator: Indicator, actor: Actor, period: Period, wanted: Mapping[str, str]
) -> int:
    """How many rows the list has: the figure itself."""
    return rows_behind(indicator, actor, period, wanted).count()


def name_of(dimension: str, value: str) -> str:
    """The word for one value of a dimension; the value itself where nothing bears it."""
    if value == NONE:
        return ""
    if dimension == "state":
        return str(State(value).label)
    named = _named(dimension, value)
    return value if named is None else named.values_list("name", flat=True).first() or value


def _named(dimension: str, value: str) -> QuerySet[Any] | None:
    """The row that a value of a dimension names."""
    match dimension:
        case "street":
            return Street.objects.filter(code=value)
        case "department":
            return Department.objects.filter(code=value)
        case "class":
            scheme, kind, code = value.split(":")
            return CatalogueClass.objects.filter(scheme_id=scheme, kind=kind, code=code)
        case _:
            return None


def names_of(wanted: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """What a list is narrowed to: (key, word for the dimension, word for the value)."""
    return [(key, str(DIMENSIONS[key].label), name_of(key, value)) for key, value in wanted.items()]
