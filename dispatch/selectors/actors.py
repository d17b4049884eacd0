"""A logged-in user as the actor that services know."""

from __future__ import annotations

from typing import Any

from dispatch.models import Membership
from gridcity.contracts import Actor, Role


def actor_of(user: Any) -> Actor:
    """The actor of a user; of a department's user with its department (one query)."""
    roles = frozenset(user.roles)
    department_id, is_lead = None, False
    if Role.DEPARTMENT in roles:
        found = Membership.objects.filter(user_id=user.pk).values_list("department_id", "is_lead")
        department_id, is_lead = found.first() or (None, False)
    return Actor(
        user_id=user.pk,
        username=user.username,
        roles=roles,
        department_id=department_id,
        is_lead=is_lead,
        employer=user.employer,
        source=user.source,
    )
