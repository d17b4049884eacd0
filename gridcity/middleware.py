"""What stands around every request: an id for it, the size of its body, and clear refusals."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed
from django.utils.translation import gettext_lazy as _

from gridcity.contracts import Refused, TooLarge
from gridcity.errors import AWAY, WrongMethod, away_response, refusal_response

log = logging.getLogger(__name__)

GetResponse = Callable[[HttpRequest], HttpResponseBase]


class RequestIdMiddleware:
    """Give each request a short id that stands in the logs, in errors and in a header."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        request_id = secrets.token_hex(4)
        request.META["gridcity.request_id"] = request_id
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request_id)
        if int(request.META.get("CONTENT_LENGTH") or 0) > settings.REQUEST_MAX_BYTES:
            return refusal_response(
                request, TooLarge(_("This is more than one request may carry."))
            )
        response = self.get_response(request)
        response["X-Request-Id"] = request_id
        return response


class DatabaseAwayMiddleware:
    """Answer 503 with a short id while PostgreSQL does not answer, never a bare 500.

    What fails before a view is reached, such as reading the session, comes to `server_error`.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, problem: Exception) -> HttpResponse | None:
        if isinstance(problem, AWAY):
            log.warning("database away: %s", type(problem).__name__)
            return away_response(request, problem)
        return None


class RefusalMiddleware:
    """Turn a refusal raised in a page's view into the page that explains it.

    So too an empty 405: after a login that came in between, a browser asks for an address that
    takes forms alone.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if isinstance(response, HttpResponseNotAllowed) and not response.content:
            explained = refusal_response(request, WrongMethod())
            explained["Allow"] = response["Allow"]
            return explained
        return response

    def process_exception(self, request: HttpRequest, problem: Exception) -> HttpResponse | None:
        return refusal_response(request, problem) if isinstance(problem, Refused) else None
