"""A citizen's report on one page, without an account (ux.md 24, domain law §4 `report`).

The same form is read with and without scripts: a script sends it with its photos made small and
shows what the server answers; without one the page comes back with its questions.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode
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
from cases.services.reporting import ReportInput
from dispatch.api.reading import Said, form_fields, photos_from
from dispatch.services.supplementing import supplement_nearby
from gridcity.citizens import classes, ground
from gridcity.citizens.forms import ANEW, NOT_ASKED, ReportForm, key_of, new_key, place_among
from gridcity.citizens.keys import code_of_key
from gridcity.citizens.large import chooses_type
from gridcity.contracts import Invalid, Refused
from gridcity.errors import wants_json
from gridcity.logins import client_address
from gridcity.services.counting import count_address
from parts.selectors.places import Found

HOUR = timedelta(hours=1)
MAP = {"own": {"follow": True, "zoom": 17.5}, "pin": {"movable": True}, "zoom": 14}
# What belongs to the sending and not to what is said.
NOT_SAID = ("csrfmiddlewaretoken", "key")


class AskAgain(Invalid):
    """The page has a question before it sends: which place, or whether it is one of these cases."""

    def __init__(
        self,
        sentence: Any,
        *,
        field: str,
        places: Sequence[Found] = (),
        nearby: Sequence[ground.Nearby] = (),
    ) -> None:
        super().__init__(sentence, code="ask_again", **{field: sentence})
        self.places, self.nearby = list(places), list(nearby)
        self.kept = {"nearby": [ground.nearby_out(one) for one in nearby]}


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
    count_address(
        what="report", address=client_address(request), at=at,
        most=settings.PUBLIC_REPORTS_PER_HOUR, within=HOUR,
    )  # fmt: skip
    said = _read(request)
    key = key_of(request.headers.get("Idempotency-Key", "") or str(said.fields.get("key", "")))
    form = ReportForm({name: _plain(value) for name, value in said.fields.items()})
    try:
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
        raise _invalid(form)
    place, words = place_of(form, at)
    fields = {name: value for name, value in said.fields.items() if name not in NOT_SAID}
    content = Said(fields, said.uploads).fingerprint(reverse("gridcity:report"))
    photos = photos_from(said, role="near")
    _status, answer = once(
        user_id=None, key=key, content=content, at=at,
        act=lambda: (201, _act(form, place, words, photos, key, at)),
    )  # fmt: skip
    return dict(answer)


def _invalid(form: ReportForm) -> Invalid:
    lines = {name: [str(line) for line in errors] for name, errors in form.errors.items()}
    first = next(iter(lines.values()))[0]
    refusal = Invalid(_("Please check: %(first)s") % {"first": first})
    refusal.fields = {name: list(each) for name, each in lines.items()}
    return refusal


def place_of(form: ReportForm, at: datetime) -> tuple[Place, str]:
    """The point of a report and its words: from the map, else from the address by the geocoder.

    Raises AskAgain where several places answer, Invalid where none does.
    """
    on, address = timezone.localdate(at), form.cleaned_data["address"].strip()
    pinned = form.pinned()
    if pinned is not None:
        return pinned, address or ground.words_of_point(pinned.lon, pinned.lat, on=on)
    if not address:
        sentence = _("Tap the place on the map, or write where it is.")
        raise Invalid(sentence, address=sentence)
    found = ground.places_of(address, on=on)
    if not found:
        sentence = _("No place answers to these words: name a street, a lane or a building nearby.")
        raise Invalid(sentence, address=sentence)
    meant = place_among(found, form.cleaned_data["spot"])
    if meant is None:
        raise AskAgain(_("Several places answer to these words: which one is it?"),
                       field="address", places=found)  # fmt: skip
    return Place(meant.lon, meant.lat, None, "manual"), address


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
    entry = said["what"]
    report = ReportInput(
        kind=entry.kind, class_code=entry.code, scheme=entry.scheme_id, place=place,
        place_text=words, description=said["words"] or f"{entry.name}（{words}）",
    )  # fmt: skip
    case = report_as_citizen(
        at=at, report=report, phone=said["phone"], query_code=code_of_key(key), photos=photos
    )
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
    """What the receipt shows. The code stands behind the # of the address: no log sees it."""
    page = f"{reverse('gridcity:follow')}?{urlencode({'number': number})}"
    base = settings.PUBLIC_URL or request.build_absolute_uri("/").rstrip("/")
    drawn = segno.make(f"{base}{page}#{code}", error="m", micro=False)
    return {
        "number": number,
        "code": f"{code[:4]} {code[4:]}",
        "follow_url": f"{page}#{code}",
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
