"""Photos: decoded, turned upright, re-encoded without metadata, kept beside the case.

What cannot be re-encoded is refused; nothing is stored as it came (domain law §10).
"""

from __future__ import annotations

import errno
import hashlib
import io
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
from PIL import ExifTags, Image
from pillow_heif import register_heif_opener

from cases.models import Case, Event, Photo, PhotoRole
from gridcity.contracts import Actor, Invalid, StorageFull, TooLarge

log = logging.getLogger(__name__)

register_heif_opener()
Image.MAX_IMAGE_PIXELS = settings.PHOTO_MAX_PIXELS

FORMATS = ("JPEG", "PNG", "WEBP", "HEIF")
LONGEST_SIDE = 2560
THUMBNAIL_SIDE = 320
QUALITY = 85
FOLDER, SUFFIX, THUMBNAIL_SUFFIX = "evidence", ".jpg", "-s.jpg"
NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT})
UPRIGHT = 1
# What stands a picture upright, by its orientation in EXIF.
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


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
class Prepared:
    """A re-encoded photo, ready to be stored."""

    said: PhotoInput
    image: bytes
    thumbnail: bytes
    size: tuple[int, int]
    perceptual_hash: int

    @property
    def sha256(self) -> bytes:
        return hashlib.sha256(self.image).digest()


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
    if (photo.upload.size or 0) > settings.PHOTO_MAX_BYTES:
        raise TooLarge(
            _("A photo may have at most %(mb)d MB.")
            % {"mb": settings.PHOTO_MAX_BYTES // (1024 * 1024)}
        )
    if photo.role not in PhotoRole.values:
        raise Invalid(_("Unknown role of a photo."), photos=_("Unknown role of a photo."))
    image = decoded(photo.upload)
    small = image.copy()
    small.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE))
    return Prepared(photo, as_jpeg(image), as_jpeg(small), image.size, difference_hash(small))


def decoded(upload: UploadedFile) -> Image.Image:
    """The picture, upright, reduced, in RGB, with no metadata left. Raises Invalid."""
    try:
        upload.seek(0)
        with Image.open(upload, formats=FORMATS) as opened:
            check_pixels(opened)
            # A large JPEG is decoded at a fraction of its size: in less time and memory.
            opened.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
            opened.load()
            return upright(on_white(opened), orientation_of(opened))
    except (OSError, ValueError, SyntaxError, EOFError, Image.DecompressionBombError) as problem:
        log.info("photo refused: %s", type(problem).__name__)
        raise Invalid(
            _("A photo could not be read: JPEG, PNG, WebP or HEIC, whole and unharmed."),
            photos=_("This file is not a photo that can be read."),
        ) from None


def check_pixels(picture: Image.Image) -> None:
    """Raise DecompressionBombError over the limit, where the library itself only warns."""
    if picture.width * picture.height > settings.PHOTO_MAX_PIXELS:
        raise Image.DecompressionBombError


def on_white(picture: Image.Image) -> Image.Image:
    """The picture at most as large as it is kept; what shows through becomes white."""
    has_alpha = picture.has_transparency_data
    layer = picture.convert("RGBA" if has_alpha else "RGB")
    layer.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    if not has_alpha:
        return layer
    ground = Image.new("RGB", layer.size, "white")
    ground.paste(layer, mask=layer)
    return ground


def orientation_of(picture: Image.Image) -> int:
    """How the camera was held, as EXIF says it; only this one value of it is read.

    The library's own turning also writes the other values anew, and fails on those of cameras
    that write them badly.
    """
    said = picture.getexif().get(ExifTags.Base.Orientation)
    return said if isinstance(said, int) else UPRIGHT


def upright(picture: Image.Image, orientation: int) -> Image.Image:
    """The picture as it was seen; an orientation that is none leaves it as it is."""
    turn = TURNS.get(orientation)
    return picture if turn is None else picture.transpose(turn)


def as_jpeg(picture: Image.Image) -> bytes:
    """Encode pixels only: no EXIF, no profile, no comment goes in."""
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=QUALITY, optimize=True)
    return buffer.getvalue()


def difference_hash(picture: Image.Image) -> int:
    """64 bits, each whether a pixel of a 9 × 8 grey copy is brighter than its right neighbour."""
    grey = picture.convert("L").resize((9, 8), Image.Resampling.LANCZOS)
    pixels = list(grey.tobytes())
    bits = 0
    for row in range(8):
        for column in range(8):
            at = row * 9 + column
            bits = bits << 1 | (pixels[at] > pixels[at + 1])
    return bits - (1 << 64) if bits >> 63 else bits


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
