"""The figures through the interface: as `manage.py figures --json` says them, and their lists."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from assessment.dimensions import DIMENSIONS
from assessment.indicators import INDICATORS, defined_as, registry
from assessment.models import LISTED_SUBJECTS
from assessment.periods import Period, period_from
from assessment.posts import POSTS
from assessment.rates import rates_of
from assessment.selectors.dashboard import READERS
from assessment.selectors.figures import count_figures, indicators_for
from assessment.selectors.lists import count_rows, list_rows
from assessment.selectors.posts import desk_line, own_lines, person_lines
from assessment.selectors.readers import SEES_OWN, reader_of
from assessment.selectors.scores import lines_by, only_figures
from assessment.selectors.stages import STAGED, stage_times
from dispatch.api.cases import page_out, page_size
from dispatch.serializers import PageOut, RefusalOut, Shape
from gridcity.contracts import Actor, Invalid, NotVisible, Sentence

# By the whole district, by what has lines, by each desk, and by the people of one desk.
WHOLE, POST, PERSON = "", "post", "person"
BY = (WHOLE, *(str(each) for each in LISTED_SUBJECTS), POST, PERSON)

_PERIOD = [
    OpenApiParameter(
        "period", str,
        description=_("today, week, month, last_month, 2026-10, 2026-Q4, 2026-W41, 2026 …"),
    ),
    OpenApiParameter("since", str, description=_("First day of a free period.")),
    OpenApiParameter("until", str, description=_("Last day of a free period.")),
    OpenApiParameter("as_of", str, description=_("The data time, ISO 8601; now if left out.")),
]  # fmt: skip


class FigureRowOut(Shape):
    key = serializers.CharField(help_text=_("Code of the object; empty for the whole district."))
    name = serializers.CharField()
    counts = serializers.DictField(child=serializers.IntegerField())
    rates = serializers.DictField(
        child=serializers.CharField(allow_null=True),
        help_text=_("Four places; null where there is nothing to divide by."),
    )


class FiguresOut(Shape):
    period = serializers.CharField()
    as_of = serializers.DateTimeField()
    definitions = serializers.DictField(
        child=serializers.IntegerField(),
        help_text=_("By which version of its definition each figure was counted."),
    )
    rows = FigureRowOut(many=True)


class LengthsOut(Shape):
    mean = serializers.IntegerField(allow_null=True)
    median = serializers.IntegerField(allow_null=True)
    p90 = serializers.IntegerField(allow_null=True)


class StageRowOut(Shape):
    key = serializers.CharField()
    name = serializers.CharField()
    state = serializers.CharField()
    count = serializers.IntegerField()
    clock = LengthsOut(help_text=_("Seconds, day and night."))
    working = LengthsOut(help_text=_("Seconds of the working time of the desk or department."))


class StagesOut(Shape):
    period = serializers.CharField()
    as_of = serializers.DateTimeField()
    rows = StageRowOut(many=True)


class FigureListOut(PageOut):
    count = serializers.IntegerField()
    results = serializers.ListField(child=serializers.DictField())


class FiguresView(APIView):
    """Counts and rates of a period."""

    @extend_schema(
        operation_id="figures_list",
        parameters=[
            *_PERIOD,
            OpenApiParameter("by", str, enum=BY),
            OpenApiParameter("post", str, enum=POSTS, description=_("Of by=person: whose.")),
            OpenApiParameter("indicators", str, description=_("Keys, with commas between them.")),
        ],
        responses={200: FiguresOut, 400: RefusalOut, 401: RefusalOut, 403: RefusalOut},
        tags=["figures"],
    )
    def get(self, request: Request) -> Response:
        """Figures by object, each an integer; rates are decimals in text."""
        query = request.query_params
        by = query.get("by", WHOLE)
        if by not in BY:
            raise _unknown("by")
        actor = reader_of(request.user, SEES_OWN if by == PERSON else READERS)
        period = period_from(query, timezone.now())
        wanted = _indicators(query.get("indicators", ""))
        rows = [
            only_figures(row, wanted) for row in _rows(actor, period, by, query.get("post", ""))
        ]
        shown = sorted({key for row in rows for key in (*row["counts"], *row["rates"])})
        versions = {key: INDICATORS[key].version for key in shown}
        return Response(_said(period, rows) | {"definitions": versions})


class FigureRowsView(APIView):
    """The list behind a figure."""

    @extend_schema(
        operation_id="figures_rows",
        parameters=[
            *_PERIOD,
            *(OpenApiParameter(key, str) for key in DIMENSIONS),
            OpenApiParameter("cursor", str),
            OpenApiParameter("page_size", int, description=_("At most 100.")),
        ],
        responses={200: FigureListOut, **dict.fromkeys((400, 401, 403, 404), RefusalOut)},
        tags=["figures"],
    )
    def get(self, request: Request, key: str) -> Response:
        """One row for each thing that the figure counts, newest first."""
        query = request.query_params
        wanted = _narrowed(query)
        actor = reader_of(request.user, SEES_OWN if "person" in wanted else READERS)
        period = period_from(query, timezone.now())
        with defined_as(dict(period.former)):
            listed = registry().values() if "person" in wanted else indicators_for(actor)
            indicator = next((each for each in listed if each.key == key), None)
            if indicator is None:
                raise NotVisible
            page = list_rows(
                indicator, actor, period, wanted, cursor=query.get("cursor"), size=page_size(query)
            )
            count = count_rows(indicator, actor, period, wanted)
        return Response({"count": count} | page_out(request, page.next, page.previous, page.rows))


class StagesView(APIView):
    """How long stages last."""

    @extend_schema(
        operation_id="figures_stages",
        parameters=[*_PERIOD, OpenApiParameter("by", str, enum=["", *STAGED])],
        responses={200: StagesOut, 400: RefusalOut, 401: RefusalOut, 403: RefusalOut},
        tags=["figures"],
    )
    def get(self, request: Request) -> Response:
        """Mean, median and 90th percentile of each stage, of visits that ended in the period."""
        query = request.query_params
        actor = reader_of(request.user)
        period = period_from(query, timezone.now())
        times = stage_times(actor, period, query.get("by", ""))
        return Response(_said(period, [one.as_data() for one in times]))


def _said(period: Period, rows: list[dict[str, Any]]) -> dict[str, Any]:
    named = period.key or f"{period.first.isoformat()}/{period.last.isoformat()}"
    return {"period": named, "as_of": period.as_of, "rows": rows}


def _rows(actor: Actor, period: Period, by: str, post: str) -> list[dict[str, Any]]:
    match by:
        case "":
            listed = indicators_for(actor)
            counts = count_figures(actor, period, ()).total
            return [{"key": "", "name": "", "counts": counts, "rates": rates_of(listed, counts)}]
        case "post":
            seen = {each.key for each in indicators_for(actor)}
            return [only_figures(desk_line(one, period).as_data(), seen) for one in POSTS]
        case "person":
            return _people(actor, period, post)
        case _:
            return [line.as_data() for line in lines_by(by, period, actor=actor)]


def _people(actor: Actor, period: Period, post: str) -> list[dict[str, Any]]:
    """The people of one post for their chief; for everybody else himself."""
    if not post:
        return [line.as_data() for line in own_lines(actor, period)]
    if post not in POSTS:
        raise _unknown("post")
    return [line.as_data() for line in person_lines(actor, post, period)]


def _narrowed(query: Mapping[str, str]) -> dict[str, str]:
    """The values of dimensions that are asked for. Raises Invalid for what no column holds."""
    wanted = {name: query[name] for name in DIMENSIONS if query.get(name)}
    for name, value in wanted.items():
        if "\0" in value:
            raise _unknown(name)
    return wanted


def _indicators(said: str) -> set[str] | None:
    """The keys asked for, with the denominators of rates. Raises Invalid."""
    keys = {key.strip() for key in said.split(",") if key.strip()}
    if not keys:
        return None
    if keys - INDICATORS.keys():
        raise _unknown("indicators")
    return keys | {INDICATORS[key].of for key in keys if INDICATORS[key].of}


def _unknown(field: str) -> Invalid:
    wrong: dict[str, Sentence] = {field: _("Unknown value.")}
    return Invalid(_("Unknown filter."), **wrong)
