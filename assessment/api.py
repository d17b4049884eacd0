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

from assessment.dimensions import DIMENSIONS, unknown
from assessment.indicators import INDICATORS, defined_as, registry
from assessment.periods import Period, period_from
from assessment.posts import POSTS
from assessment.selectors.broken_down import (
    BY,
    PERSON,
    WHOLE,
    Only,
    compared_lines,
    figure_lines,
)
from assessment.selectors.dashboard import READERS
from assessment.selectors.figures import indicators_for
from assessment.selectors.lists import count_rows, list_rows
from assessment.selectors.readers import SEES_OWN, reader_of
from assessment.selectors.stages import STAGED, compared_times, stage_times
from dispatch.api.cases import page_out, page_size
from dispatch.serializers import PageOut, RefusalOut, Shape
from gridcity.contracts import NotVisible

_PERIOD = [
    OpenApiParameter(
        "period", str,
        description=_("today, week, month, last_month, 2026-10, 2026-Q4, 2026-W41, 2026 …"),
    ),
    OpenApiParameter("since", str, description=_("First day of a free period.")),
    OpenApiParameter("until", str, description=_("Last day of a free period.")),
    OpenApiParameter("as_of", str, description=_("The data time, ISO 8601; now if left out.")),
]  # fmt: skip

_COMPARE = OpenApiParameter(
    "compare", bool,
    description=_("Beside each row the period before and the same one a year ago."),
)  # fmt: skip


class BesideOut(Shape):
    counts = serializers.DictField(child=serializers.IntegerField())
    rates = serializers.DictField(child=serializers.CharField(allow_null=True))


class ComparedOut(Shape):
    before = BesideOut()
    year_before = BesideOut()


class FigureRowOut(Shape):
    key = serializers.CharField(help_text=_("Code of the object; empty for the whole district."))
    name = serializers.CharField()
    counts = serializers.DictField(child=serializers.IntegerField())
    rates = serializers.DictField(
        child=serializers.CharField(allow_null=True),
        help_text=_("Four places; null where there is nothing to divide by."),
    )
    compared = ComparedOut(required=False, help_text=_("The same object in other periods."))


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


class TimesOut(Shape):
    count = serializers.IntegerField()
    clock = LengthsOut()
    working = LengthsOut()


class ComparedTimesOut(Shape):
    before = TimesOut(allow_null=True)
    year_before = TimesOut(allow_null=True)


class StageRowOut(Shape):
    key = serializers.CharField()
    name = serializers.CharField()
    state = serializers.CharField()
    count = serializers.IntegerField()
    clock = LengthsOut(help_text=_("Seconds, day and night."))
    working = LengthsOut(help_text=_("Seconds of the working time of the desk or department."))
    compared = ComparedTimesOut(required=False, help_text=_("The same object in other periods."))


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
            _COMPARE,
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
        actor = reader_of(request.user, SEES_OWN if by == PERSON else READERS)
        period = period_from(query, timezone.now())
        only, post = Only(_indicators(query.get("indicators", ""))), query.get("post", "")
        if _compares(query):
            rows = [only.compared(*each) for each in compared_lines(actor, period, by, post)]
        else:
            rows = [only.said(line) for line in figure_lines(actor, period, by, post)]
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
        parameters=[*_PERIOD, _COMPARE, OpenApiParameter("by", str, enum=["", *STAGED])],
        responses={200: StagesOut, 400: RefusalOut, 401: RefusalOut, 403: RefusalOut},
        tags=["figures"],
    )
    def get(self, request: Request) -> Response:
        """Mean, median and 90th percentile of each stage, of visits that ended in the period."""
        query = request.query_params
        actor = reader_of(request.user)
        period = period_from(query, timezone.now())
        by = query.get("by", "")
        if not _compares(query):
            times = stage_times(actor, period, by)
            return Response(_said(period, [one.as_data() for one in times]))
        rows = [
            one.as_data()
            | {"compared": {key: then and then.times() for key, then in beside.items()}}
            for one, beside in compared_times(actor, period, by)
        ]
        return Response(_said(period, rows))


def _compares(query: Mapping[str, str]) -> bool:
    return query.get("compare", "").lower() in {"1", "true"}


def _said(period: Period, rows: list[dict[str, Any]]) -> dict[str, Any]:
    named = period.key or f"{period.first.isoformat()}/{period.last.isoformat()}"
    return {"period": named, "as_of": period.as_of, "rows": rows}


def _narrowed(query: Mapping[str, str]) -> dict[str, str]:
    """The values of dimensions that are asked for. Raises Invalid for what no column holds."""
    wanted = {name: query[name] for name in DIMENSIONS if query.get(name)}
    for name, value in wanted.items():
        if "\0" in value:
            raise unknown(name)
    return wanted


def _indicators(said: str) -> frozenset[str] | None:
    """The keys asked for, with the denominators of rates. Raises Invalid."""
    keys = {key.strip() for key in said.split(",") if key.strip()}
    if not keys:
        return None
    if keys - INDICATORS.keys():
        raise unknown("indicators")
    return frozenset(keys | {INDICATORS[key].of for key in keys if INDICATORS[key].of})
