"""What the map draws, as GeoJSON made by the database (EPSG:4490, degrees, lon before lat).

District, streets, roads and cells of an edition do not change while it is current; parts, of which
there are far more, come as vector tiles (`selectors/tiles.py`).
"""

from __future__ import annotations

from django.db import connection

# Seven decimals of a degree are a centimetre; boundaries keep nine (codes.md, accuracy), but a
# picture does not need them.
_DECIMALS = 7

_COLLECTION = """
    select json_build_object('type', 'FeatureCollection', 'features',
        coalesce(json_agg(json_build_object(
            'type', 'Feature',
            'id', id,
            'properties', properties,
            'geometry', ST_AsGeoJSON(geom, {decimals})::json) order by id), '[]'::json))::text
    from ({rows}) as feature"""

_DISTRICT = """
    select d.code as id, json_build_object('code', d.code, 'name', d.name) as properties, d.geom
    from parts_district d order by d.code limit 1"""

_STREETS = """
    select s.code as id, json_build_object('code', s.code, 'name', s.name) as properties, s.geom
    from parts_street s where s.valid_to is null"""

_ROADS = """
    select r.id, json_build_object('name', r.name, 'klass', r.klass) as properties, r.geom
    from parts_road r"""

_CELLS = """
    select c.id, json_build_object('code', c.code, 'limit_area', c.limit_area) as properties, c.geom
    from parts_cell c
    join parts_edition e on e.id = c.edition_id and e.state = 'current'
    where c.end_on is null"""


def _collection(rows: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(_COLLECTION.format(decimals=_DECIMALS, rows=rows))
        (text,) = cursor.fetchone()
    return str(text)


def district_geojson() -> str:
    """The boundary of the district."""
    return _collection(_DISTRICT)


def streets_geojson() -> str:
    """The streets in force, with code and name."""
    return _collection(_STREETS)


def roads_geojson() -> str:
    """The roads of the base map, with name and class."""
    return _collection(_ROADS)


def cells_geojson() -> str:
    """The cells in use of the current edition, with their codes."""
    return _collection(_CELLS)


def ground_version() -> str:
    """A sign that changes whenever what lies beneath may have changed: for ETags, one query."""
    with connection.cursor() as cursor:
        cursor.execute(
            """select concat_ws('-',
                (select id from parts_edition where state = 'current'),
                (select max(pgh_id) from parts_cellhistory),
                (select max(pgh_id) from parts_streethistory),
                (select count(*) from parts_road))"""
        )
        (version,) = cursor.fetchone()
    return str(version)
