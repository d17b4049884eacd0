"""What leaves the site: addresses, what could not be sent, and what fails now."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from cases.channels.webhook import new_secret
from cases.forms import WebhookForm
from cases.models import Delivery, Outlet, Webhook
from cases.models.notice import Channel
from cases.selectors.topics import named_by
from cases.services.outgoing import retry_dead
from parts.admin.kinds import OnlyRead


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
        # Never with the name first: the page makes the first letter of a message a capital.
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


class WayFilter(admin.SimpleListFilter):
    """By which channel it leaves: the in-app list is none of them."""

    title = _("channel")
    parameter_name = "channel"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return [(way.value, way.label) for way in Channel if way != Channel.INBOX]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Delivery]) -> QuerySet[Delivery]:
        return queryset.filter(channel=self.value()) if self.value() else queryset


@admin.register(Delivery)
class DeliveryAdmin(OnlyRead):
    """The dead letters: notices that could not be sent for a day, and their next chance."""

    list_display = (
        "about", "kind", "channel", "receiver", "due_at", "last_error", "attempts",
    )  # fmt: skip
    fields = (*list_display, "done_at", "next_at", "failing_since", "dead_at")
    list_filter = (FateFilter, WayFilter, "kind")
    list_select_related = ("case", "receiver")
    list_per_page = 50
    # Counting all deliveries ever sent would take longer than to show a page of them.
    show_full_result_count = False
    search_fields = ("case__number", "receiver__username", "receiver__full_name")
    search_help_text = _("By case number, by what the list calls it, or by receiver.")
    ordering = ("-id",)
    actions = ("try_again",)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        title = {"title": _("Notices that leave the site")}
        return super().changelist_view(request, {**title, **(extra_context or {})})

    @admin.display(description=_("about"), ordering="case__number")
    def about(self, delivery: Delivery) -> str:
        if delivery.case is not None:
            return delivery.case.number
        return f"{delivery.get_topic_display()} {delivery.topic_id}"

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Also by the name of what is no case: it stands in no column."""
        found, may_repeat = super().get_search_results(request, queryset, search_term)
        named = named_by(search_term)
        return (found if named is None else found | queryset.filter(named)), may_repeat

    def get_queryset(self, request: HttpRequest) -> QuerySet[Delivery]:
        return super().get_queryset(request).exclude(channel=Channel.INBOX)

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        # Selecting rows for "try again" needs it; no single one is edited.
        return obj is None

    @admin.action(description=_("Try again at the next sweep"))
    def try_again(self, request: HttpRequest, queryset: QuerySet[Delivery]) -> None:
        count = retry_dead(ids=list(queryset.values_list("pk", flat=True)), at=timezone.now())
        words = ngettext(
            "%(n)d notice will be tried again.", "%(n)d notices will be tried again.", count
        )
        self.message_user(request, words % {"n": count}, messages.SUCCESS)


@admin.register(Outlet)
class OutletAdmin(OnlyRead):
    """Mail server, gateways and webhooks that fail now; what works is not listed."""

    list_display = ("name", "failing_since", "failures", "last_error", "retry_at")
    ordering = ("failing_since",)
