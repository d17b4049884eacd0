"""`reopen` ⚑: a closed case goes round once more, and its people hear of it (domain law §4)."""

from __future__ import annotations

from datetime import datetime

from cases.models import Case
from cases.models.notice import NoticeKind
from cases.selectors.duty import on_duty
from cases.services import ending
from cases.services.accepting import first_contact_of, tell_reporter
from cases.services.transactions import in_transaction
from cases.workflow import State
from dispatch.models import Turn
from dispatch.selectors.departments import members_of
from gridcity.contracts import Actor, Role


@in_transaction
def reopen_case(
    *, number: str, actor: Actor, at: datetime, version: int | None, reason: str
) -> Case:
    """Within 10 days; the new turn begins with the next dispatch, with a whole limit."""
    case = ending.reopen_case(number=number, actor=actor, at=at, version=version, reason=reason)
    desk = Role.ACCEPTOR if case.state == State.REPORTED else Role.DISPATCHER
    last = Turn.objects.filter(case=case).order_by("-number").first()
    had_it = members_of(last.department_id) if last else []
    told = [*on_duty([desk]), *had_it, *first_contact_of(case)]
    tell_reporter(case, NoticeKind.REOPENED, at, told)
    return case
