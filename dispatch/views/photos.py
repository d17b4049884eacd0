"""Photos, served only to those who may see their case (domain law §10)."""

from __future__ import annotations

from django.http import HttpResponseBase, HttpResponseNotModified
from drf_spectacular.utils import extend_schema
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.views import APIView

from dispatch.selectors.actors import actor_of
from dispatch.selectors.photos import get_photo
from parts.views.photos import CACHED, photo_response


@extend_schema(exclude=True)
class PhotoView(APIView):
    """The photo itself: for a page's session and for an API token alike."""

    thumbnail = False

    def perform_content_negotiation(
        self, request: Request, force: bool = False
    ) -> tuple[BaseRenderer, str]:
        """An `<img>` accepts images only; refusals are JSON all the same."""
        return JSONRenderer(), JSONRenderer.media_type

    def get(self, request: Request, photo_id: int) -> HttpResponseBase:
        photo = get_photo(actor_of(request.user), photo_id)
        etag = f'"{bytes(photo.sha256).hex()[:32]}{"s" if self.thumbnail else ""}"'
        response: HttpResponseBase
        if request.headers.get("If-None-Match") == etag:
            response = HttpResponseNotModified()
        else:
            response = photo_response(photo.thumbnail.name if self.thumbnail else photo.file.name)
        response["ETag"] = etag
        response["Cache-Control"] = CACHED
        return response
