"""How long stages last, as a page."""

from __future__ import annotations

from decimal import Decimal

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from assessment.forms import period_asked
from assessment.periods import COMPARED, Period, shortcuts_of
from assessment.selectors.dashboard import signed
from assessment.selectors.readers import reader_of
from assessment.selectors.stages import LEFT, StageTimes, compared_times
from assessment.views.reading import tabs_of, word_of

# What the page offers; the interface knows communities and cells, too.
OFFERED = ("", "street", "department", "class", "source")


@require_GET
def stages(request: HttpRequest) -> HttpResponse:
    """GET /dashboard/stages/?period=…[&by=street|department|class|source]; a panel for htmx."""
    actor = reader_of(request.user)
    period, form, status = period_asked(request.GET, timezone.now())
    by = word_of(request.GET, "by")
    times = compared_times(actor, period, by)
    lists = reverse("assessment:list")
    context = {
        "form": form,
        "period": period,
        "shortcuts": shortcuts_of(period),
        **tabs_of(request.path, period, by, OFFERED),
        "others": COMPARED.values(),
        "rows": [
            (
                one,
                _list_of(one, by, period, lists),
                [_change(one, then) for then in beside.values()],
            )
            for one, beside in times
        ],
    }
    if request.headers.get("HX-Request") == "true":
        context["stages_url"] = period.address(request.path)
        return render(request, "assessment/includes/_stages_panel.html", context)
    return render(request, "assessment/stages.html", context, status=status)


def _change(one: StageTimes, then: StageTimes | None) -> tuple[str, int | None]:
    """By what share the mean in working time has changed, and what it was."""
    was = then.working.mean if then else None
    now = one.working.mean
    moved = None if now is None or not was else Decimal(now - was) * 100 / was
    return signed(moved, " %"), was


def _list_of(one: StageTimes, by: str, period: Period, lists: str) -> str:
    """The list behind a count; of a department what stood in its turns."""
    if not one.count:
        return ""
    narrowed = {"holder" if by == "department" else by: one.key} if by else {}
    return period.address(lists, figure=LEFT.key, state=one.state, **narrowed)
