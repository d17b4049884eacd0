"""Ids and names behind the codes that people and addresses use, kept by each process.

Lists ask for them on every page: with the id at hand PostgreSQL knows how many rows a condition
leaves and walks the right index; with a joined code it guesses, and reads all cases in vain.
"""

from __future__ import annotations

from typing import TypeVar

from django.db.models import Exists, Q

from parts.models import CatalogueClass, Cell, CellHeir, Community, Street
from parts.selectors.catalogue import _classes
from parts.selectors.kept import Kept

#: Streets and communities by id without their boundaries, also those no longer in force.
streets = Kept(lambda: {row.pk: row for row in Street.objects.order_by("pk").defer("geom")})
communities = Kept(lambda: {row.pk: row for row in Community.objects.order_by("pk").defer("geom")})
_street_ids = Kept(lambda: {row.code: row.pk for row in streets().values()})
_community_ids = Kept(lambda: {row.code: row.pk for row in communities().values()})
_classes_by_id = Kept(lambda: {row.pk: row for row in _classes().values()})


def street_id(code: str) -> int | None:
    """The id of the street of this code; None where there is none."""
    return _street_ids().get(code)


def community_id(code: str) -> int | None:
    """The id of the community of this code; None where there is none."""
    return _community_ids().get(code)


def cell_ids(code: str) -> list[int]:
    """The cell of this code today with those of former editions whose ground is mostly its own.

    A code that is in use no more: every cell that ever bore it. One query.
    """
    in_use = Cell.objects.current().filter(code=code)
    own = Cell.objects.filter(Q(pk__in=in_use.values("pk")) | ~Exists(in_use), code=code)
    former = CellHeir.objects.filter(heir__code=code, is_main=True)
    return [pk for (pk,) in own.values_list("pk").union(former.values_list("former_id"))]


def class_ids(code: str, kind: str = "") -> list[int]:
    """The classes of this code, of parts and events and of every scheme."""
    return [
        row.pk
        for (_scheme, of_kind, of_code), row in _classes().items()
        if of_code == code and (not kind or of_kind == kind)
    ]


def class_by_id(class_id: int) -> CatalogueClass:
    """A class of the catalogue, read anew when it is younger than what is kept."""
    found = _classes_by_id().get(class_id)
    return found or CatalogueClass.objects.get(pk=class_id)


Row = TypeVar("Row")


def kept_row(rows: Kept[dict[int, Row]], pk: int) -> Row:
    """A kept row; where it is newer than what is kept, everything is loaded anew."""
    try:
        return rows()[pk]
    except KeyError:
        rows.forget()
        return rows()[pk]


def community_of(pk: int) -> Community:
    """A community by id, without its boundary."""
    return kept_row(communities, pk)


def street_of(pk: int) -> Street:
    """A street by id, without its boundary."""
    return kept_row(streets, pk)
