"""What administrators ask of the rules: coverage, overlaps, one place, and who would move (§8)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db.models import F, QuerySet

from cases.models import Case
from cases.selectors.paging import PAGE_SIZE
from dispatch.coverage import (
    Answers,
    Areas,
    Cover,
    Move,
    Overlap,
    Weighed,
    alike,
    cover,
    moved,
    overlaps,
    weigh,
    with_drafts,
)
from dispatch.months import Month
from dispatch.routing import EVENT, PART, Proposal, Question, build_index, propose
from dispatch.selectors.routing import (
    BODY_FIELDS,
    DISTRICT_DIGITS,
    drafted_rules,
    index_of,
    known_departments,
    manned_departments,
    published_rules,
    question_of,
)
from parts.models import CatalogueClass, Cell, Part
from parts.selectors import class_by_id, current_scheme, list_classes
from parts.selectors.keys import communities, community_of, street_of, streets

BATCH = 2000


def answers_on(on: date, *, drafts: bool = False) -> Answers:
    """The answers of the rules as they stand for a day, with the drafts where wanted."""
    rules = with_drafts(published_rules(), drafted_rules() if drafts else ())
    return Answers(build_index(rules, known_departments()), frozenset(manned_departments()), on)


def places(street: str = "") -> dict[str, list[Areas]]:
    """Every cell in use with its areas, by street."""
    found: defaultdict[str, list[Areas]] = defaultdict(list)
    cells = Cell.objects.current().order_by("code")
    for code, community_id in cells.values_list("code", "community_id"):
        community = community_of(community_id)
        over = street_of(community.street_id).code
        if street in ("", over):
            found[over].append((code, community.code, over, over[:DISTRICT_DIGITS]))
    return dict(sorted(found.items()))


# ---------------------------------------------------------------- coverage


@dataclass(frozen=True, slots=True)
class MatrixRow:
    """A class, and who answers for it in each street."""

    entry: CatalogueClass
    covers: list[Cover]

    @property
    def gaps(self) -> int:
        return sum(len(each.gaps) for each in self.covers)


@dataclass(frozen=True, slots=True)
class Matrix:
    """Coverage: class × street, each square knowing its cells without an owner."""

    streets: list[str]
    rows: list[MatrixRow]
    cells: int

    @property
    def gaps(self) -> int:
        return sum(row.gaps for row in self.rows)

    @property
    def asked(self) -> int:
        return self.cells * len(self.rows)


def coverage_matrix(*, on: date, scheme: str, kind: str, drafts: bool = False) -> Matrix:
    """Every class in use of a kind × every street; owners of parts are left aside."""
    answers = answers_on(on, drafts=drafts)
    by_street = places()
    groups = [alike(answers, listed) for listed in by_street.values()]
    rows = [
        MatrixRow(entry, [cover(answers, (kind, scheme, entry.code), each) for each in groups])
        for entry in list_classes(scheme=scheme, kind=kind)
    ]
    return Matrix(list(by_street), rows, sum(map(len, by_street.values())))


def gaps_by_kind(on: date) -> dict[str, int]:
    """Pairs of class and cell of the current scheme that nobody answers for, by kind."""
    scheme = current_scheme()
    return {kind: coverage_matrix(on=on, scheme=scheme, kind=kind).gaps for kind in (EVENT, PART)}


class CellAnswer(NamedTuple):
    """A cell and what the rules say for it in working time and outside it."""

    areas: Areas
    working: Proposal
    off: Proposal

    @property
    def is_gap(self) -> bool:
        return self.working.department is None or self.off.department is None


def cell_answers(
    *, on: date, entry: CatalogueClass, street: str, drafts: bool = False
) -> list[CellAnswer]:
    """The answers for one class in every cell of a street."""
    answers = answers_on(on, drafts=drafts)
    key = (entry.kind, entry.scheme_id, entry.code)
    return [
        CellAnswer(areas, answers(key, areas, "", True), answers(key, areas, "", False))
        for areas in places(street).get(street, [])
    ]


def rules_equal_in_all() -> list[Overlap]:
    """Pairs of rules of which nobody could say which counts, the drafts as if published."""
    return list(overlaps(with_drafts(published_rules(), drafted_rules())))


# ---------------------------------------------------------------- one place and class


@dataclass(frozen=True, slots=True)
class Trial:
    """The answer for one class in one place, and every rule that was weighed for it."""

    entry: CatalogueClass
    answer: Proposal
    weighed: list[Weighed]
    areas: Areas


def areas_of(cell_code: str) -> Areas | None:
    """The areas of a cell in use; None where there is no such cell."""
    found = Cell.objects.current().filter(code=cell_code).values_list("community_id", flat=True)
    community_id = found.first()
    if community_id is None:
        return None
    community = community_of(community_id)
    street = street_of(community.street_id).code
    return cell_code, community.code, street, street[:DISTRICT_DIGITS]


def try_place(
    *, entry: CatalogueClass, areas: Areas, at: datetime, source: str = "", part: Part | None = None
) -> Trial:
    """Ask the rules as a case of this class in this place would, at that instant."""
    row: dict[str, Any] = {"kind": entry.kind, "source": source, "part_id": part and part.pk}
    if part is not None:
        row |= {name: getattr(part, name.removeprefix("part__")) for name in BODY_FIELDS}
    question = question_of(row, entry, areas[:3], at)
    index, manned = index_of(None), frozenset(manned_departments())
    answer = propose(index, question, manned)
    return Trial(entry, answer, weigh(index, question, answer), areas)


def part_named(code: str) -> Part | None:
    """The part of this code with its cell."""
    return Part.objects.filter(code=code).select_related("cell").first()


# ---------------------------------------------------------------- dry run


# How often a long dry run says how far it is.
TOLD_EVERY = 500


class Moved(NamedTuple):
    """A case that would go to another department."""

    case_id: int
    move: Move


@dataclass(frozen=True, slots=True)
class DryRun:
    """The cases of a month asked twice: by the rules of today, and as they would be."""

    asked: int
    moved: list[Moved]

    def pairs(self) -> list[tuple[int | None, int | None, int]]:
        """From and to department with the number of cases, most first."""
        counted = Counter(_pair(each.move) for each in self.moved)
        return [(*pair, count) for pair, count in counted.most_common()]

    def between(self, pair: tuple[int | None, int | None] | None) -> list[Moved]:
        """The cases of one pair of departments; all where none is named."""
        return [each for each in self.moved if pair is None or _pair(each.move) == pair]


def _pair(move: Move) -> tuple[int | None, int | None]:
    before, after = move.before.department, move.after.department
    return before.id if before else None, after.id if after else None


def dry_run(
    *,
    today: date,
    on: date,
    drafts: bool,
    month: Month,
    tell: Callable[[int, int], None] | None = None,
) -> DryRun:
    """Which of a month's filed cases the changed rules would send elsewhere.

    Before: the rules of today. After: those that hold on the day `on`, with the drafts where
    wanted. Hour and source are each case's own, at its filing; who is manned is as now. `tell` is
    told now and then how many cases of how many were asked.
    """
    before, after = answers_on(today), answers_on(on, drafts=drafts)
    asked, found = 0, []
    total = _cases_of(month).count() if tell else 0
    for case_id, question in _questions(month):
        asked += 1
        if tell and asked % TOLD_EVERY == 0:
            tell(asked, total)
        move = moved(before, after, question)
        if move is not None:
            found.append(Moved(case_id, move))
    return DryRun(asked, found)


def _cases_of(month: Month) -> QuerySet[Case]:
    """The cases reported in a month that were filed."""
    return Case.objects.filter(
        reported_at__gte=month.begins, reported_at__lt=month.ends,
        filed_at__isnull=False, cell__isnull=False,
    )  # fmt: skip


def _questions(month: Month) -> Iterator[tuple[int, Question]]:
    """What each case of the month was asked at its filing, newest first, in one streamed query."""
    rows = (
        _cases_of(month)
        .order_by("-reported_at", "-id")
        .values(
            "id", "kind", "source", "part_id", *BODY_FIELDS, "catalogue_class_id",
            "community_id", "street_id", "filed_at", cell_code=F("cell__code"),
        )
    )  # fmt: skip
    named, over = communities(), streets()
    for row in rows.iterator(BATCH):
        areas = (row["cell_code"], named[row["community_id"]].code, over[row["street_id"]].code)
        entry = class_by_id(row["catalogue_class_id"])
        yield row["id"], question_of(row, entry, areas, row["filed_at"])


def cases_named(ids: Iterable[int]) -> dict[int, Case]:
    """The cases of one page with what a list shows of them."""
    rows = Case.objects.with_names().filter(pk__in=list(ids)[:PAGE_SIZE])
    return {case.pk: case for case in rows}
