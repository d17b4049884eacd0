"""The list behind a figure: one row for each thing it counts, each opening its case.

Nothing of a reporter is read here, and no free text in which one might stand.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import DateTimeField, F, Q, QuerySet, Value
from django.utils.translation import gettext_lazy

from assessment.dimensions import (
    CODED,
    DIMENSIONS,
    NONE,
    POSTED,
    class_named,
    filter_of,
    named_by_code,
)
from assessment.indicators import INDICATORS, Grain, Indicator, registry
from assessment.indicators.arms import STOCK, arms_of, at_instants, instants_of
from assessment.models import FACTS
from assessment.models.facts import Beside
from assessment.periods import Period
from assessment.selectors.figures import (
    Counts,
    facts_seen,
    known_at,
    rows_behind,
    standing_at_cut,
    told_at,
)
from assessment.selectors.summed import quick_figures
from cases.models import Satisfaction, TaskKind, TaskOutcome
from cases.selectors.paging import FOUND, PAGE_SIZE, Order, Page, page_of
from cases.sources import Source
from cases.workflow import ROLE_LABELS, State
from dispatch.models import FactKind
from dispatch.selectors.case_lists import departments_of, lamp_of
from gridcity.contracts import Actor
from parts.selectors.compiled import compiled_by, one_of

# The instant of a row that a list is ordered by.
LISTED_AT = "listed_at"
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
    Grain.CASE: ("case_id", "ended_at", "uncounted"),
    Grain.TURN: (
        "department__name", "began_at", "due_at", "finished_at", "finish_in_time", "ended_at",
        "reworks", "uncounted",
    ),
    Grain.TASK: ("task", "assignee__full_name", "sent_at", "due_at", "ended_at", "outcome",
                 "in_time", "counted"),
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
    """One page of the rows behind a figure, newest first; a query for each arm, and two more."""
    lists, by = _behind(indicator, actor, period, wanted)
    return page_rows(lists, indicator.grain, period, cursor=cursor, by=by, size=size)


def _behind(
    indicator: Indicator, actor: Actor, period: Period, wanted: Mapping[str, str]
) -> tuple[list[QuerySet[Any]], Order]:
    """`rows_behind`, arm by arm in the words by which an index finds them, and their order.

    What stands at the cut comes before what happened until then.
    """
    by_arms = registry() is INDICATORS and period.has_begun
    arms = arms_of(indicator.key) if by_arms else None
    if arms is None or any(key in wanted for key in POSTED):
        return [rows_behind(indicator, actor, period, wanted)], FOUND
    seen = facts_seen(indicator.grain, actor).filter(known_at(period))
    rows = seen.filter(filter_of(indicator.grain, wanted))
    instants = instants_of(period)
    lists = [_arm(rows, base, at_instants(marked, instants), period)
             for base, marked in arms.items()]  # fmt: skip
    return lists, FOUND if set(arms) == {STOCK} else LISTED_AT


def _arm(rows: QuerySet[Any], base: str, condition: Q, period: Period) -> QuerySet[Any]:
    """Those that tell of life at the cut, with the instant by which they are listed."""
    listed_at: Any = F(base) if base != STOCK else Value(period.cut, DateTimeField())
    found: QuerySet[Any] = rows.annotate(**{LISTED_AT: listed_at})
    if base == STOCK:
        # All that ended since is far more than what stood then.
        return standing_at_cut(found, period).filter(Beside(condition))
    return found.filter(condition, Beside(told_at(period)))


def page_rows(
    lists: Sequence[QuerySet[Any]],
    grain: Grain,
    period: Period,
    *,
    cursor: str | None,
    by: Order = FOUND,
    size: int = PAGE_SIZE,
) -> Page:
    """One page of facts as the lists show them: by when it happened where that is said of them.

    Their ids first: a planner would join all rows before it takes a page of them.
    """
    columns = ("id",) if by == FOUND else ("id", by)
    pages = [rows.values(*columns) for rows in lists]
    page = page_of(*pages, cursor=cursor, by=by, size=size)
    told = _told(grain=grain, ids=[row["id"] for row in page.rows])
    said = {row["id"]: row for row in told}
    page = replace(page, rows=[said[row["id"]] for row in page.rows if row["id"] in said])
    for row in page.rows:
        row.update(_words_of(row))
    if grain is Grain.CASE:
        name_departments(page.rows, period, "case_id")
    return page


@compiled_by("grain")
def _told(grain: Grain, ids: Any) -> QuerySet[Any, dict[str, Any]]:
    """What the lists show of some facts, and of their cases."""
    shown = {name: F(f"case__{path}") for name, path in OF_CASE.items()}
    if grain is Grain.CASE:
        shown |= _NOW
    facts: QuerySet[Any] = FACTS[grain]._default_manager.filter(one_of("pk", ids))
    return facts.values("id", *_OWN[grain], **shown)


def _words_of(row: dict[str, Any]) -> dict[str, Any]:
    """Values of the law in words, and the clock of an open case under the names of every list."""
    said: dict[str, Any] = {}
    if "now_due_at" in row:
        said |= {"due_at": row["now_due_at"], "green_until": row["now_green_until"]}
    if "outcome" in row:
        said |= {"task": TaskKind(row["task"]).label}
        said |= {"outcome": TaskOutcome(row["outcome"]).label if row["outcome"] else ""}
    if row.get("uncounted"):
        said["uncounted"] = [FactKind(fact).label for fact in row["uncounted"]]
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
    return count_behind((indicator.key,), actor, period, wanted)[indicator.key]


def count_behind(
    keys: Iterable[str], actor: Actor, period: Period, wanted: Mapping[str, str]
) -> Counts:
    """How many rows some figures have, narrowed to values of dimensions. Raises Invalid.

    Sums and arms know today's definitions alone.
    """
    if registry() is not INDICATORS or any(key in wanted for key in POSTED):
        return {key: rows_behind(registry()[key], actor, period, wanted).count() for key in keys}
    return quick_figures(actor, period, (), frozenset(keys), wanted).total


_OF_NONE = {"person": gettext_lazy("The desk"), "group": gettext_lazy("Without a group")}


def name_of(dimension: str, value: str) -> str:
    """The word for one value of a dimension; the value itself where nothing bears it."""
    if value == NONE:
        return str(_OF_NONE.get(dimension, ""))
    if dimension == "state":
        return str(State(value).label)
    if dimension == "post":
        return str(ROLE_LABELS.get(value, value))
    if dimension == "person":
        names = get_user_model().objects.filter(username=value)
        return names.values_list("full_name", flat=True).first() or value
    if dimension == "source":
        return str(Source(value).label)
    if dimension == "class":
        entry = class_named(value)
        return value if entry is None else entry.name
    if dimension in CODED:
        return next((name for _pk, name in named_by_code(dimension=dimension, code=value)), value)
    return value


def names_of(wanted: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """What a list is narrowed to: (key, word for the dimension, word for the value)."""
    return [(key, str(DIMENSIONS[key].label), name_of(key, value)) for key, value in wanted.items()]
