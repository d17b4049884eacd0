"""Who reads the figures."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from assessment.selectors.dashboard import READERS
from dispatch.selectors.actors import actor_of
from gridcity.contracts import Actor, Forbidden


def reader_of(request: HttpRequest, roles: frozenset[str] = READERS) -> Actor:
    """Who reads the figures. Raises Forbidden for every other role."""
    actor = actor_of(request.user)
    if not actor.roles & roles:
        raise Forbidden(_("The figures are open to officials, duty chiefs and dispatchers."))
    return actor
