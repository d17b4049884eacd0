"""The API of the platform itself: tokens, and who the caller is."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth import authenticate
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from dispatch.selectors.departments import membership_of
from dispatch.serializers import RefusalOut
from gridcity.authentication import TokenAuthentication, issue_token
from gridcity.contracts import Invalid, NotVisible, Role
from gridcity.errors import Unauthenticated
from gridcity.logins import check_address, too_many_logins
from gridcity.models import ApiToken, User
from gridcity.serializers import LoginIn, MeOut, TokenOut
from parts.selectors import cells_of


class TokenView(APIView):
    """Log in for the API, and out again."""

    def get_authenticators(self) -> list[Any]:
        """A login needs no login; a wrong old token must not hinder it."""
        is_login = self.request is not None and self.request.method == "POST"
        return [] if is_login else super().get_authenticators()

    def get_permissions(self) -> list[Any]:
        return [AllowAny()] if self.request.method == "POST" else [IsAuthenticated()]

    @extend_schema(
        operation_id="token_create",
        request=LoginIn,
        responses={200: TokenOut, 400: RefusalOut, 401: RefusalOut, 429: RefusalOut},
        auth=[],
        tags=["token"],
    )
    def post(self, request: Request) -> Response:
        """Exchange username and password for a token."""
        given = LoginIn(data=request.data)
        given.is_valid(raise_exception=True)
        user = log_in(request, **given.validated_data)
        return Response({"token": issue_token(user)})

    @extend_schema(
        operation_id="token_revoke",
        responses={204: None, 400: RefusalOut, 401: RefusalOut},
        tags=["token"],
    )
    def delete(self, request: Request) -> Response:
        """Revoke the token that this request is sent with."""
        if not isinstance(request.auth, ApiToken):
            raise Invalid(_("This request carries no token."))
        request.auth.delete()
        return Response(status=204)


def log_in(request: Request, *, username: str, password: str) -> User:
    """The active user of this name and password.

    Raises Unauthenticated without saying which of the two was wrong, TooMany when the name or the
    address has failed too often.
    """
    plain = request._request
    check_address(plain, at=timezone.now())
    user = authenticate(plain, username=username, password=password)
    if getattr(plain, "axes_locked_out", False):
        plain.axes_locked_out = False  # type: ignore[attr-defined]  # else answered with a page
        raise too_many_logins(settings.AXES_COOLOFF_TIME)
    if not isinstance(user, User):
        raise Unauthenticated(str(_("Username or password is wrong.")))
    return user


class MeView(APIView):
    @extend_schema(operation_id="me", responses={200: MeOut, 401: RefusalOut}, tags=["me"])
    def get(self, request: Request) -> Response:
        """Who I am: roles and side, department, patrolled cells."""
        user = request.user
        assert isinstance(user, User)
        membership = membership_of(user.pk) if Role.DEPARTMENT in user.roles else None
        return Response(
            {
                "username": user.username,
                "name": user.full_name,
                "role": user.roles[0],
                "roles": user.roles,
                "side": user.side,
                "department": {
                    "code": membership.department.code,
                    "name": membership.department.name,
                }
                if membership
                else None,
                "is_lead": membership is not None and membership.is_lead,
                "cells": cells_of(user_id=user.pk) if Role.SUPERVISOR in user.roles else [],
            }
        )


class UnknownView(APIView):
    """Whatever else is asked of the API: the one error shape instead of a page."""

    authentication_classes = [TokenAuthentication]
    permission_classes = [AllowAny]
    schema = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        raise NotVisible(_("The API has no such address."))
