"""Reading what API clients send, within bounds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import IO, Any

from django.conf import settings
from django.utils.translation import gettext as _
from rest_framework import parsers
from rest_framework.exceptions import ParseError

from gridcity.contracts import TooLarge

CHUNK = 1 << 16


class BoundedJSONParser(parsers.JSONParser):
    """JSON no larger and no deeper than a request needs.

    The framework's own reads a body of any size, and fails with a bare error on one that is
    nested a thousand times.
    """

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        check_size(stream, parser_context)
        try:
            return super().parse(stream, media_type, parser_context)
        except RecursionError:
            raise ParseError("nested too deeply") from None


class BoundedFormParser(parsers.FormParser):
    """A form without files no larger than a request needs."""

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        check_size(stream, parser_context)
        return super().parse(stream, media_type, parser_context)


def check_size(stream: IO[Any], parser_context: Mapping[str, Any] | None) -> None:
    """Raise TooLarge for a body that would not be read into memory elsewhere either."""
    meta = (parser_context or {})["request"].META
    if int(meta.get("CONTENT_LENGTH") or 0) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
        drain(stream)
        raise TooLarge(_("This is more than one request may carry."))


def drain(stream: IO[Any]) -> None:
    """Read a body to its end and forget it.

    A server that answers before it has read all closes the connection, and the client's next
    request on it fails without an answer.
    """
    while stream.read(CHUNK):
        pass
