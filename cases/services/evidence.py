"""Photos: decoded, turned upright, re-encoded without metadata, kept beside the case.

What cannot be re-encoded is refused; nothing is stored as it came (domain law §10).
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.contrib.gis.geos import Point
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from cases.models import Case, Event, Photo, PhotoRole
from gridcity.contracts import Actor, Invalid, StorageFull
from parts.photos import NO_ROOM, Encoded, check_size, encode_photo

log = logging.getLogger(__name__)

FOLDER, SUFFIX, THUMBNAIL_SUFFIX = "evidence", ".jpg", "-s.jpg"


@dataclass(frozen=True, slots=True)
class PhotoInput:
    """A photo as it arrives, with what the device says of it."""

    upload: UploadedFile
    role: str = PhotoRole.OTHER
    taken_at: datetime | None = None
    lon: float | None = None
    lat: float | None = None
    accuracy_m: float | None = None
    placed_by: str = ""


@dataclass(frozen=True, slots=True)
class Prepared(Encoded):
    """A re-encoded photo, ready to be stored."""

    said: PhotoInput


def prepare_photos(photos: Sequence[PhotoInput]) -> list[Prepared]:
    """Re-encode photos; done before any transaction, because it takes time and no lock.

    Raises TooLarge over 10 MB, Invalid for more than nine or for what is no readable photo.
    """
    if len(photos) > settings.PHOTO_MAX_COUNT:
        raise Invalid(
            _("At most %(count)d photos at once.") % {"count": settings.PHOTO_MAX_COUNT},
            photos=_("Too many photos."),
        )
    return [prepare_photo(photo) for photo in photos]


def prepare_photo(photo: PhotoInput) -> Prepared:
    """Decode, turn upright and encode one photo as JPEG without any metadata."""
    check_size(photo.upload)
    if photo.role not in PhotoRole.values:
        raise Invalid(_("Unknown role of a photo."), photos=_("Unknown role of a photo."))
    made = encode_photo(photo.upload)
    return Prepared(made.image, made.thumbnail, made.size, made.perceptual_hash, said=photo)


def attach_photos(
    case: Case, event: Event, photos: Sequence[Prepared], *, actor: Actor, at: datetime
) -> list[Photo]:
    """Store photos beside their event; when the rows cannot be written, no file stays behind.

    What a rolled-back request or a killed process leaves is taken away by `leftovers`. Raises
    StorageFull when the files find no room.
    """
    written: list[str] = []
    try:
        rows = [_row(case, event, photo, actor, at, written) for photo in photos]
        return Photo.objects.bulk_create(rows)
    except BaseException as problem:
        for name in written:
            default_storage.delete(name)
        if isinstance(problem, OSError) and problem.errno in NO_ROOM:
            log.error("no room for photos")
            raise StorageFull from None
        raise


def _row(
    case: Case, event: Event, photo: Prepared, actor: Actor, at: datetime, written: list[str]
) -> Photo:
    stem = f"{FOLDER}/{at:%Y/%m/%d}/{uuid.uuid4().hex}"
    for suffix, content in ((SUFFIX, photo.image), (THUMBNAIL_SUFFIX, photo.thumbnail)):
        written.append(default_storage.save(stem + suffix, ContentFile(content)))
    said = photo.said
    has_place = said.lon is not None and said.lat is not None
    return Photo(
        case=case,
        event=event,
        role=said.role,
        file=written[-2],
        thumbnail=written[-1],
        width=photo.size[0],
        height=photo.size[1],
        sha256=photo.sha256,
        perceptual_hash=photo.perceptual_hash,
        taken_at=said.taken_at,
        point=Point(said.lon, said.lat, srid=4490) if has_place else None,
        accuracy_m=said.accuracy_m,
        placed_by=said.placed_by,
        uploaded_by_id=actor.user_id,
        added_at=at,
    )
