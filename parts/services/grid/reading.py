"""Reads boundaries and lines as the imports of parts read theirs: by what a file is, no more.

A spatial reference is never taken from the file; the sender declares it (`stack.md`, database).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.contrib.gis.gdal.error import GDALException
from django.contrib.gis.gdal.geometries import OGRGeometry
from django.utils.translation import gettext as _

from gridcity.contracts import TooLarge
from parts.geopackage import MAGIC as GEOPACKAGE
from parts.services.imports.reading import ZIP, opened
from parts.services.imports.tables import Table, unreadable

MOST_BYTES = 300 * 1024 * 1024
MOST_FEATURES = 200_000


@dataclass(frozen=True, slots=True)
class Feature:
    """A row of a file: its number, its values as text or number, its shape if one could be read."""

    row: int
    values: dict[str, Any]
    shape: OGRGeometry | None


def read_features(path: Path, *, layer: str = "") -> list[Feature]:
    """The features of a GeoJSON, GeoPackage or zipped Shapefile in its own coordinates.

    `layer` names the layer of a GeoPackage or the file inside a zip where there are several.
    Raises Invalid naming `file` or `layer`, TooLarge.
    """
    with path.open("rb") as handle:
        magic = handle.read(64)
    is_text = magic.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{")
    if not (is_text or magic.startswith((ZIP, GEOPACKAGE))):
        raise no_features()
    if path.stat().st_size > MOST_BYTES:
        raise TooLarge(_("The file is larger than %(n)s MB.") % {"n": MOST_BYTES // 1024 // 1024})
    with opened(path, layer=layer) as table:
        if table.ahead:  # a table without shapes: a workbook comes as zip too
            raise no_features()
        return list_features(table)


def no_features() -> Exception:
    return unreadable(_("It is no GeoJSON, no GeoPackage and no zip with a shapefile."))


def list_features(table: Table) -> list[Feature]:
    """The rows of a table whose last column is the shape. Raises TooLarge."""
    names = [str(name) for name in table.header[:-1]]
    found = []
    for number, (*cells, shape) in table.rows:
        found.append(Feature(number, dict(zip(names, cells, strict=True)), shape_of(shape)))
        if len(found) > MOST_FEATURES:
            raise TooLarge(_("The file has more than %(n)s shapes.") % {"n": f"{MOST_FEATURES:,}"})
    return found


def shape_of(source: Any) -> OGRGeometry | None:
    """A geometry of text or bytes; None where nothing can be made of it."""
    try:
        return OGRGeometry(memoryview(source) if isinstance(source, bytes) else source)
    except (GDALException, TypeError, ValueError):
        return None
