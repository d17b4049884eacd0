"""The public ranking: published snapshots for everybody, where the city has opened it."""

from __future__ import annotations

import hashlib

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db.models import Count, Max
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from assessment.selectors.published import (
    Published,
    earlier_published,
    get_published,
    latest_published,
    published_snapshots,
)
from gridcity.contracts import NotVisible

KEPT_S = 300


@login_not_required
@require_safe
def ranking(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """GET /ranking/[<id>/]: 404 where the switch is off, as if there were no such page."""
    if not settings.PUBLIC_RANKING:
        raise Http404
    etag = _etag(pk)
    response = get_conditional_response(request, etag=etag)
    if response is None:
        # Without a token of forms no cookie is set: the answer is the same for everybody.
        context = {
            "shown": _shown(pk), "earlier": earlier_published(), "chosen": pk, "csrf_token": "",
        }  # fmt: skip
        response = render(request, "assessment/public_ranking.html", context)
    # The login middleware has looked who asks; nothing here depends on it, so caches need not ask.
    request.session.accessed = False
    response["ETag"] = etag
    # Whoever has chosen a language gets it, and no cache on the way hands it to others.
    reach = "private" if settings.LANGUAGE_COOKIE_NAME in request.COOKIES else "public"
    response["Cache-Control"] = f"{reach}, max-age={KEPT_S}"
    return response


def _shown(pk: int | None) -> list[Published]:
    if pk is None:
        return latest_published()
    try:
        return [get_published(pk)]
    except NotVisible:
        raise Http404 from None


def _etag(pk: int | None) -> str:
    """Snapshots never change: what is published, and in which language, is all there is to know."""
    known = published_snapshots().order_by().aggregate(n=Count("pk"), last=Max("published_at"))
    said = f"{pk} {known} {get_language()}"
    return quote_etag(hashlib.sha256(said.encode()).hexdigest()[:20])
