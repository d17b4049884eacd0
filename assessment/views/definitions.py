"""What a number means, for a dialog of the page that shows it, or as a page of its own."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_GET

from assessment.periods import period_from
from assessment.selectors.dashboard import READERS
from assessment.selectors.definitions import define
from assessment.selectors.ledgers import READERS as LEDGER_READERS
from assessment.selectors.readers import SEES_OWN
from dispatch.views.entry import entering
from gridcity.contracts import Role

# Whoever reads any page with figures; a definition tells nothing of a case.
ASKS = SEES_OWN | LEDGER_READERS | {Role.DEPARTMENT}


@require_GET
def defined(request: HttpRequest, kind: str, key: str) -> HttpResponse:
    """GET /dashboard/defined/figure/filed/?period=…[&as_of=…]; also ledger, stage, snapshot.

    A page of its own where no script fetches it.
    """
    actor = entering(request, ASKS)
    found = define(actor, kind, key, period_from(request.GET, timezone.now()))
    context = {"found": found, "in_handbook": bool(actor.roles & READERS)}
    is_part = request.headers.get("HX-Request") == "true"
    name = "assessment/includes/_defined.html" if is_part else "assessment/defined.html"
    response = render(request, name, context)
    patch_vary_headers(response, ["HX-Request"])
    return response
