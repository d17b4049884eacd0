"""The calendar: published years, their days, and what is off in years not yet published."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cases.admin.hours import MovesClocks, say_recomputed
from cases.forms import CalendarYearForm, ProvisionalDaysForm
from cases.models import CalendarDay, CalendarYear, ProvisionalDays
from cases.services.calendar import PROVISIONAL_CHANGED, publish_year
from gridcity.contracts import Actor
from parts.admin.kinds import Kept, OnlyRead, column


@admin.register(CalendarYear)
class CalendarYearAdmin(Kept):
    """A year is published as a whole; its days are written with it."""

    form = CalendarYearForm
    list_display = (
        column("year", _("year")), "source", "published_on", "holiday_count", "workday_count",
    )  # fmt: skip
    ordering = ("-year",)
    fieldsets = (
        (
            None,
            {
                "fields": ("year", "source", "published_on", "holidays", "workdays"),
                "description": _(
                    "Clocks that start from now on use the calendar as it stands here; those that "
                    "run are reckoned anew within a minute, never to an instant already past. "
                    "Which deadlines moved is listed under the changes of the calendar."
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

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        publish_year(
            actor=Actor.of(request.user),
            at=timezone.now(),
            year=obj.year,
            source=obj.source,
            published_on=obj.published_on,
            holidays=form.cleaned_data["holidays"],
            workdays=form.cleaned_data["workdays"],
        )
        say_recomputed(self, request)


@admin.register(CalendarDay)
class CalendarDayAdmin(OnlyRead):
    """All dates that differ from their weekday, to look up; they are edited with their year."""

    list_display = ("on", "kind", "name")
    list_filter = ("kind",)
    search_fields = ("name",)
    date_hierarchy = "on"
    ordering = ("-on",)


@admin.register(ProvisionalDays)
class ProvisionalDaysAdmin(MovesClocks):
    """Deadlines that run into such a year are reckoned by these days and flagged provisional."""

    form = ProvisionalDaysForm
    list_display = ("first_year", "days", "note")
    ordering = ("-first_year",)
    fieldsets = (
        (
            None,
            {
                "fields": ("first_year", "days", "note"),
                "description": _(
                    "The default of this product, 1 January, 1–3 May and 1–3 October, holds up to "
                    "the first year that is set; no standard prescribes it. A published year is "
                    "never touched by it."
                ),
            },
        ),
    )

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("first_year",) if obj else ()

    def what_changed(self, row: ProvisionalDays) -> str:
        return str(PROVISIONAL_CHANGED % {"year": row.first_year})
