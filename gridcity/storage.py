"""How files are kept: static ones by the hash of their content, uploaded ones within a limit."""

from __future__ import annotations

import errno
import os
import threading
import time
from collections.abc import Iterator
from typing import Any

import brotli
from django.conf import settings
from django.core.files.storage import FileSystemStorage
from whitenoise.compress import Compressor
from whitenoise.storage import CompressedManifestStaticFilesStorage

_ANY_SCRIPT, _IMPORTS = CompressedManifestStaticFilesStorage._js_module_import_aggregation_patterns


class QuickCompressor(Compressor):
    """For the demonstration, which compresses while somebody waits for its first start.

    A fourteenth of the time for a tenth more bytes; the image of a production site is made once.
    """

    BROTLI_QUALITY = 9  # of 11

    @classmethod
    def compress_brotli(cls, data: bytes) -> bytes:
        compressed: bytes = brotli.compress(data, quality=cls.BROTLI_QUALITY)
        return compressed


class StaticFilesStorage(CompressedManifestStaticFilesStorage):
    """Rewrites the imports of our own modules; those of libraries are bundled already.

    Without it `app.js` would ask for its parts by plain names: after an upgrade a browser would
    mix old parts with new ones for as long as it keeps the old.
    """

    support_js_module_import_aggregation = True
    _js_module_import_aggregation_patterns = ("gridcity/js/*.js", _IMPORTS)
    # One pass settles one level of imports, and ours go deeper than the five of the default.
    max_post_process_passes = 12

    def create_compressor(self, **kwargs: Any) -> Compressor:
        """Source maps stay as they are: no page loads them, and they are half of all bytes."""
        skipped = (*Compressor.SKIP_COMPRESS_EXTENSIONS, "map")
        kind = QuickCompressor if settings.DEMO else Compressor
        return kind(**{**kwargs, "extensions": skipped})


class MediaStorage(FileSystemStorage):
    """Uploaded files on disk: durable before their rows are, and never more than the limit.

    `MEDIA_LIMIT_BYTES` bounds what the folder holds (0: only the disk does). A file that does not
    fit raises OSError ENOSPC, as a full disk would, so that both are one case to whoever writes.
    """

    COUNTED_FOR_S = 30.0

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._counting = threading.Lock()
        self._held_bytes: int = 0
        self._counted_at = float("-inf")

    def _save(self, name: str, content: Any) -> str:
        if limit := settings.MEDIA_LIMIT_BYTES:
            self._make_room(content.size, limit)
        saved: str = super()._save(name, content)  # type: ignore[misc]
        flush_to_disk(self.path(saved))
        return saved

    def _make_room(self, wanted_bytes: int, limit_bytes: int) -> None:
        """Count a file in. Other processes write too: the folder is counted anew now and then."""
        with self._counting:
            if time.monotonic() - self._counted_at > self.COUNTED_FOR_S:
                self._held_bytes = sum(sizes_below(str(self.location)))
                self._counted_at = time.monotonic()
            if self._held_bytes + wanted_bytes > limit_bytes:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            self._held_bytes += wanted_bytes


def flush_to_disk(path: str) -> None:
    """A row must never outlive the loss of power that its file did not."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sizes_below(folder: str) -> Iterator[int]:
    """The size in bytes of every file below a folder; one that goes meanwhile is left out."""
    try:
        entries = list(os.scandir(folder))
    except FileNotFoundError:
        return
    for entry in entries:
        if entry.is_dir(follow_symlinks=False):
            yield from sizes_below(entry.path)
        else:
            try:
                yield entry.stat(follow_symlinks=False).st_size
            except FileNotFoundError:
                continue
