"""Small pictures for tests, well and ill."""

from __future__ import annotations

import io
from functools import cache
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from cases.services.evidence import PhotoInput, Prepared, prepare_photo


@cache
def picture_bytes(kind: str = "JPEG", size: tuple[int, int] = (64, 48), shade: int = 90) -> bytes:
    """A picture of grey rings, other ones for each shade: its perceptual hash is not empty."""
    picture = Image.radial_gradient("L").resize(size).point(lambda grey: (grey * 3 + shade) % 256)
    buffer = io.BytesIO()
    picture.convert("RGB").save(buffer, kind)
    return buffer.getvalue()


def upload(
    kind: str = "JPEG",
    *,
    name: str = "photo.jpg",
    content: bytes | None = None,
    shade: int = 90,
    content_type: str = "image/jpeg",
) -> SimpleUploadedFile:
    """A file as a browser sends it."""
    content = picture_bytes(kind, shade=shade) if content is None else content
    return SimpleUploadedFile(name, content, content_type=content_type)


@cache
def prepared(role: str = "other", shade: int = 90) -> Prepared:
    """A photo that was read and encoded; made once for each role."""
    return prepare_photo(PhotoInput(upload(shade=shade), role=role))


def jpeg_with_position(**exif_values: Any) -> bytes:
    """A JPEG whose EXIF says where it was taken, who made it, and that it lies on its side."""
    picture = Image.open(io.BytesIO(picture_bytes()))
    exif = Image.Exif()
    exif[0x010F] = "Secret Camera"
    exif[0x0112] = 6  # turn by 90° to show upright
    position = exif.get_ifd(0x8825)
    position.update({1: "N", 2: (39.0, 55.0, 30.0), 3: "E", 4: (116.0, 24.0, 36.0)})
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", exif=exif)
    return buffer.getvalue()
