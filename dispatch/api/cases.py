"""Report a case, list cases, read one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from cases.models import Case
from cases.models.case import PlacedBy
from cases.selectors.duplicates import Candidate, duplicate_candidates
from cases.services.looks import log_looks
from cases.services.opening import note_first_opening
from cases.services.placing import Place
from cases.services.reporting import ReporterInput, ReportInput, report_case
from cases.services.self_handling import report_self_handled
from cases.workflow import State
from dispatch.actions import AMENDABLE, parse_fields, place_from, yes
from dispatch.api.reading import (
    Said,
    answered_once,
    instant_of,
    photos_from,
    read,
    wants_little,
)
from dispatch.api.shapes import case_out, moved_out, reported_out, row_out
from dispatch.selectors.actors import actor_of
from dispatch.selectors.boxes import CASE_BOXES
from dispatch.selectors.case_detail import CaseView, get_case
from dispatch.selectors.case_lists import CaseFilter, list_cases
from dispatch.selectors.routing import proposal_for
from dispatch.serializers import CaseOut, CasePageOut, RefusalOut, ReportedOut, ReportIn
from dispatch.services.handling import note_opened
from gridcity.contracts import Actor, Invalid, Role
from parts.selectors import standards_of

LARGEST_PAGE, PAGE_SIZE = 100, 50
YES = frozenset({True, "1", "true", "on", "yes"})
NO = frozenset({False, None, "", "0", "false", "off", "no"})

KEY = OpenApiParameter(
    "Idempotency-Key",
    {"type": "string", "format": "uuid"},
    OpenApiParameter.HEADER,
    description=_(
        "The same key with the same content gives the same answer and acts once; "
        "with other content it is refused."
    ),
)
PREFER = OpenApiParameter(
    "Prefer", str, OpenApiParameter.HEADER, enum=["return=minimal"],
    description=_("“return=minimal” answers with number, state, version and deadline only."),
)  # fmt: skip
REFUSALS = dict.fromkeys((400, 401, 403, 404, 409, 413), RefusalOut)


def page_params(*names: str) -> list[OpenApiParameter]:
    """Query parameters of a list, each text and none required."""
    return [OpenApiParameter(name, str) for name in (*names, "cursor")] + [
        OpenApiParameter("page_size", int, description=_("At most 100."))
    ]


class CasesView(APIView):
    """All cases that the caller may see, and the way to report one more."""

    @extend_schema(
        operation_id="cases_list",
        parameters=[
            OpenApiParameter("box", str, enum=CASE_BOXES),
            *page_params(
                "status", "street", "community", "cell", "department", "class_code", "kind",
                "source", "number", "since", "until", "late",
            ),
        ],
        responses={200: CasePageOut, 400: RefusalOut, 401: RefusalOut},
        tags=["cases"],
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        """Cases by box and filter: what waits by what is due first, all else newest first."""
        query = request.query_params
        wanted = CaseFilter.parse(query.dict(), dict(query.lists()))
        page = list_cases(
            actor_of(request.user),
            wanted,
            at=timezone.now(),
            cursor=query.get("cursor"),
            size=page_size(query),
        )
        return Response(page_out(request, page.next, page.previous, map(row_out, page.rows)))

    @extend_schema(
        operation_id="cases_report",
        parameters=[KEY],
        request={"application/json": ReportIn, "multipart/form-data": ReportIn},
        responses={201: ReportedOut, **REFUSALS},
        tags=["cases"],
    )
    def post(self, request: Request) -> Response:
        """Report a case."""
        at, actor, said = timezone.now(), actor_of(request.user), read(request)
        report = report_from(said)
        photos = photos_from(said, role="near")
        is_handled = parse_fields({"self_handled": yes}, said.fields).get("self_handled", False)
        take_in = report_self_handled if is_handled else report_case
        return answered_once(
            request, said, actor, at,
            lambda: (201, tell(take_in(actor=actor, at=at, report=report, photos=photos), actor)),
        )  # fmt: skip


def tell(case: Case, actor: Actor) -> dict[str, Any]:
    """What a report is answered with: the number, the place found and what may be the same."""
    return reported_out(case, candidates_for(case, case.reported_at), actor)


def candidates_for(case: Case, at: datetime) -> list[Candidate]:
    if case.cell_id is None:
        return []
    return duplicate_candidates(
        class_id=case.catalogue_class_id,
        cell_id=case.cell_id,
        point=case.point,
        part_id=case.part_id,
        at=at,
        exclude_id=case.pk,
    )


def report_from(said: Said) -> ReportInput:
    """A report from its fields. Raises Invalid naming those of the wrong shape."""
    fields = parse_fields(AMENDABLE, said.fields)
    return ReportInput(
        kind=fields.get("kind", ""),
        class_code=fields.get("class_code", ""),
        scheme=fields.get("scheme") or None,
        place=reported_place(fields),
        place_text=fields.get("place_text", ""),
        description=fields.get("description", ""),
        source=fields.get("source", ""),
        occurred_at=instant_of(said, "occurred_at"),
        part_code=fields.get("part_code", ""),
        no_part_reason=fields.get("no_part_reason", ""),
        reporter=reporter_from(said.fields.get("reporter")),
    )


def reported_place(fields: Mapping[str, Any]) -> Place | None:
    """The place of a report: a position with an accuracy came from a device unless it says so."""
    if fields.get("placed_by") or fields.get("accuracy_m") is None:
        return place_from(fields)
    return place_from({**fields, "placed_by": PlacedBy.GPS})


def reporter_from(value: Any) -> ReporterInput | None:
    """Name, phone and leave to call. Raises Invalid for anything that is not an object."""
    if value in (None, "", {}):
        return None
    if not isinstance(value, dict):
        raise Invalid(
            _("Please check the marked fields."), reporter=_("An object of name, phone, may_call.")
        )
    may_call = value.get("may_call")
    answer = may_call.lower() if isinstance(may_call, str) else may_call
    if isinstance(answer, list | dict) or answer not in YES | NO:
        raise Invalid(
            _("Please check the marked fields."), **{"reporter.may_call": _("Yes or no.")}
        )
    name, phone = value.get("name") or "", value.get("phone") or ""
    return ReporterInput(name=name, phone=phone, may_call=answer in YES)


class CaseDetailView(APIView):
    @extend_schema(
        operation_id="cases_read",
        responses={200: CaseOut, 401: RefusalOut, 404: RefusalOut},
        tags=["cases"],
    )
    def get(self, request: Request, number: str) -> Response:
        """All of a case that the caller may see."""
        at, actor = timezone.now(), actor_of(request.user)
        view = get_case(actor, number, at=at)
        note_reading(view)
        return Response(whole_case(view))


def note_reading(view: CaseView) -> None:
    """What reading a case leaves behind: who opened it first, and at whose data he looked."""
    if view.stays:
        note_first_opening(stay=view.stays[-1], actor=view.actor, at=view.at)
    turn = view.turn
    if turn is not None and turn.opened_at is None and turn.ended_at is None:
        note_opened(case_id=view.case.pk, actor=view.actor, at=view.at)
    log_looks(reporters=view.reporters, actor=view.actor, at=view.at)


def whole_case(view: CaseView) -> dict[str, Any]:
    """A case with what the desk that has to decide needs: standards, or the proposal."""
    case, roles = view.case, view.actor.roles
    wants_standards = case.state == State.TO_FILE and Role.DUTY_CHIEF in roles
    wants_proposal = case.state in {State.TO_DISPATCH, State.HANDLING} and Role.DISPATCHER in roles
    on = timezone.localdate(view.at)
    return case_out(
        view,
        proposal=proposal_for(case, at=view.at) if wants_proposal else None,
        standards=standards_of(class_id=case.catalogue_class_id, on=on)
        if wants_standards
        else None,
    )


def read_anew(request: Request, actor: Actor, case: Case, at: datetime) -> dict[str, Any]:
    """The case after an action; reading it so is no opening, but a look at who reported it.

    Who shows another page anyway asks for its state alone, which costs no reading.
    """
    if wants_little(request):
        return moved_out(case)
    view = get_case(actor, case.number, at=at)
    log_looks(reporters=view.reporters, actor=actor, at=at)
    return whole_case(view)


def page_size(query: Mapping[str, str]) -> int:
    """How many rows a page has. Raises Invalid for what is no number from 1 to 100."""
    text = query.get("page_size", "") or str(PAGE_SIZE)
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:4]) <= LARGEST_PAGE):
        raise Invalid(_("Unknown filter."), page_size=_("A number from 1 to 100."))
    return int(text)


def page_out(
    request: Request, following: str | None, previous: str | None, rows: Any
) -> dict[str, Any]:
    """A page with whole addresses of its neighbours, and the bare cursor of the next."""
    return {
        "next": address(request, following),
        "previous": address(request, previous),
        "cursor": following,
        "results": list(rows),
    }


def address(request: Request, cursor: str | None) -> str | None:
    if cursor is None:
        return None
    query = {**dict(request.query_params.lists()), "cursor": [cursor]}
    return request.build_absolute_uri(f"{request.path}?{urlencode(query, doseq=True)}")
