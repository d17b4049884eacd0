"""案卷: the sheet of a case as PDF, set from a template and the photos that its reader may see.

Made while the browser waits: a sheet takes about a second, and how much one may hold is bounded.
One thread of a process sets at a time, because setting keeps the processor from all others.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.core.files.storage import default_storage
from django.template.loader import render_to_string
from django.utils.translation import gettext_lazy as _
from PIL import ImageFile
from weasyprint import CSS, HTML
from weasyprint.urls import URLFetcher, URLFetcherResponse

from gridcity.contracts import TooMany

# The library tells Pillow, for the whole process, to take half a picture for a whole one. A photo
# that is cut off is refused here (domain law §10), so the word is taken back as soon as it is said.
ImageFile.LOAD_TRUNCATED_IMAGES = False

PHOTO_SCHEME = "photo:"
MOST_PHOTOS, MOST_ENTRIES = 30, 300
WAIT_S = 10
_setting = threading.Lock()


def sheet_pdf(context: Mapping[str, Any], photos: Mapping[int, str]) -> bytes:
    """The sheet as PDF; `photos` are the stored names by id that it may show.

    Raises TooMany when others are being set and do not end soon.
    """
    html = render_to_string("dispatch/sheet.html", dict(context))
    if not _setting.acquire(timeout=WAIT_S):
        raise TooMany(_("Other sheets are being made; try again shortly."), retry_after_s=WAIT_S)
    try:
        return _set(html, photos)
    finally:
        _setting.release()


def photo_name(url: str, photos: Mapping[int, str]) -> str:
    """The stored file of an address on the sheet. Raises KeyError or ValueError for any other."""
    return photos[int(url.removeprefix(PHOTO_SCHEME))]


def _set(html: str, photos: Mapping[int, str]) -> bytes:
    class Photos(URLFetcher):
        """Gives the photos of this case and nothing else: no file, no other host."""

        def fetch(self, url: str, headers: Any = None) -> Any:
            with default_storage.open(photo_name(url, photos)) as file:
                return URLFetcherResponse(url, file.read(), {"Content-Type": "image/jpeg"})

    style = CSS(string=(settings.BASE_DIR / "static/gridcity/css/sheet.css").read_text())
    fetcher = Photos(allowed_protocols=())
    made: bytes = HTML(string=html, url_fetcher=fetcher).write_pdf(stylesheets=[style])
    return made
