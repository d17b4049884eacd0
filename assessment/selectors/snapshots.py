"""Snapshots as pages show them: the list, the ranking, and one score explained."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet

from assessment.guarantees import Rule
from assessment.indicators import INDICATORS, Indicator
from assessment.models import Scheme, Snapshot, SnapshotKind, Subject
from assessment.periods import Period, period_from
from assessment.rates import percent_of
from assessment.scoring import Term, grades_from, ranks, terms_from
from assessment.selectors.dashboard import READERS
from dispatch.models import Department
from gridcity.contracts import Actor, NotVisible

MOST = 60


def visible_snapshots(actor: Actor) -> QuerySet[Snapshot]:
    """What this actor may read: a department its own scores, an office those of its street too."""
    rows = Snapshot.objects.select_related("scheme").order_by("-start", "-as_of", "scheme__key")
    if actor.roles & READERS:
        return rows
    return rows.filter(subject__in=list(own_keys(actor)))


def get_snapshot(actor: Actor, pk: int) -> Snapshot:
    """Raises NotVisible."""
    found = visible_snapshots(actor).filter(pk=pk).first()
    if found is None:
        raise NotVisible
    return found


def list_snapshots(actor: Actor, scheme: str) -> list[Snapshot]:
    """The latest ones, of all schemes or of one."""
    rows = visible_snapshots(actor).defer("content")
    return list((rows.filter(scheme__key=scheme) if scheme else rows)[:MOST])


def schemes_of(actor: Actor) -> list[Scheme]:
    """The schemes that have snapshots this actor may read, each in its latest version."""
    keys = visible_snapshots(actor).order_by().values("scheme__key").distinct()
    rows = Scheme.objects.filter(key__in=keys).order_by("key", "-version").distinct("key")
    return list(rows)


@dataclass(frozen=True, slots=True)
class Row:
    """One object of a snapshot; `rank` is None where too few cases allow none."""

    key: str
    name: str
    rank: int | None
    total: str | None
    grade: str | None
    grade_name: str
    terms: list[dict[str, Any]]
    counts: dict[str, int]
    moved: str = ""
    hand: Mapping[str, list[Any]] = field(default_factory=dict)
    warnings: Sequence[Rule] = ()


def rows_of(snapshot: Snapshot, actor: Actor) -> list[Row]:
    """Best first; equal scores share a rank; a department reads its own row only."""
    said = json.loads(snapshot.content)["rows"]
    placed = ranks_of(said)
    before = _totals_before(snapshot)
    names = {grade.letter: grade.name for grade in grades_from(snapshot.scheme.grades)}
    own = None if actor.roles & READERS else own_keys(actor).get(snapshot.subject, "")
    rows = [
        Row(
            key=row["key"],
            name=row["name"],
            rank=placed.get(row["key"]),
            total=row["score"]["total"],
            grade=row["score"]["grade"],
            grade_name=names.get(row["score"]["grade"], ""),
            terms=row["score"]["terms"],
            counts=row["counts"],
            moved=_moved(before, row),
            hand=row.get("hand", {}),
        )
        for row in said
        if own is None or row["key"] == own
    ]
    return sorted(rows, key=lambda row: (row.rank or MOST * len(said), row.key))


def own_keys(actor: Actor) -> dict[str, str]:
    """By subject the key of what a department's user may read: itself, and its street."""
    found = Department.objects.filter(pk=actor.department_id or 0).first()
    if found is None:
        return {}
    own = {str(Subject.DEPARTMENT): found.code}
    return own | {str(Subject.STREET): found.street_code} if found.street_code else own


def ranks_of(said: list[dict[str, Any]]) -> dict[str, int]:
    """By key the rank of each row that is ranked; equal totals share one."""
    totals = [
        Decimal(row["score"]["total"])
        if row["score"]["ranked"] and row["score"]["total"] is not None
        else None
        for row in said
    ]
    found = zip(said, ranks(totals), strict=True)
    return {row["key"]: rank for row, rank in found if rank is not None}


def _totals_before(snapshot: Snapshot) -> dict[str, str | None]:
    """The totals of what this one follows: the provisional one, or what it corrects."""
    before = snapshot.corrects or (
        Snapshot.objects.filter(
            period=snapshot.period, scheme=snapshot.scheme, kind=SnapshotKind.PROVISIONAL
        ).first()
        if snapshot.kind == SnapshotKind.FINAL
        else None
    )
    if before is None:
        return {}
    return {row["key"]: row["score"]["total"] for row in json.loads(before.content)["rows"]}


def _moved(before: dict[str, str | None], row: dict[str, Any]) -> str:
    """The total of before, where it was another one."""
    former = before.get(row["key"], row["score"]["total"])
    return "" if former == row["score"]["total"] else (former or "–")


# ---------------------------------------------------------------- one score explained


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure within a term: its count and, of a rate, its denominator; each opens its rows."""

    indicator: Indicator
    percent_of_it: int
    count: int
    whole: int | None
    rate: str
    url: str
    whole_url: str


@dataclass(frozen=True, slots=True)
class Explained:
    """One term: what it is made of, its points, and what it brings to the total."""

    term: Term
    figures: list[Figure]
    points: str | None
    share: str | None
    is_small: bool
    # Of a term that people score: how many entries, and the list of them.
    entries: int = 0
    entries_url: str = ""


def explain(snapshot: Snapshot, row: Row, lists: str, inspections: str) -> list[Explained]:
    """The terms of a score in their order.

    `lists` is the address of the lists behind figures, `inspections` that of what people scored.
    """
    period = period_of(snapshot)
    return [
        Explained(
            term,
            [_figure(snapshot, period, row, part, lists) for part in term.parts],
            brought["points"],
            brought["share"],
            brought["small"],
            len(row.hand.get(term.hand, ())),
            _entries_url(snapshot, row, term, inspections),
        )
        for term, brought in zip(terms_from(snapshot.scheme.terms), row.terms, strict=True)
    ]


def _entries_url(snapshot: Snapshot, row: Row, term: Term, inspections: str) -> str:
    """The list of what was found about one object in the period, as of the data time."""
    if not term.hand:
        return ""
    period = period_of(snapshot)
    return period.address(inspections, sheet=term.hand, object=row.key, state="counts")


def period_of(snapshot: Snapshot) -> Period:
    """The period as it was counted, with its data time in every address."""
    query = {"period": snapshot.period, "as_of": snapshot.as_of.isoformat()}
    return period_from(query, snapshot.as_of)


def _figure(snapshot: Snapshot, period: Period, row: Row, part: Any, lists: str) -> Figure:
    indicator = INDICATORS[part.indicator]
    whole = row.counts.get(indicator.of) if indicator.of else None
    count = row.counts.get(indicator.key, 0)
    narrowed = {snapshot.subject: row.key}
    return Figure(
        indicator=indicator,
        percent_of_it=part.percent,
        count=count,
        whole=whole,
        rate="" if whole is None else percent_of(indicator, row.counts),
        url=period.address(lists, figure=indicator.key, **narrowed),
        whole_url=period.address(lists, figure=indicator.of, **narrowed) if indicator.of else "",
    )
