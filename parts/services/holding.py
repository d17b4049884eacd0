"""Holding the current edition while something is put into its cells.

Whoever finds a cell and writes it down holds the edition from the one to the other; a publication
waits for him, and then takes along what he wrote. He takes the edition before any part: so does a
publication.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from django.db import connection

# `for share`: many may hold it at once, and a publication, which writes to that row, with none.
HOLD_SQL = "select id from parts_edition where state = 'current' for share"
TRY_SQL = HOLD_SQL + " skip locked"
IS_CURRENT_SQL = "select exists (select from parts_edition where state = 'current')"
ASK_AGAIN_S = 0.5


def hold_edition() -> int | None:
    """Keep the current edition current until the caller's transaction ends; its id, None if none.

    Waits for a publication that is under way. The row that was waited for is then that of a former
    edition, so it is asked for again.
    """
    return held_by(HOLD_SQL) or held_by(HOLD_SQL)


def hold_edition_told(waiting: Callable[[], None]) -> int | None:
    """The same for work that tells how it goes on: it calls `waiting` again and again meanwhile."""
    while (edition := held_by(TRY_SQL)) is None:
        with connection.cursor() as cursor:
            cursor.execute(IS_CURRENT_SQL)
            if not cursor.fetchone()[0]:
                return None
        waiting()
        time.sleep(ASK_AGAIN_S)
    return edition


def held_by(statement: str) -> int | None:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        row: tuple[int] | None = cursor.fetchone()
    return row[0] if row else None
