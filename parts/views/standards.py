"""处置标准: the filing standards on one page, printed from the live rows."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any
from urllib.parse import quote

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from gridcity.contracts import Invalid, Role
from jobs.services import enqueue_job
from parts.catalogue_forms import StandardQueryForm
from parts.selectors.catalogue import current_scheme, list_schemes
from parts.selectors.standards import (
    ClassStandards,
    Printed,
    StandardFilter,
    body_words,
    limit_words,
    majors_of,
    print_standards,
)
from parts.services.standard_prints import forced_words, standards_pdf, write_xlsx
from parts.standards_job import PRINT
from parts.views.entry import entering

READERS = frozenset(
    {
        Role.ACCEPTOR, Role.DUTY_CHIEF, Role.DISPATCHER, Role.DEPARTMENT, Role.OFFICIAL,
        Role.ADMINISTRATOR,
    }
)  # fmt: skip
FILTERS = ("scheme", "kind", "major", "q", "validity")
# More than this take longer to set than a browser should wait for.
SET_AT_ONCE = 60
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_safe
def standards(request: HttpRequest) -> HttpResponse:
    """GET /district/standards/?scheme=&kind=&major=&q=&validity=: the standards by class."""
    actor = entering(request, READERS)
    faults, printed, on = None, Printed([], 0, 0), timezone.localdate()
    wanted = StandardFilter(current_scheme())
    try:
        wanted = StandardFilter.parse(request.GET.dict())
        printed = print_standards(wanted, on=on)
    except Invalid as refusal:
        faults = refusal
    said = {**request.GET.dict(), "scheme": wanted.scheme}
    context = {
        "form": StandardQueryForm(said, schemes=list_schemes(), auto_id="query-%s"),
        "faults": faults,
        "wanted": wanted,
        "printed": printed,
        "groups": groups_of(printed.classes),
        "majors": [one for one in majors_of(wanted.scheme) if wanted.kind in ("", one[0])],
        "on": on,
        "query": {name: request.GET[name] for name in FILTERS if request.GET.get(name)},
        "is_administrator": Role.ADMINISTRATOR in actor.roles,
        "is_filtered": any(request.GET.get(name) for name in FILTERS[1:]),
        "has_defaults": any(
            standard.is_default for one in printed.classes for standard in one.standards
        ),
    }
    return render(request, "parts/standards.html", context, status=400 if faults else 200)


def groups_of(classes: list[ClassStandards]) -> list[dict[str, Any]]:
    """Classes under their kind and major class, each standard with its words."""
    groups: dict[tuple[str, str], dict[str, Any]] = {}
    for entry, listed in classes:
        group = groups.setdefault(
            (entry.kind, entry.major_code),
            {
                "id": f"{entry.kind}-{entry.major_code}",
                "label": f"{entry.get_kind_display()} · {entry.major_code} {entry.major_name}",
                "classes": [],
            },
        )
        group["classes"].append((entry, [line_of(standard) for standard in listed]))
    return list(groups.values())


def line_of(standard: Any) -> dict[str, Any]:
    return {
        "standard": standard,
        "limits": limit_words(standard),
        "body": body_words(standard),
        "forced": forced_words(standard.forced_close, standard.forced_close_days),
    }


@require_safe
def workbook(request: HttpRequest) -> HttpResponse:
    """GET /district/standards/xlsx/?…: what the page shows, as a workbook."""
    entering(request, READERS)
    wanted, on = StandardFilter.parse(request.GET.dict()), timezone.localdate()
    with tempfile.TemporaryDirectory(prefix="gridcity-standards-") as folder:
        path = Path(folder, "standards.xlsx")
        write_xlsx(path, wanted, on=on)
        content = path.read_bytes()
    name = f"{_('Handling standards')}-{wanted.scheme}-{on.isoformat()}.xlsx"
    return file_response(content, XLSX, name)


@require_POST
def pdf(request: HttpRequest) -> HttpResponse:
    """What the page shows as PDF: a few at once, many in the background."""
    actor = entering(request, READERS)
    query = {name: request.POST[name] for name in FILTERS if request.POST.get(name)}
    wanted, at = StandardFilter.parse(query), timezone.now()
    on = timezone.localdate(at)
    user: Any = request.user
    printed_by = user.full_name or user.get_username()
    if print_standards(wanted, on=on).standards > SET_AT_ONCE:
        job = enqueue_job(
            actor=actor, at=at, kind=PRINT,
            title=_("Handling standards %(scheme)s as PDF") % {"scheme": wanted.scheme},
            arguments={"query": {"scheme": wanted.scheme, **query}, "printed_by": printed_by},
        )  # fmt: skip
        return redirect("jobs:detail", job.pk)
    made = standards_pdf(wanted, on=on, at=at, printed_by=printed_by)
    name = f"{_('Handling standards')}-{wanted.scheme}-{on.isoformat()}.pdf"
    return file_response(made, "application/pdf", name)


def file_response(content: bytes, kind: str, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type=kind)
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    response["Cache-Control"] = "private, no-store"
    return response
