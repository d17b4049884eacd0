"""How well the search for duplicates finds known pairs: a seeded set, made and taken back.

Each pair is one matter reported twice, as different people would: from another place, some time
later, now and then under a neighbouring class. Beside them lie other matters of the same class in
the same cell, which must not be taken for it. Nothing of it stays in the database.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any

from django.contrib.gis.db.models.functions import PointOnSurface
from django.db import transaction

from cases.models import Case
from cases.selectors.duplicates import NEAR_M, Candidate, duplicate_candidates
from cases.services.placing import EARTH_M, Place
from cases.services.reporting import ReportInput, report_case
from gridcity.contracts import Actor, OutsideDistrict, Role
from parts.models import CatalogueClass, Cell
from parts.selectors import list_classes

REPORTER = Actor(None, "trial", frozenset({Role.SUPERVISOR}))
# How two reports of one matter differ. Positions of phones scatter by some metres; a pin set by
# hand, or a matter seen from across the road, lies further off.
GPS_SCATTER_M, HAND_SCATTER_M, HAND_SHARE = 6.0, 25.0, 0.2
OTHER_CLASS_SHARE = 0.05
WITHIN_CELL_M = 45.0  # a matter lies anywhere in its cell, not always at its middle
LATER = timedelta(days=7)
# Other matters of the same class in the neighbourhood of each pair.
OTHERS = 2
OTHERS_FROM_M, OTHERS_TO_M = 40.0, 160.0


@dataclass(frozen=True, slots=True)
class Score:
    """Of the true pairs, how many were named (recall); of what was named, how much was true."""

    true: int
    named: int
    right: int

    @property
    def precision(self) -> float | None:
        return self.right / self.named if self.named else None

    @property
    def recall(self) -> float | None:
        return self.right / self.true if self.true else None


@dataclass(frozen=True, slots=True)
class Trial:
    """`shown`: all candidates that a desk sees; `likely`: the first one, where it is near."""

    pairs: int
    others: int
    shown: Score
    likely: Score


def try_duplicates(*, pairs: int, seed: int, at: datetime) -> Trial:
    """Make the set, ask for the candidates of every second report, and take all of it back."""
    with transaction.atomic():
        trial = _try(Random(seed), pairs, at)  # noqa: S311  a set to be made again
        transaction.set_rollback(True)
    return trial


def _try(random: Random, wanted: int, at: datetime) -> Trial:
    truth: list[tuple[Case, Case]] = []
    others = 0
    for lon, lat, classes in _matters(random):
        if len(truth) == wanted:
            break
        made = _pair(random, lon, lat, classes, at)
        if made is None:
            continue
        truth.append(made)
        for _other in range(OTHERS):
            away = random.uniform(OTHERS_FROM_M, OTHERS_TO_M)
            others += _report(random, _moved(random, lon, lat, away), classes[0], at) is not None
    named = [(first.number, _candidates(second, at)) for first, second in truth]
    likely = [(number, [one for one in found[:1] if _is_near(one)]) for number, found in named]
    return Trial(len(truth), others, _score(named), _score(likely))


def _matters(random: Random) -> Iterator[tuple[float, float, list[CatalogueClass]]]:
    """Places in cells drawn by chance, each with a class and another one of its group; endless."""
    cells: list[Any] = list(
        Cell.objects.order_by("code").annotate(inside=PointOnSurface("geom"))
        .values_list("inside", flat=True)
    )  # fmt: skip
    groups: dict[str, list[CatalogueClass]] = {}
    for entry in list_classes(kind="event"):
        groups.setdefault(entry.major_name, []).append(entry)
    for _turn in range(len(cells) * 1000 if groups else 0):
        point = random.choice(cells)
        classes = random.choice(list(groups.values()))
        lon, lat = _moved(random, point.x, point.y, random.uniform(0, WITHIN_CELL_M))
        yield lon, lat, random.sample(classes, k=len(classes))


def _pair(
    random: Random, lon: float, lat: float, classes: list[CatalogueClass], at: datetime
) -> tuple[Case, Case] | None:
    """One matter reported twice; None where a report would lie outside the district."""
    by_hand = random.random() < HAND_SHARE
    away = abs(random.gauss(0, HAND_SCATTER_M if by_hand else GPS_SCATTER_M))
    other = len(classes) > 1 and random.random() < OTHER_CLASS_SHARE
    first = _report(random, (lon, lat), classes[0], at - LATER * random.random())
    if first is None:
        return None
    second = _report(random, _moved(random, lon, lat, away), classes[1 if other else 0], at)
    return (first, second) if second is not None else None


def _report(
    random: Random, place: tuple[float, float], entry: CatalogueClass, at: datetime
) -> Case | None:
    report = ReportInput(
        kind=entry.kind, class_code=entry.code, scheme=entry.scheme_id,
        place=Place(*place, GPS_SCATTER_M, "gps"), description=entry.name,
    )  # fmt: skip
    try:
        return report_case(actor=REPORTER, at=at, report=report)
    except OutsideDistrict:
        return None


def _moved(random: Random, lon: float, lat: float, away_m: float) -> tuple[float, float]:
    """A point so many metres away in a direction drawn by chance, on the sphere."""
    towards = random.uniform(0, 2 * math.pi)
    north = math.degrees(away_m * math.cos(towards) / EARTH_M)
    east = math.degrees(away_m * math.sin(towards) / EARTH_M / math.cos(math.radians(lat)))
    return lon + east, lat + north


def _candidates(case: Case, at: datetime) -> list[Candidate]:
    assert case.cell_id is not None
    return duplicate_candidates(
        class_id=case.catalogue_class_id, cell_id=case.cell_id, point=case.point,
        part_id=case.part_id, at=at, exclude_id=case.pk,
    )  # fmt: skip


def _is_near(candidate: Candidate) -> bool:
    near = candidate.distance_m is not None and candidate.distance_m <= NEAR_M
    return candidate.same_part or near


def _score(named: list[tuple[str, list[Candidate]]]) -> Score:
    right = sum(number in {one.number for one in found} for number, found in named)
    return Score(len(named), sum(len(found) for _number, found in named), right)
