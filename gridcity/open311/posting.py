"""POST requests: read as GeoReport says it, taken in as `/report/` and the API take it in."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.core.files.uploadedfile import UploadedFile
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request

from cases.services.citizens import report_as_citizen
from cases.services.ending import CITIZEN
from cases.services.once import once
from cases.services.placing import Place
from cases.services.reporting import ReportInput
from cases.sources import PUBLIC_SOURCES
from dispatch.api.reading import Said, photos_from
from dispatch.selectors.actors import actor_of
from gridcity.citizens.classes import value_of
from gridcity.citizens.forms import ReportForm
from gridcity.citizens.keys import code_of_key
from gridcity.citizens.reading import AskAgain, place_of, refusal_of, report_of
from gridcity.contracts import Invalid, key_of
from gridcity.models import User
from gridcity.open311.services import PART_CODE, service_of
from parts.models import CatalogueClass
from parts.selectors.places import place_of_code

FILES = ("media", "photos")
# What belongs to the sending and not to what is said.
NOT_SAID = frozenset({"api_key", "jurisdiction_id"})
ATTRIBUTE = f"attribute[{PART_CODE}]"
TARGET = "POST open311 requests"


@dataclass(frozen=True, slots=True)
class Taken:
    """The request that was made; `code` is its query code, "" where nobody follows it."""

    number: str
    code: str


def said_in(request: Request) -> Said:
    """Fields and photos of a form. Raises Invalid for a file or an attribute nobody asked for."""
    others = [name for name in request.FILES if name not in FILES]
    if others:
        raise Invalid(
            _("Files are sent as “media”."), **{others[0]: _("Unknown name of a file field.")}
        )
    fields = {name: request.POST[name].strip() for name in request.POST if name not in NOT_SAID}
    unknown = [name for name in fields if name.startswith("attribute[") and name != ATTRIBUTE]
    if unknown:
        raise Invalid(_("The service has no such attribute."), **{unknown[0]: _("Unknown.")})
    if fields.get("media_url"):
        raise Invalid(
            _("Photos are not fetched from elsewhere: send them as files of a multipart form."),
            media_url=_("Send files as “media”."),
        )
    uploads: list[UploadedFile] = [one for name in FILES for one in request.FILES.getlist(name)]
    return Said(fields, uploads)


def take(request: Request, client: User | None, *, at: datetime) -> Taken:
    """Take in a report, once for its key. Raises Refused."""
    said = said_in(request)
    report = report_in(said.fields, at)
    photos = photos_from(Said({}, said.uploads), role="near")
    actor = actor_of(client) if client else CITIZEN
    is_followed = client is None or client.source in PUBLIC_SOURCES
    content = said.fingerprint(TARGET)
    repeats = key_of(request.headers.get("Idempotency-Key", "")) or key_of_device(
        said.fields.get("device_id", ""), content, at
    )
    key = repeats or uuid4()

    def act() -> tuple[int, dict[str, Any]]:
        case = report_as_citizen(
            at=at, report=report, photos=photos, actor=actor, phone=said.fields.get("phone", ""),
            name=name_in(said.fields), query_code=code_of_key(key) if is_followed else "",
        )  # fmt: skip
        return 201, {"number": case.number}

    user_id = client.pk if client else None
    _status, answer = once(user_id=user_id, key=repeats, content=content, at=at, act=act)
    return Taken(answer["number"], code_of_key(key) if is_followed else "")


def key_of_device(device: str, content: bytes, at: datetime) -> UUID | None:
    """The key of who sends none: what one device says twice on a day in the same words is one."""
    if not device:
        return None
    said = f"{device}|{timezone.localdate(at)}|{content.hex()}"
    digest = salted_hmac("gridcity.open311.device", said, algorithm="sha256").digest()
    return UUID(bytes=digest[:16])


def name_in(fields: dict[str, Any]) -> str:
    """First and last name as one, in the order of its writing."""
    first, last = fields.get("first_name", ""), fields.get("last_name", "")
    return f"{first} {last}".strip() if f"{first}{last}".isascii() else f"{last}{first}"


def report_in(fields: dict[str, Any], at: datetime) -> ReportInput:
    """The report of a request. Raises Invalid naming what is missing or wrong."""
    if not fields.get("service_code"):
        raise Invalid(_("Which service is it?"), service_code=_("Missing."))
    entry = service_of(fields["service_code"])
    form = ReportForm(form_of(fields, entry))
    if not form.is_valid():
        raise refusal_of(form)
    place, words = located(fields, form, at)
    return replace(report_of(form, place, words), part_code=part_code_in(fields, entry))


def form_of(fields: dict[str, Any], entry: CatalogueClass) -> dict[str, str]:
    """The fields of the citizens' form."""
    return {
        "what": value_of(entry),
        "words": fields.get("description", ""),
        "phone": fields.get("phone", ""),
        "address": fields.get("address_string", ""),
        "lon": fields.get("long", ""),
        "lat": fields.get("lat", ""),
    }


def located(fields: dict[str, Any], form: ReportForm, at: datetime) -> tuple[Place, str]:
    """Point and words: by lat and long, else by address_id, else by address_string."""
    lat, lon, code = (fields.get(name, "") for name in ("lat", "long", "address_id"))
    if bool(lat) != bool(lon):
        missing = "long" if lat else "lat"
        raise Invalid(_("lat and long belong together."), **{missing: _("Missing.")})
    if lat or not code:
        if not (lat or fields.get("address_string")):
            sentence = _("Where is it? Send lat and long, address_string or address_id.")
            raise Invalid(sentence, address_string=_("Missing."))
        return placed(form, at)
    found = place_of_code(code=code, on=timezone.localdate(at))
    if found is None:
        raise Invalid(_("There is no place with this address_id."), address_id=_("Unknown."))
    words = form.cleaned_data["address"].strip() or found.name
    return Place(found.lon, found.lat, None, "manual"), words


def placed(form: ReportForm, at: datetime) -> tuple[Place, str]:
    """As on the page. Raises Invalid; where several places answer, with the address_id of each."""
    try:
        return place_of(form, at)
    except AskAgain as question:
        codes = [f"{one.code} {one.name}" for one in question.places]
        raise Invalid(question.detail, code=question.code, address_id=[*codes]) from None


def part_code_in(fields: dict[str, Any], entry: CatalogueClass) -> str:
    """The code of the part, where one is told. Raises Invalid for an event, which has none."""
    code = str(fields.get(ATTRIBUTE, ""))
    if code and entry.kind != CatalogueClass.Kind.PART:
        raise Invalid(_("The service has no such attribute."), **{ATTRIBUTE: _("Unknown.")})
    return code
