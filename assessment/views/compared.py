"""Every figure beside the period before and the year before, as a page."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from assessment.forms import period_asked
from assessment.periods import shortcuts_of
from assessment.selectors.compared import OFFERED, chosen, compared_figures, figures_of
from assessment.selectors.readers import reader_of
from assessment.views.reading import tabs_of, word_of


@require_GET
def compared(request: HttpRequest) -> HttpResponse:
    """GET /dashboard/compared/?period=…[&by=street|class|source|post|…][&figure=…]."""
    actor = reader_of(request.user)
    by = word_of(request.GET, "by")
    figures = figures_of(actor, by)
    indicator = chosen(figures, by, word_of(request.GET, "figure"))
    period, form, status = period_asked(request.GET, timezone.now(), default="month")
    choices = [("by", by), *([("figure", indicator.key)] if indicator else [])]
    context = {
        "form": form,
        "period": period,
        "shortcuts": shortcuts_of(period),
        **tabs_of(request.path, period, by, OFFERED),
        "figures": figures,
        "indicator": indicator,
        "sections": compared_figures(actor, period, reverse("assessment:list"), by, indicator),
        "choices": choices,
        "choices_query": urlencode(choices),
        "kept": [*period.query.items(), ("by", by)],
    }
    return render(request, "assessment/compared.html", context, status=status)
