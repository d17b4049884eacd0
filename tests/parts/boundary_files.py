"""Files of boundaries with just what a test wants in them: GeoJSON, GeoPackage, Shapefile."""

from __future__ import annotations

import itertools
import json
import sqlite3
import struct
import zipfile
from pathlib import Path
from typing import Any

from django.contrib.gis.gdal import CoordTransform, OGRGeometry, SpatialReference
from django.contrib.gis.gdal.srs import AxisOrder

from parts.services.grid.checking import check_draft
from parts.services.grid.drafting import begin_draft
from parts.services.grid.loading import Source, load_file
from tests.district import NAMES, at

Ring = list[list[float]]
TRADITIONAL = AxisOrder.TRADITIONAL


def quiet(step: str, done: int, total: int | None) -> None:
    """A progress that nobody watches."""


def ring(shape: Any) -> Ring:
    """The outer ring of a polygon, as GeoJSON has it."""
    return [[x, y] for x, y, *_z in shape.coords[0]]


def cells_of(district: Any) -> dict[str, Ring]:
    """Code → ring of the twelve cells of the test district."""
    return {cell.code: ring(cell.geom) for cell in district.cells.values()}


def feature(code: Any, coordinates: Any, kind: str = "Polygon", **more: Any) -> dict[str, Any]:
    geometry = None if coordinates is None else {"type": kind, "coordinates": coordinates}
    return {"type": "Feature", "properties": {"code": code, **more}, "geometry": geometry}


def geojson(path: Path, features: list[dict[str, Any]]) -> Path:
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), "utf-8")
    return path


def cells_file(folder: Path, cells: dict[str, Ring], name: str = "cells.geojson") -> Path:
    return geojson(folder / name, [feature(code, [r]) for code, r in sorted(cells.items())])


def areas_file(folder: Path, areas: dict[str, Any], name: str = "areas.geojson") -> Path:
    """Streets or communities: code → (name, ring)."""
    rows = [feature(code, [r], name=words) for code, (words, r) in sorted(areas.items())]
    return geojson(folder / name, rows)


def communities_of(district: Any) -> dict[str, Any]:
    return {
        code: (NAMES[code], [[x, y] for x, y in row.geom.coords[0][0]])
        for code, row in district.communities.items()
    }


def projected(cells: dict[str, Ring], srid: int) -> dict[str, Ring]:
    """The same rings in another frame, easting or longitude first."""
    change = CoordTransform(
        SpatialReference(4490, axis_order=TRADITIONAL),
        SpatialReference(srid, axis_order=TRADITIONAL),
    )
    found = {}
    for code, points in cells.items():
        shape = OGRGeometry(json.dumps({"type": "Polygon", "coordinates": [points]}))
        shape.transform(change)
        found[code] = [[x, y] for x, y, *_z in shape.tuple[0]]
    return found


def wkb(points: Ring) -> bytes:
    flat = [value for point in points for value in point]
    return struct.pack(f"<BIII{len(flat)}d", 1, 3, 1, len(points), *flat)


def geopackage(path: Path, cells: dict[str, Ring], layer: str = "网格") -> Path:
    """A GeoPackage with one layer of polygons, as the standard lays it out."""
    database = sqlite3.connect(path)
    database.executescript(
        f"""
        create table gpkg_contents (table_name text, data_type text);
        create table gpkg_geometry_columns (table_name text, column_name text);
        create table "{layer}" (fid integer primary key, geom blob, "单元网格编码" text);
        insert into gpkg_contents values ('{layer}', 'features');
        insert into gpkg_geometry_columns values ('{layer}', 'geom');
        """
    )
    head = b"GP\x00\x01" + struct.pack("<i", 4490)
    database.executemany(
        f'insert into "{layer}" (geom, "单元网格编码") values (?, ?)',
        [(head + wkb(points), code) for code, points in sorted(cells.items())],
    )
    database.commit()
    database.close()
    return path


def shapefile(path: Path, cells: dict[str, Ring], body: str = "多福巷社区") -> Path:
    """A zip with a shapefile whose table is GB18030 and says so nowhere."""
    shp, shx, at_word = b"", b"", 50
    for number, (_code, points) in enumerate(sorted(cells.items()), 1):
        # rings run clockwise in a shapefile
        turned = points if clockwise(points) else points[::-1]
        flat = [value for point in turned for value in point]
        content = struct.pack("<i4d2ii", 5, *box(turned), 1, len(turned), 0)
        content += struct.pack(f"<{len(flat)}d", *flat)
        shx += struct.pack(">2i", at_word, len(content) // 2)
        shp += struct.pack(">2i", number, len(content) // 2) + content
        at_word += 4 + len(content) // 2
    every = [point for points in cells.values() for point in points]

    def head(size: int) -> bytes:
        return struct.pack(">7i", 9994, 0, 0, 0, 0, 0, (100 + size) // 2) + struct.pack(
            "<2i8d", 1000, 5, *box(every), 0, 0, 0, 0
        )

    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("wg/cells.shp", head(len(shp)) + shp)
        archive.writestr("wg/cells.shx", head(len(shx)) + shx)
        archive.writestr("wg/cells.dbf", dbf(sorted(cells), body))
    return path


def dbf(codes: list[str], body: str) -> bytes:
    fields = [("WGBM", 15), ("ZRZT", 60)]
    width = 1 + sum(size for _name, size in fields)
    head = struct.pack("<BBBBIHH20x", 3, 126, 1, 1, len(codes), 33 + 32 * len(fields), width)
    for name, size in fields:
        head += struct.pack("<11sc4xBB14x", name.encode(), b"C", size, 0)
    rows = b"".join(
        b" " + code.encode().ljust(15) + body.encode("gb18030").ljust(60) for code in codes
    )
    return head + b"\r" + rows + b"\x1a"


def box(points: Ring) -> tuple[float, float, float, float]:
    xs, ys = [p[0] for p in points], [p[1] for p in points]
    return min(xs), min(ys), max(xs), max(ys)


def clockwise(points: Ring) -> bool:
    return sum((b[0] - a[0]) * (b[1] + a[1]) for a, b in itertools.pairwise(points)) > 0


# ---------------------------------------------------------------- drafts


def draft_of(district: Any, name: str = "二期网格") -> Any:
    return begin_draft(actor=district.actor("administrator"), at=at("09:00"), name=name)


def load(district: Any, draft: Any, path: Path, level: str = "cell", **source: Any) -> Any:
    """Put a file into the draft as it is now."""
    draft.refresh_from_db()
    return load_file(
        actor=district.actor("administrator"), at=at("09:05"), edition_id=draft.pk,
        version=draft.version, path=path, progress=quiet,
        source=Source(level, source.pop("frame", "4490"), **source),
    )  # fmt: skip


def check(district: Any, draft: Any) -> dict[str, list[Any]]:
    """Check the draft; returns the findings by check."""
    draft.refresh_from_db()
    check_draft(
        actor=district.actor("administrator"), at=at("09:10"), edition_id=draft.pk,
        version=draft.version, progress=quiet,
    )  # fmt: skip
    draft.refresh_from_db()
    found: dict[str, list[Any]] = {}
    for finding in draft.findings.all():
        found.setdefault(finding.check_key, []).append(finding)
    return found


def found_in(district: Any, path: Path, **source: Any) -> dict[str, list[Any]]:
    """What the checks say of a fresh draft with this file in it."""
    draft = draft_of(district)
    load(district, draft, path, **source)
    return check(district, draft)
