"""Who belongs to which department."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from dispatch.models import Department, Membership
from gridcity.contracts import Actor, Forbidden, Invalid, Role


def load_members(
    *, actor: Actor, at: datetime, users: Mapping[str, int], leads: Mapping[str, int]
) -> int:
    """Put users into departments: by department code the id of a member and of a lead.

    Adds memberships that are missing; returns how many departments are manned.
    """
    if not actor.is_system and Role.ADMINISTRATOR not in actor.roles:
        raise Forbidden(_("Memberships are the administrators' to change."))
    with transaction.atomic():
        ids = dict(Department.objects.active().values_list("code", "id"))
        unknown = (users.keys() | leads.keys()) - ids.keys()
        if unknown:
            raise Invalid(_("There is no such department."), department=", ".join(sorted(unknown)))
        Membership.objects.bulk_create(
            [
                Membership(user_id=user_id, department_id=ids[code], is_lead=is_lead)
                for listed, is_lead in ((users, False), (leads, True))
                for code, user_id in listed.items()
            ],
            ignore_conflicts=True,
        )
    return len(users.keys() | leads.keys())
