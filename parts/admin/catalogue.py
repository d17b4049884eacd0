"""Coding schemes, classes, pairs and standards: looked at here, changed on pages of their own."""

from __future__ import annotations

from django.contrib import admin

from parts.admin.kinds import OnlyRead
from parts.models import (
    CatalogueClass,
    CodingScheme,
    CrosswalkPair,
    FilingStandard,
    SchemeSwitch,
)


@admin.register(CodingScheme)
class CodingSchemeAdmin(OnlyRead):
    list_display = ("key", "name", "is_current", "class_code_length")


@admin.register(CatalogueClass)
class CatalogueClassAdmin(OnlyRead):
    list_display = ("code", "name", "kind", "scheme", "major_name", "is_active")
    list_filter = ("scheme", "kind", "is_active", "major_name")
    search_fields = ("code", "name", "pinyin", "initials")


@admin.register(FilingStandard)
class FilingStandardAdmin(OnlyRead):
    """A standard that holds is followed by another on its page; cases keep their copy."""

    list_display = (
        "catalogue_class", "position", "condition", "limit_value", "limit_unit", "is_default",
        "valid_from", "valid_to",
    )  # fmt: skip
    list_filter = ("is_default", "limit_unit", "catalogue_class__kind", "catalogue_class__scheme")
    search_fields = ("catalogue_class__code", "catalogue_class__name", "condition")
    list_select_related = ("catalogue_class",)


@admin.register(CrosswalkPair)
class CrosswalkPairAdmin(OnlyRead):
    list_display = ("from_class", "to_class", "to_scheme", "state", "basis", "decided_at")
    list_filter = ("state", "basis", "to_scheme")
    search_fields = ("from_class__code", "from_class__name", "to_class__code", "to_class__name")
    list_select_related = ("from_class", "to_class")


@admin.register(SchemeSwitch)
class SchemeSwitchAdmin(OnlyRead):
    list_display = ("at", "from_scheme", "to_scheme", "by", "reason")
    fields = list_display
