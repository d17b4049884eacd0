"""Where standing parts are, as points that can be looked for; a computed point has no index."""

from __future__ import annotations

from django.db.backends.utils import CursorWrapper

# What the server believes of a table that it has not looked at since an import may be far off.
SPOTS_SQL = (
    "drop table if exists pg_temp.grid_spot",
    """
    create temp table grid_spot on commit drop as
    select id, code, community_id, street_id, st_dimension(geom) > 0 as is_wide,
           st_pointonsurface(geom) as spot
    from parts_part where state in ('intact', 'broken')
    """,
    "create index on grid_spot using gist (spot)",
    "create unique index on grid_spot (id)",
    "analyze grid_spot",
)


def lay_out_spots(cursor: CursorWrapper) -> None:
    """Fill `grid_spot`: every standing part with a point on it, until the transaction ends."""
    for statement in SPOTS_SQL:
        cursor.execute(statement)
