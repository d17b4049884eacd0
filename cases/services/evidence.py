"""Photos: decoded, turned upright, re-encoded without metadata, kept beside the case.

What cannot be re-encoded is refused; nothing is stored as it came (domain law §10).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.contrib.gis.geos import Point
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from cases.models import Case, Event, Photo, PhotoRole
from gridcity.contracts import Actor, Invalid
from parts.photo_files import PhotoFiles, photo_files
from parts.photos import Encoded, check_count, check_size, encode_photo

FOLDER = "evidence"


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
    check_count(photos)
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
    with photo_files(FOLDER, at) as files:
        rows = [_row(case, event, photo, actor, at, files) for photo in photos]
        return Photo.objects.bulk_create(rows)


def _row(
    case: Case, event: Event, photo: Prepared, actor: Actor, at: datetime, files: PhotoFiles
) -> Photo:
    name, thumbnail = files.write(photo)
    said = photo.said
    has_place = said.lon is not None and said.lat is not None
    return Photo(
        case=case,
        event=event,
        role=said.role,
        file=name,
        thumbnail=thumbnail,
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
