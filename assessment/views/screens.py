"""The parts of the first page that are counted apart: trends, rankings, and the shaded map."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_GET

from assessment.indicators import INDICATORS, Indicator
from assessment.periods import Period, period_from
from assessment.selectors.readers import reader_of
from assessment.selectors.score_map import SCORE, ScoreMap, build_score_map
from assessment.selectors.shading import (
    DEFAULT_FIGURE,
    DEFAULT_LEVEL,
    LEVELS,
    Shading,
    build_shading,
    busiest_cells,
    level_label,
    shaded_figure,
    shading_json,
    shadings_for,
)
from assessment.selectors.standings import RANKED, build_standings
from assessment.selectors.summary import Choices
from assessment.selectors.trends import build_trend, step_choices
from assessment.steps import STEPS
from assessment.views.reading import clean_word, word_of
from gridcity.contracts import Actor, NotVisible

# What an address may choose on the first page beside the period.
CHOICES = ("trend", "step", "shade", "level", *(f"{key}_by" for key in RANKED))
SHOWN_PLACES, PLACES_PAGE = 20, 100


def choices_in(query: QueryDict, without: Iterable[str] = ()) -> list[tuple[str, str]]:
    """The choices of an address, to be kept when another one changes."""
    return [
        (key, clean_word(value))
        for key in CHOICES
        if key not in set(without)
        for value in query.getlist(key)[:20]
    ]


def choices_of(query: QueryDict) -> Choices:
    """The choices of an address for a file; what is none of them is left out, as on the page."""
    shade, level, step = (word_of(query, key) for key in ("shade", "level", "step"))
    ranked_by = {key: word_of(query, f"{key}_by") for key in RANKED}
    return Choices(
        trend=[value for key, value in choices_in(query)
               if key == "trend" and value in INDICATORS],
        step=step if step in STEPS else "",
        ranked_by={key: value for key, value in ranked_by.items() if value in INDICATORS},
        shade=shade if shade in INDICATORS or shade == SCORE else "",
        level=level if level in LEVELS else "",
    )  # fmt: skip


def _kept(request: HttpRequest, period: Period, *without: str) -> list[tuple[str, str]]:
    """Period and other choices, as hidden fields of a form that changes some."""
    return [*period.query.items(), *choices_in(request.GET, without)]


def _answer(
    request: HttpRequest, name: str, heading: str, context: dict[str, object]
) -> HttpResponse:
    """The part alone for the first page, else a page of its own under this heading."""
    is_part = request.headers.get("HX-Request") == "true"
    part = f"assessment/includes/_{name}.html"
    context |= {"is_part": is_part, "part": part, "heading": heading}
    return render(request, part if is_part else "assessment/screen.html", context)


@require_GET
def trends(request: HttpRequest) -> HttpResponse:
    """GET /dashboard/trends/?period=…&trend=filed&trend=closed&step=day|week|month."""
    actor = reader_of(request.user)
    period = period_from(request.GET, timezone.now())
    keys = [value for key, value in choices_in(request.GET) if key == "trend"]
    trend = build_trend(
        actor, period, reverse("assessment:list"), keys=keys, step=word_of(request.GET, "step")
    )
    return _answer(
        request, "trends", _("Trends"),
        {
            "period": period, "trend": trend, "steps": step_choices(trend),
            "kept": _kept(request, period, "trend", "step"),
        },
    )  # fmt: skip


@require_GET
def standings(request: HttpRequest) -> HttpResponse:
    """GET /dashboard/rankings/?period=…&street_by=…&department_by=…: like with like."""
    actor = reader_of(request.user)
    period = period_from(request.GET, timezone.now())
    wanted = {key: word_of(request.GET, f"{key}_by") for key in RANKED}
    built = build_standings(actor, period, reverse("assessment:list"), wanted)
    shown = [(one, _kept(request, period, f"{one.dimension}_by")) for one in built]
    context: dict[str, object] = {"period": period, "standings": shown}
    return _answer(request, "standings", _("Rankings"), context)


@require_GET
def places(request: HttpRequest) -> HttpResponse:
    """GET /dashboard/map/?period=…&shade=…&level=…[&page=…]: the map's figures as a table."""
    actor = reader_of(request.user)
    period = period_from(request.GET, timezone.now())
    shown: ScoreMap | Shading
    if word_of(request.GET, "shade") == SCORE:
        name, figure = "scored_places", _("Score")
        shown = build_score_map(actor, period, _level(request))
    else:
        shown = _shading(request, actor, period)
        name, figure = "places", shown.indicator.name
    listed = shown.places
    is_part = request.headers.get("HX-Request") == "true"
    page = Paginator(listed, SHOWN_PLACES if is_part else PLACES_PAGE).get_page(
        None if is_part else request.GET.get("page")
    )
    return _answer(
        request, name, _("Map: %(figure)s") % {"figure": figure},
        {
            "period": period, "shading": shown, "level_label": level_label(shown.level),
            "page": page, "all_places": len(listed),
            "all_url": period.address(request.path, **dict(choices_in(request.GET, ["trend"]))),
        },
    )  # fmt: skip


@require_GET
def busiest(request: HttpRequest) -> HttpResponse:
    """GET /dashboard/busiest/?period=…: the cells where most was filed."""
    actor = reader_of(request.user)
    period = period_from(request.GET, timezone.now())
    shading, listed = busiest_cells(actor, period, reverse("assessment:list"))
    all_url = period.address(
        reverse("assessment:places"), shade=shading.indicator.key, level=shading.level
    )
    return _answer(
        request, "busiest", _("Busiest cells"),
        {"period": period, "shading": shading, "places": listed, "all_url": all_url},
    )  # fmt: skip


@require_GET
@cache_control(private=True, max_age=15)
def places_json(request: HttpRequest) -> JsonResponse:
    """GET /dashboard/map/figures/ → {as_of, counts: {code: …}}: [count] of a count, [count, whole,
    per cent] of a rate, [score, letter] of the score."""
    actor = reader_of(request.user)
    period = period_from(request.GET, timezone.now())
    if word_of(request.GET, "shade") == SCORE:
        counts: dict[str, Any] = dict(build_score_map(actor, period, _level(request)).counts)
    else:
        counts = dict(shading_json(_shading(request, actor, period)))
    return JsonResponse({"as_of": period.as_of.isoformat(), "counts": counts})


def _level(request: HttpRequest) -> str:
    """The level of an address. Raises NotVisible for an unknown one."""
    level = word_of(request.GET, "level") or DEFAULT_LEVEL
    if level not in LEVELS:
        raise NotVisible
    return level


def _shading(request: HttpRequest, actor: Actor, period: Period) -> Shading:
    return build_shading(
        actor, period, reverse("assessment:list"),
        figure=word_of(request.GET, "shade"), level=word_of(request.GET, "level"),
    )  # fmt: skip


def screen_context(request: HttpRequest, actor: Actor, period: Period) -> dict[str, object]:
    """What the first page needs to place these parts: their addresses, and the map's choices.

    Raises NotVisible for a figure that this actor may not see.
    """
    level = word_of(request.GET, "level")
    level = level if level in LEVELS else DEFAULT_LEVEL
    query = urlencode([*period.query.items(), *choices_in(request.GET)])
    said: dict[str, object]
    if word_of(request.GET, "shade") == SCORE:
        scored = build_score_map(actor, period, level)
        said = {"shade_score": scored, "map": _score_map(scored, query)}
    else:
        figure = shaded_figure(actor, word_of(request.GET, "shade") or DEFAULT_FIGURE)
        said = {"shade_figure": figure, "map": _map(period, figure, level, query)}
    return said | {
        "parts_query": query,
        "choices_query": urlencode(choices_in(request.GET)),
        "choices": choices_in(request.GET),
        "shade_level": level,
        "shade_figures": shadings_for(actor),
        "shade_levels": [(key, level_label(key)) for key in LEVELS],
        "shade_kept": _kept(request, period, "shade", "level"),
    }


def _map(period: Period, figure: Indicator, level: str, query: str) -> dict[str, object]:
    url = period.address(reverse("assessment:list"), figure=figure.key)
    return {
        "shade": {
            "url": f"{reverse('assessment:places-json')}?{query}",
            "list_url": f"{url}&{level}={{cell}}",
            "level": level,
            "rate": figure.is_rate,
            "better": figure.better,
            "title": figure.name,
        },
        "fit": "area",
    }


def _score_map(scored: ScoreMap, query: str) -> dict[str, object]:
    """The map shaded by the grades of a snapshot; without one nothing is shaded."""
    grades = [{"letter": one.letter, "name": one.name, "least": one.least} for one in scored.grades]
    snapshot = scored.snapshot
    explained = reverse("assessment:explained", args=[snapshot.pk, "KEY"]) if snapshot else ""
    shade: dict[str, object] = {
        "url": f"{reverse('assessment:places-json')}?{query}",
        "list_url": explained.replace("KEY", "{cell}"),
        "level": scored.level,
        "title": _("Score"),
    }
    return {"shade": shade | ({"grades": grades} if grades else {}), "fit": "area"}
