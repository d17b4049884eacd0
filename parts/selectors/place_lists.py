"""The places as administrators list them: by words, kind and validity, by code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, OuterRef, Q

from gridcity.contracts import NotVisible
from parts.models import Place, PlaceName
from parts.models.places import PlaceQuerySet
from parts.place_names import normal
from parts.selectors.paging import page_by

PAGE_SIZE = 50
STATES = ("current", "coming", "ended")
LONGEST = 100


@dataclass(frozen=True, slots=True)
class PlaceFilter:
    """What a list of places is asked for; empty means all."""

    q: str = ""
    kind: str = ""
    state: str = ""

    @classmethod
    def parse(cls, query: Mapping[str, str]) -> PlaceFilter:
        """Read a filter from a query string; what no list knows is left out."""
        said = {name: query.get(name, "").replace("\0", "").strip() for name in cls.__slots__}
        return cls(
            said["q"][:LONGEST],
            said["kind"] if said["kind"] in Place.Kind.values else "",
            said["state"] if said["state"] in STATES else "",
        )

    def rows(self, on: date) -> PlaceQuerySet:
        rows = Place.objects.all()
        if self.kind:
            rows = rows.filter(kind=self.kind)
        match self.state:
            case "current":
                rows = rows.valid_on(on)
            case "coming":
                rows = rows.filter(valid_from__gt=on)
            case "ended":
                rows = rows.filter(valid_to__lt=on)
        words = normal(self.q)
        if not words:
            return rows
        named = PlaceName.objects.filter(
            Q(text__contains=words) | Q(pinyin__startswith=words) | Q(initials__startswith=words),
            place=OuterRef("pk"),
        )
        return rows.filter(Exists(named) | Q(code__istartswith=self.q))


@dataclass(frozen=True, slots=True)
class PlacePage:
    """Some places with their areas, how many there are, and the cursors around them."""

    rows: list[Place]
    total: int
    next: str | None
    previous: str | None


def list_places(
    wanted: PlaceFilter, *, on: date, cursor: str = "", size: int = PAGE_SIZE
) -> PlacePage:
    """One page of places by code, in two queries. Raises Invalid for an unknown cursor."""
    rows = wanted.rows(on)
    listed = rows.select_related("street", "community")
    listed = listed.defer("street__geom", "community__geom")
    page = page_by(listed, "code", cursor=cursor, size=size, letters=True)
    return PlacePage(page.rows, rows.count(), page.next, page.previous)


def get_place(place_id: int) -> Place:
    """A place by id. Raises NotVisible."""
    found = Place.objects.select_related("street", "community").filter(pk=place_id)
    place = found.defer("street__geom", "community__geom").first()
    if place is None:
        raise NotVisible
    return place


def state_of(place: Place, on: date) -> str:
    """Which of STATES a place is in on a day."""
    if on < place.valid_from:
        return "coming"
    return "ended" if place.valid_to is not None and place.valid_to < on else "current"
