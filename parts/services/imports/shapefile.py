"""Reads a zipped Shapefile row by row: its table (.dbf) and shapes (.shp), by their description.

ESRI Shapefile Technical Description, July 1998. What lies beside them in the zip is left alone,
above all the .prj: where the shapes lie, the sender says.
"""

from __future__ import annotations

import math
import shutil
import struct
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import IO, Any

from django.contrib.gis.gdal import GDALException, OGRGeometry
from django.contrib.gis.geos import (
    GEOSException,
    GEOSGeometry,
    LinearRing,
    LineString,
    MultiLineString,
    MultiPoint,
    MultiPolygon,
    Point,
    Polygon,
)
from django.utils.translation import gettext as _

from parts.services.imports.features import chosen
from parts.services.imports.tables import SHAPE_COLUMN, Row, Table, unreadable

POINTS, LINES, AREAS, SWARMS = (1, 11, 21), (3, 13, 23), (5, 15, 25), (8, 18, 28)
SHAPE_MAGIC = b"\x00\x00\x27\x0a"
HEADER_BYTES = 100
MOST_RECORD_BYTES = 8 << 20
DELETED = ord("*")
# What .cpg files call the encodings that Chinese registers come in.
ENCODINGS = {"UTF-8": "utf-8", "UTF8": "utf-8", "65001": "utf-8"}
GB18030 = "gb18030"


@contextmanager
def shapefile_table(path: Path, layer: str) -> Iterator[Table]:
    """The one shapefile of a zip, or the one that `layer` names."""
    with zipfile.ZipFile(path) as archive, tempfile.TemporaryDirectory(prefix="gridcity-") as at:
        names = {name.casefold(): name for name in archive.namelist()}
        stems = {
            Path(name).stem: name[:-4]
            for name in names.values()
            if name.casefold().endswith(".shp")
        }
        layers = tuple(sorted(stems))
        stem = stems[chosen(layers, layer)]
        files = {
            suffix: unpacked(archive, names.get(f"{stem}{suffix}".casefold()), Path(at, suffix[1:]))
            for suffix in (".shp", ".dbf", ".cpg")
        }
        shapes, table = files[".shp"], files[".dbf"]
        if shapes is None or table is None:
            raise unreadable(_("The zip lacks the .dbf of the shapefile."))
        with ExitStack() as stack:
            rows = DbfReader(stack.enter_context(table.open("rb")), encoding_said(files[".cpg"]))
            drawn = stack.enter_context(shapes.open("rb"))
            yield Table(
                [*rows.names, SHAPE_COLUMN], paired(rows, drawn), rows.count,
                encoding=rows.encoding, ahead=0, layers=layers,
            )  # fmt: skip


def unpacked(archive: zipfile.ZipFile, name: str | None, to: Path) -> Path | None:
    if name is None:
        return None
    with archive.open(name) as packed, to.open("wb") as plain:
        shutil.copyfileobj(packed, plain, 1 << 20)
    return to


def encoding_said(path: Path | None) -> str:
    """What the .cpg says; nothing where there is none, or it says what is rarely true."""
    if path is None:
        return ""
    said = path.read_bytes()[:64].decode("ascii", errors="ignore").strip().upper()
    return ENCODINGS.get(said, GB18030 if "GB" in said or "936" in said else "")


def paired(rows: DbfReader, drawn: IO[bytes]) -> Iterator[Row]:
    """Rows with their shapes; a deleted row keeps its number and is left out."""
    shapes = read_shapes(drawn)
    for number, cells in enumerate(rows, start=1):
        shape = next(shapes, "")
        if cells is not None:
            yield number, [*cells, shape]


class DbfReader:
    """The table of a shapefile: dBASE III."""

    def __init__(self, handle: IO[bytes], said: str) -> None:
        self.handle = handle
        head = handle.read(32)
        if len(head) < 32:
            raise unreadable(_("The table of the shapefile is damaged."))
        self.count, start, self.width = struct.unpack("<IHH", head[4:12])
        described = handle.read(max(start - 32, 0))
        raw = [described[at : at + 32] for at in range(0, len(described) - 31, 32)]
        raw = raw[: next((n for n, field in enumerate(raw) if field[0] == 0x0D), len(raw))]
        self.kinds = [(chr(field[11]), field[16]) for field in raw]
        if not raw or sum(size for _kind, size in self.kinds) + 1 > self.width:
            raise unreadable(_("The table of the shapefile is damaged."))
        self.start = start
        self.encoding = said or self.guess(raw)
        self.names = [self.text(field[:11].split(b"\0")[0]) for field in raw]

    def guess(self, raw: list[bytes]) -> str:
        """UTF-8 where names and the first rows can be, else GB18030; read again from the start.

        A value may be cut inside a letter at the end of its field, so few faults are forgiven.
        """
        self.handle.seek(self.start)
        sample = b"".join(field[:11] for field in raw) + self.handle.read(1 << 20)
        said = sample.decode("utf-8", errors="replace")
        letters = sum(letter > "\x7f" for letter in said)
        return GB18030 if said.count("\ufffd") * 10 > letters else "utf-8"

    def text(self, raw: bytes) -> str:
        """A value; the letter that the end of its field cut is dropped."""
        return raw.decode(self.encoding, errors="ignore").rstrip(" \0")

    def __iter__(self) -> Iterator[list[Any] | None]:
        self.handle.seek(self.start)
        for _n in range(self.count):
            record = self.handle.read(self.width)
            if len(record) < self.width:
                raise unreadable(_("The table of the shapefile is damaged."))
            yield None if record[0] == DELETED else self.cells(record)

    def cells(self, record: bytes) -> list[Any]:
        found, at = [], 1
        for kind, size in self.kinds:
            found.append(self.value(kind, record[at : at + size]))
            at += size
        return found

    def value(self, kind: str, raw: bytes) -> Any:
        """Text, number, date; nothing for what is empty or unreadable."""
        if kind not in "NFD":
            return self.text(raw)
        text = raw.strip(b" \0*").decode("ascii", errors="replace")
        if not text:
            return ""
        try:
            if kind == "D":
                return date(int(text[:4]), int(text[4:6]), int(text[6:8]))
            return float(text) if set(text) & set(".eE") else int(text)
        except ValueError:
            return text


def read_shapes(handle: IO[bytes]) -> Iterator[Any]:
    """Shapes in order as well-known binary; nothing for an empty one, b"?" for a broken one."""
    if handle.read(HEADER_BYTES)[:4] != SHAPE_MAGIC:
        raise unreadable(_("The shapes of the shapefile are damaged."))
    while len(head := handle.read(8)) == 8:
        length = 2 * struct.unpack(">i", head[4:])[0]
        if not 4 <= length <= MOST_RECORD_BYTES:
            raise unreadable(_("The shapes of the shapefile are damaged."))
        content = handle.read(length)
        try:
            yield as_binary(content)
        except (struct.error, GEOSException, GDALException, ValueError, IndexError):
            yield b"?"


def as_binary(content: bytes) -> Any:
    kind = struct.unpack("<i", content[:4])[0]
    if kind == 0:
        return ""
    if kind in POINTS:
        return Point(*struct.unpack("<2d", content[4:20])).wkb.tobytes()
    if kind in SWARMS:
        count = struct.unpack("<i", content[36:40])[0]
        return MultiPoint([Point(*xy) for xy in corners(content, 40, count)]).wkb.tobytes()
    if kind in LINES or kind in AREAS:
        return lines_or_areas(content, is_area=kind in AREAS)
    return b"?"


def corners(content: bytes, at: int, count: int) -> list[tuple[float, float]]:
    numbers = struct.unpack_from(f"<{2 * count}d", content, at)
    return list(zip(numbers[::2], numbers[1::2], strict=True))


def lines_or_areas(content: bytes, *, is_area: bool) -> bytes:
    parts, count = struct.unpack("<2i", content[36:44])
    starts = [*struct.unpack_from(f"<{parts}i", content, 44), count]
    found = corners(content, 44 + 4 * parts, count)
    paths = [found[a:b] for a, b in pairwise(starts)]
    if is_area and any(path[0] != path[-1] for path in paths):
        return open_areas(paths)
    if is_area:
        return areas(paths).wkb.tobytes()
    lines = [LineString(path) for path in paths]
    drawn = lines[0] if len(lines) == 1 else MultiLineString(lines)
    return drawn.wkb.tobytes()


def open_areas(rings: list[list[tuple[float, float]]]) -> bytes:
    """Rings of which some do not end where they begin, as they came: whoever reads judges them."""
    drawn = ",".join(f"({','.join(f'{x!r} {y!r}' for x, y in ring)})" for ring in rings)
    return bytes(OGRGeometry(f"POLYGON({drawn})").wkb)


def areas(rings: list[list[tuple[float, float]]]) -> GEOSGeometry:
    """Rings that turn clockwise are outlines; the others are holes in the outline around them."""
    outlines = [ring for ring in rings if turn(ring) <= 0] or rings
    holes = [ring for ring in rings if turn(ring) > 0] if outlines is not rings else []
    inside: list[list[LinearRing]] = [[] for _ring in outlines]
    plain = [Polygon(ring) for ring in outlines]
    for hole in holes:
        spot = Polygon(hole).point_on_surface
        around = [n for n, outline in enumerate(plain) if outline.contains(spot)]
        smallest = min(around, key=lambda n: plain[n].area, default=0)
        inside[smallest].append(LinearRing(hole))
    found = [Polygon(outline, *cut) for outline, cut in zip(outlines, inside, strict=True)]
    return found[0] if len(found) == 1 else MultiPolygon(found)


def turn(ring: list[tuple[float, float]]) -> float:
    """Twice the signed area: below zero where the ring turns clockwise."""
    return math.fsum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in pairwise(ring))
