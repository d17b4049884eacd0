"""The ledgers: all of them with counts and shares, and the list behind each count."""

from __future__ import annotations

import json
from dataclasses import replace
from urllib.parse import urlencode

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from assessment.forms import period_asked
from assessment.ledgers import LEDGERS
from assessment.periods import Period, shortcuts_of
from assessment.rates import percent
from assessment.selectors.ledger_months import WATCHED, Line, ledger_months, months_chart
from assessment.selectors.ledgers import (
    READERS,
    count_ledgers,
    count_rows,
    ledgers_for,
    list_rows,
    sees_every_row,
)
from dispatch.selectors.actors import actor_of
from gridcity.contracts import Actor, Forbidden, NotVisible, Role

MONTHS_KEPT_S = 600


def reader_of(request: HttpRequest) -> Actor:
    """Who reads the ledgers. Raises Forbidden for every other role."""
    actor = actor_of(request.user)
    if not actor.roles & READERS:
        raise Forbidden(
            _("The ledgers are open to officials, duty chiefs, dispatchers and administrators.")
        )
    return actor


@require_GET
def ledgers(request: HttpRequest) -> HttpResponse:
    """GET /ledgers/?period=today|week|month|last_month or ?since=&until=."""
    actor = reader_of(request)
    period, form, status = period_asked(request.GET, timezone.now())
    context = _frame(actor, period) | {
        "form": form,
        "shown": count_ledgers(actor, period, lambda key: _address(key, period)),
        "months_url": reverse("assessment:ledger-months"),
    }
    return render(request, "assessment/ledgers.html", context, status=status)


@require_GET
def ledger_list(request: HttpRequest, key: str) -> HttpResponse:
    """GET /ledgers/<key>/?period=…: one row for each thing the ledger counts."""
    actor = reader_of(request)
    listed = {each.key: each for each in ledgers_for(actor)}
    ledger = listed.get(key)
    if ledger is None:
        raise NotVisible
    period, form, status = period_asked(request.GET, timezone.now())
    whole = LEDGERS.get(ledger.of)
    total = count_rows(ledger, actor, period)
    whole_total = count_rows(whole, actor, period) if whole else None
    context = _frame(actor, period) | {
        "form": form,
        "ledger": ledger,
        "named": ledger.label,
        "rows_id": "ledger-rows",
        "total": total,
        "page": list_rows(ledger, actor, period, cursor=request.GET.get("cursor")),
        "whole": whole,
        "whole_total": whole_total,
        "whole_url": _address(whole.key, period) if whole else "",
        "percent": percent(total, whole_total or 0),
        "tabs": [(each, _address(each.key, period)) for each in listed.values() if each.of],
        "columns": f"assessment/includes/_ledger_{ledger.row}.html",
        "months_url": f"{reverse('assessment:ledger-months')}?ledger={key}" if ledger.of else "",
    }
    return render(request, "assessment/ledger.html", context, status=status)


@require_GET
def months(request: HttpRequest) -> HttpResponse:
    """GET /ledgers/months/[?ledger=KEY]: shares over the last months, for both pages and alone.

    Counted at most every ten minutes for those who see the same rows; the data time stands on it.
    """
    actor = reader_of(request)
    key = request.GET.get("ledger", "")
    if key and key not in {each.key for each in ledgers_for(actor) if each.of}:
        raise NotVisible
    kept = f"ledger-months:{key}:{sees_every_row(actor)}"
    lines: list[Line] | None = cache.get(kept)
    if lines is None:
        lines = ledger_months(actor, timezone.now(), (key,) if key else WATCHED)
        cache.set(kept, lines, MONTHS_KEPT_S)
    title = __("Share over the last 12 months") if key else __("Shares over the last 12 months")
    chart = months_chart(lines, _address, title, __("Month"))
    context = {
        "months": lines,
        "rows": list(zip(*(line.shown(_address) for line in lines), strict=True)),
        "chart": chart,
        "chart_json": json.dumps(chart, ensure_ascii=False),
        "period": _whole_of(lines),
    }
    return render(request, "assessment/ledger_months.html", context)


def _whole_of(lines: list[Line]) -> Period | None:
    """All the months as one period."""
    if not lines:
        return None
    months = lines[0].months
    return replace(months[-1].period, start=months[0].period.start, key="")


def _address(key: str, period: Period) -> str:
    return period.address(reverse("assessment:ledger", args=[key]))


def _frame(actor: Actor, period: Period) -> dict[str, object]:
    """What both pages show: the period, its data time, and whose view it is."""
    return {
        "period": period,
        "period_query": urlencode(period.query),
        "shortcuts": shortcuts_of(period),
        "sees_filed_only": not sees_every_row(actor),
        "opens_no_case": actor.roles == {Role.ADMINISTRATOR},
    }
