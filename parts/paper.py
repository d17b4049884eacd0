"""Pages on paper: HTML set as PDF, with our own style sheets and nothing from anywhere else.

One thread of a process sets at a time, because setting keeps the processor from all others.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from PIL import ImageFile
from weasyprint import CSS, HTML
from weasyprint.urls import URLFetcher

from gridcity.contracts import TooMany

# The library tells Pillow, for the whole process, to take half a picture for a whole one. A photo
# that is cut off is refused here (domain law §10), so the word is taken back as soon as it is said.
ImageFile.LOAD_TRUNCATED_IMAGES = False

WAIT_S = 10
setting = threading.Lock()


@contextmanager
def turn_to_set() -> Iterator[None]:
    """Wait for one's turn. Raises TooMany when others are being set and do not end soon."""
    if not setting.acquire(timeout=WAIT_S):
        raise TooMany(_("Other sheets are being made; try again shortly."), retry_after_s=WAIT_S)
    try:
        yield
    finally:
        setting.release()


def style_sheet(name: str) -> CSS:
    """A style sheet of the product, by its file name."""
    return CSS(string=Path(settings.BASE_DIR, "static/gridcity/css", name).read_text("utf-8"))


class NoFetcher(URLFetcher):
    """Fetches nothing: no file, no other host."""

    def fetch(self, url: str, headers: Any = None) -> Any:
        raise ValueError(url)


def set_pdf(html: str, *, style: str, fetcher: URLFetcher | None = None) -> bytes:
    """The HTML as PDF; pictures come from `fetcher` alone."""
    made: bytes = HTML(
        string=html, url_fetcher=fetcher or NoFetcher(allowed_protocols=())
    ).write_pdf(stylesheets=[style_sheet(style)])
    return made
