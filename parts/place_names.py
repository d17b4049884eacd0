"""How places are called, and how well a name answers to what was typed; no database, no clock.

A place is found by its standard name, its aliases, its former names and the short forms that
people make of them: 崇外 is 崇文门外, 东内 is 东直门内.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

LONGEST_QUERY = 60
# Shorter pieces of an address would find every place that has the character in it.
SHORTEST_PIECE = 2
_NOISE = re.compile(r"[\s·・.,，。、;；:：'\"“”‘’()（）\[\]【】<>《》\-—_/\\|#]+")
# 崇文门外大街 → 崇外大街: the first character of the gate, and on which side of it.
_GATE = re.compile(r"^(.).?门(内|外)(.*)$")
# What a name may lack in people's mouths; the longest first.
_ENDINGS = ("社区居民委员会", "社区居委会", "居委会", "街道办事处", "街道", "社区", "街区", "地区")
_CITY = re.compile(r"^(北京市?)?(?P<district>[一-龥]{1,4}?区)?(?P<rest>.+)$")

STANDARD, ALIAS, SHORT, FORMER = "standard", "alias", "short", "former"
EXACT, PREFIX, WITHIN, CONTAINS = "exact", "prefix", "within", "contains"
PINYIN, PINYIN_PREFIX, INITIALS, INITIALS_PREFIX = (
    "pinyin", "pinyin_prefix", "initials", "initials_prefix",
)  # fmt: skip

WAYS = (
    EXACT, PREFIX, WITHIN, CONTAINS, PINYIN, PINYIN_PREFIX, INITIALS, INITIALS_PREFIX,
)  # fmt: skip

# How well each way of finding a name answers; among equals the sort of name decides.
_WORTH = {
    EXACT: 100, PINYIN: 80, PREFIX: 70, WITHIN: 60, INITIALS: 55, PINYIN_PREFIX: 50,
    INITIALS_PREFIX: 40, CONTAINS: 30,
}  # fmt: skip
_SORTS = {STANDARD: 0, ALIAS: 3, SHORT: 5, FORMER: 8}
_KINDS = {"point": 0, "door": 0, "area": 1, "plot": 1, "lane": 2, "region": 3}


def normal(text: str) -> str:
    """A name as it is compared: one width, no spaces or marks, small letters."""
    before = None
    while before != text:  # what is taken out may let signs meet that belong together
        before = text
        text = _NOISE.sub("", unicodedata.normalize("NFKC", text)).lower()
    return text


def queries_of(text: str, districts: Iterable[str] = ()) -> list[str]:
    """What was typed, normal; and without the city and the district before it."""
    whole = normal(text)[:LONGEST_QUERY]
    found = [whole] if whole else []
    match = _CITY.match(whole)
    if match and match["district"] in {*map(normal, districts), None}:
        rest = match["rest"]
        if rest != whole and len(rest) >= SHORTEST_PIECE:
            found.append(rest)
    return found


def pieces_of(text: str) -> list[str]:
    """Every piece of an address that may be the name of a place, the whole left out."""
    return sorted(
        {
            text[first:last]
            for first in range(len(text))
            for last in range(first + SHORTEST_PIECE, len(text) + 1)
            if last - first < len(text)
        }
    )


def names_of(
    standard: str, aliases: Iterable[str] = (), former: Iterable[str] = ()
) -> dict[str, str]:
    """Every way to call a place, normal, with its sort; the better sort of equal ones."""
    found: dict[str, str] = {}
    given = [
        *((standard, STANDARD),), *((name, ALIAS) for name in aliases),
        *((name, FORMER) for name in former),
    ]  # fmt: skip
    for name, sort in given:
        if text := normal(name):
            found.setdefault(text, sort)
    for text, sort in list(found.items()):
        for short in short_forms(text):
            found.setdefault(short, FORMER if sort == FORMER else SHORT)
    return found


def short_forms(text: str) -> list[str]:
    """What people make of a normal name: without its ending, and with its gate in one character."""
    stem = next(
        (
            text[: -len(ending)]
            for ending in _ENDINGS
            if text.endswith(ending) and len(text) - len(ending) >= SHORTEST_PIECE
        ),
        "",
    )
    found = [stem] if stem else []
    for name in (text, stem):
        gate = _GATE.match(name)
        if gate:
            found.append("".join(gate.groups()))
    return found


@dataclass(frozen=True, slots=True)
class Hit:
    """A name that was found for a query: whose, of which sort, and in which way."""

    place_id: int
    kind: str
    sort: str
    text: str
    way: str


Rank = tuple[float, int, int, str]


def score(hit: Hit, query: str) -> float:
    """How well a name answers, from 0 to 100; a longer piece of an address answers better."""
    worth = float(_WORTH[hit.way] - _SORTS[hit.sort])
    if hit.way == WITHIN:
        worth += 9 * len(hit.text) / max(len(query), 1)
    return worth


def rank(hit: Hit, query: str) -> Rank:
    """The order of answers: the better way, the nearer length, the nearer thing."""
    return (-score(hit, query), abs(len(hit.text) - len(query)), _KINDS.get(hit.kind, 4), hit.text)
