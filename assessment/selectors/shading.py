"""Any figure by cell, community or street: what shades the map, and the table that says it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

from assessment.dimensions import CODED, DIMENSIONS
from assessment.indicators import Indicator
from assessment.periods import Period
from assessment.rates import Rated, more_in
from assessment.selectors.figures import add, beside_in, count_figures, indicators_for
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
    more: Fraction | int = 0
    # What stands beside it, of the same place.
    beside: tuple[Place, ...] = ()


@dataclass(frozen=True, slots=True)
class Shading:
    """One figure at one level: the highest first, and what has nothing to divide by last."""

    indicator: Indicator
    level: str
    places: list[Place]
    list_url: str
    # What stands beside it in every line.
    beside: Sequence[Indicator] = ()


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
    others = beside_in(actor, level, indicator.key)
    keys = frozenset(key for each in (indicator, *others) for key in each.parts)
    counted = count_figures(actor, period, (level,), keys).by[level]
    names, codes = _names(level, [pk for pk in counted if pk is not None])
    by_code: dict[str, dict[str, int]] = {code: {} for code in names}
    for pk, counts in counted.items():
        if pk is not None:
            add(by_code.setdefault(codes[pk], {}), counts)

    address = period.addresses(lists)

    def link(key: str, code: str) -> str:
        return address(figure=key, **{level: code})

    def place(one: Indicator, code: str, counts: Mapping[str, int]) -> Place:
        return Place(
            code, names.get(code, code), counts.get(one.key, 0),
            counts.get(one.of, 0) if one.of else None,
            link(one.key, code), link(one.of, code) if one.of else "", more_in(one, counts),
        )  # fmt: skip

    places = [
        replace(
            place(indicator, code, counts),
            beside=tuple(place(each, code, counts) for each in others),
        )
        for code, counts in by_code.items()
    ]
    places.sort(key=_order)
    # Codes are digits, so the braces that the map fills in stay as they are.
    return Shading(
        indicator, level, places, link(indicator.key, "0CODE0").replace("0CODE0", "{cell}"),
        others,
    )  # fmt: skip


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


def shading_json(shading: Shading) -> dict[str, list[float]]:
    """Code → [count] of a count, [count, whole, per cent] of a rate; without what has nothing."""
    if not shading.indicator.is_rate:
        return {each.code: [each.count] for each in shading.places if each.count}
    return {
        each.code: [each.count, each.whole or 0, float(each.rate * 100)]
        for each in shading.places
        if each.rate is not None
    }


def level_label(level: str) -> Any:
    return DIMENSIONS[level].label
