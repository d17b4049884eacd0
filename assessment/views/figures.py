"""The figures for officials: the first page, the list behind each number, what each one means."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_GET

from assessment.dimensions import DIMENSIONS
from assessment.forms import period_asked
from assessment.handbook import entry_of
from assessment.indicators import INDICATORS, Indicator, defined_as, registry
from assessment.periods import Period, period_from, shortcuts_of
from assessment.rates import percent_of
from assessment.selectors.appealed import rows_taken_out
from assessment.selectors.cells import open_cases_by_cell
from assessment.selectors.dashboard import READERS, build_dashboard
from assessment.selectors.figures import indicators_for
from assessment.selectors.lists import count_behind, list_rows, names_of, page_rows
from assessment.selectors.readers import READS_HANDBOOK, SEES_OWN, reader_of
from assessment.views.reading import word_of
from assessment.views.screens import screen_context
from cases.selectors.paging import Page
from dispatch.views.entry import entering
from gridcity.contracts import Actor, NotVisible, Role

# Whoever works with cases may see where they lie; each counts only what he sees.
SEES_CELLS = READERS | {Role.ACCEPTOR, Role.DEPARTMENT, Role.SUPERVISOR}


@require_GET
def dashboard(request: HttpRequest) -> HttpResponse:
    """GET /dashboard/?period=today|yesterday|week|… or ?since=&until=; see `CHOICES`."""
    actor = reader_of(request.user)
    period, form, status = period_asked(request.GET, timezone.now())
    lists = reverse("assessment:list")
    built = build_dashboard(actor, period, lists)
    context = _frame(actor, period) | {
        "form": form,
        "dashboard": built,
        **screen_context(request, actor, period),
    }
    return render(request, "assessment/dashboard.html", context, status=status)


@require_GET
def figure_list(request: HttpRequest) -> HttpResponse:
    """GET /dashboard/list/?figure=…&period=…[&street=…&department=…&class=…&state=…&cell=…].

    With `uncounted=1` the rows that upheld appeals took out of the figure.
    """
    wanted = {key: value for key in DIMENSIONS if (value := word_of(request.GET, key))}
    actor = reader_of(request.user, SEES_OWN if wanted.get("person") else READERS)
    period = period_from(request.GET, timezone.now())
    with defined_as(dict(period.former)):
        context = _frame(actor, period) | _listed(request, actor, period, wanted)
    return render(request, "assessment/list.html", context)


def _listed(
    request: HttpRequest, actor: Actor, period: Period, wanted: dict[str, str]
) -> dict[str, object]:
    """A figure with its rows, by the definitions of today or of then. Raises NotVisible."""
    indicator = _indicator(actor, request.GET.get("figure", ""), set(wanted))
    cursor = request.GET.get("cursor")
    out = {"uncounted": "1"} if request.GET.get("uncounted") else {}
    behind = _uncounted if out else _counted

    def address(kept: dict[str, str]) -> str:
        return period.address(request.path, figure=indicator.key, **kept, **out)

    def without(key: str) -> str:
        return address({name: value for name, value in wanted.items() if name != key})

    return behind(indicator, actor, period, wanted, cursor) | {
        "indicator": indicator,
        "is_former": indicator is not INDICATORS[indicator.key],
        "named": indicator.label,
        "rows_id": "figure-rows",
        "whole_url": period.address(request.path, figure=indicator.of, **wanted),
        "whole_indicator": registry().get(indicator.of),
        "narrowed": [(*named, without(named[0])) for named in names_of(wanted)],
        "clear_url": address({}),
        "columns": "assessment/includes/_rows.html",
    }


def _counted(
    indicator: Indicator, actor: Actor, period: Period, wanted: dict[str, str], cursor: str | None
) -> dict[str, object]:
    """The rows that a figure counts."""
    counts = count_behind(indicator.parts, actor, period, wanted)
    # A month is not looked through for what is known not to be in it.
    page = (
        list_rows(indicator, actor, period, wanted, cursor=cursor)
        if counts[indicator.key] or cursor
        else Page([], None, None)
    )
    return {
        "page": page,
        "total": counts[indicator.key],
        "whole": counts[indicator.of] if indicator.is_rate else None,
        "percent": percent_of(indicator, counts) if indicator.is_rate else "",
    }


def _uncounted(
    indicator: Indicator, actor: Actor, period: Period, wanted: dict[str, str], cursor: str | None
) -> dict[str, object]:
    """What upheld appeals took out of it."""
    rows = rows_taken_out(indicator, actor, period, wanted)
    return {
        "page": page_rows([rows], indicator.grain, period, cursor=cursor),
        "total": rows.count(),
        "whole": None,
        "uncounted": True,
    }


@require_GET
def indicators(request: HttpRequest) -> HttpResponse:
    """GET /dashboard/indicators/: what each figure counts, from the registry itself."""
    actor = entering(request, READS_HANDBOOK)
    context = {
        "entries": [entry_of(each) for each in INDICATORS.values()],
        "reads_figures": bool(actor.roles & READERS),
    }
    return render(request, "assessment/indicators.html", context)


@require_GET
@cache_control(private=True, max_age=15)
def cells_open(request: HttpRequest) -> JsonResponse:
    """GET /map/cells/open/ → {as_of, counts: {cell code: open cases}}, of what the user sees."""
    actor = reader_of(request.user, SEES_CELLS)
    counts = open_cases_by_cell(actor)
    return JsonResponse({"as_of": timezone.now().isoformat(), "counts": counts})


def _indicator(actor: Actor, key: str, narrowed: set[str]) -> Indicator:
    """A figure that this actor may see, of a person those of his post. Raises NotVisible."""
    listed = registry().values() if "person" in narrowed else indicators_for(actor)
    found = next((each for each in listed if each.key == key), None)
    if found is None:
        raise NotVisible
    return found


def _frame(actor: Actor, period: Period) -> dict[str, object]:
    """What every page of figures shows: its period, its data time, and whose view it is."""
    return {
        "period": period,
        "period_query": urlencode(period.query),
        "shortcuts": shortcuts_of(period),
        "sees_filed_only": len(indicators_for(actor)) < len(INDICATORS),
    }
