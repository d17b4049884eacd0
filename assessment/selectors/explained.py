"""One score explained: its terms, the rows behind their figures, what each brings and loses."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

from assessment.beside import beside_score
from assessment.indicators import INDICATORS, Indicator, defined_as
from assessment.models import Snapshot, Subject
from assessment.periods import Period, months_within
from assessment.rates import percent_of
from assessment.scoring import (
    FULL,
    Banded,
    Part,
    Term,
    add_up,
    banded,
    terms_for,
    terms_from,
)
from assessment.selectors.appealed import count_taken_out
from assessment.selectors.figures import SCORER, Counts
from assessment.selectors.scores import counts_by
from assessment.selectors.snapshots import Row, definitions_of, narrowed_to, period_of
from assessment.selectors.summed import quick_figures
from dispatch.selectors.visible import SEES_ALL
from gridcity.contracts import Actor


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure within a term: its count and, of a rate, its denominator; each opens its rows.

    `out` is how many rows upheld appeals took out of it.
    """

    indicator: Indicator
    percent_of_it: int
    count: int
    whole: int | None
    rate: str
    url: str
    whole_url: str
    # It speaks of the whole district, not of the one that is scored.
    is_whole: bool = False
    out: int = 0
    out_url: str = ""


@dataclass(frozen=True, slots=True)
class Explained:
    """One term: what it is made of, its points, and what it brings to the total."""

    term: Term
    figures: list[Figure]
    points: str | None
    share: str | None
    is_small: bool
    beside: list[Figure] = field(default_factory=list)
    # Of a term that people score: how many entries, and the list of them.
    entries: int = 0
    entries_url: str = ""
    # What it takes from the full mark; a bonus that was not given is nothing lost.
    lost: Decimal | None = None
    # Of a count: how it came to its band; None where no whole month was counted.
    banded: Banded | None = None


def explain(
    actor: Actor, snapshot: Snapshot, row: Row, lists: str, inspections: str
) -> list[Explained]:
    """The terms of a score in their order.

    `lists` is the address of the lists behind figures, `inspections` that of what people scored.
    """
    terms = terms_for(terms_from(snapshot.scheme.terms), row.group)
    period = period_of(snapshot)
    with defined_as(definitions_of(snapshot)):
        over_months = counts_over_months(snapshot.subject, terms, period, row.pk)
    of = Opened(
        snapshot.subject, row.key, row.counts, period, lists, inspections, row.hand,
        over_months, row.cells,
        sees_all=bool(actor.roles & SEES_ALL),
        whole=counts_beside(snapshot.subject, terms, period),
        out=count_taken_out(
            [part.indicator for term in terms for part in term.parts], period,
            narrowed_to(snapshot.subject, row.key),
        ),
    )  # fmt: skip
    return explain_terms(terms, row.terms, of)


def with_words(actor: Actor, snapshot: Snapshot, rows: Sequence[Row], lists: str) -> list[Row]:
    """Rows whose terms bear their names, and beside a score what stands beside it."""
    terms = terms_from(snapshot.scheme.terms)
    named = terms_named(actor, snapshot.subject, terms, period_of(snapshot), lists)
    return [replace(row, terms=named(row.key, row.counts, row.terms)) for row in rows]


def terms_named(
    actor: Actor, subject: str, terms: Sequence[Term], period: Period, lists: str
) -> Callable[[str, Mapping[str, int], Sequence[Mapping[str, Any]]], list[dict[str, Any]]]:
    """For the rows of one ranking: by key, counts and what the terms of a score brought, these
    with their names and what stands beside each."""
    by_key = {term.key: term for term in terms}
    whole = counts_beside(subject, terms, period)
    sees_all = bool(actor.roles & SEES_ALL)

    def named(
        key: str, counts: Mapping[str, int], brought: Sequence[Mapping[str, Any]]
    ) -> list[dict[str, Any]]:
        of = Opened(subject, key, counts, period, lists, "", {}, sees_all=sees_all, whole=whole)
        return [
            {**one, "name": term.name, "beside": beside_term(of, term)}
            for one in brought
            if (term := by_key.get(one["key"])) is not None
        ]

    return named


@dataclass(frozen=True, slots=True)
class Opened:
    """Whose terms are opened: one object with its counts, and what people found, over a period."""

    subject: str
    key: str
    counts: Mapping[str, int]
    period: Period
    lists: str
    inspections: str
    hand: Mapping[str, Sequence[Any]]
    # Of counts by bands: the sum of their months, which of what stands open is no count of it.
    over_months: Mapping[str, int] = field(default_factory=dict)
    cells: int = 1
    # Whether the reader sees what was never filed, too.
    sees_all: bool = False
    # Of departments the counts of the whole district, for what is not counted by department.
    whole: Mapping[str, int] | None = None
    out: Mapping[str, int] = field(default_factory=dict)


def explain_terms(
    terms: Sequence[Term], brought: Sequence[Mapping[str, Any]], of: Opened
) -> list[Explained]:
    """Each term with its figures, and with what it brought as a score keeps it."""
    return [
        Explained(
            term,
            [_figure(of, part) for part in term.parts],
            one["points"],
            one["share"],
            one["small"],
            beside_term(of, term),
            len(of.hand.get(term.hand, ())),
            _entries_url(of, term),
            lost,
            _banded(of, term),
        )
        for term, one, lost in zip(terms, brought, lost_by(terms, brought), strict=True)
    ]


def lost_by(terms: Sequence[Term], brought: Sequence[Mapping[str, Any]]) -> list[Decimal | None]:
    """What each term lost of the full mark; with what the terms brought it adds up to that."""
    shares = [None if one["share"] is None else Decimal(one["share"]) for one in brought]
    pairs = list(zip(terms, shares, strict=True))
    judged = sum(term.weight for term, share in pairs if share is not None)
    full = add_up(
        [
            Fraction(term.weight * FULL, judged) if judged and share is not None else None
            for term, share in pairs
        ],
        Decimal(FULL),
    )
    return [
        None
        if share is None or whole is None
        else max(-share, Decimal())
        if term.adds
        else whole - share
        for (term, share), whole in zip(pairs, full, strict=True)
    ]


def counts_over_months(
    subject: str, terms: Sequence[Term], period: Period, pk: int
) -> dict[str, int]:
    """Of counts by bands what one object has in the whole months of a period together.

    Of a single month it is the count itself, which is nothing to count again.
    """
    months = months_within(period)
    keys = frozenset(term.parts[0].indicator for term in terms if term.bands)
    if len(months) < 2 or not keys:
        return {}
    found = [counts_by(subject, month, keys).get(pk, {}) for month in months]
    return {key: sum(counts.get(key, 0) for counts in found) for key in keys}


def _banded(of: Opened, term: Term) -> Banded | None:
    if not term.bands:
        return None
    key = term.parts[0].indicator
    count = of.over_months.get(key, of.counts.get(key, 0))
    return banded(term, count, len(months_within(of.period)), of.cells)


def beside_term(of: Opened, term: Term) -> list[Figure]:
    """What stands beside a term; of what cannot be broken down so, that of the whole district.

    A snapshot of before may know less of it, and whoever sees no unfiled cases sees none of them.
    """
    found = []
    for key in dict.fromkeys(
        key for part in term.parts for key in beside_score(part.indicator, of.subject)
    ):
        if INDICATORS[key].before_filing and not of.sees_all:
            continue
        if key in of.counts:
            found.append(_figure(of, Part(key)))
        elif of.whole is not None:
            found.append(_figure(replace(of, counts=of.whole, key=""), Part(key)))
    return found


def counts_beside(subject: str, terms: Sequence[Term], period: Period) -> Counts | None:
    """The figures of the whole district that stand beside the terms of departments."""
    if subject != Subject.DEPARTMENT:
        return None
    keys = {key for term in terms for part in term.parts
            for key in beside_score(part.indicator, subject)}  # fmt: skip
    parts = frozenset(one for key in keys for one in INDICATORS[key].parts)
    return quick_figures(SCORER, replace(period, former=()), (), parts).total


def _entries_url(of: Opened, term: Term) -> str:
    """The list of what was found about one object in the period, as of the data time."""
    if not term.hand:
        return ""
    return of.period.address(of.inspections, sheet=term.hand, object=of.key, state="counts")


def _figure(of: Opened, part: Part) -> Figure:
    indicator = INDICATORS[part.indicator]
    whole = of.counts.get(indicator.of) if indicator.of else None
    narrowed = narrowed_to(of.subject, of.key)
    address = of.period.address
    return Figure(
        indicator=indicator,
        percent_of_it=part.percent,
        count=of.counts.get(indicator.key, 0),
        whole=whole,
        rate="" if whole is None else percent_of(indicator, of.counts),
        url=address(of.lists, figure=indicator.key, **narrowed),
        whole_url=address(of.lists, figure=indicator.of, **narrowed) if indicator.of else "",
        is_whole=not of.key,
        out=of.out.get(indicator.key, 0),
        out_url=address(of.lists, figure=indicator.key, uncounted="1", **narrowed),
    )
