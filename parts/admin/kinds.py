"""How rows of the district behave in the administration: kept, only read, shown on the map."""

from __future__ import annotations

import json
from typing import Any, ClassVar

from django.contrib import admin
from django.forms.widgets import Script
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _


class Kept(admin.ModelAdmin):  # type: ignore[type-arg]
    """No row is deleted."""

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False


class OnlyRead(Kept):
    """Rows that a service or an import writes: looked at here, changed there."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False


def column(name: str, label: Any) -> Any:
    """A field of a list and of a row's page under a translated name, where it has none itself.

    `label` is a lazy translation; the answer stands in `list_display` and `fields`.
    """

    @admin.display(description=label, ordering=name)
    def shown(row: Any) -> Any:
        return getattr(row, name)

    return shown


class OnMap(admin.ModelAdmin):  # type: ignore[type-arg]
    """A shape is shown on the map, never edited: new boundaries come as an edition."""

    exclude = ("geom", "point")

    class Media:
        css: ClassVar = {"screen": ["leaflet/leaflet.css"]}
        js = ("leaflet/leaflet.js", Script("gridcity/js/admin-map.js", type="module"))

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        listed = [name for name in super().get_fields(request, obj) if name != "on_map"]
        return [*listed, "on_map"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[Any, ...]:
        return (*super().get_readonly_fields(request, obj), "on_map")

    @admin.display(description=_("on the map"))
    def on_map(self, row: Any) -> str:
        shape = row.point if hasattr(row, "point") else row.geom
        if shape is None:
            return "–"
        feeds = {name: reverse(f"parts:map-{name}") for name in ("district", "roads", "streets")}
        return format_html(
            '<div data-gc-admin-map="{}" data-feeds="{}"></div>', shape.geojson, json.dumps(feeds)
        )
