"""Photos as they are kept: decoded, turned upright, re-encoded without metadata.

Pure: an uploaded file in, two pictures out. What cannot be re-encoded is refused; nothing is
stored as it came (domain law §10). Who keeps them, and where, is the caller's.
"""

from __future__ import annotations

import errno
import hashlib
import io
import logging
from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _
from PIL import ExifTags, Image
from pillow_heif import register_heif_opener

from gridcity.contracts import Invalid, TooLarge

log = logging.getLogger(__name__)

register_heif_opener()
Image.MAX_IMAGE_PIXELS = settings.PHOTO_MAX_PIXELS

FORMATS = ("JPEG", "PNG", "WEBP", "HEIF")
LONGEST_SIDE = 2560
THUMBNAIL_SIDE = 320
QUALITY = 85
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
class Encoded:
    """A photo and its thumbnail as JPEG, with what tells near equal pictures."""

    image: bytes
    thumbnail: bytes
    size: tuple[int, int]
    perceptual_hash: int

    @property
    def sha256(self) -> bytes:
        return hashlib.sha256(self.image).digest()


def check_size(upload: UploadedFile) -> None:
    """Raise TooLarge over 10 MB."""
    if (upload.size or 0) > settings.PHOTO_MAX_BYTES:
        raise TooLarge(
            _("A photo may have at most %(mb)d MB.")
            % {"mb": settings.PHOTO_MAX_BYTES // (1024 * 1024)}
        )


def check_count(photos: Sequence[object]) -> None:
    """Raise Invalid for more photos at once than the settings allow."""
    if len(photos) > settings.PHOTO_MAX_COUNT:
        raise Invalid(
            _("At most %(count)d photos at once.") % {"count": settings.PHOTO_MAX_COUNT},
            photos=_("Too many photos."),
        )


def encode_photos(uploads: Sequence[UploadedFile]) -> list[Encoded]:
    """The photos of a request, re-encoded before any row is written. Raises Invalid, TooLarge."""
    check_count(uploads)
    for upload in uploads:
        check_size(upload)
    return [encode_photo(upload) for upload in uploads]


def encode_photo(upload: UploadedFile) -> Encoded:
    """Decode, turn upright and encode one photo as JPEG without any metadata. Raises Invalid."""
    image = decoded(upload)
    small = image.copy()
    small.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE))
    return Encoded(as_jpeg(image), as_jpeg(small), image.size, difference_hash(small))


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
