"""The administration of departments, members and routing. Nothing here is ever deleted."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import admin, messages
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from cases.admin.hours import HoursAdmin
from cases.clocks.words import duration_in_words
from cases.models import CalendarChange, Delivery
from cases.workflow import State
from dispatch.forms import (
    DepartmentForm,
    DepartmentHoursForm,
    LadderForm,
    RoutingRuleForm,
    RungForm,
    RungFormSet,
    default_rungs,
)
from dispatch.models import (
    SWEPT_LABELS,
    CatchUp,
    ClockMove,
    Department,
    DepartmentHours,
    EscalationLadder,
    EscalationRung,
    Membership,
    RoutingRule,
    SweepError,
)
from dispatch.selectors.departments import forget as forget_hours
from dispatch.selectors.ladders import forget
from dispatch.services.sweep_errors import retry_errors
from dispatch.services.timers import lag_by_kind
from parts.admin.kinds import Kept, OnlyRead, column


class MembershipInline(admin.StackedInline):  # type: ignore[type-arg]
    model = Membership
    extra = 0
    autocomplete_fields = ("user",)

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return True


@admin.register(Department)
class DepartmentAdmin(Kept):
    form = DepartmentForm
    list_display = ("code", "name", "kind", "street_code", "is_active")
    list_filter = ("is_active", "kind")
    search_fields = ("code", "name", "uscc")
    autocomplete_fields = ("parent",)
    inlines = (MembershipInline,)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """The hours a department began with; others follow from a date on, on their own page."""
        return ("working_periods", "hours_per_working_day") if obj else ()


@admin.register(DepartmentHours)
class DepartmentHoursAdmin(HoursAdmin):
    """Working hours of departments by the day from which they hold."""

    form = DepartmentHoursForm
    list_display = (
        "department", "valid_from", "working_periods", "hours_per_working_day", "note",
    )  # fmt: skip
    list_filter = (("department", admin.RelatedOnlyFieldListFilter),)
    autocomplete_fields = ("department",)
    list_select_related = ("department",)
    ordering = ("department", "-valid_from")

    def changed(self, request: HttpRequest, hours: Any) -> None:
        super().changed(request, hours)
        forget_hours()


@admin.register(Membership)
class MembershipAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("user", "department", "is_lead")
    list_filter = ("is_lead", "department")
    search_fields = ("user__username", "user__full_name", "department__name")
    autocomplete_fields = ("user", "department")
    list_select_related = ("user", "department")


@admin.register(RoutingRule)
class RoutingRuleAdmin(Kept):
    """Rules one by one; what they say together is asked on the pages of the routing."""

    form = RoutingRuleForm
    change_list_template = "admin/dispatch/routingrule/change_list.html"
    list_display = (
        "kind", "class_scope", "class_code", "area_scope", "area_code", "source", "working_time",
        "department", "automatic", "valid_from", "valid_to", "is_draft",
    )  # fmt: skip
    list_filter = (
        "is_draft", "kind", "scheme_key", "class_scope", "area_scope", "automatic", "department",
    )  # fmt: skip
    search_fields = ("class_code", "area_code", "department__name", "note")
    autocomplete_fields = ("department", "replaces")
    list_select_related = ("department",)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        # A draft becomes a rule by being published, and a rule never becomes a draft again.
        return ("is_draft",) if obj else ()

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """A draft that changes a rule begins as its copy, from tomorrow on."""
        said = super().get_changeform_initial_data(request)
        number = str(said.get("replaces", ""))
        old = RoutingRule.objects.filter(pk=number).first() if number.isdecimal() else None
        if old is None:
            return {"valid_from": timezone.localdate(), **said}
        copied = {name: getattr(old, name) for name in COPIED}
        tomorrow = timezone.localdate() + timedelta(days=1)
        return copied | {"valid_from": tomorrow, "is_draft": True, "replaces": old}

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return isinstance(obj, RoutingRule) and obj.is_draft


# What a draft takes over from the rule that it replaces.
COPIED = (
    "kind", "scheme_key", "class_scope", "class_code", "area_scope", "area_code", "source",
    "working_time", "department", "automatic", "valid_to", "note",
)  # fmt: skip


class RungInline(admin.TabularInline):  # type: ignore[type-arg]
    """The levels; a new ladder begins with those of the default."""

    model = EscalationRung
    form = RungForm
    formset = RungFormSet
    max_num = 10

    def get_extra(self, request: HttpRequest, obj: Any = None, **said: Any) -> int:
        return 0 if obj else len(default_rungs())


@admin.register(EscalationLadder)
class EscalationLadderAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Who is told when a limit runs out. A ladder that holds is followed by another, not edited."""

    form = LadderForm
    list_display = (
        "kind", "scheme_key", "class_prefix", "department", "shown_rungs", "valid_from", "note",
    )  # fmt: skip
    list_filter = ("kind", ("department", admin.RelatedOnlyFieldListFilter))
    search_fields = ("class_prefix", "department__name", "note")
    autocomplete_fields = ("department",)
    list_select_related = ("department",)
    ordering = ("department", "class_prefix", "-valid_from")
    inlines = (RungInline,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[EscalationLadder]:
        return super().get_queryset(request).prefetch_related("rungs")

    @admin.display(description=_("levels"))
    def shown_rungs(self, ladder: EscalationLadder) -> str:
        rungs = ladder.rungs.all()
        return "，".join(f"{rung.share}% {rung.get_receiver_display()}" for rung in rungs)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        asked = super().get_changeform_initial_data(request)
        return {"valid_from": timezone.now(), **asked}

    def get_formset_kwargs(
        self, request: HttpRequest, obj: Any, inline: Any, prefix: str
    ) -> dict[str, Any]:
        said: dict[str, Any] = super().get_formset_kwargs(request, obj, inline, prefix)
        return said if obj and obj.pk else {**said, "initial": default_rungs()}

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return obj is None or obj.valid_from > timezone.now()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return obj is None or obj.valid_from > timezone.now()

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        forget()

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        super().delete_model(request, obj)
        forget()


@admin.register(CalendarChange)
class CalendarChangeAdmin(OnlyRead):
    """What was changed about working time, and how many deadlines it has moved."""

    list_display = ("what", "actor", "at", "holds_at", "recomputed_at", "shown_moves")
    fields = list_display
    list_select_related = ("actor",)
    ordering = ("-id",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[CalendarChange]:
        changes: QuerySet[CalendarChange] = super().get_queryset(request)
        return changes.annotate(moved=Count("moves"))

    @admin.display(description=_("moved deadlines"))
    def shown_moves(self, change: Any) -> str:
        url = reverse("admin:dispatch_clockmove_changelist")
        return format_html('<a href="{}?change__id__exact={}">{}</a>', url, change.pk, change.moved)


@admin.register(ClockMove)
class ClockMoveAdmin(OnlyRead):
    """Which deadlines moved, with the old and the new instant."""

    list_display = (
        "shown_case", "shown_department", column("due_before", _("was due before")), "due_after",
        "at", column("change", _("what changed")),
    )  # fmt: skip
    fields = list_display
    list_display_links = None
    list_filter = (("change", admin.RelatedOnlyFieldListFilter),)
    search_fields = ("case__number", "turn__department__name")
    list_select_related = ("case", "turn__department", "stay", "change")
    ordering = ("-id",)

    @admin.display(description=_("case"))
    def shown_case(self, move: ClockMove) -> str:
        return move.case.number

    @admin.display(description=_("department"))
    def shown_department(self, move: ClockMove) -> str:
        """The department whose clock it was, or the stage of the desk."""
        if move.turn is not None:
            return move.turn.department.name
        return str(State(move.stay.state).label) if move.stay else ""


@admin.register(CatchUp)
class CatchUpAdmin(OnlyRead):
    """How far the clock is behind now, by kind, and which sweeps came late."""

    list_display = ("at", "oldest_due_at", "shown_lag", "shown_done", "failed")
    fields = list_display
    ordering = ("-id",)
    change_list_template = "admin/dispatch/catchup/change_list.html"

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        lags = lag_by_kind(at=timezone.now())
        rows = [(SWEPT_LABELS[kind], lag.total_seconds()) for kind, lag in lags.items()]
        seen = {
            "lags": rows,
            "errors": SweepError.objects.filter(resolved_at=None).count(),
            "pending": CalendarChange.objects.filter(recomputed_at=None).count(),
            "owed": Delivery.objects.filter(done_at=None, dead_at=None).count(),
        }
        return super().changelist_view(request, {**seen, **(extra_context or {})})

    @admin.display(description=_("late by"))
    def shown_lag(self, sweep: CatchUp) -> str:
        return duration_in_words(sweep.at - sweep.oldest_due_at)

    @admin.display(description=_("done by kind"))
    def shown_done(self, sweep: CatchUp) -> str:
        return "，".join(f"{SWEPT_LABELS.get(kind, kind)} {n}" for kind, n in sweep.done.items())


class ResolvedFilter(admin.EmptyFieldListFilter):
    """What is resolved and what is not, under the name that the list's column has."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.title = _("resolved")


@admin.register(SweepError)
class SweepErrorAdmin(OnlyRead):
    """What the clock could not do; it tries again by itself, or at once on request."""

    list_display = (
        "shown_kind", column("item_id", _("number of the row")), column("error", _("error")),
        column("attempts", _("attempts")), column("last_at", _("last attempt")),
        column("retry_at", _("next attempt")), column("resolved_at", _("resolved")),
    )  # fmt: skip
    fields = list_display
    list_filter = ("kind", ("resolved_at", ResolvedFilter))
    actions = ("try_again",)

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        # Selecting rows for "try again" needs it; every field is read-only.
        return obj is None

    @admin.display(description=_("kind"), ordering="kind")
    def shown_kind(self, error: SweepError) -> str:
        return str(SWEPT_LABELS.get(error.kind, error.kind))

    @admin.action(description=_("Try again at the next sweep"))
    def try_again(self, request: HttpRequest, queryset: QuerySet[SweepError]) -> None:
        count = retry_errors(ids=list(queryset.values_list("pk", flat=True)), at=timezone.now())
        self.message_user(
            request, _("%(count)d items will be tried again.") % {"count": count}, messages.SUCCESS
        )
