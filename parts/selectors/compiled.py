"""What every request asks, written as a query once in each process instead of at every call.

Django composes a statement anew from its filters each time, which costs more processor time than
the database needs to answer it. Here the filters stand where they always stood, the values that
differ from call to call are `Given`, and the text is composed at the first call. PostgreSQL, too,
plans it once for each connection instead of at every call.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import nullcontext
from copy import copy
from enum import Enum
from inspect import signature
from threading import local
from typing import Any, Generic, TypeVar

from django.core.exceptions import EmptyResultSet
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.postgresql.base import ServerBindingCursor  # type: ignore[attr-defined]
from django.db.models import BooleanField, Expression, F, Func, QuerySet
from django.db.models.sql.compiler import SQLCompiler

Row = TypeVar("Row")

# So many texts of one function are kept; users can ask for lists in very many combinations.
SHAPES = 500


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
    each combination of them, so they have few. A query whose best plan depends on the values
    themselves `replans` at each call: the values stand in its text.
    """

    def __init__(
        self,
        compose: Callable[..., QuerySet[Any, Row]],
        shape: tuple[str, ...] = (),
        *,
        replans: bool = False,
    ) -> None:
        self.__doc__ = compose.__doc__
        self._compose, self._shape, self._replans = compose, shape, replans
        self._kept: dict[tuple[Any, ...], _Kept] = {}

    def __call__(self, **values: Any) -> list[Row]:
        return self._of(values).rows(values)

    def count(self, **values: Any) -> int:
        """How many rows there are; they are not fetched."""
        return self._of(values).count(values)

    def _of(self, values: dict[str, Any]) -> _Kept:
        shape = tuple([values[name] for name in self._shape])
        kept = self._kept.get(shape)
        if kept is None:
            if len(self._kept) >= SHAPES:
                self._kept.clear()
            named = dict(zip(self._shape, shape, strict=True))
            kept = self._kept[shape] = _Kept(self._compose, named, replans=self._replans)
        return kept

    def first(self, **values: Any) -> Row | None:
        """The first row; the query itself says that it wants one."""
        found = self(**values)
        return found[0] if found else None


def compiled(compose: Callable[..., QuerySet[Any, Row]]) -> Compiled[Row]:
    """Decorate a function that composes a query of its arguments."""
    return Compiled(compose)


def compiled_by(
    *shape: str, replans: bool = False
) -> Callable[[Callable[..., QuerySet[Any, Row]]], Compiled[Row]]:
    """Decorate one that composes another query for other values of the arguments named."""
    return lambda compose: Compiled(compose, shape, replans=replans)


# Under which name a connection keeps its cursor.
_CURSOR = "planned_cursor"


class PlannedCursor(ServerBindingCursor):
    """A cursor that also says of a prepared statement what it was, for those who count queries."""

    def _convert_query(self, query: Any, params: Any = None) -> Any:
        self._query = super()._convert_query(query, params)
        return self._query


def planned_cursor(connection: Any = None) -> Any:
    """A cursor whose statements PostgreSQL plans once for each connection; not to be closed.

    Django's own writes the values into the text, so that each is parsed and planned anew. One is
    kept with each connection: rows are fetched at once, so nobody finds it in use. Where somebody
    writes a statement of his own before each (the context of the history), two in one cannot be
    planned: then it is Django's.
    """
    connection = connection or connections[DEFAULT_DB_ALIAS]
    if connection.execute_wrappers:
        return connection.cursor()
    connection.close_if_health_check_failed()
    connection.ensure_connection()
    connection.validate_thread_sharing()
    opened = connection.connection
    kept = getattr(opened, _CURSOR, None)
    if kept is None or kept.closed:
        factory, opened.cursor_factory = opened.cursor_factory, PlannedCursor
        try:
            kept = connection.create_cursor()
        finally:
            opened.cursor_factory = factory
        setattr(opened, _CURSOR, kept)
    wrapped = connection.make_debug_cursor if connection.queries_logged else connection.make_cursor
    return wrapped(kept)


class _Kept:
    """The text of a query with its places, and how its rows are read."""

    def __init__(
        self, compose: Callable[..., QuerySet[Any, Any]], shape: dict[str, Any], *, replans: bool
    ) -> None:
        self.replans = replans
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
        self._of_thread = local()

    @property
    def converters(self) -> Any:
        """How the values of a row are read; a reader of geometries is of one thread alone."""
        found = getattr(self._of_thread, "converters", None)
        if found is None:
            chosen = [column[0] for column in self.compiler.select]
            found = self._of_thread.converters = self.compiler.get_converters(chosen)
        return found

    def rows(self, values: dict[str, Any]) -> list[Any]:
        if not self.sql:
            return []
        rows: Iterable[Any] = self.read(_Asked(self, self.filled(values)))
        return list(rows)

    def count(self, values: dict[str, Any]) -> int:
        if not self.sql:
            return 0
        asked = f"select count(*) from ({self.sql}) found"  # noqa: S608 - a text of ours
        [(count,)] = self.fetch(connections[DEFAULT_DB_ALIAS], asked, self.filled(values))
        return int(count)

    def filled(self, values: dict[str, Any]) -> list[Any]:
        """The values in the order of their places."""
        asked = [values[one.name] if isinstance(one, Given) else one for one in self.places]
        return [plain(value) for value in asked]

    def fetch(self, connection: Any, sql: str, values: list[Any]) -> list[Any]:
        """What the database answers, as it comes."""
        anew = self.replans
        with connection.cursor() if anew else nullcontext(planned_cursor(connection)) as cursor:
            cursor.execute(sql, values)
            return list(cursor.fetchall())


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
        compiler.execute_sql = lambda *_more, **_named: [
            self.kept.fetch(compiler.connection, self.kept.sql, self.values)
        ]
        compiler.get_converters = lambda _expressions: self.kept.converters
        found: SQLCompiler = compiler
        return found

    def __getattr__(self, name: str) -> Any:
        return getattr(self.kept.query, name)
