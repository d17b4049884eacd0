"""Who reads the figures, on pages and through the interface alike."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from assessment.selectors.dashboard import READERS
from dispatch.selectors.actors import actor_of
from gridcity.contracts import Actor, Forbidden, Role

# Each post reads what it is itself counted by (assessment law §6); `posts` refuses the rest.
SEES_OWN = READERS | {Role.ACCEPTOR, Role.SUPERVISOR}


def reader_of(user: Any, roles: frozenset[str] = READERS) -> Actor:
    """The actor of a user who reads figures. Raises Forbidden for every other role."""
    actor = actor_of(user)
    if not actor.roles & roles:
        raise Forbidden(_("The figures are open to officials, duty chiefs and dispatchers."))
    return actor
