"""Who enters the pages of the district, and how a refusal stands at the fields of a form."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from functools import wraps
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from gridcity.contracts import Actor, Forbidden, Refused, Role

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
    actor = Actor.of(request.user)
    if not actor.roles & frozenset(roles):
        raise Forbidden(_("This page belongs to other roles than yours."))
    return actor


def for_roles(roles: Collection[str]) -> Callable[[View], View]:
    """Let these roles alone enter, and hand the view the actor. Raises Forbidden."""

    def around(view: View) -> View:
        @wraps(view)
        def entered(request: HttpRequest, **named: Any) -> HttpResponse:
            return view(request, entering(request, roles), **named)

        return entered

    return around


for_administrators = for_roles(ADMINISTRATORS)


def put_refusal(
    form: forms.BaseForm, refusal: Refused, named: Mapping[str, str] | None = None
) -> None:
    """The refusal's sentences at their fields, else above all of them.

    `named` says what the form calls a field that the refusal calls otherwise.
    """
    placed = False
    for name, lines in refusal.fields.items():
        field = (named or {}).get(name, name)
        if field in form.fields:
            form.add_error(field, [str(line) for line in lines])
            placed = True
    if not placed:
        form.add_error(None, str(refusal.detail))
