"""Turns a feature of a file into a shape of a draft: one frame, whole rings, values put right.

What cannot be put right is kept with its flaw, so that the report can show where it lies.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.contrib.gis.gdal.error import GDALException
from django.contrib.gis.gdal.geometries import OGRGeometry
from django.utils.translation import gettext as _

from gridcity.contracts import Invalid
from parts.codes import Pattern
from parts.frames import GCJ02, Frame, from_gcj02
from parts.models import Flaw, Level
from parts.services.grid.columns import mapped
from parts.services.grid.reading import Feature

Points = list[tuple[float, float]]
Polygon = list[Points]
POLYGON, MULTIPOLYGON = 3, 6
LONGEST = {
    "code": 64, "name": 200, "management_class": 16, "limit_area": 16, "responsible_body": 200,
    "land_use": 64, "note": 200, "successor_code": 12,
}  # fmt: skip


@dataclass(slots=True)
class Shape:
    """A row as it goes into the draft. `wkb` is in the declared frame, GCJ-02 already undone."""

    row: int
    code: str
    name: str = ""
    wkb: bytes | None = None
    flaw: str = ""
    padded_from: str = ""
    initial_on: date | None = None
    values: dict[str, str] = field(default_factory=dict)


def code_length(level: str, pattern: Pattern) -> int:
    """Digits of a code of this level: 6, 9, 12 and 15 by both schemes of `codes.md`."""
    return {
        Level.DISTRICT: pattern.district,
        Level.STREET: pattern.district + pattern.street,
        Level.COMMUNITY: pattern.district + pattern.street + pattern.community,
        Level.CELL: pattern.cell_code,
    }[Level(level)]


def parent_digits(level: str, pattern: Pattern) -> int:
    """How many digits of a code name the area that it lies in; none for the district's."""
    above = {
        Level.STREET: Level.DISTRICT, Level.COMMUNITY: Level.STREET, Level.CELL: Level.COMMUNITY,
    }.get(Level(level))  # fmt: skip
    return code_length(above, pattern) if above else 0


def shapes_of(
    features: list[Feature],
    *,
    frame: Frame,
    level: str,
    pattern: Pattern,
    columns: dict[str, str] | None = None,
) -> Iterator[Shape]:
    """The shapes of a file. Raises Invalid naming `file` where no column has the codes."""
    named = mapped(features[0].values if features else (), columns)
    if features and "code" not in named:
        seen = ", ".join(features[0].values) or "–"
        sentence = _("No column has the codes. The file has: %(columns)s") % {"columns": seen}
        raise Invalid(sentence, file=sentence)
    for feature in features:
        said = {
            key: text(feature.values.get(column), LONGEST.get(key, 64))
            for key, column in named.items()
        }
        code, padded_from = code_of(feature.values.get(named["code"]), code_length(level, pattern))
        wkb, flaw = boundary_of(feature.shape, frame)
        yield Shape(
            row=feature.row,
            code=code[:64],
            name=said.pop("name", ""),
            wkb=wkb,
            flaw=flaw,
            padded_from=padded_from,
            initial_on=day_of(feature.values.get(named.get("initial_on", ""))),
            values={k: v for k, v in said.items() if k not in {"code", "initial_on"}},
        )


def text(value: Any, longest: int) -> str:
    """A value as text; whole numbers without their decimals."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value).strip()[:longest]


def code_of(value: Any, length: int) -> tuple[str, str]:
    """The code, and what stood there where a number had lost its leading zeros (`codes.md`)."""
    code = text(value, 64)
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if is_number and code.isdigit() and 0 < len(code) < length:
        return code.zfill(length), code
    return code, ""


def day_of(value: Any) -> date | None:
    """A date of a file: a date, or text that begins as 2020-01-31 or 20200131."""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    digits = "".join(letter for letter in str(value or "")[:10] if letter.isdigit())
    try:
        return datetime.strptime(digits[:8], "%Y%m%d").date()  # noqa: DTZ007  # a date alone
    except ValueError:
        return None


# ---------------------------------------------------------------- boundaries


def boundary_of(shape: OGRGeometry | None, frame: Frame) -> tuple[bytes | None, str]:
    """The polygons of a geometry as well-known binary, and its flaw if it has one."""
    if shape is None or shape.empty:
        return None, Flaw.NO_SHAPE
    try:
        polygons = polygons_of(shape)
    except GDALException:
        return None, Flaw.NOT_AREA
    rings = [ring for polygon in polygons for ring in polygon]
    if not rings or min(len(set(ring)) for ring in rings) < 3:
        return None, Flaw.NOT_AREA
    xs, ys = [x for ring in rings for x, _y in ring], [y for ring in rings for _x, y in ring]
    if not frame.holds((min(xs), min(ys), max(xs), max(ys))):
        return None, Flaw.OFF_MAP
    open_rings = [ring for ring in rings if ring[0] != ring[-1]]
    for ring in open_rings:
        ring.append(ring[0])
    flaw = Flaw.NOT_CLOSED if open_rings else ""
    if frame.key == GCJ02:
        polygons = [[[from_gcj02(x, y) for x, y in ring] for ring in poly] for poly in polygons]
    return packed(polygons), flaw


def polygons_of(shape: Any) -> list[Polygon]:
    """The rings of a polygon or of several; empty for anything else."""
    kind = shape.geom_type.num % 1000 if shape.geom_type.num > 0 else shape.geom_type.num & 0xFF
    if kind == POLYGON:
        return [rings_of(shape)]
    if kind == MULTIPOLYGON:
        return [rings_of(shape[n]) for n in range(len(shape))]
    return []


def rings_of(polygon: Any) -> Polygon:
    """Rings as pairs; a height is left out, for the grid is flat."""
    rings = [polygon[n].tuple for n in range(len(polygon))]
    return [[(float(point[0]), float(point[1])) for point in ring] for ring in rings]


def packed(polygons: list[Polygon]) -> bytes:
    """One polygon, or several together, as little-endian well-known binary."""
    bodies = []
    for rings in polygons:
        body = struct.pack("<BII", 1, POLYGON, len(rings))
        for ring in rings:
            flat = [value for point in ring for value in point]
            body += struct.pack(f"<I{len(flat)}d", len(ring), *flat)
        bodies.append(body)
    if len(bodies) == 1:
        return bodies[0]
    return struct.pack("<BII", 1, MULTIPOLYGON, len(bodies)) + b"".join(bodies)
