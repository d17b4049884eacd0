"""Which department answers for a case, and why (domain law §8).

Pure: rules and a question in, a proposal and its steps out. Nothing here reads a database or a
clock, so a change of rules can be tried on last month's cases.

Order of comparison: *events*: area (cell > community > street > district), then class (code >
prefix > any), source, time; *parts*: the owner of the part (maintainer, else owner, else competent
body), then class, area, source, time. Of two prefixes the longer is the nearer one. Equal in all
is no answer but an error (`Outcome.CONFLICT`). A department without an active account could
not act; it is passed over, and a step says so.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import NamedTuple

PART, EVENT, ANY = "part", "event", "any"
CODE, PREFIX = "code", "prefix"
WORKING, OFF = "working", "off"


class Body(StrEnum):
    """The bodies that answer for a part, in the order in which they are asked."""

    MAINTAINER = "maintainer"
    OWNER = "owner"
    COMPETENT = "competent"


class Outcome(StrEnum):
    """What one step of the search found."""

    BODY = "body"  # a body of the part is a department here: the answer
    NO_BODY = "no_body"  # the part names nobody in this capacity
    BODY_UNKNOWN = "body_unknown"  # the body is no department here
    BODY_UNMANNED = "body_unmanned"  # the department has no active account
    RULE = "rule"  # a rule fits best: the answer
    RULE_UNMANNED = "rule_unmanned"  # the rule's department has no active account
    CONFLICT = "conflict"  # rules of different departments are equal in all
    NO_RULE = "no_rule"  # nothing fits


@dataclass(frozen=True, slots=True)
class Dept:
    """What routing needs to know of a department."""

    id: int
    code: str
    name: str
    uscc: str = ""
    is_active: bool = True


@dataclass(frozen=True, slots=True)
class Rule:
    """A routing rule as plain data; blank means every class, source or time."""

    id: int
    kind: str
    scheme: str
    class_scope: str
    class_code: str
    area_code: str
    department: int
    source: str = ""
    working_time: str = ""
    automatic: bool = False
    valid_from: date = date.min
    valid_to: date | None = None

    def fits(self, question: Question) -> bool:
        """Whether source, time and validity fit; class and area are found by the index."""
        return (
            self.source in ("", question.source)
            and self.working_time in ("", WORKING if question.is_working else OFF)
            and self.valid_from <= question.on
            and (self.valid_to is None or question.on <= self.valid_to)
        )

    @property
    def nearness(self) -> tuple[bool, bool]:
        """Among rules of one class and area: one for the source first, then one for the time."""
        return (not self.source, not self.working_time)


@dataclass(frozen=True, slots=True)
class Question:
    """A class in a place at a time. `areas`: codes of cell, community, street, district.

    `bodies` are (name, credit code) of the part's maintainer, owner and competent body.
    """

    kind: str
    scheme: str
    class_code: str
    areas: tuple[str, str, str, str]
    on: date
    source: str = ""
    is_working: bool = True
    bodies: Mapping[Body, tuple[str, str]] | None = None


class Step(NamedTuple):
    """One thing that was looked at; the last step is the answer."""

    outcome: Outcome
    body: str = ""
    name: str = ""
    rule: Rule | None = None
    others: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Proposal:
    """The department that should handle a case; None when nobody is found, and the steps why."""

    department: Dept | None
    automatic: bool
    steps: tuple[Step, ...]


ClassKey = tuple[str, str, str]  # kind, scheme, code; the code of a prefix ends in *
Shelf = dict[str, dict[ClassKey, tuple[Rule, ...]]]


@dataclass(frozen=True, slots=True)
class Index:
    """All rules by area and class, and all departments; build once for each version."""

    shelf: Shelf
    departments: Mapping[int, Dept]
    by_uscc: Mapping[str, Dept]
    prefix_lengths: tuple[int, ...] = ()  # of the prefixes in use, longest first


def build_index(rules: Iterable[Rule], departments: Iterable[Dept]) -> Index:
    """An index for `propose`; rules of departments that are closed are left out."""
    known = {dept.id: dept for dept in departments}
    shelf: defaultdict[str, defaultdict[ClassKey, list[Rule]]] = defaultdict(
        lambda: defaultdict(list)
    )
    lengths: set[int] = set()
    for rule in rules:
        if not known[rule.department].is_active:
            continue
        if rule.class_scope == PREFIX:
            lengths.add(len(rule.class_code))
        for key in _shelved_under(rule):
            shelf[rule.area_code][key].append(rule)
    sorted_shelf: Shelf = {
        area: {key: tuple(sorted(found, key=_order)) for key, found in classes.items()}
        for area, classes in shelf.items()
    }
    return Index(
        shelf=sorted_shelf,
        departments=known,
        by_uscc={dept.uscc: dept for dept in known.values() if dept.uscc and dept.is_active},
        prefix_lengths=tuple(sorted(lengths, reverse=True)),
    )


def _order(rule: Rule) -> tuple[tuple[bool, bool], int]:
    return rule.nearness, rule.id


def _shelved_under(rule: Rule) -> list[ClassKey]:
    kinds = (PART, EVENT) if rule.kind == ANY else (rule.kind,)
    if rule.class_scope == CODE:
        return [(kind, rule.scheme, rule.class_code) for kind in kinds]
    if rule.class_scope == PREFIX:
        return [(kind, rule.scheme, rule.class_code + "*") for kind in kinds]
    return [(kind, "", "") for kind in kinds]


def propose(index: Index, question: Question, manned: Collection[int]) -> Proposal:
    """The department for a question; `manned` are the ids of departments with an active account."""
    steps: list[Step] = []
    if question.kind == PART and question.bodies is not None:
        owner = _owner(index, question.bodies, manned, steps)
        if owner is not None:
            return Proposal(owner, _also_automatic(index, question, owner, manned), tuple(steps))
    return _by_rules(index, question, manned, steps)


def _owner(
    index: Index,
    bodies: Mapping[Body, tuple[str, str]],
    manned: Collection[int],
    steps: list[Step],
) -> Dept | None:
    """Maintainer, else owner, else competent body; one without an account falls through."""
    for body in Body:
        name, uscc = bodies.get(body, ("", ""))
        if not name and not uscc:
            steps.append(Step(Outcome.NO_BODY, body))
            continue
        dept = index.by_uscc.get(uscc)
        if dept is None:
            steps.append(Step(Outcome.BODY_UNKNOWN, body, name or uscc))
        elif dept.id not in manned:
            steps.append(Step(Outcome.BODY_UNMANNED, body, dept.name))
        else:
            steps.append(Step(Outcome.BODY, body, dept.name))
            return dept
    return None


def _also_automatic(index: Index, question: Question, owner: Dept, manned: Collection[int]) -> bool:
    """A part's owner is unambiguous where an automatic rule names the same department."""
    best = _by_rules(index, question, manned, [])
    return best.automatic and best.department is owner


def _by_rules(
    index: Index, question: Question, manned: Collection[int], steps: list[Step]
) -> Proposal:
    for found in shelves(index, question):
        fitting = [rule for rule in found if rule.fits(question)]
        while fitting:
            best = fitting[0]
            equal = _equals(fitting)
            if any(rule.department != best.department for rule in equal):
                steps.append(
                    Step(Outcome.CONFLICT, rule=best, others=tuple(rule.id for rule in equal))
                )
                return Proposal(None, False, tuple(steps))
            dept = index.departments[best.department]
            if dept.id in manned:
                steps.append(Step(Outcome.RULE, name=dept.name, rule=best))
                return Proposal(dept, best.automatic, tuple(steps))
            steps.append(Step(Outcome.RULE_UNMANNED, name=dept.name, rule=best))
            fitting = fitting[len(equal) :]
    steps.append(Step(Outcome.NO_RULE))
    return Proposal(None, False, tuple(steps))


def _equals(fitting: list[Rule]) -> list[Rule]:
    """The rules as near as the first, which is nearest; mostly it stands alone."""
    if len(fitting) == 1:
        return fitting
    nearest = fitting[0].nearness
    return [rule for rule in fitting if rule.nearness == nearest]


def shelves(index: Index, question: Question) -> Iterator[tuple[Rule, ...]]:
    """Rules by class and area, nearest first: area by area for events, class by class for parts."""
    areas = [found for area in question.areas if (found := index.shelf.get(area))]
    keys = _class_keys(question, index.prefix_lengths)
    if question.kind == EVENT:
        for classes in areas:
            for key in keys:
                if rules := classes.get(key):
                    yield rules
    else:
        for key in keys:
            for classes in areas:
                if rules := classes.get(key):
                    yield rules


def _class_keys(question: Question, prefix_lengths: tuple[int, ...]) -> list[ClassKey]:
    kind, scheme, code = question.kind, question.scheme, question.class_code
    prefixes = [
        (kind, scheme, code[:length] + "*") for length in prefix_lengths if length <= len(code)
    ]
    return [(kind, scheme, code), *prefixes, (kind, "", "")]
