"""Photos as browsers get them; whether they may is asked before (domain law §10)."""

from __future__ import annotations

from django.core.files.storage import default_storage
from django.http import FileResponse

from gridcity.contracts import NotVisible

# A photo never changes; who may see it does, so a browser asks again after this long.
FRESH_S = 300
CACHED = f"private, max-age={FRESH_S}"


def photo_response(name: str) -> FileResponse:
    """The stored file as it lies there. Raises NotVisible when the store has lost it."""
    try:
        opened = default_storage.open(name)
    except FileNotFoundError:
        raise NotVisible from None
    response = FileResponse(opened, content_type="image/jpeg")
    response["Cache-Control"] = CACHED
    return response
