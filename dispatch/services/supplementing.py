"""`supplement` 补充 by whoever may: of departments, those whose turn it is (domain law §4)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from cases.models import Case
from cases.services import accepting
from cases.services.evidence import Prepared
from cases.services.transition import check_may, lock_case
from dispatch.models import Turn
from gridcity.contracts import Actor, Forbidden, Role


@transaction.atomic
def supplement_case(
    *,
    number: str,
    actor: Actor,
    at: datetime,
    words: str = "",
    photos: Sequence[Prepared] = (),
    occurred_at: datetime | None = None,
) -> Case:
    """Add words and photos to an open case. Raises Forbidden for a department without the turn."""
    case = lock_case(number)
    check_may(case, "supplement", actor)
    if Role.DEPARTMENT in actor.roles:
        check_takes_part(case, actor)
    kept, _event = accepting.supplement_case(
        number=number, actor=actor, at=at, words=words, photos=photos, occurred_at=occurred_at
    )
    return kept


def check_takes_part(case: Case, actor: Actor) -> None:
    """Raise Forbidden unless the actor's department leads the open turn or assists in it."""
    turn = (
        Turn.objects.filter(case=case, ended_at=None)
        .select_related("department")
        .prefetch_related("assistants")
        .first()
    )
    helpers = [one.department_id for one in turn.assistants.all()] if turn else []
    if turn is None or actor.department_id not in [turn.department_id, *helpers]:
        raise Forbidden(_("Only the department whose turn it is may supplement the case."))
