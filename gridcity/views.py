"""The first pages: login, and home, which sends each role to its own desk."""

from __future__ import annotations

import sys
from typing import Any

from django.contrib.auth import views as auth
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _

from gridcity.contracts import Invalid, Refused, Role
from gridcity.errors import AWAY, away_response, refusal_response, wants_json
from gridcity.logins import check_address
from gridcity.open311 import answers as georeport

# Where each role begins its day; the first that a user holds counts.
HOMES: tuple[tuple[str, str], ...] = (
    (Role.DUTY_CHIEF, "dispatch:queue"),
    (Role.ACCEPTOR, "dispatch:queue"),
    (Role.SUPERVISOR, "cases:patrol"),
    (Role.DISPATCHER, "dispatch:queue"),
    (Role.DEPARTMENT, "dispatch:queue"),
    (Role.OFFICIAL, "assessment:dashboard"),
    (Role.ADMINISTRATOR, "admin:index"),
)

FAULT = _("Something went wrong here. The administrators find it by the id.")


@method_decorator(login_not_required, name="dispatch")
class LoginView(auth.LoginView):
    """Login by username and password; ten failures lock the pair of name and address.

    An address that tries many names must wait as well (TooMany).
    """

    template_name = "gridcity/login.html"
    redirect_authenticated_user = True

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        check_address(request, at=timezone.now())
        return super().post(request, *args, **kwargs)


def home(request: HttpRequest) -> HttpResponse:
    """Send a user to the page where his role works."""
    roles = getattr(request.user, "roles", [])
    for role, page in HOMES:
        if role in roles:
            return redirect(page)
    return redirect("api-docs")


@login_not_required
def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form sent from a page that was open too long: say so instead of a bare 403."""
    refusal = Refused(
        _(
            "This page was open too long. Go back, reload it and send again; "
            "your text is still there."
        ),
        code="csrf",
    )
    return render(request, "gridcity/refused.html", {"refusal": refusal}, status=403)


@login_not_required
def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400 for what is no request of this site, such as one for the name of another."""
    return refusal_response(request, Invalid(_("The request could not be read.")))


@login_not_required
def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404 for what is not there and for what this user may not see alike."""
    return render(request, "gridcity/not_found.html", status=404)


@login_not_required
def server_error(request: HttpRequest) -> HttpResponse:
    """500 with the short id that the log carries too; clients of the API get the one shape.

    503 where the database went away under a middleware: Django calls this inside its `except`.
    """
    problem = sys.exception()
    if isinstance(problem, AWAY):
        return away_response(request, problem)
    if georeport.is_for(request):
        return georeport.errors(request, [str(FAULT)], 500)
    if wants_json(request):
        request_id = request.META.get("gridcity.request_id", "")
        body = {"code": "error", "detail": FAULT, "fields": {}, "id": request_id}
        return JsonResponse(body, status=500)
    return render(request, "gridcity/server_error.html", status=500)
