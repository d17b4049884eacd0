"""Vector tiles of parts, cells and streets, made by the database (Mapbox vector tile 2.1).

Who may see what stands in the condition of each query: a tile never holds a row that its reader
may not see. Everybody with a login sees streets and the published editions of the grid; drafts are
the administrators'; parts are seen by whoever works here, not by interface clients.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection

from gridcity.contracts import Actor, Role
from parts.models import LayerVersion
from parts.tiles import BUFFER, CELLS_FROM, EXTENT, PARTS_FROM, Tile

Layer = LayerVersion.Layer
STAFF = frozenset(
    {
        Role.SUPERVISOR, Role.ACCEPTOR, Role.DUTY_CHIEF, Role.DISPATCHER, Role.DEPARTMENT,
        Role.OFFICIAL, Role.ADMINISTRATOR,
    }
)  # fmt: skip
FROM_ZOOM = {Layer.PARTS: PARTS_FROM, Layer.CELLS: CELLS_FROM, Layer.STREETS: 0}
# From the zoom that shows a district communities can be shaded (the map draws their borders later,
# when streets alone say too little); cells' names come when they find room.
COMMUNITIES_FROM, NAMES_FROM = 11, 15

# The box in degrees is reckoned by us (parts/tiles.py): the planner sees constants, and PostGIS
# transforms what is drawn and nothing else.
_BOX = "ST_MakeEnvelope(%(west)s, %(south)s, %(east)s, %(north)s, 4490)"
_SHAPE = """ST_AsMVTGeom(ST_Transform({geom}, 3857), ST_TileEnvelope(%(z)s, %(x)s, %(y)s),
                         %(extent)s, %(buffer)s, true) as shape"""
_LAYER = """coalesce((
    select ST_AsMVT(drawn, '{layer}', %(extent)s, 'shape', 'id') from (
        select {columns}, {shape}
        from {rows}
    ) drawn), ''::bytea)"""

_PARTS_SEEN = """parts_part a join parts_catalogueclass k on k.id = a.catalogue_class_id
        where a.geom && {box} and a.state in ('intact', 'broken')
          and %(roles)s::text[] && %(staff)s::text[]"""
_CELLS_SEEN = """parts_cell a join parts_edition e on e.id = a.edition_id
        where a.geom && {box} and a.edition_id = %(edition)s and a.end_on is null
          and (e.state <> 'draft' or %(roles)s::text[] && array['administrator'])"""
_AREAS_SEEN = """{table} a where a.geom && {box} and a.valid_to is null"""


def _layer(name: str, columns: str, rows: str, geom: str = "a.geom") -> str:
    """The statement of one layer; a tile is its layers one behind the other."""
    shape = _SHAPE.format(geom=geom)
    return _LAYER.format(layer=name, columns=columns, shape=shape, rows=rows)


_PARTS = _layer(
    "parts",
    "a.id, a.code, k.scheme_id as scheme, k.code as class_code, a.name, a.state",
    _PARTS_SEEN.format(box=_BOX),
)
_CELLS = _layer("cells", "a.id, a.code, a.limit_area", _CELLS_SEEN.format(box=_BOX))
# The middle of a cell's box lies in exactly one tile, so that its name is written once.
_CELL_NAMES = _layer(
    "cell_names", "a.id, a.code", _CELLS_SEEN.format(box=_BOX),
    "ST_Centroid(ST_Envelope(a.geom))",
)  # fmt: skip
_INSIDE = "ST_PointOnSurface(a.geom)"
_STREETS, _COMMUNITIES, _STREET_NAMES, _COMMUNITY_NAMES = (
    _layer(name, "a.id, a.code, a.name", _AREAS_SEEN.format(box=_BOX, table=table), geom)
    for name, table, geom in (
        ("streets", "parts_street", "a.geom"),
        ("communities", "parts_community", "a.geom"),
        ("street_names", "parts_street", _INSIDE),
        ("community_names", "parts_community", _INSIDE),
    )
)


@dataclass(frozen=True, slots=True)
class Version:
    """When a layer last changed, as a word for addresses and ETags."""

    layer: str
    edition: int
    count: int

    def __str__(self) -> str:
        return f"{self.edition}-{self.count}" if self.layer == Layer.CELLS else str(self.count)


def layer_versions() -> dict[str, Version]:
    """The version of every layer; of cells with the edition that is current. One query."""
    with connection.cursor() as cursor:
        cursor.execute(
            """select 'edition', id from parts_edition where state = 'current'
               union all
               select layer, sum(version)::bigint from parts_layerversion group by layer"""
        )
        counts = dict(cursor.fetchall())
    edition = counts.get("edition", 0)
    return {layer: Version(layer, edition, counts.get(layer, 0)) for layer in Layer.values}


def tile_bytes(*, layer: str, tile: Tile, actor: Actor, edition: int | None = None) -> bytes:
    """The tile, empty where this reader has nothing to see in it. One query.

    `edition` names the edition whose cells are drawn.
    """
    if tile.z < FROM_ZOOM[Layer(layer)]:
        return b""
    west, south, east, north = tile.box(BUFFER / EXTENT)
    values: dict[str, int | float | list[str] | None] = {
        "z": tile.z, "x": tile.x, "y": tile.y, "extent": EXTENT, "buffer": BUFFER,
        "west": west, "south": south, "east": east, "north": north,
        "roles": sorted(actor.roles), "staff": sorted(STAFF), "edition": edition,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(f"select {' || '.join(_layers(layer, tile.z))}", values)
        (drawn,) = cursor.fetchone()
    return bytes(drawn or b"")


def _layers(layer: str, z: int) -> tuple[str, ...]:
    """The statements of what a tile of this zoom holds."""
    match layer:
        case Layer.PARTS:
            return (_PARTS,)
        case Layer.CELLS:
            return (_CELLS, _CELL_NAMES) if z >= NAMES_FROM else (_CELLS,)
    if z < COMMUNITIES_FROM:
        return (_STREETS, _STREET_NAMES)
    return (_STREETS, _COMMUNITIES, _STREET_NAMES, _COMMUNITY_NAMES)


def edition_exists(pk: int, actor: Actor) -> bool:
    """Whether there is such an edition of the grid for this reader."""
    with connection.cursor() as cursor:
        cursor.execute(
            """select exists (select from parts_edition where id = %s
                   and (state <> 'draft' or %s::text[] && array['administrator']))""",
            [pk, sorted(actor.roles)],
        )
        (found,) = cursor.fetchone()
    return bool(found)
