"""Snapshots as pages show them: the list, the ranking, and how lists of then are found."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from assessment.guarantees import Rule
from assessment.indicators import FORMER
from assessment.models import POST_SUBJECTS, Scheme, Snapshot, SnapshotKind, Subject
from assessment.periods import SPANS, Period, period_named
from assessment.posts import DESK_KEY
from assessment.scoring import grades_from, ranks
from assessment.selectors.dashboard import READERS
from assessment.selectors.readers import BEFORE_FILING, PREVIEWERS, own_keys, row_reader
from assessment.selectors.scores import Listed
from cases.clocks.numbers import FINAL_DAYS
from cases.selectors.settings import days_at
from dispatch.selectors.visible import SEES_ALL
from gridcity.contracts import Actor, NotVisible
from parts.models import Cell

MOST = 60


def final_after(end: datetime) -> timedelta:
    """How long after its end a period is final, after its returns and appeals (law §2, †).

    By the number that held when it ended: a later one moves no period that is over.
    """
    return days_at(FINAL_DAYS, end)


def visible_snapshots(actor: Actor) -> QuerySet[Snapshot]:
    """What this actor may read: who is scored those of his kind, and in them himself only."""
    rows = Snapshot.objects.select_related("scheme").order_by("-start", "-as_of", "scheme__key")
    if actor.roles & READERS & SEES_ALL:
        return rows
    if actor.roles & READERS:
        # The command side reads nothing of what was never filed.
        return rows.exclude(subject__in=BEFORE_FILING)
    return rows.filter(subject__in=list(own_keys(actor)))


def get_snapshot(actor: Actor, pk: int) -> Snapshot:
    """Raises NotVisible."""
    found = visible_snapshots(actor).filter(pk=pk).first()
    if found is None:
        raise NotVisible
    return found


def list_snapshots(
    actor: Actor, scheme: str = "", span: str = "", before: datetime | None = None
) -> tuple[list[Snapshot], datetime | None]:
    """The latest ones, of all schemes or of one, of one kind of period; all of a start together.

    With them the start before which there are more; None where these are the last.
    """
    rows = visible_snapshots(actor).defer("content")
    if scheme:
        rows = rows.filter(scheme__key=scheme)
    if span:
        rows = rows.filter(period__regex=SPANS[span][1])
    if before is not None:
        rows = rows.filter(start__lt=before)
    found = list(rows[: MOST + 1])
    if len(found) <= MOST:
        return found, None
    whole = [one for one in found if one.start != found[-1].start] or found[:MOST]
    return whole, whole[-1].start


def schemes_of(actor: Actor) -> list[Scheme]:
    """The schemes that have snapshots this actor may read, each in its latest version."""
    keys = visible_snapshots(actor).order_by().values("scheme__key").distinct()
    rows = Scheme.objects.filter(key__in=keys).order_by("key", "-version").distinct("key")
    return list(rows)


@dataclass(frozen=True, slots=True)
class Row:
    """One object of a snapshot; `rank` is None where too few cases allow none.

    `is_ranked` says whether there is one: whoever is scored hears it with the publication.
    """

    pk: int
    key: str
    name: str
    rank: int | None
    total: str | None
    grade: str | None
    grade_name: str
    terms: list[dict[str, Any]]
    counts: dict[str, int]
    moved: str = ""
    is_ranked: bool = False
    group: str = ""
    # The group in words; only where there are others that it is not ranked with.
    group_name: str = ""
    cells: int = 1
    hand: Mapping[str, list[Any]] = field(default_factory=dict)
    warnings: Sequence[Rule] = ()
    # Of a larger region the mean of its cells' scores, beside its own.
    cells_mean: str | None = None

    @property
    def has_figures(self) -> bool:
        """Whether there was anything to judge; of a desk with hundreds most had no such month."""
        return self.total is not None or any(self.counts.values())


def rows_of(snapshot: Snapshot, actor: Actor) -> list[Row]:
    """Group by group, best first; equal scores share a rank; a department reads its own row only.

    Of a post the desk and then people by name, each for himself and his chief: never a ranking.
    """
    said = json.loads(snapshot.content)["rows"]
    placed = {} if snapshot.subject in POST_SUBJECTS else ranks_of(said)
    before = _totals_before(snapshot)
    names = {grade.letter: grade.name for grade in grades_from(snapshot.scheme.grades)}
    groups = group_names(snapshot.subject, {row.get("group", "") for row in said})
    sees = row_reader(actor, snapshot.subject)
    tells_ranks = snapshot.published_at is not None or bool(actor.roles & (READERS | PREVIEWERS))
    rows = [
        Row(
            pk=row["id"],
            key=row["key"],
            name=row["name"],
            rank=placed.get(row["key"]) if tells_ranks else None,
            is_ranked=row["key"] in placed,
            total=row["score"]["total"],
            grade=row["score"]["grade"],
            grade_name=names.get(row["score"]["grade"], ""),
            terms=row["score"]["terms"],
            counts=row["counts"],
            moved=_moved(before, row),
            group=row.get("group", ""),
            group_name=groups.get(row.get("group", ""), ""),
            cells=row["cells"],
            hand=row.get("hand", {}),
        )
        for row in said
        if sees(row["key"])
    ]
    if snapshot.subject in POST_SUBJECTS:
        return rows
    last = len(said) + 1
    return sorted(rows, key=lambda row: (row.group, row.rank or last, row.key))


def group_names(subject: str, groups: Collection[str]) -> dict[str, str]:
    """The words for groups that are ranked apart; nothing where all are ranked together."""
    if len(groups) < 2:
        return {}
    classes: dict[str, str] = {}
    if subject == Subject.CELL:
        classes = {str(key): str(label) for key, label in Cell.ManagementClass.choices}
    return {key: classes.get(key, key) or str(_("Without a group")) for key in groups}


def tells_groups(snapshot: Snapshot) -> bool:
    """Whether a snapshot says who is ranked with whom; older ones rank all of them together."""
    return any("group" in row for row in json.loads(snapshot.content)["rows"])


def listed_in(snapshot: Snapshot) -> list[Listed]:
    """Who is in a snapshot, under the names of then."""
    return [
        Listed(row["id"], row["key"], row["name"], row["cells"], row.get("group", ""))
        for row in json.loads(snapshot.content)["rows"]
    ]


def definitions_of(snapshot: Snapshot) -> dict[str, int]:
    """The figures that were declared when a snapshot was made, with the versions counted by.

    None where it names none: then they are taken for today's.
    """
    found: dict[str, int] = json.loads(snapshot.content).get("definitions", {})
    return found


def ranks_of(said: list[dict[str, Any]]) -> dict[str, int]:
    """By key the rank of each row that is ranked, among its group; equal totals share one."""
    groups: dict[str, list[dict[str, Any]]] = {}
    for row in said:
        groups.setdefault(row.get("group", ""), []).append(row)
    found: dict[str, int] = {}
    for rows in groups.values():
        totals = [
            Decimal(row["score"]["total"])
            if row["score"]["ranked"] and row["score"]["total"] is not None
            else None
            for row in rows
        ]
        placed = zip(rows, ranks(totals), strict=True)
        found |= {row["key"]: rank for row, rank in placed if rank is not None}
    return found


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


# ---------------------------------------------------------------- addresses of what was counted


def period_of(snapshot: Snapshot) -> Period:
    """The period as it was counted, with its data time in every address.

    And with the definitions that have a later version by now: a list opens what was counted.
    """
    named = period_named(snapshot.period, snapshot.as_of, snapshot.scheme.month_from)
    former = tuple(one for one in definitions_of(snapshot).items() if one in FORMER)
    return replace(named, is_pinned=True, former=former)


def narrowed_to(subject: str, key: str) -> dict[str, str]:
    """How an address narrows a list to one object of a score; to none where that has no key."""
    if not key:
        return {}
    if subject not in POST_SUBJECTS:
        return {subject: key}
    return {"post": subject} if key.startswith(DESK_KEY) else {"post": subject, "person": key}
