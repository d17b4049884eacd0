"""Calendar, clocks and what leaves the site, for administrators; not what services guard."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from cases.channels.webhook import new_secret
from cases.clocks.numbers import Section
from cases.forms import (
    SECTION_LABELS,
    CalendarYearForm,
    ClockNumberForm,
    HoursForm,
    WebhookForm,
    measured,
)
from cases.models import (
    CalendarDay,
    CalendarYear,
    ClockNumber,
    Delivery,
    Outlet,
    Webhook,
    WorkingHours,
)
from cases.models.notice import Channel
from cases.selectors.settings import NumberInForce, forget, list_numbers
from cases.services.calendar import HOURS_CHANGED, note_change, publish_year
from cases.services.outgoing import retry_dead
from gridcity.contracts import Actor


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

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        publish_year(
            actor=administrator(request),
            at=timezone.now(),
            year=obj.year,
            source=obj.source,
            published_on=obj.published_on,
            holidays=form.cleaned_data["holidays"],
            workdays=form.cleaned_data["workdays"],
        )
        say_recomputed(self, request)


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


class HoursAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Hours are set from a day on; those that have begun to hold are followed, not edited."""

    ordering: ClassVar[tuple[str, ...]] = ("-valid_from",)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        asked = super().get_changeform_initial_data(request)
        return {"valid_from": timezone.localdate() + timedelta(days=1), **asked}

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return obj is None or obj.valid_from > timezone.localdate()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return obj is None or obj.valid_from > timezone.localdate()

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        self.changed(request, obj)

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        super().delete_model(request, obj)
        self.changed(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:
        for row in queryset:
            self.delete_model(request, row)

    def changed(self, request: HttpRequest, hours: Any) -> None:
        """Clocks that run into these hours are reckoned anew."""
        what = HOURS_CHANGED % {"hours": hours}
        note_change(what=what, actor=administrator(request), at=timezone.now())
        forget()
        say_recomputed(self, request)


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


def say_recomputed(page: Any, request: HttpRequest) -> None:
    """Tell who has changed working time where he will find what it moved."""
    said = format_html(
        '{} <a href="{}">{}</a>',
        _("The clocks that run are reckoned anew within a minute."),
        reverse("admin:cases_calendarchange_changelist"),
        _("Which deadlines moved"),
    )
    page.message_user(request, said, messages.INFO)


def administrator(request: HttpRequest) -> Actor:
    """Who edits, as services know him."""
    user: Any = request.user
    return Actor(user.pk, user.username, frozenset(user.roles))


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


# ---------------------------------------------------------------- notices


@admin.register(Webhook)
class WebhookAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Addresses of other systems. A secret is shown once, when it is made."""

    form = WebhookForm
    list_display = ("receiver", "url", "is_active", "set_at")
    list_filter = ("is_active",)
    list_select_related = ("receiver",)
    search_fields = ("receiver__username", "receiver__full_name", "url")
    autocomplete_fields = ("receiver",)
    actions = ("renew_secret",)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        obj.set_at = timezone.now()
        if not change:
            obj.secret = new_secret()
        super().save_model(request, obj, form, change)
        if not change:
            self._show(request, obj)

    @admin.action(description=_("Make a new secret"))
    def renew_secret(self, request: HttpRequest, queryset: QuerySet[Webhook]) -> None:
        for webhook in queryset.select_related("receiver"):
            webhook.secret = new_secret()
            webhook.save(update_fields=["secret"])
            self._show(request, webhook)

    def _show(self, request: HttpRequest, webhook: Webhook) -> None:
        words = _("Secret of %(receiver)s, shown this once: %(secret)s")
        said = {"receiver": webhook.receiver.username, "secret": webhook.secret}
        self.message_user(request, words % said, messages.WARNING)


class FateFilter(admin.SimpleListFilter):
    """Dead letters unless something else is asked for."""

    title = _("what became of it")
    parameter_name = "fate"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return (("owed", _("waits")), ("sent", _("sent")))

    def choices(self, changelist: Any) -> Any:
        for value, label in ((None, _("given up")), *self.lookup_choices):
            chosen = {self.parameter_name: value} if value else {}
            yield {
                "selected": self.value() == value,
                "query_string": changelist.get_query_string(chosen, [self.parameter_name]),
                "display": label,
            }

    def queryset(self, request: HttpRequest, queryset: QuerySet[Delivery]) -> QuerySet[Delivery]:
        if self.value() == "sent":
            return queryset.filter(done_at__isnull=False)
        return queryset.filter(done_at=None, dead_at__isnull=self.value() == "owed")


@admin.register(Delivery)
class DeliveryAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """The dead letters: notices that could not be sent for a day, and their next chance."""

    list_display = (
        "case_number", "kind", "channel", "receiver", "due_at", "last_error", "attempts",
    )  # fmt: skip
    list_filter = (FateFilter, "channel", "kind")
    list_select_related = ("case", "receiver")
    list_per_page = 50
    # Counting all deliveries ever sent would take longer than to show a page of them.
    show_full_result_count = False
    search_fields = ("case__number", "receiver__username")
    ordering = ("-id",)
    actions = ("try_again",)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        title = {"title": _("Notices that leave the site")}
        return super().changelist_view(request, {**title, **(extra_context or {})})

    @admin.display(description=_("case number"), ordering="case__number")
    def case_number(self, delivery: Delivery) -> str:
        return delivery.case.number

    def get_queryset(self, request: HttpRequest) -> QuerySet[Delivery]:
        return super().get_queryset(request).exclude(channel=Channel.INBOX)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        # Selecting rows for "try again" needs it; no single one is edited.
        return obj is None

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    @admin.action(description=_("Try again at the next sweep"))
    def try_again(self, request: HttpRequest, queryset: QuerySet[Delivery]) -> None:
        count = retry_dead(ids=list(queryset.values_list("pk", flat=True)), at=timezone.now())
        words = ngettext(
            "%(n)d notice will be tried again.", "%(n)d notices will be tried again.", count
        )
        self.message_user(request, words % {"n": count}, messages.SUCCESS)


@admin.register(Outlet)
class OutletAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Mail server, gateways and webhooks that fail now; what works is not listed."""

    list_display = ("name", "failing_since", "failures", "last_error", "retry_at")
    ordering = ("failing_since",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False
