"""The calendar and the desks' limits, for administrators. What services guard is not here."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cases.forms import CalendarYearForm, StageLimitForm
from cases.models import CalendarDay, CalendarYear, StageLimit
from cases.selectors.settings import forget
from cases.services.calendar import publish_year


@admin.register(CalendarYear)
class CalendarYearAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """A year is published as a whole; its days are written with it."""

    form = CalendarYearForm
    list_display = ("year", "source", "published_on", "holiday_count", "workday_count")
    ordering = ("-year",)
    fieldsets = (
        (
            None,
            {
                "fields": ("year", "source", "published_on", "holidays", "workdays"),
                "description": _(
                    "Clocks that start from now on use the calendar as it stands here."
                ),
            },
        ),
    )

    @admin.display(description=_("holidays"))
    def holiday_count(self, year: CalendarYear) -> int:
        return CalendarDay.objects.filter(on__year=year.year, kind="holiday").count()

    @admin.display(description=_("worked weekend days"))
    def workday_count(self, year: CalendarYear) -> int:
        return CalendarDay.objects.filter(on__year=year.year, kind="workday").count()

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("year",) if obj else ()

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        publish_year(
            year=obj.year,
            source=obj.source,
            published_on=obj.published_on,
            holidays=form.cleaned_data["holidays"],
            workdays=form.cleaned_data["workdays"],
        )


@admin.register(CalendarDay)
class CalendarDayAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """All dates that differ from their weekday, to look up; they are edited with their year."""

    list_display = ("on", "kind", "name")
    list_filter = ("kind",)
    search_fields = ("name",)
    date_hierarchy = "on"
    ordering = ("-on",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


@admin.register(StageLimit)
class StageLimitAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Limits are added from an instant on; those that hold already are kept as they were."""

    form = StageLimitForm
    list_display = ("state", "minutes", "valid_from")
    list_filter = ("state",)
    ordering = ("state", "-valid_from")

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {"valid_from": timezone.now()}

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return not holds(obj)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return not holds(obj)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        forget()


def holds(limit: Model | None) -> bool:
    """Whether a limit has begun to hold: stays were given it."""
    return isinstance(limit, StageLimit) and limit.valid_from <= timezone.now()
