"""Who looked at what waits for his desk, and when first: from then on it is charged to him."""

from __future__ import annotations

from datetime import datetime

from django.db import connection

from cases.models import Stay
from cases.workflow import TURN, State
from gridcity.contracts import Actor

# Supervisors are charged by their tasks, departments by their turns (assessment, §3).
NOT_A_DESK = frozenset({State.VERIFYING, State.CHECKING, State.HANDLING, State.SUSPENDED})
# One statement: a stay that ends meanwhile is waited for and then opened by nobody any more, so
# that facts made of its end know every opening of it. A later look reads and locks nothing, for a
# lock alone would be written to disk with every page.
_NOTE = """
with open as (
    select id from cases_stay
    where id = %(stay)s and ended_at is null and not exists (
        select from cases_stayopening where stay_id = %(stay)s and user_id = %(user)s
    )
    for no key update
), first as (
    update cases_stay set first_opened_at = %(at)s, first_opened_by_id = %(user)s
    from open where cases_stay.id = open.id and first_opened_at is null
)
insert into cases_stayopening (stay_id, user_id, at)
select id, %(user)s, %(at)s from open
on conflict (stay_id, user_id) do nothing
"""


def waits_for_desk(stay: Stay, actor: Actor) -> bool:
    """Whether this open stay waits for a desk of the actor."""
    state = State(stay.state)
    if stay.ended_at is not None or state in NOT_A_DESK or actor.user_id is None:
        return False
    return bool(TURN[state] & actor.roles)


def note_first_opening(*, stay: Stay, actor: Actor, at: datetime) -> bool:
    """Remember in one statement when each of a desk opened it first; a later look changes nothing.

    Answers whether it was his first.
    """
    if not waits_for_desk(stay, actor):
        return False
    with connection.cursor() as cursor:
        cursor.execute(_NOTE, {"stay": stay.pk, "user": actor.user_id, "at": at})
        return bool(cursor.rowcount)
