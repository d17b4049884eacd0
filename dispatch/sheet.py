"""案卷: the sheet of a case as PDF, set from a template and the photos that its reader may see.

Made while the browser waits: a sheet takes about a second, and how much one may hold is bounded.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.files.storage import default_storage
from django.template.loader import render_to_string
from weasyprint.urls import URLFetcher, URLFetcherResponse

from parts.paper import set_pdf, turn_to_set

PHOTO_SCHEME = "photo:"
MOST_PHOTOS, MOST_ENTRIES = 30, 300


def sheet_pdf(context: Mapping[str, Any], photos: Mapping[int, str]) -> bytes:
    """The sheet as PDF; `photos` are the stored names by id that it may show.

    Raises TooMany when others are being set and do not end soon.
    """
    html = render_to_string("dispatch/sheet.html", dict(context))
    with turn_to_set():
        return _set(html, photos)


def photo_name(url: str, photos: Mapping[int, str]) -> str:
    """The stored file of an address on the sheet. Raises KeyError or ValueError for any other."""
    return photos[int(url.removeprefix(PHOTO_SCHEME))]


def _set(html: str, photos: Mapping[int, str]) -> bytes:
    class Photos(URLFetcher):
        """Gives the photos of this case and nothing else: no file, no other host."""

        def fetch(self, url: str, headers: Any = None) -> Any:
            with default_storage.open(photo_name(url, photos)) as file:
                return URLFetcherResponse(url, file.read(), {"Content-Type": "image/jpeg"})

    return set_pdf(html, style="sheet.css", fetcher=Photos(allowed_protocols=()))
