"""催办 and 督办: somebody above asks for speed; a record and a notice, nothing else (law §4)."""

from __future__ import annotations

from datetime import datetime

from cases.models import Case, Task
from cases.models.notice import NoticeKind
from cases.selectors.duty import on_duty
from cases.services.notices import notify
from cases.services.transactions import in_transaction
from cases.services.transition import lock_case, move
from cases.workflow import DESK_ROLES, TURN, State
from dispatch.models import Turn
from dispatch.selectors.departments import members_of
from gridcity.contracts import Actor, Role

WITH_DEPARTMENT = frozenset({State.HANDLING, State.SUSPENDED})


@in_transaction
def urge_case(*, number: str, actor: Actor, at: datetime, reason: str = "") -> Case:
    """`urge` 催办: whoever has to act now is told; words may be added. It raises no version."""
    return _press(number, "urge", NoticeKind.URGED, actor, at, reason)


@in_transaction
def supervise_case(*, number: str, actor: Actor, at: datetime, reason: str) -> Case:
    """`supervise` ⚑ 督办: as urging, with its reason; the desk that follows the case hears too."""
    return _press(number, "supervise", NoticeKind.SUPERVISED, actor, at, reason)


def _press(
    number: str, action: str, kind: NoticeKind, actor: Actor, at: datetime, reason: str
) -> Case:
    case = lock_case(number)
    told = whose_hands(case)
    if kind is NoticeKind.SUPERVISED and case.state in WITH_DEPARTMENT:
        told += on_duty([Role.DISPATCHER])
    event = move(case, action=action, actor=actor, at=at, reason=reason)
    notify(
        case, [one for one in told if one != actor.user_id], kind, at=at,
        values={"words": event.reason},
    )  # fmt: skip
    return case


def whose_hands(case: Case) -> list[int]:
    """The people whose turn it is: the supervisor with the task, the department, or the desk."""
    task = Task.objects.filter(case=case, ended_at=None).first()
    if task is not None:
        return [task.assignee_id]
    state = State(case.state)
    if state in WITH_DEPARTMENT:
        turn = Turn.objects.filter(case=case, ended_at=None).first()
        return members_of(turn.department_id) if turn else []
    return on_duty(sorted(TURN.get(state, frozenset()).intersection(DESK_ROLES)))
