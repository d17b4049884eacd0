"""Where a row lies: point, line or area in the declared frame, or why none can be made of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib.gis.gdal import GDALException
from django.contrib.gis.geos import GEOSException, GEOSGeometry, MultiPoint, Point
from django.contrib.gis.geos.prototypes.io import WKTWriter

from parts.frames import FRAMES, GCJ02, Frame, from_gcj02
from parts.services.imports.faults import Fault
from parts.services.imports.values import as_number, as_text

POINT_PLACES, BOUNDARY_PLACES = 7, 9
KINDS = {"point": ("Point",), "line": ("LineString", "MultiLineString")}
AREAS = ("Polygon", "MultiPolygon")
FIRST_FRAME = FRAMES["4490"]
Pair = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Place:
    """A position as it was read: a pair of numbers, or a shape as text; its kind of geometry.

    In degrees of EPSG:4490, or still in the declared plane frame, which the database converts.
    """

    kind: str
    lon: float | None = None
    lat: float | None = None
    wkt: str = ""
    is_swapped: bool = False
    original: str = ""


@dataclass(frozen=True, slots=True)
class Misplaced:
    """Why a position will not do."""

    fault: Fault


class Positions:
    """Reads positions of one declared frame."""

    def __init__(self, frame: Frame) -> None:
        self.frame = frame
        self.is_gcj = frame.key == GCJ02
        self.is_plane = frame.box[2] > 180
        # trimmed, so that the same shape is always the same text
        self.writer = WKTWriter(dim=2, trim=True, precision=BOUNDARY_PLACES)

    def pair(self, lon_raw: Any, lat_raw: Any) -> Place | Misplaced:
        """A point of two cells: longitude or easting, then latitude or northing."""
        try:
            lon, lat = as_number(lon_raw), as_number(lat_raw)
        except (ValueError, TypeError):
            blank = not as_text(lon_raw) or not as_text(lat_raw)
            return Misplaced(Fault.NO_POSITION if blank else Fault.BAD_NUMBER)
        return self.point(lon, lat)

    def point(self, lon: float, lat: float) -> Place | Misplaced:
        if self.is_plane:
            return self.plane_point(lon, lat)
        if abs(lon) > 180 or abs(lat) > 180:
            return Misplaced(Fault.METRES if are_metres(lon, lat) else Fault.FEET)
        is_swapped = 3 <= lon <= 54 and 73 <= lat <= 136
        if is_swapped:
            lon, lat = lat, lon
        original = ""
        if self.is_gcj and self.frame.holds((lon, lat, lon, lat)):
            original = f"{lon}, {lat}"
            lon, lat = from_gcj02(lon, lat)
        lon, lat = round(lon, POINT_PLACES), round(lat, POINT_PLACES)
        return Place("Point", lon, lat, is_swapped=is_swapped, original=original)

    def plane_point(self, x: float, y: float) -> Place | Misplaced:
        """Metres as they are: what lies in the frame is converted in the database later."""
        if abs(x) <= 180 and abs(y) <= 180 and (x, y) != (0, 0):
            return Misplaced(Fault.DEGREES)
        is_swapped = not self.frame.holds((x, y, x, y)) and self.frame.holds((y, x, y, x))
        if is_swapped:
            x, y = y, x
        return Place("Point", x, y, is_swapped=is_swapped)

    def shape(self, raw: Any) -> Place | Misplaced:
        """A shape of well-known text or binary; a lone point comes back as a pair of numbers."""
        shape = parsed(raw)
        if shape is None:
            return Misplaced(Fault.BAD_GEOMETRY)
        if isinstance(shape, MultiPoint) and len(shape) == 1:
            shape = shape[0]
        if isinstance(shape, Point):
            return self.point(shape.x, shape.y)
        west, south, east, north = shape.extent
        if not self.is_plane and max(map(abs, (west, south, east, north))) > 180:
            return Misplaced(Fault.METRES if are_metres(east, north) else Fault.FEET)
        if self.is_plane and max(map(abs, (west, south, east, north))) <= 180:
            return Misplaced(Fault.DEGREES)
        return self.line_or_area(shape)

    def line_or_area(self, shape: GEOSGeometry) -> Place | Misplaced:
        west, south, east, north = shape.extent
        is_swapped = not self.frame.holds((west, south, east, north)) and self.frame.holds(
            (south, west, north, east)
        )
        if is_swapped:
            shape = moved(shape, lambda x, y: (y, x))
        if self.is_gcj and self.frame.holds(shape.extent):
            shape = moved(shape, from_gcj02)
        # Rounding may make a boundary cross itself: what is kept is what is judged.
        wkt = self.writer.write(shape).decode()
        kept = parsed(wkt)
        if kept is None:
            return Misplaced(Fault.BAD_GEOMETRY)
        return Place(kept.geom_type, wkt=wkt, is_swapped=is_swapped)


def parsed(raw: Any) -> GEOSGeometry | None:
    """A valid shape of text or binary that is not empty; None where none can be made of it.

    A reference that the text names is not believed: it makes the shape unreadable.
    """
    try:
        shape = GEOSGeometry(memoryview(raw) if isinstance(raw, bytes) else raw, srid=4490)
    except (ValueError, TypeError, GEOSException, GDALException):
        return None
    return None if shape.empty or not shape.valid else shape


def moved(shape: GEOSGeometry, move: Any) -> GEOSGeometry:
    """The shape with every corner moved by `move(x, y)`."""

    def walk(node: Any) -> Any:
        return move(*node[:2]) if isinstance(node[0], float) else tuple(walk(n) for n in node)

    node: Any = shape
    kind: Any = type(shape)
    if shape.geom_type.startswith("Multi"):
        made: GEOSGeometry = kind([moved(part, move) for part in node])
        return made
    coords = walk(node.coords)
    turned: GEOSGeometry = kind(*coords) if shape.geom_type == "Polygon" else kind(coords)
    return turned


def fits_class(kind: str, wanted: str) -> bool:
    """Whether point, line or area is what the class wants."""
    return kind in KINDS.get(wanted, AREAS)


def are_metres(x: float, y: float) -> bool:
    """Whether a pair looks like projected metres of a Chinese zone, in either order of axes."""
    for east, north in ((x, y), (y, x)):
        zoned = 13e6 <= east <= 46e6
        if 300_000 <= north <= 6_000_000 and (zoned or 100_000 <= east <= 900_000):
            return True
    return False
