"""Who enters a desk's page, and what its frame shows of him."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from dispatch.selectors.actors import actor_of
from dispatch.selectors.departments import membership_of
from gridcity.contracts import Actor, Forbidden, Role

DESKS = frozenset({Role.ACCEPTOR, Role.DUTY_CHIEF, Role.DISPATCHER, Role.DEPARTMENT})
READERS = DESKS | {Role.OFFICIAL}
# Who gets messages: supervisors are told of their tasks.
RECEIVERS = READERS | {Role.SUPERVISOR}
# Who may choose by which channel: interface clients hear by webhook.
CHOOSERS = RECEIVERS | {Role.CLIENT}
UNITS = {
    Role.ACCEPTOR: _("Supervision centre"),
    Role.DUTY_CHIEF: _("Supervision centre"),
    Role.DISPATCHER: _("Command centre"),
}


def entering(request: HttpRequest, roles: Collection[str]) -> Actor:
    """The actor of the logged-in user, when one of these roles is his. Raises Forbidden."""
    user: Any = request.user
    if not set(roles) & set(user.roles):
        raise not_yours()
    return actor_of(user)


def not_yours() -> Forbidden:
    return Forbidden(_("This page belongs to other roles than yours."))


def check_staff(actor: Actor) -> None:
    """Raise Forbidden for an interface client: it reads its cases through the API, unnamed."""
    if Role.CLIENT in actor.roles:
        raise not_yours()


def frame(actor: Actor) -> dict[str, Any]:
    """What the frame of a page needs: the unit's name beside the product's."""
    if actor.department_id is not None and actor.user_id is not None:
        membership = membership_of(actor.user_id)
        return {"unit": membership.department.name if membership else ""}
    return {"unit": next((unit for role, unit in UNITS.items() if role in actor.roles), "")}
