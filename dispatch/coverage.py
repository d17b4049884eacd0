"""What a whole set of routing rules says: coverage, overlaps, order, and who would move (§8).

Pure, as `routing` is: administrators try rules here before anybody's case meets them. A cell for
which no rule is written answers as its community or street does, so a district of thousands of
cells has few different answers; `Answers` finds each of them once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from itertools import combinations
from typing import NamedTuple

from dispatch.routing import (
    ANY,
    OFF,
    Index,
    Outcome,
    Proposal,
    Question,
    Rule,
    propose,
    shelves,
)

Areas = tuple[str, str, str, str]  # codes of cell, community, street and district
ClassOf = tuple[str, str, str]  # kind, scheme, code


class Answers:
    """The answers of an index on one day, each found once."""

    __slots__ = ("_found", "_index", "_manned", "_on", "_spoken")

    def __init__(self, index: Index, manned: Collection[int], on: date) -> None:
        self._index, self._manned, self._on = index, manned, on
        self._spoken: dict[Areas, tuple[str, ...]] = {}
        self._found: dict[tuple[object, ...], Proposal] = {}

    def spoken(self, areas: Areas) -> tuple[str, ...]:
        """Those of a place's areas that any rule names: places that share them answer alike."""
        found = self._spoken.get(areas)
        if found is None:
            found = tuple(area for area in areas if area in self._index.shelf)
            self._spoken[areas] = found
        return found

    def __call__(
        self, entry: ClassOf, areas: Areas, source: str = "", is_working: bool = True
    ) -> Proposal:
        """The answer for a class in a place, without regard to the owner of a part."""
        key = (entry, self._spoken.get(areas) or self.spoken(areas), source, is_working)
        found = self._found.get(key)
        if found is None:
            asked = Question(*entry, areas, self._on, source=source, is_working=is_working)
            found = self._found[key] = propose(self._index, asked, self._manned)
        return found

    def of(self, question: Question) -> Proposal:
        """The answer to a whole question on this day; only owners of parts are asked each time."""
        if question.bodies is not None:
            return propose(self._index, replace(question, on=self._on), self._manned)
        entry = (question.kind, question.scheme, question.class_code)
        return self(entry, question.areas, question.source, question.is_working)


# ---------------------------------------------------------------- coverage


class Alike(NamedTuple):
    """Cells that answer alike, one of them to be asked."""

    areas: Areas
    cells: tuple[str, ...]


def alike(answers: Answers, places: Iterable[Areas]) -> list[Alike]:
    """Cells by the areas that rules name: a street without rules of its own is one group."""
    groups: defaultdict[tuple[str, ...], list[Areas]] = defaultdict(list)
    for areas in places:
        groups[answers.spoken(areas)].append(areas)
    return [Alike(found[0], tuple(areas[0] for areas in found)) for found in groups.values()]


class Cover(NamedTuple):
    """Who answers for a class in some cells; `gaps` are cells without anybody at some hour."""

    departments: frozenset[int]
    cells: int
    gaps: tuple[str, ...]


def cover(answers: Answers, entry: ClassOf, groups: Iterable[Alike]) -> Cover:
    """Ask for a class in every group of cells, in working time and outside it.

    Of a case of any source: a rule for one source closes no gap, for cases of the other sources
    would find nobody.
    """
    departments: set[int] = set()
    gaps: list[str] = []
    count = 0
    for group in groups:
        count += len(group.cells)
        found = [answers(entry, group.areas, "", is_working) for is_working in (True, False)]
        departments.update(each.department.id for each in found if each.department)
        if any(each.department is None for each in found):
            gaps += group.cells
    return Cover(frozenset(departments), count, tuple(gaps))


# ---------------------------------------------------------------- overlaps


class Overlap(NamedTuple):
    """Two rules that are equal in all from one day to another (None: without end)."""

    first: Rule
    second: Rule
    since: date
    until: date | None


def overlaps(rules: Iterable[Rule]) -> Iterator[Overlap]:
    """Every pair of rules equal in class, area, source and time on some day: an error (§8)."""
    alike: defaultdict[tuple[str, ...], list[Rule]] = defaultdict(list)
    for rule in rules:
        alike[
            rule.scheme, rule.class_scope, rule.class_code, rule.area_code, rule.source,
            rule.working_time,
        ].append(rule)  # fmt: skip
    for group in alike.values():
        for first, second in combinations(group, 2):
            if first.kind != second.kind and ANY not in (first.kind, second.kind):
                continue
            since = max(first.valid_from, second.valid_from)
            ends = [rule.valid_to for rule in (first, second) if rule.valid_to is not None]
            until = min(ends, default=None)
            if until is None or since <= until:
                yield Overlap(first, second, since, until)


# ---------------------------------------------------------------- one place and class


class Verdict(StrEnum):
    """What became of a rule when a question was asked."""

    COUNTS = "counts"
    UNMANNED = "unmanned"
    EQUAL = "equal"
    NOT_YET = "not_yet"
    ENDED = "ended"
    OTHER_SOURCE = "other_source"
    WORKING_ONLY = "working_only"
    OFF_ONLY = "off_only"
    BEHIND = "behind"


class Weighed(NamedTuple):
    """A rule for this class and place, in the order of comparison, and what became of it."""

    rule: Rule
    verdict: Verdict


def weigh(index: Index, question: Question, answer: Proposal) -> list[Weighed]:
    """Every rule for this class in this place, nearest first, beside the answer that was given."""
    last = answer.steps[-1]
    equal = set(last.others)
    is_answered = last.outcome is Outcome.BODY
    weighed = []
    for found in shelves(index, question):
        for rule in found:
            verdict = _misfit(rule, question)
            if verdict is None:
                if rule.id in equal:
                    verdict = Verdict.EQUAL
                elif is_answered:
                    verdict = Verdict.BEHIND
                else:
                    is_it = last.outcome is Outcome.RULE and rule == last.rule
                    verdict = Verdict.COUNTS if is_it else Verdict.UNMANNED
                is_answered |= verdict in (Verdict.COUNTS, Verdict.EQUAL)
            weighed.append(Weighed(rule, verdict))
    return weighed


def _misfit(rule: Rule, question: Question) -> Verdict | None:
    """Why a rule does not fit the day, source or hour of a question; None where it does."""
    if rule.fits(question):
        return None
    if question.on < rule.valid_from:
        return Verdict.NOT_YET
    if rule.valid_to is not None and rule.valid_to < question.on:
        return Verdict.ENDED
    if rule.source not in ("", question.source):
        return Verdict.OTHER_SOURCE
    return Verdict.OFF_ONLY if rule.working_time == OFF else Verdict.WORKING_ONLY


# ---------------------------------------------------------------- rules as they would be


@dataclass(frozen=True, slots=True)
class Draft:
    """A rule that does not count yet, and the one that ends when it begins, if any."""

    rule: Rule
    replaces: int | None = None


def with_drafts(rules: Iterable[Rule], drafts: Iterable[Draft]) -> list[Rule]:
    """The rules as they stand once these drafts are published."""
    drafted = list(drafts)
    ends = {draft.replaces: last_day_before(draft.rule.valid_from) for draft in drafted}
    return [_ended(rule, ends.get(rule.id)) for rule in rules] + [draft.rule for draft in drafted]


def _ended(rule: Rule, end: date | None) -> Rule:
    """A rule that a successor ends, unless it ends before."""
    if end is None or (rule.valid_to is not None and rule.valid_to <= end):
        return rule
    return replace(rule, valid_to=end)


def last_day_before(day: date) -> date:
    """The last day of a rule whose successor begins on this one."""
    return day - timedelta(days=1)


class Move(NamedTuple):
    """What a question is answered before and after a change of rules."""

    before: Proposal
    after: Proposal


def moved(before: Answers, after: Answers, question: Question) -> Move | None:
    """The answers, where a change gives the case to another department (or to nobody)."""
    move = Move(before.of(question), after.of(question))
    return None if _department(move.before) == _department(move.after) else move


def _department(answer: Proposal) -> int | None:
    return answer.department.id if answer.department else None
