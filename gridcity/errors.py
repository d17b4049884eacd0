"""The one place where refusals and failures become answers: {code, detail, fields} or a page.

House style §10: refused move 409, stale version 409, invalid 400, forbidden 403, away 503.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Callable
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.multipartparser import MultiPartParserError
from django.http.request import UnreadablePostError
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from psycopg.errors import LockNotAvailable
from psycopg_pool import PoolTimeout
from rest_framework import exceptions as drf
from rest_framework.response import Response

from gridcity.contracts import Forbidden, Invalid, NotVisible, Refused, TooLarge, TooMany
from gridcity.open311 import answers as georeport
from gridcity.pool import check_pool

log = logging.getLogger(__name__)

# What a statement raises while PostgreSQL does not answer, or others hold what it waits for.
AWAY = (OperationalError, InterfaceError, PoolTimeout)


def body_of(refusal: Refused, request_id: str = "") -> dict[str, Any]:
    """The error shape of the API: {code, detail, fields}, with what was kept beside it."""
    body: dict[str, Any] = {
        "code": refusal.code,
        "detail": str(refusal.detail),
        "fields": {name: [str(line) for line in lines] for name, lines in refusal.fields.items()},
    }
    if refusal.kept:
        body["kept"] = refusal.kept
    if request_id:
        body["id"] = request_id
    return body


def wants_json(request: HttpRequest) -> bool:
    """Whether the client is the API's: by path, or because it accepts JSON and no page."""
    accept = request.META.get("HTTP_ACCEPT", "")
    return request.path.startswith("/api/") or (
        "application/json" in accept and "text/html" not in accept
    )


def refusal_response(request: HttpRequest, refusal: Refused) -> HttpResponse:
    """A refusal as JSON for the API, in its own shape for Open311, as a page for people."""
    request_id = request.META.get("gridcity.request_id", "")
    if georeport.is_for(request):
        response = georeport.refusal_in_georeport(request, refusal)
    elif wants_json(request):
        response = JsonResponse(body_of(refusal, request_id), status=refusal.status)
    else:
        context = {"refusal": refusal, "request_id": request_id}
        response = render(request, "gridcity/refused.html", context, status=refusal.status)
    if isinstance(refusal, TooMany):
        response["Retry-After"] = str(refusal.kept["retry_after_s"])
    return response


def away_response(request: HttpRequest, problem: Exception) -> HttpResponse:
    """503 while the database is away; needs neither database nor session nor template context.

    Where nobody's lock was in the way, the dead connections of the pool go.
    """
    request_id = request.META.get("gridcity.request_id", "")
    if isinstance(problem.__cause__, LockNotAvailable):
        detail = _(
            "Somebody else's change to the same thing takes too long. "
            "What you typed is kept; try again shortly."
        )
    else:
        check_pool()
        detail = _(
            "The system cannot reach its database. What you typed is kept; try again shortly."
        )
    body = {"code": "unavailable", "detail": detail, "fields": {}, "id": request_id}
    if georeport.is_for(request):
        response = georeport.errors(request, [detail], 503)
    elif wants_json(request):
        response = JsonResponse(body, status=503)
    else:
        context = {"detail": detail, "request_id": request_id}
        response = HttpResponse(render_to_string("gridcity/away.html", context), status=503)
    response["Retry-After"] = "5"
    return response


def api_exception_handler(problem: Exception, context: dict[str, Any]) -> Response | None:
    """Give every exception of an API view the one error shape; unknown ones stay 500 and logged."""
    request = context["request"]._request
    if isinstance(problem, AWAY):
        return None  # the middleware answers 503
    refusal = as_refusal(problem)
    if refusal is None:
        return None
    response = Response(
        body_of(refusal, request.META.get("gridcity.request_id", "")), status=refusal.status
    )
    if isinstance(refusal, TooMany):
        response["Retry-After"] = str(refusal.kept["retry_after_s"])
    if refusal.status == 401:
        response["WWW-Authenticate"] = "Token"
    return response


def as_refusal(problem: Exception) -> Refused | None:
    """The refusal that an exception of Django or of the REST framework stands for."""
    if isinstance(problem, Refused):
        return problem
    return next((make(problem) for kinds, make in _MEANINGS if isinstance(problem, kinds)), None)


class WrongMethod(Refused):
    """An address asked for in a way that it does not answer to, such as a form's: 405."""

    status = 405

    def __init__(self) -> None:
        super().__init__(
            _(
                "This address only takes what a form sends. "
                "Nothing was changed: open the page anew."
            ),
            code="method_not_allowed",
        )


class Unauthenticated(Refused):
    """No login, or a token that is unknown or over: 401."""

    status = 401

    def __init__(self, detail: str) -> None:
        super().__init__(detail, code="unauthenticated")


def unreadable_from(problem: drf.ParseError) -> Invalid:
    """A body that is no JSON or no form; where reading ended is kept for who wrote the client."""
    refusal = Invalid(_("The request could not be read."), code="parse_error")
    refusal.kept = {"reason": str(problem.detail)}
    return refusal


def too_many_from(problem: drf.Throttled) -> TooMany:
    """More questions in a minute than one user may ask."""
    wait = math.ceil(getattr(problem, "wait", None) or 1)
    return TooMany(
        _("Too many questions at once. Try again in %(n)d seconds.") % {"n": wait},
        retry_after_s=wait,
    )


def from_status(problem: drf.APIException) -> Refused:
    """Method not allowed, media type, parse error: their own status and sentence."""
    refusal = Refused(str(problem.detail), code=str(problem.default_code))
    refusal.status = problem.status_code
    return refusal


def invalid_from(problem: drf.ValidationError) -> Invalid:
    """Serializer errors, flattened to {field: [sentences]}."""
    fields: dict[str, Any] = {}
    collect(fields, "", problem.detail)
    first = next(iter(fields.values()), [_("Invalid input.")])[0]
    refusal = Invalid(_("Please check: %(first)s") % {"first": first})
    refusal.fields = fields
    return refusal


def collect(fields: dict[str, Any], path: str, detail: Any) -> None:
    """Walk nested serializer errors; the key is the dotted path of the field."""
    if isinstance(detail, dict):
        for key, value in detail.items():
            collect(fields, f"{path}.{key}" if path else str(key), value)
    elif isinstance(detail, list):
        for index, value in enumerate(detail):
            if isinstance(value, dict | list):
                collect(fields, f"{path}.{index}", value)
            else:
                fields.setdefault(path or "non_field_errors", []).append(str(value))
    else:
        fields.setdefault(path or "non_field_errors", []).append(str(detail))


# What exceptions of others stand for; the first that fits counts.
_MEANINGS: tuple[tuple[tuple[type[Exception], ...], Callable[[Any], Refused]], ...] = (
    ((drf.ValidationError,), invalid_from),
    (
        (drf.NotAuthenticated, drf.AuthenticationFailed),
        lambda problem: Unauthenticated(str(problem.detail)),
    ),
    ((drf.PermissionDenied, PermissionDenied), lambda _p: Forbidden(_("You may not do this."))),
    ((drf.NotFound, Http404), lambda _p: NotVisible()),
    (
        (RequestDataTooBig,),
        lambda _p: TooLarge(_("This is more than one request may carry.")),
    ),
    (
        (MultiPartParserError, SuspiciousOperation, UnreadablePostError),
        lambda _p: Invalid(_("The request could not be read.")),
    ),
    ((drf.ParseError,), unreadable_from),
    ((drf.Throttled,), too_many_from),
    ((drf.APIException,), from_status),
)
