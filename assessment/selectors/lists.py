"""The list behind a figure: one row for each thing it counts, each opening its case.

Nothing of a reporter is read here, and no free text in which one might stand.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import F, QuerySet
from django.utils.translation import gettext as _

from assessment.dimensions import DIMENSIONS, NONE, POSTED, filter_of
from assessment.indicators import INDICATORS, Grain, Indicator
from assessment.indicators.arms import STOCK, arms_of, plain_condition
from assessment.models import FACTS
from assessment.models.facts import Lifetime
from assessment.periods import Period
from assessment.rates import percent_of
from assessment.selectors.figures import base_rows, rows_behind
from assessment.selectors.summed import quick_figures
from cases.models import Satisfaction, TaskKind, TaskOutcome
from cases.selectors.paging import PAGE_SIZE, Page, page_of
from cases.sources import Source
from cases.workflow import ROLE_LABELS, State
from dispatch.models import Department
from dispatch.selectors.case_lists import departments_of, lamp_of
from gridcity.contracts import Actor
from parts.models import CatalogueClass, Community, Street

# More than there are: a limit is all that keeps a planner from looking through a subquery.
EVERY_ROW = 2**31
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
    Grain.CASE: ("case_id", "ended_at"),
    Grain.TURN: (
        "department__name", "began_at", "due_at", "finished_at", "finish_in_time", "ended_at",
        "reworks",
    ),
    Grain.TASK: ("task", "assignee__full_name", "sent_at", "due_at", "ended_at", "outcome",
                 "in_time"),
    Grain.STAY: ("state", "began_at", "due_at", "ended_at", "in_time"),
    Grain.CALL: ("call", "called_at", "contacted", "resolved", "satisfaction"),
}  # fmt: skip
# How long a case that is still open has left: as it stands now, whatever the period.
_NOW = {"now_due_at": F("case__due_at"), "now_green_until": F("case__green_until")}


def list_rows(
    indicator: Indicator,
    actor: Actor,
    period: Period,
    wanted: Mapping[str, str],
    *,
    cursor: str | None,
    size: int = PAGE_SIZE,
) -> Page:
    """One page of the rows behind a figure, newest first; three queries."""
    found = _behind(indicator, actor, period, wanted)
    return page_rows(found, indicator.grain, period, cursor=cursor, size=size)


def _behind(
    indicator: Indicator, actor: Actor, period: Period, wanted: Mapping[str, str]
) -> QuerySet[Any]:
    """`rows_behind` in the words by which an index finds them."""
    if any(key in wanted for key in POSTED):
        return rows_behind(indicator, actor, period, wanted)
    found = base_rows(indicator.grain, actor, period).filter(
        plain_condition(indicator, period), filter_of(indicator.grain, wanted)
    )
    if set(arms_of(indicator.key) or ()) == {STOCK}:
        found = found.alias(lifetime=Lifetime()).filter(lifetime__contains=period.cut)
    return found


def page_rows(
    found: QuerySet[Any], grain: Grain, period: Period, *, cursor: str | None, size: int = PAGE_SIZE
) -> Page:
    """One page of facts as the lists show them.

    Their ids first, by the index of when it happened: ordered by id alone, a planner would walk all
    that came after a period of long ago, or join all rows before it takes a page of them.
    """
    shown = {name: F(f"case__{path}") for name, path in OF_CASE.items()}
    if grain is Grain.CASE:
        shown |= _NOW
    facts = FACTS[grain]._default_manager
    behind: QuerySet[Any, Any] = facts.filter(pk__in=found.order_by().values("pk")[:EVERY_ROW])
    page = page_of(behind.values("id"), cursor=cursor, size=size)
    told = facts.filter(pk__in=[row["id"] for row in page.rows])
    said = {row["id"]: row for row in told.values("id", *_OWN[grain], **shown)}
    page = replace(page, rows=[said[row["id"]] for row in page.rows if row["id"] in said])
    for row in page.rows:
        row.update(_words_of(row))
    if grain is Grain.CASE:
        name_departments(page.rows, period, "case_id")
    return page


def _words_of(row: dict[str, Any]) -> dict[str, Any]:
    """Values of the law in words, and the clock of an open case under the names of every list."""
    said: dict[str, Any] = {}
    if "now_due_at" in row:
        said |= {"due_at": row["now_due_at"], "green_until": row["now_green_until"]}
    if "outcome" in row:
        said |= {"task": TaskKind(row["task"]).label}
        said |= {"outcome": TaskOutcome(row["outcome"]).label if row["outcome"] else ""}
    if row.get("satisfaction"):
        said |= {"satisfaction": Satisfaction(row["satisfaction"]).label}
    return said


def name_departments(rows: list[dict[str, Any]], period: Period, case: str = "id") -> None:
    """Whose turn each case is now, and its lamp; `case` names the column of the case's id."""
    departments = departments_of([row[case] for row in rows])
    for row in rows:
        row["department__name"] = departments.get(row[case], {}).get("name", "")
        row["lamp"] = lamp_of(row, period.as_of)


def count_rows(
    indicator: Indicator, actor: Actor, period: Period, wanted: Mapping[str, str]
) -> int:
    """How many rows the list has: the figure itself, from sums where these hold."""
    if not wanted:
        return quick_figures(actor, period, (), frozenset({indicator.key})).total[indicator.key]
    return rows_behind(indicator, actor, period, wanted).count()


def rate_of_rows(
    indicator: Indicator, actor: Actor, period: Period, wanted: Mapping[str, str]
) -> str:
    """The rate of a list in per cent, with what else counts in it; empty for a mere count."""
    if not indicator.is_rate:
        return ""
    parts = (indicator.key, indicator.of, *(key for key, _weight in indicator.also))
    counts = {key: count_rows(INDICATORS[key], actor, period, wanted) for key in parts}
    return percent_of(indicator, counts)


def name_of(dimension: str, value: str) -> str:
    """The word for one value of a dimension; the value itself where nothing bears it."""
    if value == NONE:
        return str(_("The desk")) if dimension == "person" else ""
    if dimension == "state":
        return str(State(value).label)
    if dimension == "post":
        return str(ROLE_LABELS.get(value, value))
    if dimension == "person":
        names = get_user_model().objects.filter(username=value)
        return names.values_list("full_name", flat=True).first() or value
    if dimension == "source":
        return str(Source(value).label)
    named = _named(dimension, value)
    return value if named is None else named.values_list("name", flat=True).first() or value


def _named(dimension: str, value: str) -> QuerySet[Any] | None:
    """The row that a value of a dimension names."""
    match dimension:
        case "street":
            return Street.objects.filter(code=value)
        case "community":
            return Community.objects.filter(code=value)
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
