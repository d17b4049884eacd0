"""Rows written by statements that are composed once in each process, as `parts.selectors.compiled`.

The same rows as by the model's own `save` and `update`, for what every action writes; no signals
are sent, and no model here has any.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import timedelta
from functools import cache
from inspect import signature
from typing import Any

from django.db import DEFAULT_DB_ALIAS, DatabaseError, connections, models
from django.db.models import Field, Model, QuerySet
from django.db.models.sql import UpdateQuery

from parts.selectors.compiled import Given, plain, planned_cursor

# Name, whether what is of a simple type is stored as it is, and the field itself.
Fields = tuple[tuple[str, bool, Any], ...]
_SIMPLE_FIELDS = (
    models.BigAutoField, models.BooleanField, models.CharField, models.DateTimeField,
    models.DurationField, models.ForeignKey, models.IntegerField, models.TextField,
)  # fmt: skip
_SIMPLE = frozenset({type(None), bool, int, str, timedelta})


def insert(row: Model) -> None:
    """Write a new row, under its key or one that the database gives; `save(force_insert=True)`."""
    connection = connections[DEFAULT_DB_ALIAS]
    text, fields = _inserted(type(row), row.pk is not None)
    said = _said(row, fields, connection)
    cursor = planned_cursor(connection)
    cursor.execute(text, said)
    row.pk = cursor.fetchone()[0]
    row._state.adding, row._state.db = False, DEFAULT_DB_ALIAS


def save(row: Model, names: Iterable[str]) -> None:
    """Write these fields of a row; what `save(update_fields=…)` does.

    Raises DatabaseError where the row is gone.
    """
    connection = connections[DEFAULT_DB_ALIAS]
    text, fields = _saved(type(row), tuple(names))
    said = _said(row, fields, connection)
    cursor = planned_cursor(connection)
    cursor.execute(text, [*said, row.pk])
    if cursor.rowcount != 1:
        raise DatabaseError("the row to be saved is not there")


class Update:
    """An update of the rows of a query, for other values at each call; returns how many they were.

    Made of a function that takes `Given` values and returns the query and what is set; `updating`
    decorates. Nothing else may differ between two calls.
    """

    def __init__(self, compose: Callable[..., tuple[QuerySet[Any], dict[str, Any]]]) -> None:
        self.__doc__ = compose.__doc__
        self._compose = compose
        self._kept: tuple[str, list[Any], dict[str, Field[Any, Any]]] | None = None

    def __call__(self, **values: Any) -> int:
        if self._kept is None:
            self._kept = self._composed()
        text, places, fields = self._kept
        connection = connections[DEFAULT_DB_ALIAS]

        def stored(place: Any) -> Any:
            """What is given, as its field stores it."""
            if not isinstance(place, Given):
                return place
            value, field = plain(values[place.name]), fields.get(place.name)
            return value if field is None else field.get_db_prep_save(value, connection)

        cursor = planned_cursor(connection)
        cursor.execute(text, [stored(place) for place in places])
        count: int = cursor.rowcount
        return count

    def _composed(self) -> tuple[str, list[Any], dict[str, Field[Any, Any]]]:
        """The text, its places, and the fields in which what is given is stored."""
        given = {name: Given(name) for name in signature(self._compose).parameters}
        rows, said = self._compose(**given)
        query: Any = rows.query.chain(UpdateQuery)
        query.add_update_values(said)
        text, places = query.get_compiler(DEFAULT_DB_ALIAS).as_sql()
        meta = rows.model._meta
        fields = {
            value.name: meta.get_field(name)
            for name, value in said.items()
            if isinstance(value, Given)
        }
        return text, list(places), fields


def updating(
    compose: Callable[..., tuple[QuerySet[Any], dict[str, Any]]],
) -> Update:
    """Decorate a function that composes an update of its arguments."""
    return Update(compose)


def _said(row: Model, fields: Fields, connection: Any) -> list[Any]:
    """The values of a row as the database is given them.

    Most are of a simple type and given as they are: the way through Django's fields costs more
    than all else here.
    """
    return [
        value
        if is_simple and type(value := getattr(row, name)) in _SIMPLE
        else field.get_db_prep_save(getattr(row, name), connection)
        for name, is_simple, field in fields
    ]


def _fields(fields: Iterable[Any]) -> Fields:
    return tuple((one.attname, isinstance(one, _SIMPLE_FIELDS), one) for one in fields)


@cache
def _inserted(model: type[Model], is_keyed: bool) -> tuple[str, Fields]:
    """The text that inserts a row of a model, and its fields."""
    meta = model._meta
    fields = [field for field in meta.local_concrete_fields if is_keyed or not field.primary_key]
    columns, places = ", ".join(map(_quoted, fields)), ", ".join(["%s"] * len(fields))
    text = f"INSERT INTO {meta.db_table} ({columns}) VALUES ({places})"  # noqa: S608 - names of ours
    return f"{text} RETURNING {_quoted(meta.pk)}", _fields(fields)


@cache
def _saved(model: type[Model], names: tuple[str, ...]) -> tuple[str, Fields]:
    """The text that saves these fields of a row of a model, and the fields."""
    meta = model._meta
    fields: list[Any] = [meta.get_field(name) for name in names]
    said = ", ".join(f"{_quoted(field)} = %s" for field in fields)
    return (
        f"UPDATE {meta.db_table} SET {said} WHERE {_quoted(meta.pk)} = %s",  # noqa: S608
        _fields(fields),
    )


def _quoted(field: Any) -> str:
    return connections[DEFAULT_DB_ALIAS].ops.quote_name(field.column)
