"""The pictures of a simulation: a few drawn scenes that stand for photos from the street."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import datetime
from functools import cache
from random import Random

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, ImageDraw

from cases.models import PhotoRole
from cases.models.case import PlacedBy
from cases.services.evidence import FOLDER, PhotoInput, Prepared, prepare_photo
from parts.photo_files import SUFFIX, THUMBNAIL_SUFFIX

SCENES = 12
SIZE = (480, 360)
ACCURACY_M = 8.0


@cache
def scene(number: int) -> Prepared:
    """One scene, prepared as an uploaded photo is."""
    random = Random(f"scene/{number}")  # noqa: S311 - the same picture everywhere
    width, height = SIZE
    horizon = height * 2 // 5
    picture = Image.new("RGB", SIZE, (188, 208 - 4 * number, 224))
    draw = ImageDraw.Draw(picture)
    draw.rectangle((0, horizon, width, height), fill=(128, 126 + 3 * number, 122))
    for left in range(0, width, 80):
        top = horizon - random.randrange(40, 130)
        shade = random.randrange(120, 200)
        draw.rectangle((left, top, left + 72, horizon), fill=(shade, shade - 20, shade - 40))
    for _spot in range(9):
        x, y = random.randrange(width), random.randrange(horizon + 10, height)
        size = random.randrange(8, 46)
        colour = tuple(random.randrange(40, 210) for _band in range(3))
        draw.ellipse((x, y, x + size, y + size // 2), fill=colour)
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    upload = SimpleUploadedFile("scene.png", buffer.getvalue(), content_type="image/png")
    return prepare_photo(PhotoInput(upload))


@cache
def scene_sha256(number: int) -> bytes:
    """The fingerprint of a scene; hashing it for each photo would take longer than all the rest."""
    return scene(number).sha256


def taken(picture: int, role: PhotoRole, at: datetime, point: tuple[float, float]) -> Prepared:
    """A scene as if it were taken then and there; the point in degrees (EPSG:4490)."""
    plain = scene(picture % SCENES)
    said = replace(
        plain.said, role=role, taken_at=at, lon=point[0], lat=point[1], accuracy_m=ACCURACY_M,
        placed_by=PlacedBy.GPS,
    )  # fmt: skip
    return replace(plain, said=said)


def scene_file(picture: int, *, small: bool = False) -> str:
    """Under which name a scene is kept for all photos that a bulk simulation writes."""
    return f"{FOLDER}/scenes/{picture % SCENES:02d}{THUMBNAIL_SUFFIX if small else SUFFIX}"


def save_scenes() -> None:
    """Keep the files of all scenes, where they are not kept already."""
    for number in range(SCENES):
        made = scene(number)
        for small, content in ((False, made.image), (True, made.thumbnail)):
            name = scene_file(number, small=small)
            if not default_storage.exists(name):
                default_storage.save(name, ContentFile(content))


def sha(picture: int) -> str:
    """The fingerprint of a picture as events say it."""
    return scene_sha256(picture % SCENES).hex()
