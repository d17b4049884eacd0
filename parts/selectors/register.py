"""The register of parts as a list: what is asked for, one page of it, how many there are.

Lists are ordered by code and paged by the code last seen: page 30,000 costs what page 1 costs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from django.contrib.gis.db.models.functions import PointOnSurface
from django.contrib.gis.geos import GEOSException, Polygon
from django.db import connection
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from gridcity.contracts import Invalid, NotVisible, Sentence
from parts.models import CatalogueClass, Part
from parts.selectors.catalogue import _classes, matches
from parts.selectors.kept import Kept
from parts.selectors.keys import (
    cell_ids,
    class_by_id,
    communities,
    community_id,
    kept_row,
    street_id,
    streets,
)
from parts.selectors.paging import page_by

PAGE_SIZE = 50
# Counted exactly up to here; a register ten times the district's is not counted for a page.
COUNT_LIMIT = 200_000
MOST_CORNERS = 200
BODIES = ("competent", "owner", "maintainer")
STANDING = "standing"  # in place of a state: intact or broken
STATES = (STANDING, *Part.State.values)
NAMES_AT_ONCE = 2000

ROW = (
    "id", "code", "name", "state", "catalogue_class_id", "street_id", "community_id", "cell__code",
    "owner_name", "maintainer_name", "location_text", "change_on", "spot",
)  # fmt: skip

# From one name to the next in the index: as many steps as there are names, however many parts.
_NAMES = """
    with recursive name as (
        (select {column} as said from parts_part order by 1 limit 1)
        union all
        select (select p.{column} from parts_part p where p.{column} > name.said order by 1 limit 1)
        from name where name.said is not null
    )
    select said from name where said <> '' limit %s"""


def _load_bodies() -> dict[str, list[str]]:
    found = {}
    with connection.cursor() as cursor:
        for body in BODIES:
            cursor.execute(_NAMES.format(column=f"{body}_name"), [NAMES_AT_ONCE])
            found[body] = [name for (name,) in cursor.fetchall()]
    return found


#: Names of who is competent, owns and maintains, by role, as the register has them.
body_names = Kept(_load_bodies)


@dataclass(frozen=True, slots=True)
class PartFilter:
    """What a list of parts is asked for; empty means all. Every one is an address."""

    q: str = ""
    class_code: str = ""
    street: str = ""
    community: str = ""
    cell: str = ""
    body: str = ""
    state: str = ""
    area: str = ""

    @classmethod
    def parse(cls, query: Mapping[str, str]) -> PartFilter:
        """Read a filter from a query string. Raises Invalid naming the field."""
        said = {name: query.get(name, "").replace("\0", "").strip() for name in cls.__slots__}
        if said["state"] not in ("", *STATES):
            _refuse("state", _("Unknown state."))
        polygon_of(said["area"])
        return cls(**said)

    @property
    def is_empty(self) -> bool:
        return self == PartFilter()

    @property
    def query(self) -> str:
        """The filter as a query string."""
        return urlencode({name: value for name in self.__slots__ if (value := getattr(self, name))})

    def without(self, name: str) -> PartFilter:
        return replace(self, **{name: ""})

    def rows(self) -> QuerySet[Part]:
        """The parts asked for, in no order."""
        rows = Part.objects.all()
        for condition in self.conditions():
            rows = rows.filter(condition)
        return rows

    def conditions(self) -> list[Q]:
        wanted = {
            "q": lambda: words_condition(self.q),
            "class_code": lambda: Q(catalogue_class__in=_class_ids(self.class_code)),
            "street": lambda: Q(street=street_id(self.street) or 0),
            "community": lambda: Q(community=community_id(self.community) or 0),
            "cell": lambda: Q(cell__in=cell_ids(self.cell)),
            "body": lambda: body_condition(self.body),
            "state": lambda: Q(state__in=Part.STANDING if self.state == STANDING else [self.state]),
            "area": lambda: Q(geom__intersects=polygon_of(self.area)),
        }
        return [make() for name, make in wanted.items() if getattr(self, name)]


def _refuse(field: str, sentence: Sentence) -> None:
    raise Invalid(_("The query could not be read."), **{field: sentence})


def words_condition(words: str) -> Q:
    """Digits are the beginning of a part's code; anything else names a class, or a register row."""
    if words.isascii() and words.isdigit():
        if len(words) >= 16:
            return Q(code=words)
        # A range, because the order of digits is the same in every collation.
        after = str(int(words) + 1).rjust(len(words), "0")
        if len(after) > len(words):
            return Q(code__gte=words)
        return Q(code__gte=words, code__lt=after)
    lowered = words.lower()
    named = [row.pk for row in _part_classes() if matches(row, lowered)]
    return Q(catalogue_class__in=named) | Q(source_id=words) & ~Q(source_key="")


def _part_classes() -> list[CatalogueClass]:
    return [row for row in _classes().values() if row.kind == CatalogueClass.Kind.PART]


def _class_ids(code: str) -> list[int]:
    """Classes of this code or, where it is that of a major class, all of its minor ones."""
    return [row.pk for row in _part_classes() if code in (row.code, row.major_code)]


def body_condition(words: str) -> Q:
    """Parts that a body of this name is competent for, owns or maintains; parts of names do."""
    found = Q(pk__in=[])
    for body, names in body_names().items():
        meant = [name for name in names if words in name]
        if meant:
            found |= Q(**{f"{body}_name__in": meant})
    return found


def polygon_of(text: str) -> Polygon | None:
    """`lon,lat;lon,lat;…` as a closed polygon (EPSG:4490). Raises Invalid."""
    if not text:
        return None
    pairs = [pair.split(",") for pair in text.strip(";").split(";")]
    try:
        corners = [(float(lon), float(lat)) for lon, lat in pairs]
        if not 3 <= len(corners) <= MOST_CORNERS:
            raise ValueError(text)
        drawn = Polygon([*corners, corners[0]], srid=4490)
        if not all(abs(x) <= 180 and abs(y) <= 90 for x, y in corners) or not drawn.valid:
            raise ValueError(text)
    except (ValueError, GEOSException):
        raise Invalid(
            _("The query could not be read."),
            area=_("The drawn area crosses itself or has too few or too many corners."),
        ) from None
    return drawn


@dataclass(frozen=True, slots=True)
class PartPage:
    """Some parts, how many there are in all, and the cursors around them."""

    rows: list[dict[str, Any]]
    total: int
    is_more: bool
    next: str | None
    previous: str | None


def list_parts(wanted: PartFilter, *, cursor: str | None = None, size: int = PAGE_SIZE) -> PartPage:
    """One page of parts by code, in two or three queries."""
    rows = wanted.rows()
    total = rows.order_by()[: COUNT_LIMIT + 1].count()
    listed = rows.annotate(spot=PointOnSurface("geom")).values(*ROW)
    page = page_by(listed, "code", cursor=cursor, size=size)
    return PartPage(
        rows=[row_of(row) for row in page.rows],
        total=min(total, COUNT_LIMIT),
        is_more=total > COUNT_LIMIT,
        next=page.next,
        previous=page.previous,
    )


def tag_rows(wanted: PartFilter, *, most: int) -> list[dict[str, Any]]:
    """The standing parts of a query, by code, for their tags; what ended gets none."""
    rows = wanted.rows().filter(state__in=Part.STANDING)
    listed = rows.annotate(spot=PointOnSurface("geom")).order_by("code")
    return list(listed.values(*ROW)[:most])


def row_of(row: dict[str, Any]) -> dict[str, Any]:
    """A row with the names that are kept by the process, and its place in degrees."""
    entry = class_by_id(row["catalogue_class_id"])
    spot = row.pop("spot")
    return row | {
        "class_code": entry.code,
        "class_name": entry.name,
        "street": kept_row(streets, row["street_id"]).name,
        "community": kept_row(communities, row["community_id"]).name,
        "state_label": Part.State(row["state"]).label,
        "lon": spot.x,
        "lat": spot.y,
    }


def get_part(code: str) -> Part:
    """A part with all it refers to. Raises NotVisible."""
    rows = Part.objects.select_related(
        "catalogue_class", "cell__edition", "street", "community", "predecessor", "successor"
    ).defer("street__geom", "community__geom", "cell__geom")
    found = rows.filter(code=code).first()
    if found is None:
        raise NotVisible
    return found
