"""Reads boundaries out of GeoJSON, GeoPackage and Shapefile, each by what it is and no more.

GeoJSON is read as JSON and a GeoPackage as the SQLite file it is: a file that is opened by
guessing its kind may name other files of the server. A spatial reference is never taken from the
file; the sender declares it (`stack.md`, database).
"""

from __future__ import annotations

import json
import sqlite3
import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.contrib.gis.gdal import DataSource
from django.contrib.gis.gdal.error import GDALException
from django.contrib.gis.gdal.geometries import OGRGeometry
from django.utils.translation import gettext as _

from gridcity.contracts import Invalid, TooLarge
from parts.geopackage import MAGIC as GEOPACKAGE
from parts.geopackage import binary_of, feature_layers, quoted, read_only
from parts.services.imports.tables import unreadable

MOST_BYTES = 300 * 1024 * 1024
MOST_FEATURES = 200_000
SHAPEFILE_PARTS = (".shp", ".shx", ".dbf", ".cpg")
SHAPEFILE_MAGIC = b"\x00\x00\x27\x0a"
ZIP_MAGIC = b"PK\x03\x04"


@dataclass(frozen=True, slots=True)
class Feature:
    """A row of a file: its number, its values as text or number, its shape if one could be read."""

    row: int
    values: dict[str, Any]
    shape: OGRGeometry | None


def read_features(path: Path, *, layer: str = "") -> list[Feature]:
    """The features of a file in its own coordinates.

    `layer` names the layer of a GeoPackage or the file inside a zip where there are several.
    Raises Invalid naming `file` or `layer`, TooLarge.
    """
    with path.open("rb") as handle:
        magic = handle.read(16)
    if magic.startswith(ZIP_MAGIC):
        found = read_shapefile(path, layer)
    elif magic == GEOPACKAGE:
        found = read_geopackage(path, layer)
    elif magic.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        found = read_geojson(path)
    else:
        raise unreadable(_("It is no GeoJSON, no GeoPackage and no zip with a shapefile."))
    rows = []
    for feature in found:
        rows.append(feature)
        if len(rows) > MOST_FEATURES:
            raise TooLarge(_("The file has more than %(n)s shapes.") % {"n": f"{MOST_FEATURES:,}"})
    return rows


def shape_of(source: Any) -> OGRGeometry | None:
    """A geometry of text or bytes; None where nothing can be made of it."""
    try:
        return OGRGeometry(source)
    except (GDALException, TypeError, ValueError):
        return None


# ---------------------------------------------------------------- GeoJSON


def read_geojson(path: Path) -> Iterator[Feature]:
    """Features of a collection, or the one feature that the file is."""
    if path.stat().st_size > MOST_BYTES:
        raise TooLarge(_("The file is larger than %(n)s MB.") % {"n": MOST_BYTES // 1024 // 1024})
    try:
        document = json.loads(path.read_text(encoding="utf-8-sig"))
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise unreadable(_("Its text is no JSON.")) from error
    listed = document.get("features") if isinstance(document, dict) else None
    if isinstance(document, dict) and document.get("type") == "Feature":
        listed = [document]
    if not isinstance(listed, list):
        raise unreadable(_("It is JSON, but no collection of features."))
    for row, feature in enumerate(listed, 1):
        if not isinstance(feature, dict):
            raise unreadable(_("Feature %(n)s is none.") % {"n": row})
        values = feature.get("properties") or {}
        geometry = feature.get("geometry")
        yield Feature(row, dict(values), shape_of(json.dumps(geometry)) if geometry else None)


# ---------------------------------------------------------------- GeoPackage


def read_geopackage(path: Path, layer: str) -> Iterator[Feature]:
    """Rows of one feature table, read-only."""
    with read_only(path) as database:
        database.row_factory = sqlite3.Row
        try:
            layers = [(name, column) for name, column in feature_layers(database).items()]
            table, column = chosen(layers, layer)
            rows = database.execute(f"select * from {quoted(table)}")  # noqa: S608  # a name quoted
            for number, row in enumerate(rows, 1):
                values = {key: row[key] for key in row.keys() if key != column}  # noqa: SIM118
                yield Feature(number, values, geopackage_shape(row[column]))
        except sqlite3.Error as error:
            raise unreadable(_("It is no sound GeoPackage.")) from error


def geopackage_shape(blob: bytes | None) -> OGRGeometry | None:
    """The well-known binary behind a GeoPackage's own header."""
    found = binary_of(blob)
    return None if found is None else shape_of(memoryview(found))


def chosen(tables: list[tuple[str, str]], layer: str) -> tuple[str, str]:
    """The table that was named, or the only one. Raises Invalid naming `layer`."""
    wanted = [pair for pair in tables if not layer or pair[0] == layer]
    if len(wanted) == 1:
        return wanted[0]
    names = ", ".join(name for name, _column in tables) or "–"
    sentence = _("Name one of the layers: %(names)s") % {"names": names}
    raise Invalid(sentence, layer=sentence)


# ---------------------------------------------------------------- Shapefile


def read_shapefile(path: Path, layer: str) -> Iterator[Feature]:
    """A shapefile out of a zip, unpacked by name into a folder of its own."""
    with tempfile.TemporaryDirectory(prefix="gridcity-") as folder:
        shape = unpacked(path, layer, Path(folder))
        try:
            # byte by byte; which code page the table has is found out from its text
            source = DataSource(str(shape), encoding="latin-1")[0]
            names = [text_of(name) for name in source.fields]
            for row, feature in enumerate(source, 1):
                values = {name: text_of(feature[n].value) for n, name in enumerate(names)}
                try:
                    geometry = feature.geom.clone()
                except GDALException:  # a row without a shape
                    geometry = None
                yield Feature(row, values, geometry)
        except GDALException as error:
            raise unreadable(_("The shapefile in it is damaged.")) from error


def unpacked(path: Path, layer: str, folder: Path) -> Path:
    """The .shp of the one shapefile that was meant, beside its table. Raises Invalid, TooLarge."""
    try:
        with zipfile.ZipFile(path) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
            stems = sorted(
                {stem_of(e.filename) for e in entries if e.filename.lower().endswith(".shp")}
            )
            stem = chosen([(name, "") for name in stems], layer)[0]
            if sum(entry.file_size for entry in entries) > MOST_BYTES:
                limit = MOST_BYTES // 1024 // 1024
                raise TooLarge(_("Unpacked the file is larger than %(n)s MB.") % {"n": limit})
            for entry in entries:
                suffix = Path(entry.filename).suffix.lower()
                if stem_of(entry.filename) == stem and suffix in SHAPEFILE_PARTS:
                    (folder / f"shape{suffix}").write_bytes(archive.read(entry))
    except zipfile.BadZipFile as error:
        raise unreadable(_("The zip is damaged.")) from error
    shape = folder / "shape.shp"
    missing = [s for s in SHAPEFILE_PARTS[:3] if not (folder / f"shape{s}").exists()]
    if missing:
        raise unreadable(_("In the zip is missing: %(names)s") % {"names": ", ".join(missing)})
    if shape.read_bytes()[:4] != SHAPEFILE_MAGIC:
        raise unreadable(_("The shapefile in it is damaged."))
    return shape


def stem_of(name: str) -> str:
    return Path(name).stem


def text_of(value: Any) -> Any:
    """Text of a table without a code page is GB18030, read letter by letter as Latin: put right."""
    if not isinstance(value, str) or not any("\x80" <= letter <= "\xff" for letter in value):
        return value
    try:
        raw = value.encode("latin-1")
    except UnicodeEncodeError:  # it is Chinese already
        return value
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return value
