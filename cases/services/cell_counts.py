"""The open cases of every cell, counted anew: after triggers were off, as in a bulk load."""

from __future__ import annotations

from datetime import datetime

from django.db import connection, transaction

from gridcity.contracts import Actor
from parts.services.counts import ONE_AT_A_TIME
from parts.services.rights import check_is_administrator

_RECOUNT = """
    with gone as (delete from parts_cellcount where what in ('open', 'filed'))
    insert into parts_cellcount (what, cell_id, n)
    select kind.what, cell_id, count(*)
    from cases_case,
         lateral (values ('open', true), ('filed', filed_at is not null)) kind (what, counts)
    where counts and cell_id is not null and ended_at is null and state not in ('VOIDED', 'MERGED')
    group by kind.what, cell_id"""


def recount_open(*, actor: Actor, at: datetime) -> None:
    """Count the open cases of every cell anew; nothing written meanwhile is lost."""
    check_is_administrator(actor)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(ONE_AT_A_TIME)
        cursor.execute(_RECOUNT)
