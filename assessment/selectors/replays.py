"""A snapshot recomputed: under any version, as of then or of now, and what moved row by row.

Facts are versioned in recorded time, so what moved between two data times are the rows of facts
that a figure counts at one of them and not at the other; nothing is guessed from sums.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import F, Q

from assessment.dimensions import DIMENSIONS
from assessment.indicators import (
    INDICATORS,
    Indicator,
    answers_for,
    condition_of,
    condition_of_person,
    condition_of_post,
    defined_as,
    registry,
)
from assessment.models import POST_SUBJECTS, Scheme, Snapshot
from assessment.periods import Period
from assessment.scoring import terms_from
from assessment.selectors.figures import base_rows, indicators_for
from assessment.selectors.readers import row_reader
from assessment.selectors.scores import DESK, Line, Listed, lines_by
from assessment.selectors.snapshots import (
    definitions_of,
    listed_in,
    narrowed_to,
    period_of,
    ranks_of,
)
from assessment.selectors.trials import Scored, score_all
from cases.models import Event
from dispatch.selectors.timeline import label_of
from dispatch.selectors.visible import visible_cases
from gridcity.contracts import Actor


@dataclass(frozen=True, slots=True)
class CountMoved:
    """A figure of one object that is another number now, with the lists that he may see."""

    figure: Indicator
    before: int
    after: int
    before_url: str
    after_url: str


@dataclass(frozen=True, slots=True)
class Compared:
    """One object as the snapshot has it, and recomputed."""

    key: str
    name: str
    before: Mapping[str, Any]
    before_rank: int | None
    after: Scored
    counts: list[CountMoved]

    @property
    def has_moved(self) -> bool:
        said = self.before["score"]
        same = (said["total"], said["grade"]) == (self.after.total, self.after.grade)
        return not same or bool(self.counts) or said["terms"] != self.after.terms

    @property
    def difference(self) -> Decimal | None:
        total = self.before["score"]["total"]
        if total is None or self.after.total is None:
            return None
        return Decimal(self.after.total) - Decimal(total)


@dataclass(frozen=True, slots=True)
class CaseMoved:
    """A case that a figure of one object counts at one data time and not at the other."""

    number: str
    figure: Indicator
    key: str
    name: str
    entered: bool
    url: str
    why: list[tuple[datetime, str]]


@dataclass(frozen=True, slots=True)
class Replay:
    """A snapshot beside its recomputation; `cases` are those that moved since its data time."""

    snapshot: Snapshot
    scheme: Scheme
    period: Period
    rows: list[Compared]
    cases: list[CaseMoved]


def replay_of(
    actor: Actor, snapshot: Snapshot, scheme: Scheme, as_of: datetime, lists: str
) -> Replay:
    """Recompute a snapshot's period for the objects that are in it, under a version of the scheme.

    `as_of` is the data time of the snapshot, or a later one; `lists` the address of lists. Figures
    are counted by the definitions of the snapshot.
    """
    with defined_as(definitions_of(snapshot)):
        return _replay_of(actor, snapshot, scheme, as_of, lists)


def _replay_of(
    actor: Actor, snapshot: Snapshot, scheme: Scheme, as_of: datetime, lists: str
) -> Replay:
    said = json.loads(snapshot.content)["rows"]
    listed = listed_in(snapshot)
    if any(term.get("groups") for term in scheme.terms):
        listed = _with_groups(snapshot.subject, listed, period_of(snapshot))
    period = replace(period_of(snapshot), as_of=as_of)
    lines = lines_by(snapshot.subject, period, listed)
    scored = score_all(scheme, period, lines)
    sees = row_reader(actor, snapshot.subject)
    rows = _compared(actor, snapshot, said, lines, scored, period, lists)
    moved = _cases(actor, snapshot, scheme, period, listed, lists) if as_of > snapshot.as_of else []
    return Replay(
        snapshot,
        scheme,
        period,
        [row for row in rows if sees(row.key)],
        [case for case in moved if sees(case.key)],
    )


def _with_groups(subject: str, listed: Sequence[Listed], period: Period) -> list[Listed]:
    """The groups of today, for a snapshot whose scheme did not ask for them."""
    groups = {line.of.pk: line.of.group for line in lines_by(subject, period)}
    return [replace(one, group=one.group or groups.get(one.pk, "")) for one in listed]


def _compared(
    actor: Actor, snapshot: Snapshot, said: list[dict[str, Any]], lines: list[Line],
    scored: dict[int, Scored], now: Period, lists: str,
) -> Iterator[Compared]:  # fmt: skip
    ranks = {} if snapshot.subject in POST_SUBJECTS else ranks_of(said)
    opened = _Opened(actor, snapshot, now, lists)
    for row, line in zip(said, lines, strict=True):
        counts = [
            opened.moved(INDICATORS[key], row["key"], number, line.counts.get(key, 0))
            for key, number in row["counts"].items()
            if key in INDICATORS and number != line.counts.get(key, 0)
        ]
        yield Compared(
            row["key"], row["name"], row, ranks.get(row["key"]), scored[line.of.pk], counts
        )


class _Opened:
    """The lists behind a figure at both data times; none for whom it is not."""

    def __init__(self, actor: Actor, snapshot: Snapshot, now: Period, lists: str) -> None:
        self.subject, self.lists = snapshot.subject, lists
        self.then, self.now = period_of(snapshot), replace(now, is_pinned=True)
        self.seen = {each.key for each in indicators_for(actor)}

    def moved(self, figure: Indicator, key: str, before: int, after: int) -> CountMoved:
        urls = ["", ""]
        if figure.key in self.seen:
            said = {"figure": figure.key, **narrowed_to(self.subject, key)}
            urls = [period.address(self.lists, **said) for period in (self.then, self.now)]
        return CountMoved(figure, before, after, *urls)


# ---------------------------------------------------------------- the cases that moved


def figures_in(*schemes: Scheme) -> list[Indicator]:
    """The figures of the terms of schemes, with denominators and what else counts in them."""
    named = {
        part.indicator for scheme in schemes for term in terms_from(scheme.terms)
        for part in term.parts if part.indicator in INDICATORS
    }  # fmt: skip
    keys = set(named)
    for key in named:
        keys |= {INDICATORS[key].of, *(one for one, _weight in INDICATORS[key].also)}
    return [each for each in registry().values() if each.key in keys]


def _cases(
    actor: Actor, snapshot: Snapshot, scheme: Scheme, now: Period, listed: Sequence[Listed],
    lists: str,
) -> list[CaseMoved]:  # fmt: skip
    then = period_of(snapshot)
    seen = {each.key for each in indicators_for(actor)}
    found = [
        (figure, pk, case, entered)
        for figure in figures_in(snapshot.scheme, scheme)
        if figure.key in seen
        for way in _ways(snapshot.subject, figure)
        for before, after, entered in ((then, now, True), (now, then, False))
        for case, pk in _only_after(actor, way, before, after)
    ]
    return _told(actor, snapshot, then, now, found, listed, lists)


class _Way:
    """How the rows of a figure belong to objects: a column and the condition of counting."""

    def __init__(self, figure: Indicator, subject: str, *, is_desk: bool = False) -> None:
        self.figure, self.subject, self.is_desk = figure, subject, is_desk

    def rows(self, actor: Actor, period: Period) -> Any:
        """The facts that count, each with whose it is."""
        figure = self.figure
        rows = base_rows(figure.grain, actor, period)
        if self.subject not in POST_SUBJECTS:
            column = DIMENSIONS[self.subject].columns[figure.grain]
            return rows.filter(condition_of(figure, period)).annotate(whose=F(column))
        if self.is_desk:
            return rows.filter(condition_of_post(figure, period))
        mine = condition_of_person(figure, period) & answers_for(figure, period)
        return rows.filter(mine, Q(**{f"{figure.person}__isnull": False})).annotate(
            whose=F(f"{figure.person}_id")
        )

    def told(self, actor: Actor, period: Period) -> Any:
        """Case and key of each, and whose it is where objects are told apart."""
        columns = ("case_id", "key") if self.is_desk else ("case_id", "key", "whose")
        return self.rows(actor, period).order_by().values_list(*columns)


def _ways(subject: str, figure: Indicator) -> list[_Way]:
    if subject not in POST_SUBJECTS:
        return [_Way(figure, subject)] if figure.grain in DIMENSIONS[subject].columns else []
    if figure.post != subject:
        return []
    return [_Way(figure, subject, is_desk=True), _Way(figure, subject)]


def _only_after(
    actor: Actor, way: _Way, before: Period, after: Period
) -> Iterator[tuple[int, int | None]]:
    """Case and object of each fact that is counted after and not before."""
    for row in way.told(actor, after).difference(way.told(actor, before)):
        yield row[0], DESK if way.is_desk else row[2]


def _told(
    actor: Actor, snapshot: Snapshot, then: Period, now: Period,
    found: list[tuple[Indicator, int | None, int, bool]], listed: Sequence[Listed],
    lists: str,
) -> list[CaseMoved]:  # fmt: skip
    """With numbers, names, and what was recorded between the two data times."""
    objects = {one.pk: one for one in listed}
    cases = {case for _figure, _pk, case, _entered in found}
    numbers = dict(visible_cases(actor).filter(pk__in=cases).values_list("pk", "number"))
    why: dict[int, list[tuple[datetime, str]]] = {}
    for case, at, action in (
        Event.objects.filter(case_id__in=numbers, at__gt=then.as_of, at__lte=now.as_of)
        .order_by("case_id", "seq")
        .values_list("case_id", "at", "action")
    ):
        why.setdefault(case, []).append((at, str(label_of(action))))
    rows = []
    for figure, pk, case, entered in found:
        if case not in numbers or pk is None or pk not in objects:
            continue
        one = objects[pk]
        period = now if entered else then
        url = period.address(lists, figure=figure.key, **narrowed_to(snapshot.subject, one.key))
        rows.append(
            CaseMoved(numbers[case], figure, one.key, one.name, entered, url, why.get(case, []))
        )
    return sorted(rows, key=lambda row: (row.key, row.number, row.figure.key, row.entered))
