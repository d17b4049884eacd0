"""Rows of a model as plain objects.

A bulk simulation makes twenty rows for each case and saves none of them through its model, whose
attributes each ask a descriptor first: it needs the columns, their defaults and what they refer to.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import field, make_dataclass
from functools import cache
from operator import attrgetter
from typing import Any, TypeVar

from django.db.models import Field, ForeignKey, Model

Row = TypeVar("Row", bound=Model)


def maker(model: type[Row]) -> Callable[..., Row]:
    """A function that takes what the model's constructor takes, as keywords.

    What refers to another row is set by its id once that row is known: `case_id` follows from the
    `case` that is given here, not from one that is assigned later.
    """
    found: Callable[..., Row] = _plain(model)
    return found


@cache
def _plain(model: type[Model]) -> Callable[..., Any]:
    """The class of a model's plain rows."""
    stored = [column for column in model._meta.concrete_fields if not column.generated]
    links = tuple(
        (column.name, column.attname, attrgetter(column.target_field.attname))
        for column in stored
        if isinstance(column, ForeignKey)
    )

    def refer(row: Any) -> None:
        for name, attname, key in links:
            if (other := getattr(row, name)) is not None:
                setattr(row, attname, key(other))

    return make_dataclass(
        f"Plain{model.__name__}",
        [
            *((column.attname, Any, _default(column)) for column in stored),
            *((name, Any, field(default=None)) for name, _attname, _key in links),
        ],
        namespace={
            "__post_init__": refer,
            "pk": property(attrgetter("id"), lambda row, key: setattr(row, "id", key)),
        },
        kw_only=True, slots=True, eq=False, repr=False,
    )  # fmt: skip


def _default(column: Field[Any, Any]) -> Any:
    """What a column holds when nothing is said: made anew for each row where it is made."""
    if column.has_default() and callable(column.default):
        return field(default_factory=column.get_default)
    return field(default=column.get_default())
