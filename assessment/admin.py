"""Scoring sheets for administrators; what a sheet does to a score is set once."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest

from assessment.models import Sheet, SheetItem


class ItemInline(admin.TabularInline):  # type: ignore[type-arg]
    """Items are added, renamed and put out of use; entries point at them, so none goes away."""

    model = SheetItem
    extra = 1
    can_delete = False


@admin.register(Sheet)
class SheetAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """A sheet with its items."""

    list_display = ("name", "key", "subject", "kind", "full", "is_active")
    list_filter = ("subject", "kind", "is_active")
    inlines = (ItemInline,)

    def get_readonly_fields(self, request: HttpRequest, obj: Sheet | None = None) -> list[str]:
        return ["key", "subject", "kind", "full"] if obj else []

    def has_delete_permission(self, request: HttpRequest, obj: Sheet | None = None) -> bool:
        return False
