"""Very many rows written by COPY, column by column as the text that the database reads.

The driver's way, value by value, takes longer than making the rows does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from functools import cache
from typing import Any

import orjson
from django.contrib.postgres.fields import ArrayField
from django.db import connection
from django.db.models import (
    BinaryField,
    CharField,
    DateTimeField,
    Field,
    FileField,
    JSONField,
    Model,
    TextField,
)

NULL = r"\N"
_SPECIAL = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})


class Instants(dict[datetime | None, str]):
    """Instants as text: one stands in many rows of many tables, and is written out once."""

    def __missing__(self, instant: datetime | None) -> str:
        text = NULL if instant is None else orjson.dumps(instant)[1:-1].decode()
        self[instant] = text
        return text


def copy_rows(
    model: type[Model], rows: Sequence[tuple[Any, ...]], instants: Instants | None = None
) -> None:
    """Write rows of one table, each with the values of `columns_of` in their order.

    Values are stored as they are: points as hexadecimal EWKB, files by their names; no default is
    filled in, and no signal is sent. Tables whose rows tell of the same instants share `instants`.
    """
    if not rows:
        return
    into = f"copy {model._meta.db_table} ({', '.join(columns_of(model))}) from stdin"
    text = _text_of(model, rows, Instants() if instants is None else instants)
    with connection.cursor() as cursor, cursor.copy(into) as copy:
        copy.write(text)


def _text_of(model: type[Model], rows: Sequence[tuple[Any, ...]], instants: Instants) -> str:
    """The rows in the text format of COPY."""
    columns = zip(*rows, strict=True)
    written = [
        map(instants.__getitem__, column) if write is None else write(column)
        for write, column in zip(_writers(model), columns, strict=True)
    ]
    return "\n".join(map("\t".join, zip(*written, strict=True))) + "\n"


@cache
def columns_of(model: type[Model]) -> tuple[str, ...]:
    """The columns of a table but those that the database makes."""
    return tuple(field.column for field in _stored(model))


def _stored(model: type[Model]) -> Iterator[Field[Any, Any]]:
    return (field for field in model._meta.concrete_fields if not field.generated)


# ---------------------------------------------------------------- a column as text

Column = Sequence[Any]
Writer = Callable[[Column], Iterable[str]]


@cache
def _writers(model: type[Model]) -> tuple[Writer | None, ...]:
    return tuple(_writer_of(field) for field in _stored(model))


def _writer_of(field: Field[Any, Any]) -> Writer | None:
    """How a column is written; None where it holds instants."""
    for kind, writer in _WRITERS.items():
        if isinstance(field, kind):
            return writer
    return _plain


def _plain(column: Column) -> Iterable[str]:
    """Numbers, durations, yes and no, points: as Python says them the database reads them."""
    if None not in column:
        return map(str, column)
    return [NULL if one is None else str(one) for one in column]


def _texts(column: Column) -> Iterable[str]:
    return _escaped(
        column if None not in column else [NULL if one is None else one for one in column]
    )


def _escaped(texts: Sequence[str]) -> Sequence[str]:
    """Texts, and `NULL` itself, without a character that means something to COPY.

    Most columns have none, which one look at all of them tells.
    """
    whole = "".join(texts)
    if "\\" not in whole and whole.isprintable():
        return texts
    return [one if one is NULL else one.translate(_SPECIAL) for one in texts]


def _binaries(column: Column) -> Iterable[str]:
    return [NULL if one is None else rf"\\x{one.hex()}" for one in column]


def _documents(column: Column) -> Iterable[str]:
    return _escaped([NULL if one is None else orjson.dumps(one).decode() for one in column])


def _lists(column: Column) -> Iterable[str]:
    return _escaped([NULL if one is None else _list(one) for one in column])


def _list(values: list[Any]) -> str:
    quoted = (str(one).replace("\\", r"\\").replace('"', r"\"") for one in values)
    return "{" + ",".join(f'"{one}"' for one in quoted) + "}"


_WRITERS: dict[type[Field[Any, Any]], Writer | None] = {
    JSONField: _documents,
    ArrayField: _lists,
    DateTimeField: None,
    BinaryField: _binaries,
    CharField: _texts,
    FileField: _texts,
    TextField: _texts,
}
