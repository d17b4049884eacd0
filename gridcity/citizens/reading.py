"""What a citizen's report says, read alike from the page and from Open311: where, and of what."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cases.services.placing import Place
from cases.services.reporting import ReportInput
from gridcity.citizens import ground
from gridcity.citizens.forms import ReportForm, place_among
from gridcity.contracts import Invalid
from gridcity.logins import client_address
from gridcity.services.counting import count_address
from parts.selectors.places import Found

HOUR = timedelta(hours=1)


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


def refusal_of(form: ReportForm) -> Invalid:
    """What is wrong with a form that is not valid, field by field."""
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


def report_of(form: ReportForm, place: Place, words: str) -> ReportInput:
    """The report of a valid form; who says nothing of it has said class and place."""
    entry = form.cleaned_data["what"]
    return ReportInput(
        kind=entry.kind, class_code=entry.code, scheme=entry.scheme_id, place=place,
        place_text=words, description=form.cleaned_data["words"] or f"{entry.name}（{words}）",
    )  # fmt: skip


def count_report(request: HttpRequest, at: datetime) -> None:
    """Count a report without account of an address, by whichever door. Raises TooMany."""
    count_address(
        what="report", address=client_address(request), at=at,
        most=settings.PUBLIC_REPORTS_PER_HOUR, within=HOUR,
    )  # fmt: skip


def base_of(request: HttpRequest) -> str:
    """How the site is reached, for addresses that leave it."""
    return settings.PUBLIC_URL or request.build_absolute_uri("/").rstrip("/")


def follow_page(number: str, code: str) -> str:
    """Where a report is followed. The code stands behind the #: no log sees it."""
    return f"{reverse('gridcity:follow')}?{urlencode({'number': number})}#{code}"
