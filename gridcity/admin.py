"""Users, their API logins and locked logins, for administrators. Nobody is ever deleted."""

from __future__ import annotations

from typing import Any

from axes.models import AccessAttempt
from axes.utils import reset
from django import forms
from django.contrib import admin, messages
from django.contrib.admin.models import LogEntry
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import AdminPasswordChangeForm, BaseUserCreationForm, UserChangeForm
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from dispatch.models import Membership
from dispatch.selectors.actors import actor_of
from gridcity.models import SIDES, ApiToken, RoleKey, User, WallScreen
from gridcity.services.walls import make_screen, revoke_screen
from gridcity.templatetags.gridcity_ui import roles_label
from parts.admin.kinds import OnlyRead, column

# Rights come from the roles of the law; Django's groups would be a second truth beside them.
admin.site.unregister(Group)

ROLE_HELP = _(
    "Supervisor, acceptor and duty chief may be held together; every other role stands alone."
)


# ---------------------------------------------------------------- users


class RolesField(forms.MultipleChoiceField):
    """The roles as boxes to tick; the database refuses a mixture of sides, in words."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            choices=RoleKey.choices,
            widget=forms.CheckboxSelectMultiple,
            label=_("roles"),
            help_text=ROLE_HELP,
        )


class NewUserForm(BaseUserCreationForm):  # type: ignore[type-arg]
    """A new account with its first password."""

    roles = RolesField()

    class Meta:
        model = User
        fields = ("username", "full_name", "roles", "source", "employer", "email", "mobile")


class UserForm(UserChangeForm):  # type: ignore[type-arg]
    """An account; its password is set on a page of its own."""

    roles = RolesField()

    class Meta:
        model = User
        fields = (
            "username", "full_name", "roles", "source", "employer", "email", "mobile", "is_active",
        )  # fmt: skip


class SetPasswordForm(AdminPasswordChangeForm):  # type: ignore[type-arg]
    """A new password ends the API logins too, as it ends the sessions."""

    def save(self, commit: bool = True) -> Any:
        user = super().save(commit)
        if commit:
            ApiToken.objects.filter(user=user).delete()
        return user


class RoleFilter(admin.SimpleListFilter):
    """Users that hold a role, among others perhaps."""

    title = _("role")
    parameter_name = "role"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return RoleKey.choices

    def queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> QuerySet[User]:
        role = self.value()
        return queryset.filter(roles__contains=[role]) if role in RoleKey.values else queryset


class MembershipInline(admin.StackedInline):  # type: ignore[type-arg]
    """The department of a user of the role “department”."""

    model = Membership
    fk_name = "user"
    autocomplete_fields = ("department",)
    max_num = 1
    extra = 0


@admin.register(User)
class UserAdmin(DjangoUserAdmin):  # type: ignore[type-arg]
    """Accounts are switched off, never deleted: history names who did what."""

    form = UserForm
    add_form = NewUserForm
    change_password_form = SetPasswordForm
    list_display = ("username", "full_name", "shown_roles", "employer", "is_active", "joined_at")
    list_filter = (RoleFilter, "is_active")
    search_fields = ("username", "full_name", "employer")
    ordering = ("username",)
    filter_horizontal = ()
    list_per_page = 50
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        (None, {"fields": UserForm.Meta.fields[1:]}),
    )
    add_fieldsets = (
        (
            None,
            {
                "classes": ("wide",),
                "fields": (
                    *NewUserForm.Meta.fields, "password1", "password2",
                ),
            },
        ),
    )  # fmt: skip
    inlines = (MembershipInline,)

    @admin.display(description=_("roles"), ordering="roles")
    def shown_roles(self, user: User) -> str:
        return roles_label(user.roles)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return False

    def get_inlines(self, request: HttpRequest, obj: User | None) -> Any:
        is_department = obj is not None and set(obj.roles) <= set(SIDES["department"])
        return self.inlines if is_department else ()


@admin.register(ApiToken)
class ApiTokenAdmin(OnlyRead):
    """API logins; deleting one revokes it at once."""

    list_display = (
        column("user", _("user")), column("created_at", _("made at")),
        column("expires_at", _("ends at")),
    )  # fmt: skip
    fields = list_display
    search_fields = ("user__username", "user__full_name")
    list_select_related = ("user",)
    ordering = ("-created_at",)

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return True


# ---------------------------------------------------------------- what happened


@admin.register(AccessAttempt)
class LockedLoginAdmin(OnlyRead):
    """Failed logins; unlocking a name lets it try again before the lock ends by itself."""

    list_display = ("username", "ip_address", "failures_since_start", "attempt_time")
    list_filter = ("attempt_time",)
    search_fields = ("username", "ip_address")
    fields = (*list_display, "user_agent")
    ordering = ("-attempt_time",)
    actions = ("unlock",)

    @admin.action(description=_("Unlock"))
    def unlock(self, request: HttpRequest, queryset: QuerySet[AccessAttempt]) -> None:
        names = set(queryset.values_list("username", flat=True))
        count = sum(reset(username=name) for name in names)
        words = ngettext("%(n)d lock was lifted.", "%(n)d locks were lifted.", count)
        self.message_user(request, words % {"n": count}, messages.SUCCESS)


@admin.register(LogEntry)
class LogEntryAdmin(OnlyRead):
    """What administrators changed: who, when, what."""

    list_display = ("action_time", "user", "content_type", "object_repr", "shown_change")
    list_filter = ("action_time", ("content_type", admin.RelatedOnlyFieldListFilter), "action_flag")
    search_fields = ("object_repr", "user__username", "user__full_name")
    list_select_related = ("user", "content_type")
    fields = ("action_time", "user", "content_type", "object_repr", "shown_change")

    @admin.display(description=_("change"))
    def shown_change(self, entry: LogEntry) -> str:
        return entry.get_change_message()


# ---------------------------------------------------------------- wall screens


class NewScreenForm(forms.ModelForm):  # type: ignore[type-arg]
    """A screen by its name and where it hangs; its token is made, never chosen."""

    class Meta:
        model = WallScreen
        fields = ("name", "place")


@admin.register(WallScreen)
class WallScreenAdmin(OnlyRead):
    """Screens in halls. The address with the token is shown once, right after it was made."""

    form = NewScreenForm
    made_by = column("made_by", _("made by"))
    list_display = ("name", "place", "shown_state", "seen_at", made_by, "made_at", "revoked_at")
    fields = ("name", "place", made_by, "made_at", "seen_at", "revoked_at")
    list_select_related = ("made_by",)
    search_fields = ("name", "place")
    actions = ("revoke",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.is_active

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.fields if obj else ("name", "place")

    @admin.display(description=_("state"))
    def shown_state(self, screen: WallScreen) -> str:
        return str(_("revoked") if screen.revoked_at else _("in use"))

    def save_model(self, request: HttpRequest, obj: WallScreen, form: Any, change: bool) -> None:
        made, token = make_screen(
            actor=actor_of(request.user), at=timezone.now(), name=obj.name, place=obj.place
        )
        obj.pk, obj.made_at = made.pk, made.made_at
        # On the form, so that it reaches the answer of this request and no store.
        request.META["gridcity.wall_token"] = token

    def response_add(
        self, request: HttpRequest, obj: WallScreen, post_url_continue: str | None = None
    ) -> HttpResponse:
        """The address itself, on the answer of this very request: nothing keeps it."""
        address = request.build_absolute_uri(reverse("gridcity:wall"))
        context = {
            **admin.site.each_context(request),
            "title": _("Wall screen made"),
            "screen": obj,
            "address": f"{address}#{request.META.pop('gridcity.wall_token')}",
            "opts": self.opts,
        }
        return TemplateResponse(request, "admin/gridcity/wallscreen/made.html", context)

    @admin.action(description=_("Revoke"))
    def revoke(self, request: HttpRequest, queryset: QuerySet[WallScreen]) -> None:
        actor, at = actor_of(request.user), timezone.now()
        for screen in queryset.filter(revoked_at=None):
            revoke_screen(actor=actor, at=at, screen_id=screen.pk)
            self.log_change(request, screen, [{"changed": {"fields": ["revoked_at"]}}])
        self.message_user(request, _("The screens chosen see nothing any more."), messages.SUCCESS)
