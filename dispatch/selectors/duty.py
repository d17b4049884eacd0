"""Who is on duty at the desks."""

from __future__ import annotations

from collections.abc import Iterable

from django.contrib.auth import get_user_model
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Coalesce

from dispatch.models import RequestKind
from gridcity.contracts import Role


def on_duty(roles: Iterable[str]) -> list[int]:
    """Ids of the users at the desks of these roles. Desks keep no shifts: active means on duty."""
    users = get_user_model().objects.filter(is_active=True, roles__overlap=list(roles))
    return list(users.order_by("pk").values_list("pk", flat=True))


def another_on_duty(role: str, but: str) -> Exists:
    """Whether somebody of a role is on duty beside the user whom a column of the row names."""
    people = get_user_model().objects.filter(is_active=True, roles__contains=[role])
    return Exists(people.exclude(pk=Coalesce(OuterRef(but), 0)))


def unanswerable_appeals() -> Q:
    """Reviews of appeals that no dispatcher on duty may give: he who dispatched does not (§5)."""
    reviewed = Q(reviewer_role=Role.DISPATCHER, request__kind=RequestKind.APPEAL)
    return reviewed & ~Q(another_on_duty(Role.DISPATCHER, "request__turn__dispatched_by"))


def reviews_of_own_deed(user_id: int | None) -> Q:
    """Reviews of this user's role that are another's: he dispatched or filed it himself (§5)."""
    appeals = Q(
        reviewer_role=Role.DISPATCHER, request__kind=RequestKind.APPEAL,
        request__turn__dispatched_by_id=user_id,
    )  # fmt: skip
    voids = Q(request__kind=RequestKind.VOID, request__case__filed_by_id=user_id)
    return appeals | voids & Q(another_on_duty(Role.DUTY_CHIEF, "request__case__filed_by"))
