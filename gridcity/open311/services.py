"""What may be asked for: the classes that the public chooses from at `/report/`, as services."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from gridcity.citizens.classes import class_of, value_of
from gridcity.citizens.reading import base_of
from gridcity.contracts import NotVisible
from parts.models import CatalogueClass
from parts.selectors import list_classes

SPECIFICATION = "http://wiki.open311.org/GeoReport_v2"
FORMATS = ["text/xml", "application/json"]
# When what these addresses say was last given another shape.
SHAPED = "2026-11-27 00:00:00"
PART_CODE = "part_code"


def discovery(request: HttpRequest) -> dict[str, Any]:
    """Where this interface is, whom to ask, and since when its services are as they are."""
    changed = (
        apps.get_model("parts", "CatalogueClassHistory")
        .objects.order_by("-pgh_id")
        .values_list("pgh_created_at", flat=True)
        .first()
    )
    at = f"{timezone.localtime(changed):%Y-%m-%d %H:%M:%S}" if changed else ""
    changeset = max(at, SHAPED)
    base = base_of(request)
    whom = settings.OPEN311_CONTACT or _("Ask the administrators of %(url)s") % {"url": base}
    return {
        "changeset": changeset,
        "contact": whom,
        "key_service": _(
            "An administrator makes an account for an interface client; "
            "its key is the token that %(url)s gives for username and password."
        )
        % {"url": base + reverse("api-token")},
        "endpoints": [
            {
                "specification": SPECIFICATION,
                "url": f"{base}{reverse('open311:root')}".rstrip("/"),
                "changeset": changeset,
                "type": "test" if settings.DEMO else "production",
                "formats": FORMATS,
            }
        ],
    }


def services() -> list[dict[str, Any]]:
    """All classes in use, events before parts; no query."""
    kinds = (CatalogueClass.Kind.EVENT, CatalogueClass.Kind.PART)
    return [service_out(entry) for kind in kinds for entry in list_classes(kind=kind)]


def service_out(entry: CatalogueClass) -> dict[str, Any]:
    pinyin = entry.pinyin.replace(" ", "")
    return {
        "service_code": value_of(entry),
        "service_name": entry.name,
        "description": f"{entry.get_kind_display()} · {entry.major_name} · {entry.name}",
        "metadata": entry.kind == CatalogueClass.Kind.PART,
        "type": "realtime",
        "keywords": ", ".join(word for word in (entry.name, pinyin, entry.initials) if word),
        "group": entry.major_name,
    }


def definition(entry: CatalogueClass) -> dict[str, Any]:
    """Of a part its code may be told, which stands on its tag; of an event there is nothing."""
    code = {
        "variable": True,
        "code": PART_CODE,
        "datatype": "string",
        "required": False,
        "datatype_description": _("Digits, as they stand on the tag."),
        "order": 1,
        "description": _("The code of the part, where it bears one."),
    }
    is_part = entry.kind == CatalogueClass.Kind.PART
    return {"service_code": value_of(entry), "attributes": [code] if is_part else []}


def service_of(code: str) -> CatalogueClass:
    """The class of a service code. Raises NotVisible for one that is not offered."""
    entry = class_of(code)
    if entry is None:
        raise NotVisible(_("There is no service with this service_code: %(code)s") % {"code": code})
    return entry
