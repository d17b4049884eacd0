"""Coded parts and the places of the geocoder."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone

from gridcity.contracts import Actor
from parts.admin.kinds import Kept, OnlyRead, OnMap
from parts.forms import PartStateForm
from parts.models import Part, Place
from parts.services.states import change_part_state


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
                actor=Actor.of(request.user),
                at=timezone.now(),
                part_id=obj.pk,
                state=form.cleaned_data["state"],
                reason=form.cleaned_data["reason"],
            )


@admin.register(Place)
class PlaceAdmin(OnMap, OnlyRead):
    list_display = ("code", "standard_name", "kind", "street")
    list_filter = ("kind", "street")
    search_fields = ("code", "standard_name", "pinyin", "initials")
    list_select_related = ("street",)
