"""The code by which a citizen follows his case, given by the acceptor and told once."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from cases.services.ending import issue_query_code
from dispatch.selectors.visible import check_visible
from dispatch.views.entry import entering, frame
from gridcity.contracts import Role


@never_cache
@require_POST
def give(request: HttpRequest, number: str, reporter_id: int) -> HttpResponse:
    """POST /cases/<number>/reporters/<id>/code/: a new code, told this once."""
    actor = entering(request, {Role.ACCEPTOR})
    check_visible(actor, number)
    code = issue_query_code(number=number, reporter_id=reporter_id, actor=actor, at=timezone.now())
    context = {
        **frame(actor),
        "number": number,
        "code": f"{code[:4]} {code[4:]}",
        "address": request.build_absolute_uri(reverse("gridcity:follow")),
    }
    return render(request, "dispatch/query_code.html", context)
