"""Figures of all streets, communities, cells or departments over a period, and their scores."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import Count, Q
from django.utils.translation import gettext

from assessment.dimensions import DIMENSIONS, NONE
from assessment.indicators import INDICATORS, Indicator, indicators_of_post, registry
from assessment.models import POST_SUBJECTS, Scheme, Subject
from assessment.periods import Period, months_within
from assessment.posts import DESK_KEY
from assessment.rates import rates_of
from assessment.scoring import (
    Judged,
    Score,
    Term,
    grade_of,
    grades_from,
    score,
    shown,
    terms_for,
    terms_from,
)
from assessment.selectors.figures import SCORER, Counts, Figures, count_figures, indicators_for
from assessment.selectors.inspections import Given, hand_points
from assessment.selectors.posts import count_persons, desk_line, person_lines
from cases.sources import Source
from dispatch.models import Department
from gridcity.contracts import Actor
from parts.models import CatalogueClass, Cell, Community, Street

# A desk as a whole, among its people: no user has this id.
DESK = 0

WHOLES: dict[str, str] = {key: each.of for key, each in INDICATORS.items()}
ALSO = {key: each.also for key, each in INDICATORS.items() if each.also}


@dataclass(frozen=True, slots=True)
class Listed:
    """What has a line: a region, a department, a desk or a person, by key and name.

    `pk` is the value by which figures are counted, mostly an id. `cells` says how many cells a
    region has, `group` in which group a department or cell is.
    """

    pk: Any
    key: str
    name: str
    cells: int = 1
    group: str = ""


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
    if subject in POST_SUBJECTS:
        return indicators_of_post(subject)
    columns = DIMENSIONS[subject].columns
    return [each for each in registry().values() if each.grain in columns]


def lines_by(
    subject: str, period: Period, listed: Sequence[Listed] | None = None, actor: Actor = SCORER
) -> list[Line]:
    """A line for each object in use in the period, also one without any case, by its key.

    `listed` names them as they were, where the figures of long ago are counted again. As far as
    the actor sees; scores are counted over everything, and those of people by nobody else.
    """
    if subject in POST_SUBJECTS:
        return _post_lines(actor, subject, period, listed)
    figures = count_figures(actor, period, [subject])
    seen = {each.key for each in indicators_for(actor)}
    shown_here = [each for each in indicators_by(subject) if each.key in seen]
    objects = objects_of(subject, period, figures) if listed is None else listed
    return [Line(one, *_counted(figures, subject, one.pk, shown_here)) for one in objects]


def _counted(
    figures: Figures, subject: str, pk: int, listed: list[Indicator]
) -> tuple[Counts, dict[str, str | None]]:
    found = figures.of(subject, pk)
    counts = {each.key: found.get(each.key, 0) for each in listed}
    return counts, rates_of(listed, counts)


def _post_lines(
    actor: Actor, post: str, period: Period, listed: Sequence[Listed] | None
) -> list[Line]:
    """The desk, then its people by name. Raises Forbidden where they are not the actor's to see."""
    desk = desk_line(post, period)
    people = person_lines(actor, post, period)
    found = [Line(Listed(DESK, DESK_KEY + post, ""), desk.counts, dict(desk.rates))]
    found += [
        Line(Listed(one.user_id or 0, one.username, one.name), one.counts, dict(one.rates))
        for one in people
    ]
    if listed is None:
        return found
    counted = {line.of.pk: line for line in found}
    nothing = dict.fromkeys(desk.counts, 0)
    return [
        replace(counted[one.pk], of=one)
        if one.pk in counted
        else Line(one, nothing, rates_of(indicators_by(post), nothing))
        for one in listed
    ]


def objects_of(subject: str, period: Period, figures: Figures) -> Iterator[Listed]:
    """What was in use in the period, or has any count in it."""
    counted = [pk for pk in figures.by[subject] if pk is not None]
    listers: dict[str, Callable[[list[Any]], Iterator[Listed]]] = {
        Subject.DEPARTMENT: _departments, Subject.CELL: _cells,
        "group": _groups, "class": _classes, "source": _sources,
    }  # fmt: skip
    if subject in listers:
        return listers[subject](counted)
    return _regions(subject, period, counted)


def _departments(counted: list[int]) -> Iterator[Listed]:
    rows = Department.objects.filter(Q(is_active=True) | Q(pk__in=counted)).order_by("code")
    for pk, code, name, group in rows.values_list("pk", "code", "name", "assessment_group"):
        yield Listed(pk, code, name, group=group)


def _cells(counted: list[int]) -> Iterator[Listed]:
    cells = Cell.objects.filter(Q(edition__state="current") | Q(pk__in=counted))
    rows = cells.order_by("code", "pk").values_list("pk", "code", "management_class")
    for pk, code, management_class in rows:
        yield Listed(pk, code, code, group=str(management_class))


def _groups(counted: list[str]) -> Iterator[Listed]:
    """The groups of departments in use; whoever is in none comes last."""
    in_use = Department.objects.filter(is_active=True).exclude(assessment_group="")
    for name in sorted({*in_use.values_list("assessment_group", flat=True), *counted}):
        yield Listed(name, name, name)
    yield Listed(None, NONE, gettext("Without a group"))


def _classes(counted: list[int]) -> Iterator[Listed]:
    """The classes that have any count, by their codes."""
    rows = CatalogueClass.objects.filter(pk__in=counted).order_by("scheme_id", "kind", "code")
    for pk, scheme, kind, code, name in rows.values_list("pk", "scheme_id", "kind", "code", "name"):
        yield Listed(pk, f"{scheme}:{kind}:{code}", name)


def _sources(counted: list[str]) -> Iterator[Listed]:
    """All sources in the order of the law, whatever was counted."""
    for source in Source:
        yield Listed(str(source), str(source), str(source.label))


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
    months = months_within(period) if _has_bands(terms) else []
    by_month = [counts_by(scheme.subject, month) for month in months]
    by_group = {line.of.group: terms_for(terms, line.of.group) for line in lines}
    return {
        line.of.pk: score(
            by_group[line.of.group],
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


def _has_bands(terms: Sequence[Term]) -> bool:
    return any(term.bands or any(one.bands for one in term.groups.values()) for term in terms)


def counts_by(
    subject: str, period: Period, keys: frozenset[str] | None = None
) -> Mapping[Any, Counts]:
    """The counts of each object of a subject over a period, by its id; all figures, or some."""
    if subject in POST_SUBJECTS:
        return {DESK: desk_line(subject, period).counts, **count_persons(subject, period)}
    return count_figures(SCORER, period, [subject], keys).by[subject]


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
