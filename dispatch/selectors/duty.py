"""Who may not review what he did himself (domain law §5), asked of rows, of users and of lists."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Coalesce

from cases.models import Case
from dispatch.models import Request, RequestKind
from gridcity.contracts import Role


@dataclass(frozen=True, slots=True)
class OwnDeed:
    """A review that is another's than who did it: its kind and role, and who did it.

    `of` and `by` are the columns that name him: of the request's turn or case. He `never` reviews
    it, or only where nobody else of his role is on duty.
    """

    kind: RequestKind
    role: str
    of: str
    by: str
    never: bool

    def is_in(self, kind: str, role: str) -> bool:
        return (self.kind, self.role) == (kind, role)


OWN_DEEDS = (
    # The appeal against a turn, of who dispatched it.
    OwnDeed(RequestKind.APPEAL, Role.DISPATCHER, "turn", "dispatched_by", never=True),
    # The voiding of a case, of who filed it.
    OwnDeed(RequestKind.VOID, Role.DUTY_CHIEF, "case", "filed_by", never=False),
)


def own_deed(kind: str, role: str) -> OwnDeed | None:
    """What such a review would judge; None where whoever has the role may answer."""
    return next((one for one in OWN_DEEDS if one.is_in(kind, role)), None)


def who_did(deed: OwnDeed, request: Request, case: Case | None = None) -> int | None:
    """Whose deed it is; `case` is the request's, where it is at hand already."""
    row: Any = case if case is not None and deed.of == "case" else getattr(request, deed.of)
    return None if row is None else getattr(row, f"{deed.by}_id")


def another_on_duty(role: str, but: str) -> Exists:
    """Whether somebody of a role is on duty beside the user whom a column of the row names."""
    people = get_user_model().objects.filter(is_active=True, roles__contains=[role])
    return Exists(people.exclude(pk=Coalesce(OuterRef(but), 0)))


def unanswerable_appeals() -> Q:
    """Reviews that nobody on duty may give: he who did it never does, and no other is there."""
    found = Q(pk__in=[])
    for one in OWN_DEEDS:
        if one.never:
            reviewed = Q(reviewer_role=one.role, request__kind=one.kind)
            found |= reviewed & ~Q(another_on_duty(one.role, f"request__{one.of}__{one.by}"))
    return found


def reviews_of_own_deed(user_id: int | None) -> Q:
    """Reviews of this user's role that are another's: he dispatched or filed it himself."""
    found = Q(pk__in=[])
    for one in OWN_DEEDS:
        did = f"request__{one.of}__{one.by}"
        his = Q(reviewer_role=one.role, request__kind=one.kind, **{f"{did}_id": user_id})
        found |= his if one.never else his & Q(another_on_duty(one.role, did))
    return found
