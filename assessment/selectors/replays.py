"""A snapshot recomputed: under any version, as of then or now, by definitions of then or today.

Facts are versioned in recorded time, so what moved between two countings are the rows of facts
that a figure counts in one of them and not in the other; nothing is guessed from sums.
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
    FORMER,
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
    # The figure is defined anew since: nothing needs to have been recorded.
    is_redefined: bool = False


@dataclass(frozen=True, slots=True)
class Redefined:
    """A figure of a snapshot that is counted by a later version of its definition today."""

    figure: Indicator
    then: int
    # Whether the definition of then is known still; else both countings use today's.
    is_kept: bool


@dataclass(frozen=True, slots=True)
class Replay:
    """A snapshot beside its recomputation; `cases` are those that moved since its data time."""

    snapshot: Snapshot
    scheme: Scheme
    period: Period
    rows: list[Compared]
    cases: list[CaseMoved]


def redefined_since(snapshot: Snapshot) -> list[Redefined]:
    """The figures of a snapshot that have another definition by now."""
    return [
        Redefined(INDICATORS[key], version, (key, version) in FORMER)
        for key, version in definitions_of(snapshot).items()
        if key in INDICATORS and INDICATORS[key].version != version
    ]


@dataclass(frozen=True, slots=True)
class _Counting:
    """One counting of a period: as of when, and by which versions of definitions."""

    period: Period
    definitions: Mapping[str, int]

    def whole_of(self, key: str) -> tuple[Indicator, Indicator | None]:
        """A figure with its denominator, as they are defined here."""
        with defined_as(self.definitions):
            figure = registry()[key]
            return figure, registry().get(figure.of)


def replay_of(
    actor: Actor, snapshot: Snapshot, scheme: Scheme, as_of: datetime, lists: str, *,
    today: bool = False,
) -> Replay:  # fmt: skip
    """Recompute a snapshot's period for the objects that are in it, under a version of the scheme.

    `as_of` is the data time of the snapshot, or a later one; `lists` the address of lists. Figures
    are counted by the definitions of the snapshot, or by those of `today`.
    """
    then = _Counting(period_of(snapshot), definitions_of(snapshot))
    now = replace(then, period=replace(then.period, as_of=as_of))
    if today:
        now = _Counting(replace(now.period, former=()), {})
    with defined_as(now.definitions):
        listed, rows = _recomputed(actor, snapshot, scheme, now.period, lists)
    moves = as_of > snapshot.as_of or (today and bool(redefined_since(snapshot)))
    figures = _figures_that_may_move(actor, snapshot, scheme, rows)
    moved = _cases(actor, snapshot, (then, now), figures, listed, lists) if moves else []
    sees = row_reader(actor, snapshot.subject)
    return Replay(
        snapshot,
        scheme,
        now.period,
        [row for row in rows if sees(row.key)],
        [case for case in moved if sees(case.key)],
    )


def _recomputed(
    actor: Actor, snapshot: Snapshot, scheme: Scheme, period: Period, lists: str
) -> tuple[list[Listed], list[Compared]]:
    said = json.loads(snapshot.content)["rows"]
    listed = listed_in(snapshot)
    if any(term.get("groups") for term in scheme.terms):
        listed = _with_groups(snapshot.subject, listed, period_of(snapshot))
    lines = lines_by(snapshot.subject, period, listed)
    scored = score_all(scheme, period, lines)
    return listed, list(_compared(actor, snapshot, said, lines, scored, period, lists))


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


def _figures_that_may_move(
    actor: Actor, snapshot: Snapshot, scheme: Scheme, rows: Sequence[Compared]
) -> list[str]:
    """Every figure with another count somewhere, and those of terms: rows may change places."""
    seen = {each.key for each in indicators_for(actor)}
    named = {each.key for each in figures_in(snapshot.scheme, scheme)}
    moved = {each.figure.key for row in rows for each in row.counts}
    return [key for key in INDICATORS if key in seen & (named | moved)]


def _cases(
    actor: Actor, snapshot: Snapshot, countings: tuple[_Counting, _Counting],
    figures: Sequence[str], listed: Sequence[Listed], lists: str,
) -> list[CaseMoved]:  # fmt: skip
    then, now = countings
    found = [
        (figure, pk, case, entered)
        for figure in figures
        for way in _ways(snapshot.subject, INDICATORS[figure])
        for before, after, entered in ((then, now, True), (now, then, False))
        for case, pk in _only_after(actor, way, before, after)
    ]
    return _told(actor, snapshot, countings, found, listed, lists)


class _Way:
    """How the rows of a figure belong to objects: a column and the condition of counting."""

    def __init__(self, key: str, subject: str, *, is_desk: bool = False) -> None:
        self.key, self.subject, self.is_desk = key, subject, is_desk

    def rows(self, actor: Actor, counting: _Counting) -> Any:
        """The facts that count, each with whose it is."""
        with defined_as(counting.definitions):
            return self._rows(registry()[self.key], actor, counting.period)

    def _rows(self, figure: Indicator, actor: Actor, period: Period) -> Any:
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

    def told(self, actor: Actor, counting: _Counting) -> Any:
        """Case and key of each, and whose it is where objects are told apart."""
        columns = ("case_id", "key") if self.is_desk else ("case_id", "key", "whose")
        return self.rows(actor, counting).order_by().values_list(*columns)


def _ways(subject: str, figure: Indicator) -> list[_Way]:
    if subject not in POST_SUBJECTS:
        return [_Way(figure.key, subject)] if figure.grain in DIMENSIONS[subject].columns else []
    if figure.post != subject:
        return []
    return [_Way(figure.key, subject, is_desk=True), _Way(figure.key, subject)]


def _only_after(
    actor: Actor, way: _Way, before: _Counting, after: _Counting
) -> Iterator[tuple[int, int | None]]:
    """Case and object of each fact that is counted after and not before."""
    for row in way.told(actor, after).difference(way.told(actor, before)):
        yield row[0], DESK if way.is_desk else row[2]


def _told(
    actor: Actor, snapshot: Snapshot, countings: tuple[_Counting, _Counting],
    found: list[tuple[str, int | None, int, bool]], listed: Sequence[Listed], lists: str,
) -> list[CaseMoved]:  # fmt: skip
    """With numbers, names, and what was recorded between the two data times."""
    then, now = countings
    objects = {one.pk: one for one in listed}
    cases = {case for _figure, _pk, case, _entered in found}
    numbers = dict(visible_cases(actor).filter(pk__in=cases).values_list("pk", "number"))
    why = _recorded_between(numbers, then.period.as_of, now.period.as_of)
    anew = {key for key, _pk, _case, _in in found if then.whole_of(key) != now.whole_of(key)}
    rows = []
    for key, pk, case, entered in found:
        if case not in numbers or pk is None or pk not in objects:
            continue
        one = objects[pk]
        period = replace(now.period if entered else then.period, is_pinned=True)
        url = period.address(lists, figure=key, **narrowed_to(snapshot.subject, one.key))
        rows.append(
            CaseMoved(
                numbers[case], INDICATORS[key], one.key, one.name, entered, url,
                why.get(case, []), key in anew,
            )
        )  # fmt: skip
    return sorted(rows, key=lambda row: (row.key, row.number, row.figure.key, row.entered))


def _recorded_between(
    cases: Mapping[int, str], since: datetime, until: datetime
) -> dict[int, list[tuple[datetime, str]]]:
    """By case what was recorded after one data time and by another: when, and in words."""
    found: dict[int, list[tuple[datetime, str]]] = {}
    for case, at, action in (
        Event.objects.filter(case_id__in=cases, at__gt=since, at__lte=until)
        .order_by("case_id", "seq")
        .values_list("case_id", "at", "action")
    ):
        found.setdefault(case, []).append((at, str(label_of(action))))
    return found
