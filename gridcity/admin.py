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
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from dispatch.models import Membership
from gridcity.models import SIDES, ApiToken, RoleKey, User
from gridcity.templatetags.gridcity_ui import roles_label
from parts.admin.kinds import OnlyRead

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

    list_display = ("user", "created_at", "expires_at")
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
