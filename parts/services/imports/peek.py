"""A first look into an uploaded file: its columns, its layers, its first rows."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from parts.services.imports.columns import as_header
from parts.services.imports.reading import opened
from parts.services.imports.values import as_text

FIRST_ROWS = 5
# Features whose attributes are looked at; all of them are when the file is tried.
FIRST_FEATURES = 1000
LONGEST = 60


@dataclass(frozen=True, slots=True)
class Look:
    """What is shown of a file before anything is decided."""

    header: list[str]
    first_rows: list[list[str]]
    layers: list[str]


def look_into(path: Path, *, layer: str = "") -> Look:
    """Open a file and read its beginning. Raises Invalid, TooLarge."""
    with opened(path, layer=layer, most=FIRST_FEATURES) as table:
        rows = [[shown(cell) for cell in cells] for _n, cells in islice(table.rows, FIRST_ROWS)]
        return Look(list(as_header(table.header)), rows, list(table.layers))


def shown(cell: Any) -> str:
    """A cell in a few letters; a shape is only said to be there."""
    if isinstance(cell, bytes):
        return "…"
    text = as_text(cell)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
