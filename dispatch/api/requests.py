"""Requests that need approval: ask, answer, list."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from dispatch.actions import (
    ACTIONS,
    ANSWERS,
    Action,
    Told,
    answer,
    code,
    parse_fields,
    version_of,
    words,
)
from dispatch.api.actions import act, check_role, not_here, state_for, told_from
from dispatch.api.cases import KEY, PREFER, REFUSALS, page_out, page_params, page_size, read_anew
from dispatch.api.reading import answered_once, read
from dispatch.api.shapes import request_out
from dispatch.models import RequestKind, RequestState
from dispatch.selectors.actors import actor_of
from dispatch.selectors.boxes import BOXES
from dispatch.selectors.conflicts import explaining
from dispatch.selectors.request_lists import RequestFilter, list_requests
from dispatch.serializers import AnswerIn, CaseOut, RefusalOut, RequestIn, RequestPageOut
from gridcity.contracts import Invalid, NotVisible

REASONED = Action(run=lambda told: None, fields={"reason": words})  # type: ignore[arg-type,return-value]


class AskView(APIView):
    @extend_schema(
        operation_id="requests_ask",
        parameters=[KEY, PREFER],
        request={"application/json": RequestIn, "multipart/form-data": RequestIn},
        responses={200: CaseOut, **REFUSALS},
        tags=["requests"],
    )
    def post(self, request: Request, number: str) -> Response:
        """Ask for what needs approval, such as a return or more time."""
        at, actor, said = timezone.now(), actor_of(request.user), read(request)
        state = state_for(actor, number)
        kind = parse_fields({"kind": code}, said.fields).get("kind", "")
        if kind not in RequestKind.values:
            raise Invalid(_("What is asked for?"), kind=", ".join(RequestKind.values))
        name = f"ask_{kind.lower()}"
        check_role(state, name, actor)
        if name not in ACTIONS:
            raise not_here(state, name, actor)
        told = told_from(said, ACTIONS[name], number, actor, at, "other")
        with explaining(actor, number, at):
            return answered_once(request, said, actor, at, lambda: (200, act(request, name, told)))


class AnswerView(APIView):
    """Approve, refuse or withdraw what waits."""

    answer: str = ""

    def post(
        self, request: Request, number: str, request_id: int, answer_name: str = ""
    ) -> Response:
        """Answer a request, and get the case as it is then."""
        at, actor, said = timezone.now(), actor_of(request.user), read(request)
        state_for(actor, number)
        name = self.answer or answer_name
        if name not in ANSWERS:
            raise NotVisible(_("There is no such answer to a request."))
        told = Told(
            number=number,
            actor=actor,
            at=at,
            version=version_of(said.fields),
            said=parse_fields(REASONED.fields, said.fields),
        )

        def act_once() -> tuple[int, dict[str, Any]]:
            return 200, read_anew(request, actor, answer(name, request_id, told), at)

        with explaining(actor, number, at):
            return answered_once(request, said, actor, at, act_once)


def answer_view(name: str) -> Any:
    """The view of one answer, described."""
    described = extend_schema(
        operation_id=f"requests_{name}",
        parameters=[KEY, PREFER],
        request={"application/json": AnswerIn, "multipart/form-data": AnswerIn},
        responses={200: CaseOut, **REFUSALS},
        tags=["requests"],
    )
    view: type[APIView] = type(f"{name.title()}View", (AnswerView,), {"answer": name})
    return extend_schema_view(post=described)(view).as_view()


class UnknownAnswerView(AnswerView):
    schema = None


class RequestsView(APIView):
    @extend_schema(
        operation_id="requests_list",
        parameters=[
            OpenApiParameter("kind", str, enum=RequestKind.values),
            OpenApiParameter("status", str, enum=RequestState.values),
            OpenApiParameter("box", str, enum=BOXES),
            *page_params(),
        ],
        responses={200: RequestPageOut, 400: RefusalOut, 401: RefusalOut},
        tags=["requests"],
    )
    def get(self, request: Request) -> Response:
        """Requests by kind and state; `box=todo` are those that wait for the caller's review."""
        query = request.query_params
        page = list_requests(
            actor_of(request.user),
            RequestFilter.parse(query.dict()),
            cursor=query.get("cursor"),
            size=page_size(query),
        )
        return Response(page_out(request, page.next, page.previous, map(request_out, page.rows)))
