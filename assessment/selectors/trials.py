"""What if: a version, or other weights and bands, tried on a past period. Nothing is written.

The same functions score here and in a snapshot, so that a preview is what the snapshot will say.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from assessment.indicators import INDICATORS
from assessment.models import POST_SUBJECTS, Scheme
from assessment.periods import Period, names_that_ended, period_named, span_of
from assessment.quintiles import quintile_bands
from assessment.scoring import Term, grades_from, terms_from
from assessment.selectors.figures import SCORER
from assessment.selectors.readers import row_reader
from assessment.selectors.scores import (
    Line,
    counts_by,
    given_by_hand,
    lines_by,
    score_lines,
    scored_data,
)
from assessment.selectors.snapshots import final_after, group_names, ranks_of
from gridcity.contracts import Actor

A_YEAR = 12


@dataclass(frozen=True, slots=True)
class Scored:
    """One object under one scheme."""

    total: str | None
    grade: str | None
    grade_name: str
    rank: int | None
    terms: list[dict[str, Any]]
    # By the key of a sheet the entries that people wrote and that count.
    hand: Mapping[str, list[Any]]
    names: Sequence[str] = ()

    @property
    def told(self) -> list[tuple[str, dict[str, Any]]]:
        """The terms by their names."""
        return list(zip(self.names, self.terms, strict=True))


@dataclass(frozen=True, slots=True)
class TrialRow:
    """One object under the scheme that is tried, and under the one it is compared with."""

    line: Line
    tried: Scored
    base: Scored | None
    base_line: Line | None
    # In words, where there are others that it is not ranked with.
    group_name: str = ""

    @property
    def difference(self) -> Decimal | None:
        if self.base is None or self.base.total is None or self.tried.total is None:
            return None
        return Decimal(self.tried.total) - Decimal(self.base.total)


@dataclass(frozen=True, slots=True)
class Trial:
    """A scheme tried over a period, beside another one; rows as far as the actor reads them."""

    tried: Scheme
    base: Scheme | None
    period: Period
    base_period: Period | None
    rows: list[TrialRow]


def settled(period: Period, now: datetime) -> Period:
    """With the data time at which its last snapshot speaks: final, provisional, or now."""
    for as_of in (period.end + final_after(period.end), period.end):
        if as_of <= now:
            return replace(period, as_of=as_of, is_pinned=True)
    return replace(period, as_of=now, is_pinned=True)


def trial_period(scheme: Scheme, name: str, now: datetime) -> Period:
    """The period of a trial by its name; the month that ended last where none is named.

    Raises Invalid.
    """
    if not name:
        ended = names_that_ended(now, timedelta(days=62), scheme.month_from)
        name = max(one for one in ended if span_of(one) == "month")
    return settled(period_named(name, now, scheme.month_from), now)


def run_trial(actor: Actor, tried: Scheme, base: Scheme | None, name: str, now: datetime) -> Trial:
    """Score a period under both. Raises Invalid for an unknown period."""
    period = trial_period(tried, name, now)
    lines = lines_by(tried.subject, period)
    scored = score_all(tried, period, lines)
    if base is None or base.subject != tried.subject:
        return _read(actor, Trial(tried, None, period, None, _rows(lines, scored, [], {})))
    base_period, base_lines = period, lines
    if base.month_from != tried.month_from:
        base_period = trial_period(base, period.key, now)
        base_lines = lines_by(base.subject, base_period)
    base_scored = score_all(base, base_period, base_lines)
    rows = _rows(lines, scored, base_lines, base_scored)
    return _read(actor, Trial(tried, base, period, base_period, rows))


def score_all(scheme: Scheme, period: Period, lines: list[Line]) -> dict[int, Scored]:
    """Every line under a scheme, as a snapshot would keep it."""
    given = given_by_hand(scheme, period)
    scores = score_lines(scheme, period, lines, given)
    said: list[dict[str, Any]] = [
        {
            "key": line.of.key,
            "group": line.of.group,
            "score": scored_data(scheme, scores[line.of.pk]),
        }
        for line in lines
    ]
    ranks = {} if scheme.subject in POST_SUBJECTS else ranks_of(said)
    names = {grade.letter: grade.name for grade in grades_from(scheme.grades)}
    return {
        line.of.pk: Scored(
            total=row["score"]["total"],
            grade=row["score"]["grade"],
            grade_name=names.get(row["score"]["grade"], ""),
            rank=ranks.get(line.of.key),
            terms=row["score"]["terms"],
            hand={key: one.entries_of(line.of.pk) for key, one in given.items()},
            names=[term["name"] for term in scheme.terms],
        )
        for line, row in zip(lines, said, strict=True)
    }


def _rows(
    lines: list[Line],
    scored: Mapping[int, Scored],
    base_lines: list[Line],
    base_scored: Mapping[int, Scored],
) -> list[TrialRow]:
    beside = {line.of.pk: line for line in base_lines}
    return [
        TrialRow(line, scored[line.of.pk], base_scored.get(line.of.pk), beside.get(line.of.pk))
        for line in lines
    ]


def _read(actor: Actor, trial: Trial) -> Trial:
    """The rows that the actor reads: group by group, best first, and people by name."""
    sees = row_reader(actor, trial.tried.subject)
    rows = [row for row in trial.rows if sees(row.line.of.key)]
    if trial.tried.subject in POST_SUBJECTS:
        return replace(trial, rows=[row for row in rows if any(row.line.counts.values())])
    last = len(trial.rows) + 1
    groups = group_names(trial.tried.subject, {row.line.of.group for row in trial.rows})
    rows = [replace(row, group_name=groups.get(row.line.of.group, "")) for row in rows]

    def place(row: TrialRow) -> tuple[str, int, str]:
        return row.line.of.group, row.tried.rank or last, row.line.of.key

    return replace(trial, rows=sorted(rows, key=place))


def with_terms(scheme: Scheme, terms: list[dict[str, Any]]) -> Scheme:
    """The same version with other terms, in memory alone."""
    return Scheme(
        pk=scheme.pk, key=scheme.key, version=scheme.version, name=scheme.name,
        subject=scheme.subject, terms=terms, grades=scheme.grades, month_from=scheme.month_from,
        valid_from=scheme.valid_from,
    )  # fmt: skip


# ---------------------------------------------------------------- bands from last year's counts


def proposed_bands(scheme: Scheme, key: str, period: Period) -> list[list[int | None]]:
    """Fifths of the counts a month of the year to the end of a period; empty where none was.

    Months in which nothing at all was counted are left out: the system did not run yet.
    """
    term = next((one for one in terms_from(scheme.terms) if one.key == key), None)
    if term is None or not _is_count(term):
        return []
    values: list[Fraction] = []
    for month in _a_year_to(scheme, period):
        values += _a_month(scheme, term, month)
    bands = quintile_bands(values, more_is_better=_more_is_better(term))
    return [[band.least, band.most, band.points] for band in bands]


def _is_count(term: Term) -> bool:
    if len(term.parts) != 1:
        return False
    indicator = INDICATORS.get(term.parts[0].indicator)
    return indicator is not None and not indicator.is_rate


def _more_is_better(term: Term) -> bool:
    if term.bands:
        ordered = sorted(term.bands, key=lambda one: one.least)
        return ordered[-1].points > ordered[0].points
    return INDICATORS[term.parts[0].indicator].better > 0


def _a_year_to(scheme: Scheme, period: Period) -> list[Period]:
    """The twelve whole months up to the end of a period, each as of its own final data time."""
    names = names_that_ended(period.end, timedelta(days=400), scheme.month_from)
    months = sorted(one for one in names if span_of(one) == "month")[-A_YEAR:]
    return [
        settled(period_named(name, period.as_of, scheme.month_from), period.as_of)
        for name in months
    ]


def _a_month(scheme: Scheme, term: Term, month: Period) -> list[Fraction]:
    figure = term.parts[0].indicator
    counts = counts_by(scheme.subject, month, frozenset({figure}))
    if not any(found.get(figure, 0) for found in counts.values()):
        return []
    listed = [line.of for line in lines_by(scheme.subject, month, actor=SCORER)]
    return [
        Fraction(counts.get(one.pk, {}).get(figure, 0), one.cells if term.per_cell else 1)
        for one in listed
        if one.cells or not term.per_cell
    ]
