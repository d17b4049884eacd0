"""How an API client shows who it is: a token of its own, or the session of the page."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework import authentication, exceptions
from rest_framework.request import Request

from gridcity.models import ApiToken, User
from parts.selectors.compiled import compiled

# A token's life slides, but its row is written once an hour, not at every call.
SLIDE_STEP = timedelta(hours=1)


def fingerprint(token: str) -> bytes:
    """What is stored of a token: a token has 256 random bits, so one plain hash is enough."""
    return hashlib.sha256(token.encode()).digest()


def issue_token(user: User) -> str:
    """Make a token for this user; only its fingerprint is kept, so it is shown once."""
    token = secrets.token_urlsafe(32)
    now = timezone.now()
    ApiToken.objects.create(
        user=user,
        sha256=fingerprint(token),
        created_at=now,
        expires_at=now + settings.API_TOKEN_LIFE,
    )
    return token


def token_sent(request: Request | HttpRequest) -> str | None:
    """What stands behind `Authorization: Token`; None where nothing of that kind was sent."""
    scheme, _space, token = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
    return token if scheme.lower() == "token" else None


@compiled
def _token_in_force(sha256: Any, at: Any) -> QuerySet[ApiToken]:
    found = ApiToken.objects.select_related("user").filter(sha256=sha256, user__is_active=True)
    return found.filter(expires_at__gt=at)[:1]


def user_of_token(token: str, *, at: datetime) -> tuple[User, ApiToken] | None:
    """Whose token it is, if it is known and not over; its life slides with this use."""
    row = _token_in_force.first(sha256=fingerprint(token.strip()), at=at)
    if row is None:
        return None
    if at + settings.API_TOKEN_LIFE - row.expires_at > SLIDE_STEP:
        ApiToken.objects.filter(pk=row.pk).update(expires_at=at + settings.API_TOKEN_LIFE)
    return row.user, row


class TokenAuthentication(authentication.BaseAuthentication):
    """`Authorization: Token …`, valid for 30 days since its last use."""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        token = token_sent(request)
        if token is None:
            return None
        found = user_of_token(token, at=timezone.now())
        if found is None:
            raise exceptions.AuthenticationFailed(_("This token is unknown or over; log in again."))
        return found

    def authenticate_header(self, request: Request) -> str:
        return "Token"


class SessionAuthentication(authentication.SessionAuthentication):
    """The page's own session, with its CSRF token; answers 401 like the token does."""

    def authenticate_header(self, request: Request) -> str:
        return "Token"


class TokenScheme(OpenApiAuthenticationExtension):
    """How the API's description names the token."""

    target_class = "gridcity.authentication.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        return {"type": "apiKey", "in": "header", "name": "Authorization", "description": "Token …"}


class SessionScheme(OpenApiAuthenticationExtension):
    """How the API's description names the session cookie."""

    target_class = "gridcity.authentication.SessionAuthentication"
    name = "session"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        return {"type": "apiKey", "in": "cookie", "name": settings.SESSION_COOKIE_NAME}
