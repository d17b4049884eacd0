"""A sample of what an import would change: the part, the attribute, its old and its new value."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.backends.utils import CursorWrapper

from parts.services.imports.writing import COMPARED

SHOWN = 50
#: What is compared, by the name of the attribute of a part; `moved_m` is told in metres.
ATTRIBUTES = (*COMPARED, "location_text", "cell", "initial_on", "change_on", "geom")

# The names are constants of this module.
SAMPLE_SQL = f"""
select c.n + %(ahead)s, p.code, k.name, p.id,
       {", ".join(f"p.{name}" for name in COMPARED)}, p.location_text, o.code,
       p.initial_on, p.change_on, st_x(st_pointonsurface(p.geom)), st_y(st_pointonsurface(p.geom)),
       {", ".join(f"r.{name}" for name in COMPARED)}, r.location, h.cell_code,
       coalesce(r.initial_on, p.initial_on), coalesce(r.change_on, p.change_on),
       st_x(st_pointonsurface(h.geom)), st_y(st_pointonsurface(h.geom)),
       st_equals(p.geom, h.geom),
       st_distance(st_pointonsurface(p.geom)::geography, st_pointonsurface(h.geom)::geography)
from import_change c
join import_row r using (n) join import_housed h using (n)
join parts_part p on p.id = c.part_id
join parts_cell o on o.id = p.cell_id
join parts_catalogueclass k on k.id = p.catalogue_class_id
order by c.n limit {SHOWN}
"""  # noqa: S608


def sample_of(cursor: CursorWrapper, ahead: int) -> list[dict[str, Any]]:
    """The first changed rows: {row, code, class, part, changes: [[attribute, old, new]]}."""
    cursor.execute(SAMPLE_SQL, {"ahead": ahead})
    return [as_difference(found) for found in cursor.fetchall()]


def as_difference(found: tuple[Any, ...]) -> dict[str, Any]:
    row, code, class_name, part_id, *values, is_same_place, moved_m = found
    half = len(values) // 2
    old, new = values[:half], values[half:]
    changes: list[list[Any]] = [
        [name, as_json(before), as_json(after)]
        for name, before, after in zip(ATTRIBUTES[:-1], old, new, strict=False)
        if before != after
    ]
    if not is_same_place:
        before, after = (f"{x:.7f}, {y:.7f}" for x, y in (old[-2:], new[-2:]))
        changes.append(["geom", before, after, round(moved_m, 1)])
    return {"row": row, "code": code, "class": class_name, "part": part_id, "changes": changes}


def as_json(value: Any) -> str:
    if isinstance(value, date):
        return value.isoformat()
    return "" if value is None else str(value)
