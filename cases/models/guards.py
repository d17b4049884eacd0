"""Guards of the database for what is only ever appended (house style §5)."""

from __future__ import annotations

import pgtrigger

# Who empties a demonstration, a bench or a test says so in his session.
MAY_TRUNCATE = "gridcity.may_truncate"


def never_truncated(name: str) -> pgtrigger.Trigger:
    """Emptying the table at once is refused too, which no trigger of a row would see."""
    return pgtrigger.Trigger(
        name=name,
        level=pgtrigger.Statement,
        when=pgtrigger.Before,
        operation=pgtrigger.Truncate,
        func=f"""
            IF current_setting('{MAY_TRUNCATE}', true) = 'on' THEN
                RETURN NULL;
            END IF;
            RAISE EXCEPTION 'pgtrigger: Cannot truncate rows from % table', TG_TABLE_NAME;
        """,
    )
