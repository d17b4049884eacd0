"""Who enters the pages of the catalogue, and how a refusal stands at the fields of a form."""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import wraps
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from gridcity.contracts import Actor, Forbidden, Refused, Role

View = Callable[..., HttpResponse]
ADMINISTRATORS = frozenset({Role.ADMINISTRATOR})


def actor_among(request: HttpRequest, roles: Collection[str]) -> Actor:
    """The actor of the logged-in user, when one of these roles is his. Raises Forbidden."""
    held = frozenset(getattr(request.user, "roles", ()))
    if not held & set(roles):
        raise Forbidden(_("This page belongs to other roles than yours."))
    return Actor(request.user.pk, request.user.get_username(), held)


def for_administrators(view: View) -> View:
    """Let administrators alone enter, and hand the view the actor. Raises Forbidden."""

    @wraps(view)
    def entered(request: HttpRequest, **named: Any) -> HttpResponse:
        return view(request, actor_among(request, ADMINISTRATORS), **named)

    return entered


def put_refusal(form: forms.Form, refusal: Refused) -> None:
    """The refusal's sentences at their fields, else above all of them."""
    placed = False
    for name, lines in refusal.fields.items():
        if name in form.fields:
            form.add_error(name, [str(line) for line in lines])
            placed = True
    if not placed:
        form.add_error(None, str(refusal.detail))
