"""What a request says, read once for JSON and multipart alike, and carried out once for its key."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.http import QueryDict
from django.utils.dateparse import parse_datetime
from django.utils.timezone import get_current_timezone, is_naive, make_aware
from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request
from rest_framework.response import Response

from cases.services.evidence import PhotoInput, Prepared, prepare_photos
from cases.services.once import Answer, content_sha256, once
from dispatch.actions import Unreadable, degrees
from gridcity.contracts import Actor, Invalid, key_of

# Fields of a multipart form that may be repeated; of any other the last one counts.
LISTS = frozenset({"photo_roles", "photo_taken_at", "assistants"})
# Fields that a multipart form, which knows only text, carries as JSON.
NESTED = frozenset({"reporter", "photos_meta"})
PHOTO_FIELDS = frozenset({"photos", "photos[]"})
EARLIEST, LATEST = 2000, 2200  # years; what lies outside is a slip, and PostgreSQL has its limits


@dataclass(frozen=True, slots=True)
class Said:
    """A request's fields and files."""

    fields: dict[str, Any]
    uploads: list[UploadedFile]

    def fingerprint(self, target: str) -> bytes:
        """What the request asks for, as one hash. Raises Invalid for fields nested too deeply."""
        files = [("photos", file) for file in self.uploads]
        try:
            return content_sha256(target, self.fields, files)
        except RecursionError:  # they could just be read, from a lower frame
            raise Invalid(_("The request could not be read.")) from None


def read(request: Request) -> Said:
    """The fields of a request as plain values. Raises Invalid for a body of another shape."""
    data = request.data
    if isinstance(data, QueryDict):
        return Said(form_fields(data), uploads_of(request))
    if not isinstance(data, dict):
        raise Invalid(_("The request is a JSON object or a form."))
    check_photos_are_files(name for name in PHOTO_FIELDS if data.get(name))
    return Said(data, [])


def check_photos_are_files(named: Iterable[str]) -> None:
    """Raise Invalid for photos that came as a value and not as files: none is lost silently."""
    for name in named:
        raise Invalid(
            _("Photos go as files of a multipart form."), **{name: _("This must be a file.")}
        )


def form_fields(data: QueryDict) -> dict[str, Any]:
    """A form's fields: lists where they may repeat, JSON where they nest, `reporter.name` too."""
    fields: dict[str, Any] = {}
    for name, values in data.lists():
        base, _dot, inner = name.partition(".")
        if name in PHOTO_FIELDS or not values:
            continue
        if inner and base in NESTED:
            nested = fields.setdefault(base, {})
            if isinstance(nested, dict):
                nested[inner] = values[-1]
        elif name.removesuffix("[]") in LISTS:
            fields[name.removesuffix("[]")] = list_from(values)
        else:
            fields[name] = from_json(name, values[-1]) if name in NESTED else values[-1]
    return fields


def list_from(values: list[Any]) -> list[Any]:
    """A repeated field, or one value that holds a JSON list."""
    if len(values) == 1 and str(values[0]).lstrip().startswith("["):
        try:
            listed = json.loads(values[0])
        except (ValueError, RecursionError):
            return values
        return listed if isinstance(listed, list) else values
    return values


def from_json(name: str, text: Any) -> Any:
    if not str(text).strip():
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise Invalid(
            _("Please check the marked fields."), **{name: _("This must be JSON.")}
        ) from None


def uploads_of(request: Request) -> list[UploadedFile]:
    """The photos of a form. Raises Invalid for a file under any other name: none is lost."""
    check_photos_are_files(name for name in PHOTO_FIELDS if any(request.POST.getlist(name)))
    others = [name for name in request.FILES if name not in PHOTO_FIELDS]
    if others:
        raise Invalid(
            _("Files are sent as “photos”."), **{others[0]: _("Unknown name of a file field.")}
        )
    return [file for name in sorted(PHOTO_FIELDS) for file in request.FILES.getlist(name)]


def photos_from(said: Said, *, role: str) -> list[Prepared]:
    """The photos with what was said of each, re-encoded; `role` where none was said.

    Parallel lists `photo_roles` and `photo_taken_at`, or one list of objects `photos_meta`.
    """
    meta = said.fields.get("photos_meta")
    meta = [] if meta is None else meta
    if not isinstance(meta, list) or any(not isinstance(item, dict) for item in meta):
        raise Invalid(_("Please check the marked fields."), photos_meta=_("A list of objects."))
    roles = parallel(said.fields, "photo_roles")
    taken = parallel(said.fields, "photo_taken_at")
    inputs = []
    for index, upload in enumerate(said.uploads):
        one = dict(meta[index]) if index < len(meta) else {}
        if index < len(roles) and roles[index]:
            one["role"] = roles[index]
        if index < len(taken) and taken[index]:
            one["taken_at"] = taken[index]
        inputs.append(photo_input(upload, one, role))
    return prepare_photos(inputs)


def parallel(fields: dict[str, Any], name: str) -> list[Any]:
    value = fields.get(name)
    if value in (None, ""):
        return []
    listed = value if isinstance(value, list) else [value]
    if any(not isinstance(item, str) for item in listed):
        raise Invalid(_("Please check the marked fields."), **{name: _("This must be text.")})
    return listed


def photo_input(upload: UploadedFile, said: dict[str, Any], role: str) -> PhotoInput:
    try:
        return PhotoInput(
            upload=upload,
            role=str(said.get("role") or role),
            taken_at=instant(said.get("taken_at")),
            lon=within(degrees(said.get("lon")), 180),
            lat=within(degrees(said.get("lat")), 90),
            accuracy_m=within(degrees(said.get("accuracy_m")), 1_000_000),
            placed_by=placed_by(said.get("placed_by")),
        )
    except Unreadable as fault:
        raise Invalid(
            _("Please check what is said of the photos."), photos=fault.sentence
        ) from None


def within(number: float | None, limit: float) -> float | None:
    if number is not None and abs(number) > limit:
        raise Unreadable(_("This is no position."))
    return number


def placed_by(value: Any) -> str:
    if value in (None, ""):
        return ""
    if value not in ("gps", "manual", "part"):
        raise Unreadable(_("One of: gps, manual, part."))
    return str(value)


def instant(value: Any) -> datetime | None:
    """An instant in ISO 8601; without a zone it is local time. None for nothing."""
    if value in (None, ""):
        return None
    found = None
    if isinstance(value, str) and len(value) <= 64:
        try:
            found = parse_datetime(value.strip())
        except ValueError:
            found = None
    if found is None or not EARLIEST <= found.year <= LATEST:
        raise Unreadable(_("An instant like 2026-11-22T09:30:00+08:00."))
    if is_naive(found):
        return make_aware(found, get_current_timezone())
    return found.astimezone(UTC)  # PostgreSQL knows no offset of 16 hours and more


def instant_of(said: Said, name: str) -> datetime | None:
    try:
        return instant(said.fields.get(name))
    except Unreadable as fault:
        raise Invalid(_("Please check the marked fields."), **{name: fault.sentence}) from None


def wants_little(request: Request) -> bool:
    """Whether the caller asks for where the case stands only (RFC 7240, `return=minimal`)."""
    wishes = request.headers.get("Prefer", "").replace(";", ",").split(",")
    return any(wish.strip().lower() == "return=minimal" for wish in wishes)


def answered_once(
    request: Request, said: Said, actor: Actor, at: datetime, act: Callable[[], Answer]
) -> Response:
    """Carry out `act` once for the request's key, and answer the same at every repetition."""
    assert actor.user_id is not None
    key = key_of(request.headers.get("Idempotency-Key", ""))
    status, body = once(
        user_id=actor.user_id,
        key=key,
        content=said.fingerprint(f"{request.method} {request.path}") if key else b"",
        at=at,
        act=act,
    )
    return Response(body, status=status)
