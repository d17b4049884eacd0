"""Any figure by cell, community or street: what shades the map, and the table that says it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from assessment.dimensions import CODED, DIMENSIONS
from assessment.indicators import Indicator
from assessment.periods import Period
from assessment.rates import Rated
from assessment.selectors.figures import add, count_figures, indicators_for
from gridcity.contracts import Actor, NotVisible
from parts.selectors import codes_today

LEVELS = ("cell", "community", "street")
DEFAULT_FIGURE, DEFAULT_LEVEL = "open", "cell"
BUSY_FIGURE, MOST_BUSY = "filed", 12


@dataclass(frozen=True, slots=True)
class Place(Rated):
    """A cell, a community or a street with its figure; `rate` is None for counts and for 0/0."""

    code: str
    name: str
    count: int
    whole: int | None
    url: str
    whole_url: str = ""


@dataclass(frozen=True, slots=True)
class Shading:
    """One figure at one level: the highest first, and what has nothing to divide by last."""

    indicator: Indicator
    level: str
    places: list[Place]
    list_url: str


def shadings_for(actor: Actor) -> list[Indicator]:
    """The figures that a map may be shaded by: those the actor sees."""
    return indicators_for(actor)


def shaded_figure(actor: Actor, key: str) -> Indicator:
    """The figure of an address. Raises NotVisible for what this actor may not see."""
    found = next((each for each in shadings_for(actor) if each.key == key), None)
    if found is None:
        raise NotVisible
    return found


def build_shading(
    actor: Actor, period: Period, lists: str, *, figure: str = "", level: str = ""
) -> Shading:
    """Count one figure by place. Raises NotVisible for an unknown figure or level."""
    indicator = shaded_figure(actor, figure or DEFAULT_FIGURE)
    level = level or DEFAULT_LEVEL
    if level not in LEVELS:
        raise NotVisible
    keys = frozenset({indicator.key, indicator.of} - {""})
    counted = count_figures(actor, period, (level,), keys).by[level]
    names, codes = _names(level, [pk for pk in counted if pk is not None])
    by_code: dict[str, dict[str, int]] = {code: {} for code in names}
    for pk, counts in counted.items():
        if pk is not None:
            add(by_code.setdefault(codes[pk], {}), counts)

    address = period.addresses(lists)

    def link(key: str, code: str) -> str:
        return address(figure=key, **{level: code})

    places = [
        Place(
            code, names.get(code, code), counts.get(indicator.key, 0),
            counts.get(indicator.of, 0) if indicator.of else None,
            link(indicator.key, code), link(indicator.of, code) if indicator.of else "",
        )
        for code, counts in by_code.items()
    ]  # fmt: skip
    places.sort(key=_order)
    # Codes are digits, so the braces that the map fills in stay as they are.
    return Shading(
        indicator, level, places, link(indicator.key, "0CODE0").replace("0CODE0", "{cell}")
    )


def busiest_cells(actor: Actor, period: Period, lists: str) -> tuple[Shading, list[Place]]:
    """All cells, and those of them where most was filed."""
    shading = build_shading(actor, period, lists, figure=BUSY_FIGURE, level="cell")
    return shading, [each for each in shading.places[:MOST_BUSY] if each.count]


def _order(place: Place) -> tuple[int, Decimal, int, str]:
    if place.whole is None:
        return (0, Decimal(-place.count), 0, place.code)
    rate = place.rate
    return (1, Decimal(0), 0, place.code) if rate is None else (0, -rate, -place.whole, place.code)


def _names(level: str, ids: list[int]) -> tuple[dict[str, str], dict[int, str]]:
    """Words by code, and the code of today under which each counted row is found."""
    if level == "cell":
        return {}, codes_today(ids)
    areas: Any = CODED[level]._default_manager
    names = dict(areas.filter(valid_to=None).order_by("code").values_list("code", "name"))
    kept = list(areas.filter(pk__in=ids).values_list("pk", "code", "name"))
    former = {code: name for _pk, code, name in kept}
    return former | names, {pk: code for pk, code, _name in kept}


def shading_json(shading: Shading) -> dict[str, list[int]]:
    """Code → [count] of a count, [count, whole] of a rate; what has nothing is left out."""
    if shading.indicator.is_rate:
        return {each.code: [each.count, each.whole or 0] for each in shading.places if each.whole}
    return {each.code: [each.count] for each in shading.places if each.count}


def level_label(level: str) -> Any:
    return DIMENSIONS[level].label
