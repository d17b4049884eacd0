"""The addresses of GeoReport v2: who asks is counted, and what is refused is said in its shape."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import MultiPartParser
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.views import APIView

from cases.services.once import answer_of
from gridcity.authentication import token_sent, user_of_token
from gridcity.citizens.reading import base_of, count_report, follow_page
from gridcity.contracts import Forbidden, Invalid, NotVisible, Role, key_of
from gridcity.errors import AWAY, as_refusal, refusal_response
from gridcity.logins import client_address
from gridcity.models import User
from gridcity.open311 import answers, posting, requests, services
from gridcity.open311.wishes import wishes_of
from gridcity.parsers import BoundedFormParser
from gridcity.services.counting import count_address
from parts.selectors import district_code

# How often one address, or one client, may ask; what is reported without a key counts beside it.
ASKED, ASKED_WITHIN = 600, timedelta(minutes=5)


class ByAddress(BaseContentNegotiation):
    """The format stands in the address: no header is asked."""

    def select_parser(self, request: Request, parsers: Any) -> Any:
        wanted = (request.content_type or "").partition(";")[0].strip().lower()
        return next((parser for parser in parsers if parser.media_type == wanted), None)

    def select_renderer(self, request: Request, renderers: Any, format_suffix: Any = None) -> Any:
        return renderers[0], renderers[0].media_type


@method_decorator([never_cache, sensitive_post_parameters()], name="dispatch")
class GeoReportView(APIView):
    """What every address does first: is it open, whose key, how often, which jurisdiction."""

    authentication_classes = []
    permission_classes = [AllowAny]
    parser_classes = [BoundedFormParser, MultiPartParser]
    http_method_names = ["get", "head", "post"]
    content_negotiation_class = ByAddress
    schema = None
    client: User | None = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        if not settings.OPEN311:
            raise NotVisible
        super().initial(request, *args, **kwargs)
        plain = request._request
        said = said_by(request)
        try:
            self.client = client_of(plain, named(plain, said, "api_key"))
        finally:
            who = f"client {self.client.pk}" if self.client else client_address(plain)
            count_address(
                what="open311", address=who, at=timezone.now(), most=ASKED, within=ASKED_WITHIN
            )
        check_jurisdiction(named(plain, said, "jurisdiction_id"))

    def handle_exception(self, exc: Exception) -> Any:
        refusal = None if isinstance(exc, AWAY) else as_refusal(exc)
        if refusal is None:
            raise exc
        response = refusal_response(self.request._request, refusal)
        if refusal.status == 405:
            response["Allow"] = ", ".join(self.allowed_methods)
        return response

    def told(self, root: str, said: Any, *, status: int = 200) -> HttpResponse:
        return answers.answer(self.request._request, root, said, status=status)


def said_by(request: Request) -> QueryDict:
    """The arguments: of a POST its form. Raises Invalid for what cannot be text of ours."""
    said = request.POST if request.method == "POST" else request.query_params
    if any("\0" in text for name, values in said.lists() for text in (name, *values)):
        raise Invalid(_("The request could not be read."))
    return said


def named(request: HttpRequest, said: QueryDict, name: str) -> str:
    """An argument of every address, which clients put into the query of a POST, too."""
    return (said.get(name, "") or request.GET.get(name, "")).strip()


def client_of(request: HttpRequest, key: str) -> User | None:
    """The interface client whose key was sent, as api_key or as a token. Raises Forbidden."""
    key = key or (token_sent(request) or "").strip()
    if not key:
        return None
    found = user_of_token(key, at=timezone.now())
    if found is None or Role.CLIENT not in found[0].roles:
        raise Forbidden(_("This api_key is not known, or is over."))
    return found[0]


def check_jurisdiction(named: str) -> None:
    """One jurisdiction is served: whoever names another is told so. Raises NotVisible."""
    if named and named != (settings.OPEN311_JURISDICTION or district_code()):
        raise NotVisible(_("There is no jurisdiction with this jurisdiction_id here."))


class DiscoveryView(GeoReportView):
    def get(self, request: Request, **_said: Any) -> HttpResponse:
        """What this is, where, and whom to ask for a key."""
        return self.told("discovery", services.discovery(request._request))


class ServicesView(GeoReportView):
    def get(self, request: Request, **_said: Any) -> HttpResponse:
        """What may be reported."""
        return self.told("services", services.services())


class ServiceView(GeoReportView):
    def get(self, request: Request, code: str, **_said: Any) -> HttpResponse:
        """What a service asks for beside place and words."""
        return self.told("service_definition", services.definition(services.service_of(code)))


class RequestsView(GeoReportView):
    def get(self, request: Request, **_said: Any) -> HttpResponse:
        """Requests, newest first, or by what changed after an instant."""
        at = timezone.now()
        wishes = wishes_of(request.query_params, at=at)
        found = requests.list_requests(self.client, wishes, at=at)
        return self.told("service_requests", found)

    def post(self, request: Request, **_said: Any) -> HttpResponse:
        """Report: with a key from the client's own source, without one as a citizen."""
        at = timezone.now()
        if self.client is None:
            check_citizens(request._request)
        taken = posting.take(request, self.client, at=at)
        told = {
            "service_request_id": taken.number,
            "service_notice": notice_of(request._request, taken),
            "account_id": None,
        }
        return self.told("service_requests", [told], status=201)


def check_citizens(request: HttpRequest) -> None:
    """Who has no key reports where the city lets anybody report, as often as at `/report/`.

    Raises Forbidden, TooMany.
    """
    if not settings.PUBLIC_REPORTS:
        raise Forbidden(_("An api_key is needed to report here."))
    count_report(request, timezone.now())


def notice_of(request: HttpRequest, taken: posting.Taken) -> str | None:
    """How its citizen follows it: by its number and the code that is told this once."""
    if not taken.code:
        return None
    said = {
        "code": taken.code,
        "url": base_of(request) + follow_page(taken.number, taken.code),
    }
    return _("Followed with its number and the query code %(code)s at %(url)s") % said


class RequestView(GeoReportView):
    def get(self, request: Request, number: str, **_said: Any) -> HttpResponse:
        """One request."""
        found = requests.one_request(self.client, number)
        return self.told("service_requests", [found])


class TokenView(GeoReportView):
    def get(self, request: Request, token: str, **_said: Any) -> HttpResponse:
        """The request that was sent with this Idempotency-Key, for who never got its answer."""
        try:
            key = key_of(token)
        except Invalid:  # what is no key belongs to no request either
            key = None
        user_id = self.client.pk if self.client else None
        answer = answer_of(user_id=user_id, key=key) if key else None
        if not isinstance(answer, dict) or not answer.get("number"):
            raise NotVisible(
                _("No request was sent with this token: requests get their number at once.")
            )
        told = {"service_request_id": answer["number"], "token": token}
        return self.told("service_requests", [told])


class UnknownView(GeoReportView):
    """Whatever else is asked below `/open311/`."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        raise NotVisible(_("Open311 has no such address here."))
