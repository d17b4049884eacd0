"""A logged-in user as the actor that services know."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from dispatch.models import Membership
from gridcity.contracts import Actor, Role


def actor_of(user: Any) -> Actor:
    """The actor of a user; of a department's user with its department (one query)."""
    actor = Actor.of(user)
    if Role.DEPARTMENT not in actor.roles:
        return actor
    found = Membership.objects.filter(user_id=user.pk).values_list("department_id", "is_lead")
    department_id, is_lead = found.first() or (None, False)
    return replace(actor, department_id=department_id, is_lead=is_lead)
