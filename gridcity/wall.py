"""The wall of a command hall: one page for a screen that nobody sits at, let in by its token.

It shows what officials read, without a person, a case number or a link. The token comes in the
part of the address after `#`, which no server and no log sees; the page hands it over once, and a
cookie of `/wall/` keeps it.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_safe

from assessment.selectors.wall import WALL, Wall, build_wall
from gridcity.contracts import Forbidden
from gridcity.live import filter_for, stream_of
from gridcity.logins import check_address, client_address, note_failure
from gridcity.models import WallScreen
from gridcity.open_ground import OpenGround
from gridcity.services.walls import count_asking, find_screen
from gridcity.times import NO_LAMP, face_of

COOKIE = "gridcity_wall"
COOKIE_PATH = "/wall/"
COOKIE_AGE = 366 * 24 * 3600
# All walls of a hall show one count: at most so many seconds old, and its data time stands on it.
KEPT_S = 4
# The ground and the cells, by the screen's own token.
GROUND = OpenGround("gridcity:wall-map", "gridcity:wall-tile", frozenset({"cells", "streets"}))
# The chart of the day, in its own units: 24 hours of 20, 100 high.
HOUR_WIDTH, CHART_HEIGHT = 20, 100


def screen_of(request: HttpRequest) -> WallScreen:
    """The screen that asks. Raises Forbidden for none, and for one that was revoked."""
    screen = find_screen(request.COOKIES.get(COOKIE, ""))
    if screen is None:
        raise Forbidden(_("This screen has no valid token; an administrator gives it a new one."))
    if screen.revoked_at is not None:
        raise Forbidden(_("This screen was revoked; an administrator makes a new one."))
    return screen


@login_not_required
@never_cache
@require_http_methods(["GET", "POST"])
def page(request: HttpRequest) -> HttpResponse:
    """GET /wall/: the wall, or the form that takes a token; POST with `token` keeps it."""
    if request.method == "POST":
        return _let_in(request)
    try:
        screen = screen_of(request)
    except Forbidden as refusal:
        refused = refusal if request.COOKIES.get(COOKIE) else None
        return render(request, "gridcity/wall_token.html", {"refusal": refused})
    context = {
        "screen": screen,
        "feeds": GROUND.feeds(),
        "settings": {"zoom": 13, "fit": "area", "still": True, "shade": {"counts": {}}},
    }
    return render(request, "gridcity/wall.html", context)


def _let_in(request: HttpRequest) -> HttpResponse:
    """Keep a good token in a cookie that only the wall's addresses get; count a wrong one."""
    at = timezone.now()
    check_address(request, at=at)
    token = request.POST.get("token", "").strip()[:128]
    screen = find_screen(token)
    if screen is None or screen.revoked_at is not None:
        if screen is None:
            note_failure(what="wall", path="/wall/", address=client_address(request), at=at)
        refusal = Forbidden(_("This token is unknown or was revoked."))
        return render(request, "gridcity/wall_token.html", {"refusal": refusal}, status=403)
    response = redirect("gridcity:wall")
    response.set_cookie(
        COOKIE, token, max_age=COOKIE_AGE, path=COOKIE_PATH, httponly=True, samesite="Strict",
        secure=settings.SECURE,
    )  # fmt: skip
    return response


@login_not_required
@never_cache
@require_GET
def now(request: HttpRequest) -> HttpResponse:
    """GET /wall/now/: what the wall shows now, as a piece of its page."""
    screen = screen_of(request)
    at = timezone.now()
    count_asking(screen_id=screen.pk, at=at)
    key = f"wall:{get_language()}"
    shown: str | None = cache.get(key)
    if shown is None:
        shown = render_to_string("gridcity/includes/_wall.html", _context(build_wall(at)))
        cache.set(key, shown, KEPT_S)
    return HttpResponse(shown)


def _context(wall: Wall) -> dict[str, Any]:
    highest = max((max(hour.values()) for hour in wall.hours), default=0) or 1
    most = max((count for _state, count in wall.states), default=0) or 1
    return {
        "wall": wall,
        "lamps": [(face_of(key) if key else NO_LAMP, count) for key, count in wall.lamps.items()],
        "states": [(state, count, _part(count, most, 100)) for state, count in wall.states],
        "hours": _columns(wall, highest),
        "highest": highest,
        "map": {"counts": wall.cells, "points": wall.points},
        # A page that was opened before an update loads itself anew.
        "script": static("gridcity/js/wall.js"),
    }


def _columns(wall: Wall, highest: int) -> list[dict[str, int]]:
    """The bars of the day's chart: where each begins and how high it is."""
    running = timezone.localtime(wall.period.as_of).hour
    columns = []
    for hour, counts in enumerate(wall.hours):
        reported = _part(counts["reported"], highest, CHART_HEIGHT)
        closed = _part(counts["closed"], highest, CHART_HEIGHT)
        left = hour * HOUR_WIDTH
        columns.append({
            "hour": hour, "middle": left + HOUR_WIDTH // 2, "is_now": int(hour == running),
            "reported": counts["reported"], "closed": counts["closed"],
            "reported_x": left + 2, "reported_y": CHART_HEIGHT - reported, "reported_h": reported,
            "closed_x": left + 11, "closed_y": CHART_HEIGHT - closed, "closed_h": closed,
        })  # fmt: skip
    return columns


def _part(count: int, most: int, size: int) -> int:
    return round(count * size / most)


@login_not_required
@require_GET
def stream(request: HttpRequest) -> HttpResponseBase:
    """GET /wall/live/: tells that something changed, as the stream of officials does."""
    try:
        screen_of(request)
    except Forbidden:
        return HttpResponse(status=403)
    wanted = filter_for(WALL.roles)
    assert wanted is not None
    return stream_of(request, wanted)


@login_not_required
@require_safe
def ground(request: HttpRequest, feed: str) -> HttpResponseBase:
    """GET /wall/map/<feed>/: the district, its roads, the versions of its tiles."""
    screen_of(request)
    return GROUND.feed(request, feed)


@login_not_required
@require_safe
def tile(request: HttpRequest, layer: str, z: int, x: int, y: int) -> HttpResponseBase:
    """GET /wall/tiles/<layer>/<z>/<x>/<y>.mvt: cells and streets, which are public ground."""
    screen_of(request)
    return GROUND.tile(request, layer, z, x, y)
