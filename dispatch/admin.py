"""The administration of departments, members and routing. Nothing here is ever deleted."""

from __future__ import annotations

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from dispatch.forms import DepartmentForm, RoutingRuleForm
from dispatch.models import Department, Membership, RoutingRule, SweepError
from dispatch.services.timers import retry_errors


class KeptAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Rows end by their own field, never by deletion: figures and histories rest on them."""

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False


class MembershipInline(admin.StackedInline):  # type: ignore[type-arg]
    model = Membership
    extra = 0
    autocomplete_fields = ("user",)

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return True


@admin.register(Department)
class DepartmentAdmin(KeptAdmin):
    form = DepartmentForm
    list_display = ("code", "name", "kind", "street_code", "is_active")
    list_filter = ("is_active", "kind")
    search_fields = ("code", "name", "uscc")
    autocomplete_fields = ("parent",)
    inlines = (MembershipInline,)


@admin.register(Membership)
class MembershipAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("user", "department", "is_lead")
    list_filter = ("is_lead", "department")
    search_fields = ("user__username", "user__full_name", "department__name")
    autocomplete_fields = ("user", "department")
    list_select_related = ("user", "department")


@admin.register(RoutingRule)
class RoutingRuleAdmin(KeptAdmin):
    form = RoutingRuleForm
    list_display = (
        "kind", "class_scope", "class_code", "area_scope", "area_code", "source", "working_time",
        "department", "automatic", "valid_from", "valid_to",
    )  # fmt: skip
    list_filter = ("kind", "scheme_key", "class_scope", "area_scope", "automatic", "department")
    search_fields = ("class_code", "area_code", "department__name", "note")
    autocomplete_fields = ("department",)
    list_select_related = ("department",)


@admin.register(SweepError)
class SweepErrorAdmin(KeptAdmin):
    """What the clock could not do; it tries again by itself, or at once on request."""

    list_display = ("kind", "item_id", "error", "attempts", "last_at", "retry_at", "resolved_at")
    list_filter = ("kind", ("resolved_at", admin.EmptyFieldListFilter))
    actions = ("try_again",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        # Selecting rows for "try again" needs it; every field is read-only.
        return obj is None

    @admin.action(description=_("Try again at the next sweep"))
    def try_again(self, request: HttpRequest, queryset: QuerySet[SweepError]) -> None:
        count = retry_errors(ids=list(queryset.values_list("pk", flat=True)), at=timezone.now())
        self.message_user(
            request, _("%(count)d items will be tried again.") % {"count": count}, messages.SUCCESS
        )
