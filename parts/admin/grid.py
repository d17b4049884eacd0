"""Areas, editions of the grid and their cells."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import URLPattern, path
from django.utils import timezone

from gridcity.contracts import Actor
from parts.admin.editor import editor
from parts.admin.kinds import Kept, OnlyRead, OnMap
from parts.grid_forms import AreaAdminForm, CellAdminForm, LandUseForm
from parts.models import Cell, Community, District, Edition, LandUse, Street
from parts.services.areas import change_area, change_cell, change_land_use


@admin.register(District)
class DistrictAdmin(OnMap, OnlyRead):
    list_display = ("code", "name")


class AreaAdmin(OnMap, Kept):
    """Names and successors; boundaries, new areas and ends come with an edition of the grid."""

    form = AreaAdminForm
    search_fields = ("code", "name")
    readonly_fields = ("code", "valid_from", "valid_to")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """The service writes; nothing else of the form is."""
        change_area(
            actor=Actor.of(request.user), at=timezone.now(), area=type(obj), area_id=obj.pk,
            name=form.cleaned_data["name"], successor=form.cleaned_data["successor_code"],
            reason=form.cleaned_data["reason"],
        )  # fmt: skip


@admin.register(Street)
class StreetAdmin(AreaAdmin):
    list_display = ("code", "name", "valid_from", "valid_to", "successor")
    list_select_related = ("successor",)
    fields = ("code", "name", "valid_from", "valid_to", "successor_code", "reason")


@admin.register(Community)
class CommunityAdmin(AreaAdmin):
    list_display = ("code", "name", "street", "valid_from", "valid_to", "successor")
    list_filter = ("street",)
    list_select_related = ("street", "successor")
    fields = ("code", "name", "valid_from", "valid_to", "successor_code", "reason")


@admin.register(LandUse)
class LandUseAdmin(Kept):
    """The city's own table of land use; what is shipped is a local default."""

    form = LandUseForm
    list_display = ("code", "name", "is_default", "is_active", "note")
    list_filter = ("is_active", "is_default")
    search_fields = ("code", "name")
    fields = ("code", "name", "is_active", "note", "is_default")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("code", "is_default") if obj else ("is_default",)

    def save_model(self, request: HttpRequest, obj: LandUse, form: Any, change: bool) -> None:
        """The service writes."""
        said = form.cleaned_data
        saved = change_land_use(
            actor=Actor.of(request.user), at=timezone.now(),
            code=obj.code if change else said["code"], name=said["name"],
            is_active=said["is_active"], note=said["note"], is_new=not change,
        )  # fmt: skip
        obj.pk = saved.pk


@admin.register(Edition)
class EditionAdmin(OnlyRead):
    list_display = ("name", "state", "published_at", "superseded_at")

    def get_urls(self) -> list[URLPattern]:
        """With the editor of a draft's cells."""
        own = path(
            "<int:edition_id>/editor/",
            self.admin_site.admin_view(editor),
            name="parts_edition_editor",
        )
        return [own, *super().get_urls()]


@admin.register(Cell)
class CellAdmin(OnMap, Kept):
    """Attributes of a cell; code, boundary and area belong to its edition."""

    form = CellAdminForm
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

    def save_model(self, request: HttpRequest, obj: Cell, form: Any, change: bool) -> None:
        """The service writes what was changed."""
        values = {name: form.cleaned_data[name] for name in form.changed_data}
        change_cell(actor=Actor.of(request.user), at=timezone.now(), cell_id=obj.pk, values=values)
