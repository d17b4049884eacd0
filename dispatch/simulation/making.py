"""Rows of a model as plain objects.

A bulk simulation makes twenty rows for each case and saves none of them through its model, whose
attributes each ask a descriptor first: it needs the columns, their defaults and what they refer to.
"""

from __future__ import annotations

from collections.abc import Callable
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
    """The function that makes a model's plain rows, written out as `dataclasses` writes its own.

    A loop over columns and links would take twice the time.
    """
    columns = [column for column in model._meta.concrete_fields if not column.generated]
    links = [column for column in columns if isinstance(column, ForeignKey)]
    names = [*(column.attname for column in columns), *(column.name for column in links)]
    key = property(attrgetter("id"), lambda row, value: setattr(row, "id", value))
    row_type = type(f"Plain{model.__name__}", (), {"__slots__": names, "pk": key})
    defaults = dict.fromkeys(names) | {
        column.attname: column.get_default() for column in columns if not _is_made(column)
    }
    made = {column.attname: column.get_default for column in columns if _is_made(column)}
    lines = [
        f"def make(*, {', '.join(f'{name}=defaults[{name!r}]' for name in names)}):",
        " row = new(row_type)",
        *(f" if {name} is None: {name} = made[{name!r}]()" for name in made),
        *(f" row.{name} = {name}" for name in names),
        *(
            f" if {one.name} is not None: row.{one.attname} = {one.name}.{one.target_field.attname}"
            for one in links
        ),
        " return row",
    ]
    space: dict[str, Any] = {
        "new": row_type.__new__, "row_type": row_type, "defaults": defaults, "made": made,
    }  # fmt: skip
    exec("\n".join(lines), space)  # noqa: S102 - nothing but names of columns
    make: Callable[..., Any] = space["make"]
    return make


def _is_made(column: Field[Any, Any]) -> bool:
    """Whether what a column holds when nothing is said is made anew for each row."""
    return column.has_default() and callable(column.default)
