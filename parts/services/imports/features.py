"""Reads features one by one: GeoJSON as the JSON and GeoPackage as the SQLite file that it is.

A library that opens files by guessing their kind may be led to other files of the server. A
spatial reference in the file is not read either: the sender declares it (`stack.md`, database).
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

from django.contrib.gis.gdal import GDALException, OGRGeometry
from django.utils.translation import gettext as _

from gridcity.contracts import Invalid
from parts.geopackage import binary_of, feature_layers, quoted, read_only
from parts.services.imports.tables import SHAPE_COLUMN, Cells, Row, Table, unreadable

# In a GeoPackage's head: the shape is empty.
EMPTY = 0b10000
BLOCK = 1 << 18
MOST_FEATURE_CHARACTERS = 8 << 20
DECODER = json.JSONDecoder()
BLANKS = " \t\r\n"
# Asks for the first layer, whatever it is called: for a look into the file.
ANY = "*"


# ---------------------------------------------------------------- GeoJSON


@contextmanager
def geojson_table(path: Path, most: int | None = None) -> Iterator[Table]:
    """The features of a collection. Read twice: their attributes are known only at the end.

    `most` is how many of them are looked at for that, None for all.
    """
    names: dict[str, None] = {}
    count = 0
    for feature in islice(features(path), most):
        count += 1
        names.update(dict.fromkeys(attributes(feature)))
    header = [*names, SHAPE_COLUMN]
    yield Table(header, geojson_rows(path, list(names)), count, ahead=0)


def geojson_rows(path: Path, names: list[str]) -> Iterator[Row]:
    for number, feature in enumerate(features(path), start=1):
        said = attributes(feature)
        cells: Cells = [as_cell(said.get(name)) for name in names]
        yield number, [*cells, shape_of(feature.get("geometry"))]


def attributes(feature: dict[str, Any]) -> dict[str, Any]:
    """Properties, and the feature's own id where it has one."""
    said = feature.get("properties")
    said = said if isinstance(said, dict) else {}
    return said if "id" in said or "id" not in feature else {"id": feature["id"], **said}


def as_cell(value: Any) -> Any:
    """A value as a spreadsheet has it: nothing is empty, what is nested is its text.

    What is no text at all, as a picture in a GeoPackage, is left out.
    """
    if value is None or isinstance(value, bytes):
        return ""
    if isinstance(value, bool):
        return str(value)
    return value if isinstance(value, str | int | float) else json.dumps(value, ensure_ascii=False)


def shape_of(geometry: Any) -> Any:
    """A GeoJSON geometry as well-known binary; its text where no shape can be made of it."""
    if not geometry:
        return ""
    try:
        return bytes(OGRGeometry(json.dumps(geometry)).wkb)
    except (GDALException, TypeError, ValueError):
        return json.dumps(geometry)[:200]


def features(path: Path) -> Iterator[dict[str, Any]]:
    """The members of "features" one after the other; the whole text is never held.

    A file may also be one feature alone. Raises Invalid for what is no collection of features.
    """
    with path.open(encoding="utf-8-sig") as text:
        buffer = Buffer(text)
        alone = buffer.find_features()
        if alone is not None:
            yield alone
            return
        while (feature := buffer.next_member()) is not None:
            if not isinstance(feature, dict):
                raise unreadable(_("One of its features is none."))
            yield feature


class Buffer:
    """A window over JSON text, moved on member by member."""

    def __init__(self, text: Any) -> None:
        self.text = text
        self.held = ""
        self.at = 0

    def more(self) -> bool:
        """Read on; whether there was something left to read."""
        block = self.text.read(BLOCK)
        self.held, self.at = self.held[self.at :] + block, 0
        if len(self.held) > MOST_FEATURE_CHARACTERS:
            raise unreadable(_("One of its features does not end."))
        return bool(block)

    def peek(self) -> str:
        """The next character that is no blank, or nothing at the end."""
        while True:
            while self.at < len(self.held) and self.held[self.at] in BLANKS:
                self.at += 1
            if self.at < len(self.held):
                return self.held[self.at]
            if not self.more():
                return ""

    def take(self, wanted: str) -> None:
        if self.peek() != wanted:
            raise unreadable(_("Its text is no JSON."))
        self.at += 1

    def value(self) -> Any:
        """The value that begins here."""
        self.peek()
        while True:
            try:
                found, end = DECODER.raw_decode(self.held, self.at)
            except (json.JSONDecodeError, RecursionError) as problem:
                if isinstance(problem, RecursionError) or not self.more():
                    raise unreadable(_("Its text is no JSON.")) from problem
                continue
            # A number may go on behind the end of what is held.
            if end < len(self.held) or not self.more():
                self.at = end
                return found

    def find_features(self) -> dict[str, Any] | None:
        """Go on to the first member of "features", past what a collection says before.

        Returns the one feature that the text is, where it is no collection.
        """
        said: dict[str, Any] = {}
        self.take("{")
        while self.peek() == '"':
            name = self.value()
            self.take(":")
            if name == "features":
                self.take("[")
                return None
            said[name] = self.value()
            if self.peek() == ",":
                self.at += 1
        if said.get("type") != "Feature":
            raise unreadable(_("It is JSON, but no collection of features."))
        return said

    def next_member(self) -> Any:
        """The next member of the list, or None behind the last."""
        if self.peek() == ",":
            self.at += 1
        if self.peek() == "]":
            return None
        return self.value()


# ---------------------------------------------------------------- GeoPackage


@contextmanager
def geopackage_table(path: Path, layer: str) -> Iterator[Table]:
    """One layer of a GeoPackage, read only. Raises Invalid naming `layer` where one is wanted."""
    with read_only(path) as database:
        try:
            layers = feature_layers(database)
            table = chosen(tuple(layers), layer)
            count = database.execute(f"select count(*) from {quoted(table)}").fetchone()[0]  # noqa: S608
            rows = database.execute(f"select * from {quoted(table)}")  # noqa: S608  # a name, quoted
            names = [column[0] for column in rows.description]
            place = names.index(layers[table])
            header = [name for name in names if name != layers[table]]
            yield Table(
                [*header, SHAPE_COLUMN], geopackage_rows(rows, place), count, ahead=0,
                layers=tuple(layers),
            )  # fmt: skip
        except (sqlite3.Error, ValueError) as problem:
            raise unreadable(_("It is no sound GeoPackage.")) from problem


def geopackage_rows(rows: Any, place: int) -> Iterator[Row]:
    for number, found in enumerate(rows, start=1):
        cells = [as_cell(value) for value in found[:place] + found[place + 1 :]]
        yield number, [*cells, geopackage_shape(found[place])]


def geopackage_shape(blob: Any) -> Any:
    """The well-known binary behind a GeoPackage's own header; nothing where there is no shape."""
    if not isinstance(blob, bytes) or blob[:2] != b"GP" or len(blob) < 9 or blob[3] & EMPTY:
        return ""
    found = binary_of(blob)
    return b"?" if found is None else found


def chosen(names: tuple[str, ...], wanted: str) -> str:
    """The layer that was named, or the only one. Raises Invalid naming `layer`."""
    if wanted in names:
        return wanted
    if wanted == ANY and names:
        return names[0]
    if len(names) == 1 and not wanted:
        return names[0]
    if not names:
        raise unreadable(_("It holds no layer of features."))
    sentence = _("Name one of the layers: %(names)s") % {"names": "、".join(names)}
    raise Invalid(sentence, layer=sentence)
