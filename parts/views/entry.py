"""Who enters the pages of the district."""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from gridcity.contracts import Actor, Forbidden, Role

ADMINISTRATORS = frozenset({Role.ADMINISTRATOR})
SUPERVISORS = frozenset({Role.SUPERVISOR})
# Everybody of the two centres, the departments and the officials reads the register.
READERS = frozenset(
    {
        Role.SUPERVISOR, Role.ACCEPTOR, Role.DUTY_CHIEF, Role.DISPATCHER, Role.DEPARTMENT,
        Role.OFFICIAL, Role.ADMINISTRATOR,
    }
)  # fmt: skip

View = Callable[..., HttpResponse]


def entering(request: HttpRequest, roles: Collection[str]) -> Actor:
    """The actor of the logged-in user, when one of these roles is his. Raises Forbidden."""
    user: Any = request.user
    held = frozenset(getattr(user, "roles", ()))
    if not held & frozenset(roles):
        raise Forbidden(_("This page belongs to other roles than yours."))
    return Actor(user.pk, user.get_username(), held, employer=user.employer)


def for_roles(roles: Collection[str]) -> Callable[[View], View]:
    """Let these roles alone enter, and hand the view the actor. Raises Forbidden."""

    def around(view: View) -> View:
        @wraps(view)
        def entered(request: HttpRequest, **named: Any) -> HttpResponse:
            return view(request, entering(request, roles), **named)

        return entered

    return around
