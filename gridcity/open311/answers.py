"""GeoReport v2 on the wire: the same answer as JSON or XML, and its one shape of errors."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any
from xml.etree.ElementTree import Element, SubElement, tostring

from django.http import HttpRequest, HttpResponse

from gridcity.contracts import Refused

PREFIX = "/open311/"
# A list is an element of its name; each of its members is one of these.
MEMBER = {
    "services": "service", "service_requests": "request", "attributes": "attribute",
    "values": "value", "errors": "error", "endpoints": "endpoint", "formats": "format",
}  # fmt: skip
# What XML 1.0 cannot say at all, escaped or not.
UNSAYABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# What services and forms of ours name a field, where GeoReport has a name of its own for it.
NAMES = {
    "what": "service_code", "class_code": "service_code", "address": "address_string",
    "place_text": "address_string", "words": "description", "lon": "long",
    "part_code": "attribute[part_code]", "reporter.name": "first_name", "reporter.phone": "phone",
    "photos": "media",
}  # fmt: skip


def is_for(request: HttpRequest) -> bool:
    """Whether a request speaks GeoReport, whatever becomes of it."""
    return request.path.startswith(PREFIX)


def answer(request: HttpRequest, root: str, said: Any, *, status: int = 200) -> HttpResponse:
    """Say it in the format that the address ends in; JSON where it names none."""
    if request.path.endswith(".xml"):
        return HttpResponse(xml_of(root, said), "text/xml; charset=utf-8", status)
    text = json.dumps(said, ensure_ascii=False)
    return HttpResponse(text, "application/json; charset=utf-8", status)


def xml_of(root: str, said: Any) -> bytes:
    """Plain values as elements without attributes; lists hold elements named for one of them."""
    tree = Element(root)
    _fill(tree, said)
    return bytes(tostring(tree, encoding="UTF-8", xml_declaration=True))


def _fill(element: Element, said: Any) -> None:
    if isinstance(said, dict):
        for name, value in said.items():
            _fill(SubElement(element, name), value)
    elif isinstance(said, list):
        for value in said:
            _fill(SubElement(element, MEMBER[element.tag]), value)
    elif isinstance(said, bool):
        element.text = str(said).lower()
    elif said is not None:
        element.text = UNSAYABLE.sub("�", str(said))


def refusal_in_georeport(request: HttpRequest, refusal: Refused) -> HttpResponse:
    """The sentence of a refusal, and one for each field that is at fault, by GeoReport's names."""
    lines = [
        f"{NAMES.get(name, name)}: {line}" for name, each in refusal.fields.items() for line in each
    ]
    return errors(request, [str(refusal.detail), *lines], refusal.status)


def errors(request: HttpRequest, sentences: Iterable[str], status: int) -> HttpResponse:
    """Errors as GeoReport lists them; the code is the status."""
    said = [{"code": status, "description": sentence} for sentence in sentences]
    return answer(request, "errors", said, status=status)
