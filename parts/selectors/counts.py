"""The stored counts of cells, by the code that people and lists use."""

from __future__ import annotations

from django.db import connection

from parts.models import CellCount

What = CellCount.What

# A case keeps the cell of the edition it was filed in, and is shown in the cell of today that has
# most of that cell's ground.
_COUNTS = """
    select coalesce(today.code, c.code), sum(k.n)
    from (select cell_id, sum(n) as n from parts_cellcount where what = %s group by cell_id) k
    join parts_cell c on c.id = k.cell_id
    left join parts_cellheir h on h.former_id = c.id and h.is_main
    left join parts_cell today on today.id = h.heir_id
    where k.n <> 0
    group by 1 having sum(k.n) > 0
    order by 1"""

_WRONG = """
    select coalesce(k.cell_id, t.cell_id), coalesce(k.n, 0), coalesce(t.n, 0)
    from (select cell_id, sum(n) as n from parts_cellcount where what = 'parts' group by cell_id) k
    full join (select cell_id, count(*) as n from parts_part
               where state in ('intact', 'broken') group by cell_id) t on t.cell_id = k.cell_id
    where coalesce(k.n, 0) <> coalesce(t.n, 0)
    order by 1"""


def counts_by_code(what: str) -> dict[str, int]:
    """Code of a cell → its count; cells with none are left out. One query."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNTS, [what])
        return {code: int(n) for code, n in cursor.fetchall()}


def wrong_part_counts() -> list[tuple[int, int, int]]:
    """Cells whose stored number of parts is not the true one: id, stored, true. For self-checks."""
    with connection.cursor() as cursor:
        cursor.execute(_WRONG)
        return [(cell, int(stored), int(true)) for cell, stored, true in cursor.fetchall()]
