"""Sheets of tags to stick on parts: a QR code that leads to the part, its code and its class.

A4 with 3 × 8 labels of 64 × 34 mm. Set in pieces, so that progress can be told.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import segno
from django.conf import settings
from django.template.loader import render_to_string
from PIL import ImageFile
from weasyprint import CSS, HTML
from weasyprint.urls import URLFetcher

# The library tells Pillow, for the whole process, to take half a picture for a whole one.
ImageFile.LOAD_TRUNCATED_IMAGES = False

A_PAGE = 24
AT_ONCE = 10 * A_PAGE
# Fifteen percent of the code may be scratched off.
ERROR_LEVEL = "m"


class Tag(NamedTuple):
    """What stands on one tag; `url` is what the code holds."""

    code: str
    name: str
    place: str
    url: str

    @property
    def qr(self) -> str:
        """The code as SVG, with the quiet zone that readers want."""
        made: str = segno.make(self.url, error=ERROR_LEVEL, micro=False).svg_inline(
            border=4, omitsize=True
        )
        return made


def write_tags(path: Path, tags: Sequence[Tag], *, unit: str, tell: Callable[[int], None]) -> None:
    """Write the sheets as one PDF; `tell` hears how many tags are set."""
    style = CSS(string=(settings.BASE_DIR / "static/gridcity/css/tags.css").read_text())
    # Nothing is fetched: the codes stand in the page.
    fetcher = URLFetcher(allowed_protocols=())
    pages, first = [], None
    for start in range(0, len(tags), AT_ONCE):
        piece = tags[start : start + AT_ONCE]
        sheets = [piece[n : n + A_PAGE] for n in range(0, len(piece), A_PAGE)]
        html = render_to_string("parts/tag_sheet.html", {"sheets": sheets, "unit": unit})
        document = HTML(string=html, url_fetcher=fetcher).render(stylesheets=[style])
        first = first or document
        pages += document.pages
        tell(start + len(piece))
    if first is not None:
        first.copy(pages).write_pdf(path)
