"""The first page as a file to keep, print and pass on."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from assessment.periods import period_from
from assessment.selectors.readers import reader_of
from assessment.summary_files import FILES
from assessment.summary_job import SUMMARY, arguments_of
from assessment.views.screens import choices_of
from gridcity.contracts import Invalid
from jobs.services import enqueue_job


@require_POST
def summary(request: HttpRequest) -> HttpResponse:
    """POST /dashboard/summary/ (form: pdf or xlsx; query: that of the page): a file, in a while."""
    actor = reader_of(request.user)
    form = request.POST.get("form", "")
    if form not in FILES:
        raise Invalid(_("There is no such format."), form=_("Choose one of the list."))
    query, now = QueryDict(request.POST.get("query", "")), timezone.now()
    period = period_from(query, now)
    job = enqueue_job(
        actor=actor, at=now, kind=SUMMARY,
        title=f"{_('Overview of figures')} · {period.first} – {period.last} · {form.upper()}",
        arguments=arguments_of(form, period, choices_of(query)),
    )  # fmt: skip
    return redirect("jobs:detail", job.pk)
