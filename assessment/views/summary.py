"""The first page as a file to keep, print and pass on."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from assessment.periods import period_from
from assessment.selectors.readers import reader_of
from assessment.selectors.standings import RANKED
from assessment.selectors.summary import Choices, build_summary
from assessment.summary_files import FILES
from assessment.views.reading import word_of
from assessment.views.screens import choices_in


@require_GET
def summary(request: HttpRequest, form: str) -> HttpResponse:
    """GET /dashboard/summary.pdf or .xlsx?period=…, with the choices of the page."""
    if form not in FILES:
        raise Http404
    actor = reader_of(request.user)
    period = period_from(request.GET, timezone.now())
    chosen = Choices(
        trend=[value for key, value in choices_in(request.GET) if key == "trend"],
        step=word_of(request.GET, "step"),
        ranked_by={key: word_of(request.GET, f"{key}_by") for key in RANKED},
    )
    make, kind = FILES[form]
    by = actor.username
    response = HttpResponse(
        make(build_summary(actor, period, chosen), _("Overview of figures"), by), kind
    )
    name = f"gridcity-{period.first:%Y%m%d}-{period.last:%Y%m%d}.{form}"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "private, no-store"
    return response
