"""What a number means, for a dialog of the page that shows it, or as a page of its own."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_GET

from assessment.periods import period_from
from assessment.selectors.definitions import Definition, define, define_tried, split
from assessment.selectors.ledgers import READERS as LEDGER_READERS
from assessment.selectors.readers import READS_HANDBOOK, SEES_OWN
from assessment.selectors.schemes import get_scheme
from assessment.views.trials import TRIES, Tried
from dispatch.views.entry import entering
from gridcity.contracts import Actor, NotVisible

# Whoever reads any page with figures; a definition tells nothing of a case.
ASKS = SEES_OWN | LEDGER_READERS | TRIES


@require_GET
def defined(request: HttpRequest, kind: str, key: str) -> HttpResponse:
    """GET /dashboard/defined/figure/filed/?period=…[&as_of=…]; also ledger, stage,
    snapshot, scheme, and trial with the weights and bands that are tried.

    A page of its own where no script fetches it.
    """
    actor = entering(request, ASKS)
    if kind == "trial":
        found = tried_in(request, actor, key)
    else:
        found = define(actor, kind, key, period_from(request.GET, timezone.now()))
    context = {"found": found, "in_handbook": bool(actor.roles & READS_HANDBOOK)}
    is_part = request.headers.get("HX-Request") == "true"
    name = "assessment/includes/_defined.html" if is_part else "assessment/defined.html"
    response = render(request, name, context)
    patch_vary_headers(response, ["HX-Request"])
    return response


def tried_in(request: HttpRequest, actor: Actor, key: str) -> Definition:
    """A column of a trial: its address says what is tried, as that of the trial does."""
    pk, what = split(key)
    tried = Tried(get_scheme(actor, pk), request.GET.dict())
    if tried.faults or not actor.roles & TRIES:
        raise NotVisible
    period = period_from(request.GET, timezone.now())
    return define_tried(tried.scheme, what, period, is_changed=tried.is_changed)
