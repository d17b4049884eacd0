"""GeoPackages (OGC 12-128r18), SQLite files: written row by row, and read without guessing.

The library that would do it brings a GDAL of its own beside the system's; the format itself is
a few lines. What is written has lon, lat in
EPSG:4490.
"""

from __future__ import annotations

import sqlite3
import struct
from collections.abc import Iterable, Sequence
from contextlib import closing
from datetime import datetime
from itertools import islice
from pathlib import Path

APPLICATION_ID, USER_VERSION = 0x47504B47, 10300  # "GPKG", version 1.3
SRID = 4490
BATCH = 2000
MAGIC = b"SQLite format 3\x00"
# Bytes of a head before its shape, by the kind of its envelope.
ENVELOPE_BYTES = (0, 32, 48, 48, 64)
Extent = tuple[float, float, float, float]
CGCS2000 = (
    'GEOGCS["China Geodetic Coordinate System 2000",DATUM["China_2000",SPHEROID["CGCS2000",6378137,'
    '298.257222101,AUTHORITY["EPSG","1024"]],AUTHORITY["EPSG","1043"]],PRIMEM["Greenwich",0,'
    'AUTHORITY["EPSG","8901"]],UNIT["degree",0.0174532925199433,AUTHORITY["EPSG","9122"]],'
    'AUTHORITY["EPSG","4490"]]'
)
SYSTEMS = (
    ("CGCS2000", SRID, "EPSG", SRID, CGCS2000),
    ("Undefined Cartesian", -1, "NONE", -1, "undefined"),
    ("Undefined geographic", 0, "NONE", 0, "undefined"),
)
TABLES = """
create table gpkg_spatial_ref_sys (
    srs_name text not null, srs_id integer not null primary key, organization text not null,
    organization_coordsys_id integer not null, definition text not null, description text);
create table gpkg_contents (
    table_name text not null primary key, data_type text not null, identifier text unique,
    description text default '', last_change datetime not null, min_x double, min_y double,
    max_x double, max_y double, srs_id integer,
    constraint fk_gc_r_srs_id foreign key (srs_id) references gpkg_spatial_ref_sys(srs_id));
create table gpkg_geometry_columns (
    table_name text not null, column_name text not null, geometry_type_name text not null,
    srs_id integer not null, z tinyint not null, m tinyint not null,
    constraint pk_geom_cols primary key (table_name, column_name),
    constraint uk_gc_table_name unique (table_name),
    constraint fk_gc_tn foreign key (table_name) references gpkg_contents(table_name),
    constraint fk_gc_srs foreign key (srs_id) references gpkg_spatial_ref_sys(srs_id));
"""


def blob(wkb: bytes) -> bytes:
    """A geometry as GeoPackages keep it: a head without envelope, then ISO WKB."""
    return struct.pack("<2sBBi", b"GP", 0, 1, SRID) + wkb


def binary_of(kept: object) -> bytes | None:
    """The well-known binary behind a GeoPackage's own head; None where there is no such head."""
    if not isinstance(kept, bytes) or kept[:2] != b"GP" or len(kept) < 9:
        return None
    envelope = (kept[3] >> 1) & 0b111
    return kept[8 + ENVELOPE_BYTES[envelope] :] if envelope < len(ENVELOPE_BYTES) else None


def feature_layers(file: sqlite3.Connection) -> dict[str, str]:
    """The layers of features, each with the column of its shapes. Raises sqlite3.Error."""
    return dict(
        file.execute(
            "select g.table_name, g.column_name from gpkg_geometry_columns g"
            " join gpkg_contents c using (table_name) where c.data_type = 'features'"
        )
    )


def read_only(path: Path) -> closing[sqlite3.Connection]:
    """A GeoPackage, opened so that nothing of it is written."""
    return closing(sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True))


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def write_geopackage(
    path: Path,
    *,
    layer: str,
    columns: Sequence[str],
    rows: Iterable[tuple[bytes, Sequence[str]]],
    extent: Extent | None,
    at: datetime,
) -> None:
    """Write rows of (WKB, texts) into one layer; `extent` is what they span, in degrees."""
    with closing(sqlite3.connect(path)) as file:
        file.execute(f"pragma application_id = {APPLICATION_ID}")
        file.execute(f"pragma user_version = {USER_VERSION}")
        file.executescript(TABLES)
        file.executemany("insert into gpkg_spatial_ref_sys values (?, ?, ?, ?, ?, '')", SYSTEMS)
        listed = ", ".join(f"{quoted(name)} text" for name in columns)
        file.execute(
            f"create table {quoted(layer)}"
            f" (fid integer primary key autoincrement not null, geom geometry, {listed})"
        )
        file.execute(
            "insert into gpkg_contents values (?, 'features', ?, '', ?, ?, ?, ?, ?, ?)",
            (layer, layer, f"{at:%Y-%m-%dT%H:%M:%S.000Z}", *(extent or (None,) * 4), SRID),
        )
        file.execute(
            "insert into gpkg_geometry_columns values (?, 'geom', 'GEOMETRY', ?, 0, 0)",
            (layer, SRID),
        )
        names = ", ".join(["geom", *map(quoted, columns)])
        marks = ", ".join("?" * (len(columns) + 1))
        insert = f"insert into {quoted(layer)} ({names}) values ({marks})"  # noqa: S608
        source = iter(rows)
        while batch := [(blob(wkb), *texts) for wkb, texts in islice(source, BATCH)]:
            file.executemany(insert, batch)
        file.commit()
