"""Working hours of the district and the desks, and shifts, by the day from which they hold."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from cases.forms import DeskHoursForm, HoursForm, PlannedShiftForm
from cases.models import DeskHours, PlannedShift, WorkingHours
from cases.selectors.settings import forget
from cases.services.calendar import HOURS_CHANGED, note_change
from gridcity.contracts import Actor


class MovesClocks(admin.ModelAdmin):  # type: ignore[type-arg]
    """Rows whose change moves deadlines: the clocks that run are reckoned anew."""

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        self.changed(request, obj)

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        super().delete_model(request, obj)
        self.changed(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:
        for row in queryset:
            self.delete_model(request, row)

    def changed(self, request: HttpRequest, row: Any) -> None:
        what = self.what_changed(row)
        note_change(what=what, actor=Actor.of(request.user), at=timezone.now())
        forget()
        say_recomputed(self, request)

    def what_changed(self, row: Any) -> str:
        """What the list of changes calls it."""
        raise NotImplementedError


class SetFromADay(admin.ModelAdmin):  # type: ignore[type-arg]
    """What is set from a day on; what has begun to hold is followed, not edited."""

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        asked = super().get_changeform_initial_data(request)
        return {"valid_from": timezone.localdate() + timedelta(days=1), **asked}

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return obj is None or obj.valid_from > timezone.localdate()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return obj is None or obj.valid_from > timezone.localdate()


class HoursAdmin(SetFromADay, MovesClocks):
    """Hours, by the latest day first."""

    ordering: ClassVar[tuple[str, ...]] = ("-valid_from",)

    def what_changed(self, row: Any) -> str:
        return HOURS_CHANGED % {"hours": row}


@admin.register(WorkingHours)
class WorkingHoursAdmin(HoursAdmin):
    """The hours of the district; before the first date those of the default hold."""

    form = HoursForm
    list_display = ("valid_from", "working_periods", "hours_per_working_day", "note")
    fieldsets = (
        (
            None,
            {
                "fields": ("working_periods", "hours_per_working_day", "valid_from", "note"),
                "description": _(
                    "The default of this product, 08:00–12:00 and 14:00–18:00, holds until the "
                    "first date that is set; no standard prescribes it. Departments with hours of "
                    "their own are not touched."
                ),
            },
        ),
    )


@admin.register(DeskHours)
class DeskHoursAdmin(HoursAdmin):
    """When the desks of the two centres work: their stage and review limits are minutes of it."""

    form = DeskHoursForm
    list_display = ("desk", "valid_from", "working_periods", "note")
    list_filter = ("desk",)
    ordering = ("desk", "-valid_from")
    fieldsets = (
        (
            None,
            {
                "fields": ("desk", "working_periods", "valid_from", "note"),
                "description": _(
                    "A desk works around the clock, by default of this product, until hours are "
                    "set; without periods it does so again. A stage or a review keeps the hours "
                    "that held when it began. What waits for a day while a desk does not work is "
                    "shown to the next above: the duty chief, of his own desk the officials."
                ),
            },
        ),
    )


@admin.register(PlannedShift)
class PlannedShiftAdmin(SetFromADay):
    """Who of the two centres works when; no clock runs by it."""

    form = PlannedShiftForm
    list_display = ("person", "name", "begins", "ends", "valid_from")
    list_select_related = ("person",)
    list_filter = ("name",)
    search_fields = ("person__username", "person__full_name", "name")
    ordering = ("person__full_name", "person_id", "-valid_from")
    fieldsets = (
        (
            None,
            {
                "fields": ("person", "name", "begins", "ends", "valid_from"),
                "description": _(
                    "A shift holds on every day until the next one of the same person. What he "
                    "ends within his shift is charged to him from its begin at the earliest; what "
                    "came before is the desk's. Where none is planned, only the start and his "
                    "first opening count. No deadline hangs on it."
                ),
            },
        ),
    )


def say_recomputed(page: Any, request: HttpRequest) -> None:
    """Tell who has changed working time where he will find what it moved."""
    said = format_html(
        '{} <a href="{}">{}</a>',
        _("The clocks that run are reckoned anew within a minute."),
        reverse("admin:cases_calendarchange_changelist"),
        _("Which deadlines moved"),
    )
    page.message_user(request, said, messages.INFO)
