"""The user of the product: one person, with roles on one side only."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.validators import ASCIIUsernameValidator
from django.contrib.postgres.fields import ArrayField
from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cases.sources import Source
from gridcity.contracts import Role


class RoleKey(models.TextChoices):
    """The roles of domain law §1. Supervision and command are kept apart on purpose."""

    SUPERVISOR = Role.SUPERVISOR, _("Supervisor")
    ACCEPTOR = Role.ACCEPTOR, _("Acceptor")
    DUTY_CHIEF = Role.DUTY_CHIEF, _("Duty chief")
    DISPATCHER = Role.DISPATCHER, _("Dispatcher")
    DEPARTMENT = Role.DEPARTMENT, _("Department")
    OFFICIAL = Role.OFFICIAL, _("Official")
    ADMINISTRATOR = Role.ADMINISTRATOR, _("Administrator")
    CLIENT = Role.CLIENT, _("Interface client")


# Roles that one person may hold together; everything outside these sets is a mixture of sides.
SIDES: dict[str, tuple[str, ...]] = {
    "supervision": (RoleKey.SUPERVISOR, RoleKey.ACCEPTOR, RoleKey.DUTY_CHIEF),
    "command": (RoleKey.DISPATCHER,),
    "department": (RoleKey.DEPARTMENT,),
    "reads": (RoleKey.OFFICIAL,),
    "administration": (RoleKey.ADMINISTRATOR,),
    "client": (RoleKey.CLIENT,),
}


def roles_on_one_side() -> models.Q:
    """The condition that all roles of a user lie on one side (domain law §1)."""
    condition = models.Q()
    for roles in SIDES.values():
        condition |= models.Q(roles__contained_by=[str(role) for role in roles])
    return condition


class UserManager(BaseUserManager["User"]):
    """Creates users; a password of None makes an account that cannot log in."""

    def create_user(self, username: str, password: str | None = None, **fields: Any) -> User:
        user = self.model(username=self.model.normalize_username(username), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, username: str, password: str | None = None, **fields: Any) -> User:
        """What `createsuperuser` makes: an administrator, who has no case action."""
        return self.create_user(username, password, roles=[RoleKey.ADMINISTRATOR], **fields)

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(username=username)


class User(AbstractBaseUser):
    """A person or interface client who logs in; of departments only `dispatch` knows."""

    username = models.CharField(
        _("username"), max_length=64, unique=True, validators=[ASCIIUsernameValidator()]
    )
    full_name = models.CharField(pgettext_lazy("person", "name"), max_length=64)
    roles = ArrayField(
        models.CharField(max_length=16, choices=RoleKey.choices), verbose_name=_("roles")
    )
    employer = models.CharField(
        _("employer"),
        max_length=32,
        blank=True,
        help_text=_(
            "Code of the department or contractor that employs this person: "
            "nobody checks the work of his own employer."
        ),
    )
    source = models.CharField(
        _("source"),
        max_length=12,
        choices=[choice for choice in Source.choices if choice[0] != Source.SUPERVISOR],
        blank=True,
        default="",
        db_default="",
        help_text=_("Of an interface client: the one source it reports for."),
    )
    email = models.EmailField(
        _("e-mail address"), blank=True, help_text=_("Notices go there, as the user has chosen.")
    )
    mobile = models.CharField(
        _("mobile number"),
        max_length=20,
        blank=True,
        validators=[RegexValidator(r"^\+?[0-9]{6,19}$", _("Digits only, perhaps after a plus."))],
        help_text=_("Used for short messages where a gateway is installed."),
    )
    is_active = models.BooleanField(_("active"), default=True)
    joined_at = models.DateTimeField(_("joined"), auto_now_add=True)

    objects = UserManager()

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["full_name"]

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        constraints = [
            models.CheckConstraint(
                name="user_roles_on_one_side",
                condition=roles_on_one_side(),
                violation_error_message=_(
                    "Supervision, command, departments, officials, administrators and interface "
                    "clients are separate powers: a user holds roles of one of them only."
                ),
            ),
            models.CheckConstraint(
                name="user_roles_not_empty",
                condition=models.Q(roles__len__gte=1),
                violation_error_message=_("A user needs at least one role."),
            ),
            models.CheckConstraint(
                name="user_source_iff_client",
                condition=models.Q(roles__contains=[Role.CLIENT], source__gt="")
                | ~models.Q(roles__contains=[Role.CLIENT]) & models.Q(source=""),
                violation_error_message=_(
                    "An interface client reports for one named source; nobody else has one."
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.full_name or self.username

    @property
    def side(self) -> str:
        """Which of the separate powers this user belongs to; the key of `SIDES`."""
        return next(side for side, roles in SIDES.items() if set(self.roles) <= set(roles))

    @property
    def is_administrator(self) -> bool:
        return self.is_active and RoleKey.ADMINISTRATOR in self.roles

    # Django's administration asks these three; only administrators may enter it at all.
    @property
    def is_staff(self) -> bool:
        return self.is_administrator

    def has_perm(self, perm: str, obj: object = None) -> bool:
        return self.is_administrator

    def has_module_perms(self, app_label: str) -> bool:
        return self.is_administrator


class ApiToken(models.Model):
    """An API login of a user; the token itself is not kept."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="tokens")
    sha256 = models.BinaryField(max_length=32, unique=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    class Meta:
        verbose_name = _("API token")
        verbose_name_plural = _("API tokens")

    def __str__(self) -> str:
        return f"{self.user} {self.created_at:%Y-%m-%d}"


class WallScreen(models.Model):
    """A screen in a hall that shows figures to whoever stands there; its token is not kept.

    It is no user: it reads one page, in which nothing of a person stands.
    """

    name = models.CharField(pgettext_lazy("device", "name"), max_length=60, unique=True)
    place = models.CharField(_("where it hangs"), max_length=120)
    sha256 = models.BinaryField(max_length=32, unique=True)
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(pgettext_lazy("device", "made"))
    revoked_at = models.DateTimeField(pgettext_lazy("device", "revoked"), null=True)
    seen_at = models.DateTimeField(_("last seen"), null=True)
    # How often it asked since the minute began: counted here, because Redis may be emptied.
    minute_at = models.DateTimeField(null=True)
    asked = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name = _("wall screen")
        verbose_name_plural = _("wall screens")
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                name="wall_screen_has_name_and_place",
                condition=~models.Q(name="") & ~models.Q(place=""),
                violation_error_message=_("A wall screen needs a name and a place."),
            ),
            models.CheckConstraint(
                name="wall_screen_revoked_after_made",
                condition=models.Q(revoked_at=None) | models.Q(revoked_at__gte=models.F("made_at")),
                violation_error_message=_("A wall screen cannot be revoked before it was made."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.place})"


class AddressCount(models.Model):
    """How often one address asked for one thing since a window began; forgotten after a day.

    Counted here, because Redis may be emptied. Of the address only a keyed hash is kept.
    """

    what = models.CharField(max_length=16)
    address_sha256 = models.BinaryField(max_length=32)
    since = models.DateTimeField()
    asked = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("count of an address")
        verbose_name_plural = _("counts of addresses")
        constraints = [
            # Also the index by which the row is found and written at each request.
            models.UniqueConstraint(
                fields=["what", "address_sha256"], name="address_count_what_address"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.what} {self.asked}"


class Heartbeat(models.Model):
    """When a part of the system last showed that it lives; written through the whole chain.

    The row of `beat` is written by a worker on a message of beat, so it also proves the broker.
    """

    name = models.CharField(max_length=32, primary_key=True)
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("heartbeat")
        verbose_name_plural = _("heartbeats")

    def __str__(self) -> str:
        return f"{self.name} {self.at:%H:%M:%S}"
