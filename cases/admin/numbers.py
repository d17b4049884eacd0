"""The numbers of the law that are a city's practice: what holds, what is set, what is coming."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from cases.clocks.numbers import Section
from cases.forms import SECTION_LABELS, ClockNumberForm, measured
from cases.models import ClockNumber
from cases.selectors.settings import NumberInForce, forget, list_numbers


@admin.register(ClockNumber)
class ClockNumberAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Numbers are set from an instant on; those that hold already are kept as they were."""

    form = ClockNumberForm
    list_display = ("key", "value", "valid_from")
    list_filter = ("key",)
    ordering = ("key", "-valid_from")
    change_list_template = "admin/cases/clocknumber/change_list.html"

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """With all numbers as they hold now above what administrators have set."""
        sections = number_sections(list_numbers(timezone.now()))
        return super().changelist_view(request, {"sections": sections, **(extra_context or {})})

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        asked = super().get_changeform_initial_data(request)
        return {"valid_from": timezone.now(), **asked}

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return not holds(obj)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return not holds(obj)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        forget()

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        super().delete_model(request, obj)
        forget()


def holds(number: Model | None) -> bool:
    """Whether a value has begun to hold: clocks were reckoned by it."""
    return isinstance(number, ClockNumber) and number.valid_from <= timezone.now()


def number_sections(numbers: list[NumberInForce]) -> list[dict[str, Any]]:
    """The numbers in words, by section, for the head of their page."""
    found: dict[str, list[dict[str, Any]]] = {}
    for one in numbers:
        row = {
            "key": one.number.key,
            "label": one.number.label,
            "value": measured(one.number, one.value),
            "since": one.since,
            "default": measured(one.number, one.number.default),
            "coming": [(since, measured(one.number, value)) for since, value in one.coming],
        }
        found.setdefault(one.number.section, []).append(row)
    return [{"label": SECTION_LABELS[Section(key)], "rows": rows} for key, rows in found.items()]
