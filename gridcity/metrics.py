"""/metrics: how far the clock is behind, and what waits, as numbers that a monitor collects.

Prometheus's text format. Counts and seconds only, of no case and no person, so it is as open as
`/readyz` is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

from django.contrib.auth.decorators import login_not_required
from django.db import Error
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from psycopg_pool import PoolTimeout

from cases.models import CalendarChange, Delivery
from dispatch.models import SweepError
from dispatch.services.timers import lag_by_kind

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class Gauge(NamedTuple):
    """One measure: its name, what it says, and its values by label."""

    name: str
    help: str
    values: Mapping[str, float]
    label: str = ""


@login_not_required
def metrics(request: HttpRequest) -> HttpResponse:
    """All measures now; 503 without the database, which a monitor reads as missing values."""
    try:
        told = "".join(line for one in gauges(timezone.now()) for line in lines_of(one))
    except (Error, PoolTimeout):
        return HttpResponse("database away\n", content_type=CONTENT_TYPE, status=503)
    return HttpResponse(told, content_type=CONTENT_TYPE)


def gauges(at: datetime) -> list[Gauge]:
    """What is measured, in a fixed number of queries."""
    lags = {kind: lag.total_seconds() for kind, lag in lag_by_kind(at=at).items()}
    errors = SweepError.objects.filter(resolved_at=None).count()
    changes = CalendarChange.objects.filter(recomputed_at=None).count()
    owed = Delivery.objects.filter(done_at=None).aggregate(
        waiting=Count("pk", filter=Q(dead_at=None)), dead=Count("pk", filter=~Q(dead_at=None))
    )
    return [
        Gauge("gridcity_clock_lag_seconds", "How late the oldest thing is that the clock owes.",
              lags, "kind"),
        Gauge("gridcity_clock_errors", "Steps of the clock that failed and are tried again.",
              {"": errors}),
        Gauge("gridcity_calendar_changes_waiting", "Changes of the calendar not yet reckoned.",
              {"": changes}),
        Gauge("gridcity_notices", "Notices that wait to be sent, and those given up.",
              owed, "state"),
    ]  # fmt: skip


def lines_of(gauge: Gauge) -> Iterable[str]:
    """A measure in the text format, its labels in order."""
    yield f"# HELP {gauge.name} {gauge.help}\n"
    yield f"# TYPE {gauge.name} gauge\n"
    for key, value in sorted(gauge.values.items()):
        label = f'{{{gauge.label}="{key}"}}' if gauge.label else ""
        yield f"{gauge.name}{label} {value:g}\n"
