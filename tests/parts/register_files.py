"""Registers as files of every format, written by their published descriptions."""

import io
import json
import sqlite3
import struct
import zipfile

from django.contrib.gis.geos import GEOSGeometry

from tests.district import point

HEADER = ["序号", "小类代码", "小类名称", "经度", "纬度"]


def where(row: int = 1, column: int = 1, east: float = 0.0) -> list[str]:
    """Longitude and latitude as a register has them, far from any part; `east` in metres."""
    lon, lat = point(row, column, 0.3, 0.3)
    return [f"{lon + east / 85_400:.7f}", f"{lat:.7f}"]


def geojson(path, features, before=None):
    """`features` are (properties, WKT or None)."""
    members = [
        {
            "type": "Feature",
            "properties": said,
            "geometry": json.loads(GEOSGeometry(wkt).json) if wkt else None,
        }
        for said, wkt in features
    ]
    document = {"type": "FeatureCollection", **(before or {}), "features": members}
    path.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
    return path


def geopackage(path, **layers):
    """Each layer a list of (dict of texts, WKT or None)."""
    with sqlite3.connect(path) as base:
        base.executescript(
            "create table gpkg_contents (table_name text, data_type text);"
            "create table gpkg_geometry_columns (table_name text, column_name text);"
        )
        for name, rows in layers.items():
            base.execute("insert into gpkg_contents values (?, 'features')", [name])
            base.execute("insert into gpkg_geometry_columns values (?, 'geom')", [name])
            columns = list(rows[0][0])
            listed = ", ".join(f'"{column}"' for column in columns)
            base.execute(f'create table "{name}" (fid integer primary key, geom blob, {listed})')
            marks = ", ".join("?" for _column in columns)
            for said, wkt in rows:
                base.execute(
                    f'insert into "{name}" (geom, {listed}) values (?, {marks})',
                    [packed(wkt), *said.values()],
                )
    base.close()
    return path


def packed(wkt):
    """A shape as a GeoPackage keeps it, with an envelope before it."""
    if wkt is None:
        return None
    shape = GEOSGeometry(wkt)
    west, south, east, north = shape.extent
    head = b"GP\x00" + bytes([0b00000011]) + struct.pack("<i4d", 0, west, east, south, north)
    return head + shape.wkb.tobytes()


def shapefile(path, columns, rows, encoding="gb18030", cpg=None, name="部件", prj=True):
    """A zip of .shp, .dbf and what else there is; `columns` are (name, type, size).

    `rows` are (values, shape): a pair of numbers, or a list of rings, or None.
    """
    table = dbf(columns, [values for values, _shape in rows], encoding)
    records = b"".join(
        struct.pack(">2i", number, len(content) // 2) + content
        for number, content in enumerate((record(shape) for _values, shape in rows), start=1)
    )
    shapes = struct.pack(">7i", 9994, 0, 0, 0, 0, 0, (100 + len(records)) // 2)
    shapes += struct.pack("<2i8d", 1000, 1, *([0.0] * 8)) + records
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"{name}.shp", shapes)
        archive.writestr(f"{name}.dbf", table)
        if cpg:
            archive.writestr(f"{name}.cpg", cpg)
        if prj:
            archive.writestr(f"{name}.prj", 'GEOGCS["no such thing"]')
    return path


def record(shape):
    if shape is None:
        return struct.pack("<i", 0)
    if isinstance(shape, tuple):
        return struct.pack("<i2d", 1, *shape)
    corners = [xy for ring in shape for xy in ring]
    starts = [sum(len(ring) for ring in shape[:n]) for n in range(len(shape))]
    head = struct.pack("<i4d2i", 5, 0, 0, 0, 0, len(shape), len(corners))
    numbers = [number for xy in corners for number in xy]
    return head + struct.pack(f"<{len(starts)}i{len(numbers)}d", *starts, *numbers)


def dbf(columns, rows, encoding):
    width = 1 + sum(size for _name, _kind, size in columns)
    head = struct.pack("<4B I 2H 20x", 3, 126, 1, 1, len(rows), 33 + 32 * len(columns), width)
    described = b"".join(
        struct.pack("<11s c 4x B 15x", name.encode(encoding)[:10], kind.encode(), size)
        for name, kind, size in columns
    )
    body = b"".join(
        b" " + b"".join(as_field(value, kind, size, encoding)
                        for value, (_name, kind, size) in zip(values, columns, strict=True))
        for values in rows
    )  # fmt: skip
    return head + described + b"\r" + body + b"\x1a"


def as_field(value, kind, size, encoding):
    raw = str(value).encode(encoding)[:size]
    return raw.rjust(size) if kind == "N" else raw.ljust(size)


def zipped(**entries):
    """The bytes of a zip with these entries."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return held.getvalue()
