"""The counts of cells: added up now and then, and counted anew where they were lost."""

from __future__ import annotations

from datetime import datetime

from django.db import connection, transaction

from gridcity.contracts import Actor
from parts.models import CellCount
from parts.services.rights import check_is_administrator

# Two who add up at once would each write the sum of the same rows: one at a time.
ONE_AT_A_TIME = "select pg_advisory_xact_lock(hashtext('parts_cellcount'))"

# A statement sees one instant: rows that others add meanwhile are neither taken nor lost.
_FOLD = """
    with taken as (
        delete from parts_cellcount k using (
            select what, cell_id from parts_cellcount group by 1, 2 having count(*) > 1
        ) many
        where many.what = k.what and many.cell_id = k.cell_id
        returning k.what, k.cell_id, k.n
    )
    insert into parts_cellcount (what, cell_id, n)
    select what, cell_id, sum(n) from taken group by 1, 2 having sum(n) <> 0"""

_RECOUNT = """
    with gone as (delete from parts_cellcount where what = 'parts')
    insert into parts_cellcount (what, cell_id, n)
    select 'parts', cell_id, count(*) from parts_part
    where state in ('intact', 'broken') group by cell_id"""


def fold_counts(*, actor: Actor, at: datetime) -> int:
    """Add up what triggers have added; no count changes. Returns how many rows are left."""
    check_is_administrator(actor)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(ONE_AT_A_TIME)
        cursor.execute(_FOLD)
    return CellCount.objects.count()


def recount_parts(*, actor: Actor, at: datetime) -> None:
    """Count the parts of every cell anew: after triggers were off, as when a table is restored."""
    check_is_administrator(actor)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(ONE_AT_A_TIME)
        cursor.execute(_RECOUNT)
