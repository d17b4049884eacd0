"""What the wall of a command hall shows: the dashboard's own figures, and where open cases lie.

Nothing of a person is read here, nor a case number, a text or a name: class, street, state and
place alone. All figures come from the selectors of the dashboard, so both say the same at the same
data time.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.db.models import Count, F, Q
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from assessment.beside import beside
from assessment.indicators import INDICATORS
from assessment.periods import Period, period_from
from assessment.rates import Rated, Ratio, ratio_of
from assessment.scoring import ranks
from assessment.selectors.cells import open_cases_by_cell
from assessment.selectors.dashboard import KEY_FIGURES, RATES, STATS
from assessment.selectors.figures import Counts, count_figures, rows_behind
from cases.clocks.lamps import Lamp, lamp_at
from cases.clocks.numbers import LEAST_SAMPLE
from cases.models import Case
from cases.selectors.settings import number_at
from cases.workflow import ENDED, State
from dispatch.models import Department
from gridcity.contracts import Actor, Role
from parts.models import Street

# A wall reads what officials read; it is nobody, and acts on nothing.
WALL = Actor(None, "wall", frozenset({Role.OFFICIAL}))

# What is ranked: its name, and its rate.
Named = tuple[str, Ratio]

HOURLY = (("reported", "reported_at"), ("closed", "ended_at"))
RANKED = (("street", "closed_in_time"), ("department", "handled_in_time"))
MOST_RANKED, MOST_LATEST, MOST_OVERDUE, MOST_POINTS = 12, 8, 7, 3000


@dataclass(frozen=True, slots=True)
class Tile(Rated):
    """A key figure: a count, or a rate with both its counts."""

    key: str
    label: Promise
    count: int
    whole: int | None
    more: Fraction | int = 0

    @property
    def has_self_handled(self) -> bool:
        """Whether beside it stands what was settled on the spot."""
        return self.whole is None and "self_handled" in beside(self.key)


@dataclass(frozen=True, slots=True)
class Place(Rated):
    """One line of a ranking; `rank` is None where too few cases allow none."""

    name: str
    rank: int | None
    count: int
    whole: int
    # In words who is ranked with whom, where not all are.
    group: str = ""
    more: Fraction | int = 0


@dataclass(frozen=True, slots=True)
class Ranking:
    """Streets or departments of the running month by one rate, best first; how many are left."""

    dimension: str
    label: Promise
    places: list[Place]
    left: int


@dataclass(frozen=True, slots=True)
class Wall:
    """All that a wall shows at one data time."""

    period: Period
    month: Period
    tiles: list[Tile]
    self_handled: int
    states: list[tuple[State, int]]
    lamps: dict[str, int]
    rankings: list[Ranking]
    hours: list[dict[str, int]]
    latest: list[dict[str, Any]]
    overdue: list[dict[str, Any]]
    overdue_total: int
    cells: dict[str, int]
    points: list[tuple[float, float, str]]

    @property
    def open_total(self) -> int:
        return sum(self.lamps.values())


def build_wall(at: datetime) -> Wall:
    """Everything of now: the day so far, the month so far, and what is open."""
    today = period_from({"period": "today"}, at)
    month = period_from({"period": "month"}, at)
    figures = count_figures(WALL, today, ("state",), KEY_FIGURES | {"self_handled"})
    overdue = _open().filter(due_at__lt=at)
    return Wall(
        period=today,
        month=month,
        tiles=[_tile(key, figures.total) for key in (*STATS, *RATES)],
        self_handled=figures.total.get("self_handled", 0),
        states=_states(figures.by["state"]),
        lamps=_lamps(today),
        rankings=_rankings(month),
        hours=_hours(today),
        latest=_lines(_seen().order_by(F("reported_at").desc(), F("id").desc())[:MOST_LATEST]),
        overdue=_lines(overdue.order_by("due_at", "id")[:MOST_OVERDUE]),
        overdue_total=overdue.count(),
        cells=open_cases_by_cell(WALL),
        points=_points(at),
    )


def _tile(key: str, counts: Counts) -> Tile:
    found = ratio_of(INDICATORS[key], counts)
    return Tile(key, INDICATORS[key].label, found.count, found.whole, found.more)


def _states(counts: Any) -> list[tuple[State, int]]:
    shown = [state for state in State if state not in ENDED]
    return [(state, counts.get(str(state), {}).get("open", 0)) for state in shown]


def _lamps(period: Period) -> dict[str, int]:
    """The open cases of the figure by lamp; those whose clock stands are under an empty key."""
    late = Q(case__due_at__lt=period.as_of)
    until = Q(case__green_until__gte=period.as_of) | Q(case__green_until=None)
    green = Q(case__due_at__gte=period.as_of) & until
    stands = Q(case__due_at=None)
    found = rows_behind(INDICATORS["open"], WALL, period, {}).aggregate(
        red=Count("pk", filter=late), green=Count("pk", filter=green),
        none=Count("pk", filter=stands), all=Count("pk"),
    )  # fmt: skip
    yellow = found["all"] - found["red"] - found["green"] - found["none"]
    lamps = {Lamp.GREEN: found["green"], Lamp.YELLOW: yellow, Lamp.RED: found["red"]}
    return {str(lamp): count for lamp, count in lamps.items()} | {"": found["none"]}


def _hours(period: Period) -> list[dict[str, int]]:
    """Flows of the day by the hour of the clock: the columns add up to the day's figures."""
    hours = [{key: 0 for key, _base in HOURLY} for _hour in range(24)]
    for key, base in HOURLY:
        for instant in rows_behind(INDICATORS[key], WALL, period, {}).values_list(base, flat=True):
            hours[timezone.localtime(instant).hour][key] += 1
    return hours


# ---------------------------------------------------------------- rankings


def _rankings(month: Period) -> list[Ranking]:
    rates = [INDICATORS[key] for _dimension, key in RANKED]
    keys = frozenset(key for each in rates for key in each.parts)
    figures = count_figures(WALL, month, [dimension for dimension, _key in RANKED], keys)
    names = {
        "street": dict(Street.objects.values_list("pk", "name")),
        "department": dict(Department.objects.values_list("pk", "name")),
    }
    groups = dict(Department.objects.values_list("name", "assessment_group"))
    least = number_at(LEAST_SAMPLE, month.as_of)
    found = []
    for dimension, key in RANKED:
        indicator = INDICATORS[key]
        counts = figures.by[dimension]
        lines = [
            (names[dimension][value], ratio_of(indicator, counts[value]))
            for value in counts
            if value is not None
        ]
        listed = [line for line in lines if line[1].whole]
        places = group_by_group(listed, groups if dimension == "department" else {}, least)
        found.append(Ranking(dimension, indicator.label, places, len(listed) - len(places)))
    return found


def group_by_group(lines: list[Named], groups: Mapping[str, str], least: int) -> list[Place]:
    """The best of each group, like with like (assessment law §6); a group's name takes a line."""
    by_group: dict[str, list[Named]] = {}
    for line in lines:
        by_group.setdefault(groups.get(line[0], ""), []).append(line)
    if len(by_group) < 2:
        return ranked(lines, least)[:MOST_RANKED]
    most = max(MOST_RANKED // len(by_group) - 1, 1)
    return [
        replace(place, group=name or str(_("Without a group")))
        for name, of_group in sorted(by_group.items())
        for place in ranked(of_group, least)[:most]
    ]


def ranked(lines: Iterable[Named], least: int) -> list[Place]:
    """By rate, best first; equal rates share a rank, of fewer than `least` there is none."""
    listed = list(lines)
    rates = [found.rate or Decimal(0) for _name, found in listed]
    large = [
        rate if (found.whole or 0) >= least else None
        for rate, (_name, found) in zip(rates, listed, strict=True)
    ]
    places = [
        (rate, Place(name, rank, found.count, found.whole or 0, more=found.more))
        for rate, rank, (name, found) in zip(rates, ranks(large), listed, strict=True)
    ]
    places.sort(key=lambda each: (each[1].rank is None, -each[0], -each[1].whole, each[1].name))
    return [place for _rate, place in places]


# ---------------------------------------------------------------- cases without a name


def _seen() -> Any:
    """Cases that stand in figures: neither voided nor merged away."""
    return Case.objects.exclude(state__in=(State.VOIDED, State.MERGED))


def _open() -> Any:
    return Case.objects.filter(ended_at=None)


def _lines(rows: Any) -> list[dict[str, Any]]:
    return list(
        rows.values(
            "state", "reported_at", "due_at", "green_until", "ended_at",
            class_name=F("catalogue_class__name"), street_name=F("street__name"),
        )
    )  # fmt: skip


def _points(at: datetime) -> list[tuple[float, float, str]]:
    """Where open cases lie: longitude, latitude (EPSG:4490), lamp; the newest where there are
    more than a map can tell apart."""
    rows = (
        _open()
        .filter(point__isnull=False)
        .order_by("-id")
        .values_list("point", "due_at", "green_until")[:MOST_POINTS]
    )
    return [
        (round(point.x, 5), round(point.y, 5), _lamp(at, due_at, green_until))
        for point, due_at, green_until in rows
    ]


def _lamp(at: datetime, due_at: datetime | None, green_until: datetime | None) -> str:
    return "" if due_at is None else str(lamp_at(at, green_until or due_at, due_at))
