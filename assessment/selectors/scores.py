"""Figures of all streets, communities, cells or departments over a period, and their scores."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q

from assessment.dimensions import DIMENSIONS
from assessment.indicators import INDICATORS, Indicator
from assessment.models import Scheme, Subject
from assessment.periods import Period, months_within
from assessment.rates import rates_of
from assessment.scoring import Judged, Score, grade_of, grades_from, score, shown, terms_from
from assessment.selectors.figures import SCORER, Counts, Figures, count_figures, indicators_for
from assessment.selectors.inspections import Given, hand_points
from dispatch.models import Department
from gridcity.contracts import Actor
from parts.models import Cell, Community, Street

WHOLES: dict[str, str] = {key: each.of for key, each in INDICATORS.items()}
ALSO = {key: each.also for key, each in INDICATORS.items() if each.also}


@dataclass(frozen=True, slots=True)
class Listed:
    """What has a line: a street, community, cell or department, by key and name; how many cells."""

    pk: int
    key: str
    name: str
    cells: int = 1


@dataclass(frozen=True, slots=True)
class Line:
    """The figures of one of them: counts, and rates of four places."""

    of: Listed
    counts: Counts
    rates: dict[str, str | None]

    def as_data(self) -> dict[str, Any]:
        said = {"key": self.of.key, "name": self.of.name}
        return said | {"counts": self.counts, "rates": self.rates}


def indicators_by(subject: str) -> list[Indicator]:
    """The figures that can be broken down by what is listed."""
    columns = DIMENSIONS[subject].columns
    return [each for each in INDICATORS.values() if each.grain in columns]


def lines_by(
    subject: str, period: Period, listed: Sequence[Listed] | None = None, actor: Actor = SCORER
) -> list[Line]:
    """A line for each object in use in the period, also one without any case, by its key.

    `listed` names them as they were, where the figures of long ago are counted again. As far as
    the actor sees; scores are counted over everything.
    """
    figures = count_figures(actor, period, [subject])
    seen = {each.key for each in indicators_for(actor)}
    shown_here = [each for each in indicators_by(subject) if each.key in seen]
    objects = _objects(subject, period, figures) if listed is None else listed
    return [Line(one, *_counted(figures, subject, one.pk, shown_here)) for one in objects]


def _counted(
    figures: Figures, subject: str, pk: int, listed: list[Indicator]
) -> tuple[Counts, dict[str, str | None]]:
    found = figures.of(subject, pk)
    counts = {each.key: found.get(each.key, 0) for each in listed}
    return counts, rates_of(listed, counts)


def _objects(subject: str, period: Period, figures: Figures) -> Iterator[Listed]:
    """What was in use in the period, or has any count in it."""
    counted = [pk for pk in figures.by[subject] if pk is not None]
    match subject:
        case Subject.DEPARTMENT:
            rows = Department.objects.filter(Q(is_active=True) | Q(pk__in=counted))
            for pk, code, name in rows.order_by("code").values_list("pk", "code", "name"):
                yield Listed(pk, code, name)
        case Subject.CELL:
            cells = Cell.objects.filter(Q(edition__state="current") | Q(pk__in=counted))
            for pk, code in cells.order_by("code", "pk").values_list("pk", "code"):
                yield Listed(pk, code, code)
        case _:
            yield from _regions(subject, period, counted)


def _regions(subject: str, period: Period, counted: list[int]) -> Iterator[Listed]:
    street = subject == Subject.STREET
    model: Any = Street if street else Community
    in_use = Q(valid_to=None) | Q(valid_to__gte=period.first)
    rows = model.objects.filter(in_use | Q(pk__in=counted)).order_by("code", "pk")
    path = "community__street_id" if street else "community_id"
    cells = dict(
        Cell.objects.filter(edition__state="current")
        .values_list(path)
        .annotate(count=Count("pk"))
        .order_by()
    )
    for pk, code, name in rows.values_list("pk", "code", "name"):
        yield Listed(pk, code, name, cells.get(pk, 0))


def only_figures(row: Mapping[str, Any], keys: Collection[str] | None) -> dict[str, Any]:
    """A row's data with the counts and rates of these figures alone; None: of all."""
    if keys is None:
        return dict(row)
    parts = {
        part: {key: value for key, value in row[part].items() if key in keys}
        for part in ("counts", "rates")
    }
    return {**row, **parts}


# ---------------------------------------------------------------- scores


def score_lines(
    scheme: Scheme, period: Period, lines: list[Line], given: Mapping[str, Given]
) -> dict[int, Score]:
    """The score of each line under a scheme; figures of the single months where bands need them."""
    terms = terms_from(scheme.terms)
    months = months_within(period) if any(term.bands for term in terms) else []
    by_month = [
        count_figures(SCORER, month, [scheme.subject]).by[scheme.subject] for month in months
    ]
    return {
        line.of.pk: score(
            terms,
            WHOLES,
            Judged(
                line.counts,
                [month.get(line.of.pk, {}) for month in by_month],
                line.of.cells,
                {key: one.points_of(line.of.pk) for key, one in given.items()},
                ALSO,
            ),
        )
        for line in lines
    }


def given_by_hand(scheme: Scheme, period: Period) -> dict[str, Given]:
    """What people gave over a period by the sheets that a scheme names; mostly nothing."""
    sheets = {term.hand for term in terms_from(scheme.terms) if term.hand}
    return {key: hand_points(key, period) for key in sorted(sheets)}


def scored_data(scheme: Scheme, found: Score) -> dict[str, Any]:
    """A score as a snapshot keeps it: the total, its grade, and what each term brings."""
    grade = grade_of(found.total, grades_from(scheme.grades))
    return {
        "total": None if found.total is None else str(shown(found.total)),
        "grade": grade.letter if grade else None,
        "ranked": found.is_ranked,
        "terms": [
            {
                "key": one.term.key,
                "points": None if one.points is None else str(shown(one.points)),
                "share": None if share is None else str(share),
                "small": one.is_small,
            }
            for one, share in zip(found.terms, found.shares(), strict=True)
        ],
    }
