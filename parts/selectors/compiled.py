"""What every request asks, written as a query once in each process instead of at every call.

Django composes a statement anew from its filters each time, which costs more processor time than
the database needs to answer it. Here the filters stand where they always stood, the values that
differ from call to call are `Given`, and the text is composed at the first call. PostgreSQL, too,
plans it once for each connection instead of at every call.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from copy import copy
from enum import Enum
from inspect import signature
from typing import Any, Generic, TypeVar

from django.core.exceptions import EmptyResultSet
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.postgresql.base import ServerBindingCursor  # type: ignore[attr-defined]
from django.db.models import BooleanField, Expression, F, Func, QuerySet
from django.db.models.sql.compiler import SQLCompiler

Row = TypeVar("Row")


class Given(Expression):
    """A value of which only the name is known while a query is composed."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name

    def as_sql(self, compiler: SQLCompiler, connection: Any) -> tuple[str, list[Any]]:
        return "%s", [self]


def one_of(field: str, values: Any) -> Func:
    """The filter that a field is one of the values, of which the number is not known either."""
    return Func(
        F(field), values,
        template="%(expressions)s)", arg_joiner=" = any(", output_field=BooleanField(),
    )  # fmt: skip


class Compiled(Generic[Row]):
    """The rows of a query, for other values at each call.

    Made of a function that takes `Given` values and returns a query of it; `compiled` decorates.
    Nothing else may differ between two calls: no clock is read and no setting in that function.
    Arguments named in `shape` are no values but say which query is composed; a text is kept for
    each combination of them, so they have few.
    """

    def __init__(
        self, compose: Callable[..., QuerySet[Any, Row]], shape: tuple[str, ...] = ()
    ) -> None:
        self.__doc__ = compose.__doc__
        self._compose, self._shape = compose, shape
        self._kept: dict[tuple[Any, ...], _Kept] = {}

    def __call__(self, **values: Any) -> list[Row]:
        shape = tuple([values[name] for name in self._shape])
        kept = self._kept.get(shape)
        if kept is None:
            kept = self._kept[shape] = _Kept(
                self._compose, dict(zip(self._shape, shape, strict=True))
            )
        return kept.rows(values)

    def first(self, **values: Any) -> Row | None:
        """The first row; the query itself says that it wants one."""
        found = self(**values)
        return found[0] if found else None


def compiled(compose: Callable[..., QuerySet[Any, Row]]) -> Compiled[Row]:
    """Decorate a function that composes a query of its arguments."""
    return Compiled(compose)


def compiled_by(
    *shape: str,
) -> Callable[[Callable[..., QuerySet[Any, Row]]], Compiled[Row]]:
    """Decorate one that composes another query for other values of the arguments named."""
    return lambda compose: Compiled(compose, shape)


class PlannedCursor(ServerBindingCursor):
    """A cursor that also says of a prepared statement what it was, for those who count queries."""

    def _convert_query(self, query: Any, params: Any = None) -> Any:
        self._query = super()._convert_query(query, params)
        return self._query


def binding_cursor(connection: Any) -> Any:
    """A cursor whose statements PostgreSQL plans once for each connection.

    Django's own writes the values into the text, so that each is parsed and planned anew.
    """
    connection.ensure_connection()
    opened = connection.connection
    factory, opened.cursor_factory = opened.cursor_factory, PlannedCursor
    try:
        return connection.cursor()
    finally:
        opened.cursor_factory = factory


class _Kept:
    """The text of a query with its places, and how its rows are read."""

    def __init__(self, compose: Callable[..., QuerySet[Any, Any]], shape: dict[str, Any]) -> None:
        given = {name: Given(name) for name in signature(compose).parameters}
        found: QuerySet[Any, Any] = compose(**given | shape)
        self.query = found.query
        self.read: Any = found._iterable_class
        self.compiler = found.query.get_compiler(DEFAULT_DB_ALIAS)
        try:
            self.sql, self.places = self.compiler.as_sql()
        except EmptyResultSet:  # whatever is given, it finds nothing and need not be asked
            self.sql = ""
            return
        chosen = [column[0] for column in self.compiler.select]
        self.converters = self.compiler.get_converters(chosen)

    def rows(self, values: dict[str, Any]) -> list[Any]:
        if not self.sql:
            return []
        asked = [values[one.name] if isinstance(one, Given) else one for one in self.places]
        rows: Iterable[Any] = self.read(_Asked(self, [plain(value) for value in asked]))
        return list(rows)


def plain(value: Any) -> Any:
    """A member of an enumeration as what is stored of it."""
    return value.value if isinstance(value, Enum) else value


class _Asked:
    """What Django's readers of rows want to know of a queryset and of its query."""

    db = DEFAULT_DB_ALIAS
    _known_related_objects: dict[Any, Any] = {}

    def __init__(self, kept: _Kept, values: list[Any]) -> None:
        self.kept, self.values = kept, values
        self.query = self

    def get_compiler(self, using: str = DEFAULT_DB_ALIAS) -> SQLCompiler:
        """A compiler that has composed already, for the connection of this thread."""
        compiler: Any = copy(self.kept.compiler)
        compiler.connection = connections[using]
        compiler.execute_sql = lambda *_more, **_named: [self.fetch(compiler.connection)]
        compiler.get_converters = lambda _expressions: self.kept.converters
        found: SQLCompiler = compiler
        return found

    def fetch(self, connection: Any) -> list[Any]:
        with binding_cursor(connection) as cursor:
            cursor.execute(self.kept.sql, self.values)
            rows: list[Any] = cursor.fetchall()
        return rows

    def __getattr__(self, name: str) -> Any:
        return getattr(self.kept.query, name)
