"""Coding schemes, classes and standards of filing."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest

from parts.admin.kinds import Kept, OnlyRead
from parts.models import CatalogueClass, CodingScheme, FilingStandard


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
