"""Large type on the pages of citizens: chosen once, remembered by a cookie that holds no more."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

COOKIE, LARGE, USUAL = "gridcity_type", "large", "usual"
COOKIE_AGE = 366 * 24 * 3600

View = Callable[..., HttpResponse]


def chooses_type(view: View) -> View:
    """GET ?type=large or ?type=usual keeps the choice; scripts do it in place."""

    @wraps(view)
    def chosen(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        wanted = request.GET.get("type", "")
        if request.method != "GET" or wanted not in {LARGE, USUAL}:
            return view(request, *args, **kwargs)
        rest = request.GET.copy()
        del rest["type"]
        response = redirect(f"{request.path}?{rest.urlencode()}" if rest else request.path)
        # The page's script writes it too.
        response.set_cookie(
            COOKIE, wanted, max_age=COOKIE_AGE, samesite="Lax", secure=settings.SECURE,
        )  # fmt: skip
        return response

    return chosen
