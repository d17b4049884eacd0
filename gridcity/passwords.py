"""The one password that everybody knows opens nothing outside the demonstration.

A city that tried the demonstration may keep its database: the accounts in it are closed then.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth.backends import BaseBackend
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext as _


def is_refused(password: str | None) -> bool:
    """Whether this is the demonstration's password where there is no demonstration."""
    return not settings.DEMO and password == settings.KNOWN_PASSWORD


class KnownPasswordBackend(BaseBackend):
    """Stands before the backend that looks passwords up."""

    def authenticate(
        self, request: HttpRequest | None, password: str | None = None, **given: Any
    ) -> None:
        """Raise PermissionDenied, which asks no further backend and counts as a failed login."""
        if is_refused(password):
            raise PermissionDenied


class KnownPasswordValidator:
    """Refuses it as a new password."""

    def validate(self, password: str, user: Any = None) -> None:
        if is_refused(password):
            raise ValidationError(
                _("This is the password of the demonstration, which everybody knows."),
                code="password_of_demonstration",
            )

    def get_help_text(self) -> str:
        return _("Your password cannot be the password of the demonstration.")
