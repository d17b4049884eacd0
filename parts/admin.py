"""The administration of the district: catalogue, standards, grid, parts, patrols.

Nothing is deleted: rows end by their own fields. What a service guards is read-only here: codes,
computed areas, the cell of a part, a published edition.
"""

from __future__ import annotations

import json
from typing import Any, ClassVar

from django.contrib import admin
from django.forms.widgets import Script
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from gridcity.contracts import Actor
from parts.forms import PartStateForm
from parts.models import (
    CatalogueClass,
    Cell,
    CodingScheme,
    Community,
    District,
    Edition,
    FilingStandard,
    Part,
    Patrol,
    PatrolCell,
    Place,
    Shift,
    Street,
)
from parts.services.states import change_part_state


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


@admin.register(CodingScheme)
class CodingSchemeAdmin(OnlyRead):
    list_display = ("key", "name", "is_current", "class_code_length")


@admin.register(CatalogueClass)
class CatalogueClassAdmin(Kept):
    list_display = ("code", "name", "kind", "scheme", "major_name", "is_active")
    list_filter = ("scheme", "kind", "is_active", "major_name")
    search_fields = ("code", "name", "pinyin", "initials")
    readonly_fields = (
        "scheme", "kind", "code", "major_code", "major_name", "geometry", "certainty", "is_local",
    )  # fmt: skip

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False


@admin.register(FilingStandard)
class FilingStandardAdmin(Kept):
    """A standard that holds is replaced by one with a later date; cases keep their copy."""

    list_display = (
        "catalogue_class", "position", "condition", "limit_value", "limit_unit", "is_default",
        "valid_from", "valid_to",
    )  # fmt: skip
    list_filter = ("is_default", "limit_unit", "catalogue_class__kind", "catalogue_class__scheme")
    search_fields = ("catalogue_class__code", "catalogue_class__name", "condition")
    list_select_related = ("catalogue_class",)
    autocomplete_fields = ("catalogue_class",)
    readonly_fields = ("is_default",)


@admin.register(District)
class DistrictAdmin(OnMap, OnlyRead):
    list_display = ("code", "name")


@admin.register(Street)
class StreetAdmin(OnMap, OnlyRead):
    list_display = ("code", "name", "valid_from", "valid_to")
    search_fields = ("code", "name")


@admin.register(Community)
class CommunityAdmin(OnMap, OnlyRead):
    list_display = ("code", "name", "street", "valid_from", "valid_to")
    list_filter = ("street",)
    search_fields = ("code", "name")
    list_select_related = ("street",)


@admin.register(Edition)
class EditionAdmin(OnlyRead):
    list_display = ("name", "state", "published_at", "superseded_at")


@admin.register(Cell)
class CellAdmin(OnMap, Kept):
    """Attributes of a cell; code, boundary and area belong to its edition."""

    list_display = ("code", "community", "area_m2", "management_class", "limit_area", "end_on")
    list_filter = ("edition", "management_class", "limit_area", "community__street")
    search_fields = ("code", "community__name")
    list_select_related = ("community",)
    fields = (
        "code", "edition", "community", "area_m2", "management_class", "limit_area",
        "responsible_body", "land_use", "note", "initial_on", "end_on", "void_reason",
    )  # fmt: skip
    readonly_fields = (
        "code", "edition", "community", "area_m2", "initial_on", "end_on", "void_reason",
    )  # fmt: skip

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False


@admin.register(Part)
class PartAdmin(OnMap, Kept):
    """Parts come from imports and surveys; by hand a part gets another state, with a reason."""

    form = PartStateForm
    list_display = ("code", "name", "catalogue_class", "state", "street", "maintainer_name")
    list_filter = ("state", "catalogue_class__major_name", "street")
    search_fields = ("code", "name", "owner_name", "maintainer_name")
    list_select_related = ("catalogue_class", "street")
    show_full_result_count = False
    readonly_fields = (
        "code", "catalogue_class", "name", "cell", "street", "community", "location_text",
        "competent_name", "competent_uscc", "owner_name", "owner_uscc", "maintainer_name",
        "maintainer_uscc", "initial_on", "change_on", "source", "accuracy_class", "note",
        "source_key", "source_id",
    )  # fmt: skip
    fields = ("state", "reason", *readonly_fields)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def save_model(
        self, request: HttpRequest, obj: Part, form: PartStateForm, change: bool
    ) -> None:
        """The service changes the state; nothing else of the form is written."""
        if "state" in form.changed_data:
            change_part_state(
                actor=administrator_of(request),
                at=timezone.now(),
                part_id=obj.pk,
                state=form.cleaned_data["state"],
                reason=form.cleaned_data["reason"],
            )


def administrator_of(request: HttpRequest) -> Actor:
    """The administrator at work; the administration lets nobody else in."""
    user = request.user
    return Actor(user.pk, user.get_username(), frozenset(getattr(user, "roles", ())))


@admin.register(Place)
class PlaceAdmin(OnMap, OnlyRead):
    list_display = ("code", "standard_name", "kind", "street")
    list_filter = ("kind", "street")
    search_fields = ("code", "standard_name", "pinyin", "initials")
    list_select_related = ("street",)


@admin.register(Shift)
class ShiftAdmin(Kept):
    list_display = ("key", "name", "begins", "ends")


class PatrolCellInline(admin.TabularInline):  # type: ignore[type-arg]
    model = PatrolCell
    extra = 0
    autocomplete_fields = ("cell",)
    verbose_name_plural = _("cells of the patrol")


@admin.register(Patrol)
class PatrolAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Who walks which cells in which shift; the one table here whose rows may go again."""

    list_display = ("supervisor", "shift", "cell_count")
    list_filter = ("shift",)
    search_fields = ("supervisor__username", "supervisor__full_name")
    list_select_related = ("supervisor", "shift")
    autocomplete_fields = ("supervisor",)
    inlines = (PatrolCellInline,)

    @admin.display(description=_("cells"))
    def cell_count(self, patrol: Patrol) -> int:
        return patrol.patrol_cells.count()
