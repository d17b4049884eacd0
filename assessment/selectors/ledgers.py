"""Counts and shares of the ledgers, and the rows behind each of them.

Both start from the same rows and add the same condition, so a list is as long as its count says.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, F, Q, QuerySet

from assessment.ledgers import LEDGERS, Ledger, Row, appealable_from, condition_of
from assessment.periods import Period
from assessment.rates import percent
from assessment.selectors.lists import OF_CASE, name_departments
from cases.models import Case, Task, TaskKind, TaskOutcome
from cases.models.case import CaseQuerySet
from cases.selectors.paging import PAGE_SIZE, Page, page_of
from dispatch.models import (
    FactKind,
    Request,
    RequestKind,
    RequestState,
    ReturnReason,
    Turn,
    TurnEnd,
    TurnFact,
)
from dispatch.selectors.visible import SEES_ALL, visible_cases
from gridcity.contracts import Actor, Role

READERS = frozenset({Role.OFFICIAL, Role.DUTY_CHIEF, Role.DISPATCHER, Role.ADMINISTRATOR})


def sees_every_row(actor: Actor) -> bool:
    """Administrators too: they mend routing and limits by these rows, yet open no case (§1)."""
    return bool(actor.roles & (SEES_ALL | {Role.ADMINISTRATOR}))


def ledgers_for(actor: Actor) -> list[Ledger]:
    """The ledgers and their wholes that this actor may read, in order."""
    whole = sees_every_row(actor)
    return [each for each in LEDGERS.values() if whole or not each.before_filing]


def base_rows(row: Row, actor: Actor, period: Period) -> QuerySet[Any]:
    """The rows that any ledger of the period may count, as far as the actor sees them.

    Tasks by `task_ended`, appeals by `request_kind_newest`.
    """
    rows = _alive_rows(row, actor, period)
    return rows if period.has_begun else rows.none()


def _alive_rows(row: Row, actor: Actor, period: Period) -> QuerySet[Any]:
    alive = Q(ended_at=None) | Q(ended_at__gte=period.start)
    if row is Row.CASE:
        return _cases_of(actor).filter(alive)
    rows: QuerySet[Any]
    if row is Row.TURN:
        # What had ended before the period may be appealed against in it.
        late = Q(ended_at=None) | Q(ended_at__gte=appealable_from(period))
        rows = Turn.objects.exclude(end_kind=TurnEnd.UNDONE).filter(late)
    elif row is Row.TASK:
        rows = Task.objects.filter(ended_at__gte=period.start, ended_at__lt=period.cut)
    else:
        rows = Request.objects.filter(alive, kind=RequestKind.APPEAL)
    return rows if sees_every_row(actor) else rows.filter(case__in=visible_cases(actor))


def _cases_of(actor: Actor) -> CaseQuerySet:
    return Case.objects.all() if sees_every_row(actor) else visible_cases(actor)


def rows_behind(ledger: Ledger, actor: Actor, period: Period) -> QuerySet[Any]:
    """The rows that a ledger counts."""
    return base_rows(ledger.row, actor, period).filter(condition_of(ledger, period))


def count_rows(ledger: Ledger, actor: Actor, period: Period) -> int:
    """How many rows the list has: the count itself."""
    return rows_behind(ledger, actor, period).count()


@dataclass(frozen=True, slots=True)
class Shown:
    """A ledger with its count, its whole, and the addresses of both lists."""

    ledger: Ledger
    count: int
    url: str
    whole: Ledger
    whole_count: int
    whole_url: str

    @property
    def percent(self) -> str:
        return percent(self.count, self.whole_count)


def count_ledgers(actor: Actor, period: Period, link: Callable[[str], str]) -> list[Shown]:
    """Every ledger this actor may read with its share; one query for each sort of rows."""
    listed = ledgers_for(actor)
    counts: dict[str, int] = {}
    for row in Row:
        counts |= counts_of([each for each in listed if each.row == row], row, actor, period)
    return [
        Shown(
            each, counts[each.key], link(each.key),
            LEDGERS[each.of], counts[each.of], link(each.of),
        )
        for each in listed
        if each.of
    ]  # fmt: skip


def counts_of(listed: list[Ledger], row: Row, actor: Actor, period: Period) -> dict[str, int]:
    """The counts of some ledgers of one sort of rows, in one query; of none without any."""
    # Some keys are names of columns that conditions ask for.
    sums = {f"count_{each.key}": Count("pk", filter=condition_of(each, period)) for each in listed}
    found = base_rows(row, actor, period).aggregate(**sums) if sums else {}
    return {name.removeprefix("count_"): count for name, count in found.items()}


# ---------------------------------------------------------------- the lists

_OWN: dict[Row, tuple[str, ...]] = {
    Row.CASE: ("due_at", "green_until", "ended_at"),
    Row.TURN: (
        "department__name", "began_at", "due_at", "overdue_at", "finished_at", "finish_in_time",
        "ended_at", "end_kind", "rework_count",
    ),
    Row.TASK: ("kind", "sent_at", "due_at", "ended_at", "outcome"),
    Row.APPEAL: ("turn__department__name", "fact", "state", "asked_at", "ended_at"),
}  # fmt: skip


def list_rows(
    ledger: Ledger, actor: Actor, period: Period, *, cursor: str | None, size: int = PAGE_SIZE
) -> Page:
    """One page of the rows behind a count, newest first; two queries, three with answers."""
    prefix = "" if ledger.row is Row.CASE else "case__"
    of_case = {name: F(prefix + path) for name, path in OF_CASE.items()}
    rows = rows_behind(ledger, actor, period).values("id", *_OWN[ledger.row], **of_case)
    page = page_of(rows, cursor=cursor, size=size)
    if ledger.row is Row.CASE:
        name_departments(page.rows, period)
        _tell_uncounted(page.rows, "turn__case_id")
    elif ledger.row is Row.TURN:
        _tell_requests(page.rows, ledger.kind)
        _tell_uncounted(page.rows, "turn_id")
    for row in page.rows:
        row.update(_words_of(row))
    return page


def _tell_requests(rows: list[dict[str, Any]], kind: str) -> None:
    """Beside each turn its requests of a kind: when asked, the listed reason, how answered.

    Reasons in words are not read: names of people may stand in them.
    """
    asked: dict[int, list[Mapping[str, Any]]] = {}
    if kind:
        found = Request.objects.filter(turn__in=[row["id"] for row in rows], kind=kind)
        for one in found.order_by("id").values("turn_id", "asked_at", "state", "reason_code"):
            answer = {"state_label": RequestState(one["state"]).label, "reason_label": ""}
            if one["reason_code"]:
                answer["reason_label"] = ReturnReason(one["reason_code"]).label
            asked.setdefault(one["turn_id"], []).append({**one, **answer})
    for row in rows:
        row["requests"] = asked.get(row["id"], [])


def _tell_uncounted(rows: list[dict[str, Any]], of: str) -> None:
    """Beside each row what upheld appeals took out of the figures: ledgers tell it all the same."""
    found: dict[int, list[Any]] = {}
    facts = TurnFact.objects.filter(counted=False, **{f"{of}__in": [row["id"] for row in rows]})
    for pk, kind in facts.order_by("id").values_list(of, "kind"):
        found.setdefault(pk, []).append(FactKind(kind).label)
    for row in rows:
        row["uncounted"] = found.get(row["id"], [])


_WORDS: dict[str, tuple[str, Any]] = {
    "end_kind": ("end_label", TurnEnd),
    "kind": ("kind_label", TaskKind),
    "outcome": ("outcome_label", TaskOutcome),
    "fact": ("fact_label", FactKind),
}


def _words_of(row: Mapping[str, Any]) -> dict[str, Any]:
    """The words of the keys that a row holds."""
    said = {name: words(row[key]).label for key, (name, words) in _WORDS.items() if row.get(key)}
    if "fact" in row:
        said["answer_label"] = RequestState(row["state"]).label
    return said
