"""Words to points and points to words: the geocoder (`codes.md`, places)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from django.db import connection

from parts.models import District, Place
from parts.place_names import (
    CONTAINS,
    EXACT,
    INITIALS,
    INITIALS_PREFIX,
    PINYIN,
    PINYIN_PREFIX,
    PREFIX,
    WITHIN,
    Hit,
    pieces_of,
    queries_of,
    rank,
    score,
)
from parts.selectors.kept import Kept
from parts.selectors.keys import community_of, street_of
from parts.selectors.locating import Location, locate

MOST = 20
# How many names each way of finding may add: what is ranked is bounded, whatever the register.
MOST_A_WAY = 60
# A place farther than this names nothing any more, in metres.
REACH_M = 500
_REACH_DEGREES = 0.006

_districts = Kept(lambda: list(District.objects.values_list("name", flat=True)))


@dataclass(frozen=True, slots=True)
class Found:
    """A place that answers: `text` is the name that did, `distance_m` set where a point asked."""

    id: int
    code: str
    kind: str
    name: str
    lon: float
    lat: float
    street_code: str
    street_name: str
    community_code: str
    community_name: str
    text: str = ""
    sort: str = ""
    way: str = ""
    score: float = 0.0
    distance_m: float | None = None


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a point is called: its cell with community and street, and the places nearby."""

    location: Location
    places: list[Found]


_HITS = """
    select n.place_id, p.kind, n.sort, n.text, n.way
    from (
        (select place_id, sort, text, '{exact}' as way
         from parts_placename where text = any(%(wholes)s))
        union all
        (select place_id, sort, text, '{prefix}' from parts_placename
         where text like %(begins)s and text <> all(%(wholes)s)
         order by length(text), text limit %(most)s)
        union all
        (select place_id, sort, text, '{within}' from parts_placename
         where text = any(%(pieces)s) order by length(text) desc, text limit %(most)s)
        {latin}
    ) n
    join parts_place p on p.id = n.place_id
    where p.valid_from <= %(on)s and (p.valid_to is null or p.valid_to >= %(on)s)"""
_LATIN = """
        union all
        (select place_id, sort, text, case when pinyin = %(latin)s then '{pinyin}'
                else '{pinyin_prefix}' end
         from parts_placename where pinyin like %(latin_begins)s
         order by length(pinyin), text limit %(most)s)
        union all
        (select place_id, sort, text, case when initials = %(latin)s then '{initials}'
                else '{initials_prefix}' end
         from parts_placename where initials like %(latin_begins)s
         order by length(initials), text limit %(most)s)"""
_WAYS = {
    "exact": EXACT, "prefix": PREFIX, "within": WITHIN, "pinyin": PINYIN,
    "pinyin_prefix": PINYIN_PREFIX, "initials": INITIALS, "initials_prefix": INITIALS_PREFIX,
}  # fmt: skip
_PLAIN_HITS = _HITS.format(latin="", **_WAYS)
_LATIN_HITS = _HITS.format(latin=_LATIN.format(**_WAYS), **_WAYS)
_CONTAINED = """
    select n.place_id, p.kind, n.sort, n.text, %(way)s
    from (select place_id, sort, text from parts_placename where text like %(holds)s
          order by length(text), text limit %(most)s) n
    join parts_place p on p.id = n.place_id
    where p.valid_from <= %(on)s and (p.valid_to is null or p.valid_to >= %(on)s)"""


def geocode(*, query: str, on: date, limit: int = 10) -> list[Found]:
    """Places in force on a day that answer to words or pinyin, the best first.

    At most three queries: names found by index, those that hold the words where few were found,
    and the places themselves.
    """
    asked = queries_of(query, _districts())
    if not asked:
        return []
    hits = _best(_hits(asked, on), asked)
    if len(hits) < limit:
        hits = _best([*hits, *_holding(asked[-1], on)], asked)
    return _with_places(hits[:limit], asked)


def _hits(asked: list[str], on: date) -> list[Hit]:
    last = asked[-1]
    latin = last if last.isascii() else ""
    values: dict[str, str | int | date | list[str]] = {
        "wholes": asked,
        "begins": f"{_escaped(last)}%",
        "pieces": pieces_of(last),
        "latin": latin,
        "latin_begins": f"{_escaped(latin)}%",
        "most": MOST_A_WAY,
        "on": on,
    }
    with connection.cursor() as cursor:
        cursor.execute(_LATIN_HITS if latin else _PLAIN_HITS, values)
        return [Hit(*row) for row in cursor.fetchall()]


def _holding(text: str, on: date) -> list[Hit]:
    values: dict[str, str | int | date] = {
        "way": CONTAINS, "holds": f"%{_escaped(text)}%", "most": MOST_A_WAY, "on": on,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_CONTAINED, values)
        return [Hit(*row) for row in cursor.fetchall()]


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", r"\%").replace("_", r"\_")


def _best(hits: Iterable[Hit], asked: list[str]) -> list[Hit]:
    """The best hit of each place, in order."""
    found: dict[int, Hit] = {}
    for hit in sorted(hits, key=lambda hit: rank(hit, asked[-1])):
        found.setdefault(hit.place_id, hit)
    return list(found.values())


def _with_places(hits: list[Hit], asked: list[str]) -> list[Found]:
    rows = Place.objects.in_bulk([hit.place_id for hit in hits])
    return [
        replace(
            found_of(rows[hit.place_id]),
            text=hit.text, sort=hit.sort, way=hit.way, score=round(score(hit, asked[-1]), 1),
        )
        for hit in hits
    ]  # fmt: skip


def place_of_code(*, code: str, on: date) -> Found | None:
    """The place of this code, if its name is in force on a day."""
    place = Place.objects.valid_on(on).filter(code=code).first()
    return found_of(place) if place else None


def found_of(place: Place) -> Found:
    """A place with the names of its areas; these are kept by the process."""
    street = street_of(place.street_id) if place.street_id else None
    community = community_of(place.community_id) if place.community_id else None
    return Found(
        id=place.pk,
        code=place.code,
        kind=place.kind,
        name=place.standard_name,
        lon=place.point.x,
        lat=place.point.y,
        street_code=street.code if street else "",
        street_name=street.name if street else "",
        community_code=community.code if community else "",
        community_name=community.name if community else "",
    )


# `<->` orders by degrees: four times as many are taken and ordered by metres (stack.md). The middle
# of a street or community is no place that a point is near to.
_NEAREST = """
    select id, away from (
        select id, ST_Distance(point::geography,
                   ST_SetSRID(ST_MakePoint(%(lon)s, %(lat)s), 4490)::geography, false) as away
        from (
            select id, point from parts_place
            where kind <> 'region' and valid_from <= %(on)s
              and (valid_to is null or valid_to >= %(on)s)
              and point && ST_Expand(ST_SetSRID(ST_MakePoint(%(lon)s, %(lat)s), 4490), %(reach)s)
            order by point <-> ST_SetSRID(ST_MakePoint(%(lon)s, %(lat)s), 4490)
            limit 4 * %(limit)s
        ) near
    ) measured
    where away <= %(most)s
    order by away, id limit %(limit)s"""


def reverse_geocode(*, lon: float, lat: float, on: date, limit: int = 5) -> Surroundings:
    """What a point in degrees is called. Raises OutsideDistrict. At most three queries."""
    location = locate(lon=lon, lat=lat)
    values: dict[str, float | int | date] = {
        "lon": lon, "lat": lat, "on": on, "limit": limit, "reach": _REACH_DEGREES, "most": REACH_M,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_NEAREST, values)
        away = dict(cursor.fetchall())
    rows = Place.objects.in_bulk(list(away)) if away else {}
    places = [replace(found_of(rows[pk]), distance_m=round(m, 1)) for pk, m in away.items()]
    return Surroundings(location, places)
