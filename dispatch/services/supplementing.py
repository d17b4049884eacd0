"""`supplement` 补充 by whoever may: of departments, those whose turn it is (domain law §4).

What a citizen adds is told to whoever has the case: nobody there looks at it otherwise.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from cases.models import Case
from cases.models.notice import NoticeKind
from cases.services import accepting, citizens
from cases.services.evidence import Prepared
from cases.services.notices import notify
from cases.services.transactions import in_transaction
from cases.services.transition import check_may, lock_case
from dispatch.models import Turn
from dispatch.services.urging import whose_hands
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


@in_transaction
def supplement_own(
    *, number: str, query_code: str, at: datetime, words: str = "", photos: Sequence[Prepared] = ()
) -> Case:
    """`cases.services.citizens.supplement_own`, and whoever has the case is told."""
    case = citizens.supplement_own(
        number=number, query_code=query_code, at=at, words=words, photos=photos
    )
    _tell(case, at)
    return case


@in_transaction
def supplement_nearby(
    *, number: str, at: datetime, words: str = "", photos: Sequence[Prepared] = ()
) -> Case:
    """`cases.services.citizens.supplement_nearby`, and whoever has the case is told."""
    case = citizens.supplement_nearby(number=number, at=at, words=words, photos=photos)
    _tell(case, at)
    return case


def _tell(case: Case, at: datetime) -> None:
    """Owe a notice to whose turn it is, and to whom the citizen spoke first (law §2)."""
    told = [*whose_hands(case), *accepting.first_contact_of(case)]
    notify(case, told, NoticeKind.SUPPLEMENTED, at=at)
