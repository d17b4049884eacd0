"""The files of photos: written before the rows that name them, taken back where those fail.

What a killed process leaves between the two is swept away later (`cases.services.leftovers`).
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from gridcity.contracts import StorageFull
from parts.photos import NO_ROOM, Encoded

log = logging.getLogger(__name__)

SUFFIX, THUMBNAIL_SUFFIX = ".jpg", "-s.jpg"


class PhotoFiles:
    """Writes photos below one folder of the store, in one folder a day."""

    def __init__(self, folder: str, at: datetime) -> None:
        self._folder = f"{folder}/{at:%Y/%m/%d}"
        self.written: list[str] = []

    def write(self, made: Encoded) -> tuple[str, str]:
        """The names of the photo and of its thumbnail."""
        stem = f"{self._folder}/{uuid.uuid4().hex}"
        for suffix, content in ((SUFFIX, made.image), (THUMBNAIL_SUFFIX, made.thumbnail)):
            self.written.append(default_storage.save(stem + suffix, ContentFile(content)))
        return self.written[-2], self.written[-1]


@contextmanager
def photo_files(folder: str, at: datetime) -> Iterator[PhotoFiles]:
    """Write files and their rows inside; where that fails no file stays. Raises StorageFull."""
    files = PhotoFiles(folder, at)
    try:
        yield files
    except BaseException as problem:
        for name in files.written:
            default_storage.delete(name)
        if isinstance(problem, OSError) and problem.errno in NO_ROOM:
            log.error("no room for photos")
            raise StorageFull from None
        raise
