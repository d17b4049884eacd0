"""`resume` 恢复: a suspended case runs again, with what was left of its limit (domain law §4)."""

from __future__ import annotations

from datetime import datetime

from cases.models import Case
from cases.models.notice import NoticeKind
from cases.services.notices import notify
from cases.services.transactions import in_transaction
from cases.services.transition import check_may, lock_case, move
from dispatch.selectors.departments import members_of
from dispatch.services.review_steps import check_nothing_waits
from dispatch.services.turns import CLOCK_FIELDS, go_on, open_turn, own_turn, term_of
from gridcity.contracts import Actor, Role
from parts.services.writing import save


@in_transaction
def resume_case(
    *,
    number: str,
    actor: Actor,
    at: datetime,
    version: int | None = None,
    occurred_at: datetime | None = None,
) -> Case:
    """By the department or a dispatcher early, or by the clock at 00:00 of the end date.

    Whenever it was due, it alone of all timers counts from when it is recorded (domain law §6.4).
    People wait for the answer to a request; the clock does not.
    """
    case = lock_case(number, version=version)
    check_may(case, "resume", actor)
    if not actor.is_system:
        check_nothing_waits(case)
    turn = own_turn(case, actor) if Role.DEPARTMENT in actor.roles else open_turn(case)
    go_on(turn, at)
    save(turn, CLOCK_FIELDS)
    move(
        case, action="resume", actor=actor, at=at, occurred_at=occurred_at, term=term_of(turn),
        changes={"turn": turn.number, "due_at": turn.due_at.isoformat() if turn.due_at else None},
    )  # fmt: skip
    told = [one for one in members_of(turn.department_id) if one != actor.user_id]
    notify(case, told, NoticeKind.RESUMED, at=at)
    return case
