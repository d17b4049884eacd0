"""Areas, editions of the grid and their cells."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest

from parts.admin.kinds import Kept, OnlyRead, OnMap
from parts.models import Cell, Community, District, Edition, Street


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
