"""A citizen's report on one page, without an account (ux.md 24, domain law §4 `report`).

The same form is read with and without scripts: a script sends it with its photos made small and
shows what the server answers; without one the page comes back with its questions.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import segno
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from cases.services.citizens import report_as_citizen
from cases.services.evidence import Prepared
from cases.services.once import once
from cases.services.placing import Place
from dispatch.api.reading import Said, form_fields, photos_from
from dispatch.services.supplementing import supplement_nearby
from gridcity.citizens import classes, ground
from gridcity.citizens.forms import ANEW, NOT_ASKED, ReportForm, new_key
from gridcity.citizens.keys import code_of_key
from gridcity.citizens.large import chooses_type
from gridcity.citizens.reading import (
    AskAgain,
    base_of,
    count_report,
    follow_page,
    place_of,
    refusal_of,
    report_of,
)
from gridcity.contracts import Invalid, Refused, key_of
from gridcity.errors import wants_json

MAP = {"own": {"follow": True, "zoom": 17.5}, "pin": {"movable": True}, "zoom": 14}
# What belongs to the sending and not to what is said.
NOT_SAID = ("csrfmiddlewaretoken", "key")


@login_not_required
@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
@chooses_type
def page(request: HttpRequest) -> HttpResponse:
    """GET /report/: the form; POST takes the report and answers with the receipt."""
    ground.check_open()
    at = timezone.now()
    if request.method != "POST":
        return _asking(request, ReportForm(), at=at, key=new_key())
    count_report(request, at)
    said = _read(request)
    key: UUID | None = None
    form = ReportForm({name: _plain(value) for name, value in said.fields.items()})
    try:
        key = key_of(request.headers.get("Idempotency-Key", "") or _plain(said.fields.get("key")))
        if key is None:
            raise Invalid(_("This page was open too long: reload it and send again."))
        answer = _take(form, said, key, at)
    except Refused as refusal:
        if wants_json(request):
            raise
        return _asking(request, form, at=at, key=str(key or new_key()), refusal=refusal)
    return _receipt(request, answer, key)


def _read(request: HttpRequest) -> Said:
    """The fields and photos of either way of sending. Raises Invalid for another shape."""
    if request.content_type != "application/json":
        return Said(form_fields(request.POST), request.FILES.getlist("photos"))
    try:
        fields = json.loads(request.body)
    except (ValueError, RecursionError):
        fields = None
    if not isinstance(fields, dict):
        raise Invalid(_("The request could not be read."))
    return Said(fields, [])


def _plain(value: Any) -> str:
    """A value as a form's field has it; lists and objects are none."""
    is_plain = isinstance(value, str | int | float) and not isinstance(value, bool)
    return str(value) if is_plain else ""


def _take(form: ReportForm, said: Said, key: UUID, at: datetime) -> dict[str, Any]:
    """Carry out the report once for its key. Raises Refused."""
    if not form.is_valid():
        raise refusal_of(form)
    place, words = place_of(form, at)
    fields = {name: value for name, value in said.fields.items() if name not in NOT_SAID}
    content = Said(fields, said.uploads).fingerprint(reverse("gridcity:report"))
    photos = photos_from(said, role="near")
    _status, answer = once(
        user_id=None, key=key, content=content, at=at,
        act=lambda: (201, _act(form, place, words, photos, key, at)),
    )  # fmt: skip
    return dict(answer)


def _same_case(form: ReportForm, place: Place, at: datetime) -> str:
    """The number of the case nearby that is meant; "" for a report of its own.

    Raises AskAgain where there are such cases and nobody was asked about them.
    """
    same = form.cleaned_data["same"]
    if same == ANEW:
        return ""
    entry = form.cleaned_data["what"]
    shown = ground.open_nearby(entry=entry, lon=place.lon, lat=place.lat, at=at)
    if same != NOT_ASKED:
        return ground.case_of_mark(same, shown)
    if shown:
        raise AskAgain(_("Somebody may have reported this already. Is it one of these?"),
                       field="same", nearby=[nearby for _case, nearby in shown])  # fmt: skip
    return ""


def _act(
    form: ReportForm,
    place: Place,
    words: str,
    photos: Sequence[Prepared],
    key: UUID,
    at: datetime,
) -> dict[str, Any]:
    """Report, or add to the case nearby; what is kept of the answer names no code.

    Whether there is one is looked up here, where a repetition does not come: it would find the
    report itself.
    """
    said = form.cleaned_data
    same = _same_case(form, place, at)
    if same:
        supplement_nearby(number=same, at=at, words=said["words"], photos=photos)
        return {"added": True}
    case = report_as_citizen(
        at=at, report=report_of(form, place, words), phone=said["phone"],
        query_code=code_of_key(key), photos=photos,
    )  # fmt: skip
    return {"number": case.number}


# ---------------------------------------------------------------- answers


def _receipt(request: HttpRequest, answer: Mapping[str, Any], key: UUID) -> HttpResponse:
    """Number, code and QR, or a word of thanks for what was added."""
    context: dict[str, Any] = {"answer": answer}
    if "number" in answer:
        context |= receipt_of(request, answer["number"], code_of_key(key))
    if wants_json(request):
        html = render_to_string("gridcity/includes/_receipt.html", context, request)
        return JsonResponse({**answer, "html": html}, status=201)
    return render(request, "gridcity/reported.html", context, status=201)


def receipt_of(request: HttpRequest, number: str, code: str) -> dict[str, str]:
    """What the receipt shows."""
    page = follow_page(number, code)
    drawn = segno.make(f"{base_of(request)}{page}", error="m", micro=False)
    return {
        "number": number,
        "code": f"{code[:4]} {code[4:]}",
        "follow_url": page,
        "qr": drawn.svg_inline(border=4, omitsize=True),
    }


def _asking(
    request: HttpRequest,
    form: ReportForm,
    *,
    at: datetime,
    key: str,
    refusal: Refused | None = None,
) -> HttpResponse:
    """The form, as it was filled in, with the questions that a refusal brings."""
    context = {
        "form": form,
        "key": key,
        "refusal": refusal,
        "places": getattr(refusal, "places", []),
        "nearby": getattr(refusal, "nearby", []),
        "photos_again": bool(request.FILES),
        "groups": classes.groups(),
        "common": classes.common(at=at),
        "map": MAP | _pin_of(form),
        "feeds": json.dumps(ground.GROUND.feeds()),
        "photo_limit": settings.PHOTO_MAX_COUNT,
    }
    return render(
        request, "gridcity/report.html", context, status=refusal.status if refusal else 200
    )


def _pin_of(form: ReportForm) -> dict[str, Any]:
    """The pin where it stood, on a page that comes back."""
    place = form.pinned() if form.is_bound and hasattr(form, "cleaned_data") else None
    if place is None:
        return {}
    return {"pin": {"movable": True, "lon": place.lon, "lat": place.lat}}
