"""Departments 专业部门 and the users that belong to them."""

from __future__ import annotations

import pghistory
import pgtrigger
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from cases.models.hours import HoursFrom, check_working_periods
from dispatch.models.version import raises_version
from gridcity.contracts import Role


class DepartmentQuerySet(models.QuerySet["Department"]):
    """Reads of departments that chain."""

    def active(self) -> DepartmentQuerySet:
        return self.filter(is_active=True)


@pghistory.track(
    pghistory.UpdateEvent("changed", row=pghistory.Old), model_name="DepartmentHistory"
)
class Department(models.Model):
    """Who handles cases: a street office, a specialised department, a utility. Never deleted."""

    code = models.CharField(_("code"), max_length=16, unique=True)
    name = models.CharField(_("name"), max_length=100)
    kind = models.CharField(
        _("kind"), max_length=32, help_text=_("Key of the kind that filing standards name.")
    )
    uscc = models.CharField(
        _("unified social credit code"),
        max_length=18,
        blank=True,
        help_text=_("By it the maintainers, owners and competent bodies of parts are recognised."),
    )
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children",
        verbose_name=_("parent"),
    )  # fmt: skip
    street_code = models.CharField(
        _("street"),
        max_length=9,
        blank=True,
        help_text=_("Code of the street whose office this is; empty for a whole district."),
    )
    working_periods = models.JSONField(
        _("working periods"),
        default=list,
        blank=True,
        validators=[check_working_periods],
        help_text=_("Pairs of local times; empty: the district's 08:00–12:00 and 14:00–18:00."),
    )
    hours_per_working_day = models.DecimalField(
        _("hours of a working day"), max_digits=4, decimal_places=2, default=8
    )
    assessment_group = models.CharField(_("group for assessment"), max_length=32, blank=True)
    contact_name = models.CharField(_("contact"), max_length=64, blank=True)
    contact_phone = models.CharField(_("telephone"), max_length=32, blank=True)
    address = models.CharField(_("address"), max_length=200, blank=True)
    is_active = models.BooleanField(_("active"), default=True)

    objects = DepartmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("department")
        verbose_name_plural = _("departments")
        ordering = ["code"]
        constraints = [
            # The maintainer of a part is looked up by its credit code.
            models.UniqueConstraint(
                fields=["uscc"],
                condition=~Q(uscc=""),
                name="department_uscc_once",
                violation_error_message=_("A department has this credit code already."),
            ),
            models.UniqueConstraint(
                fields=["street_code"],
                condition=~Q(street_code="") & Q(is_active=True),
                name="department_one_office_per_street",
                violation_error_message=_("This street has an office already."),
            ),
            models.CheckConstraint(
                name="department_uscc_form",
                condition=Q(uscc="") | Q(uscc__regex=r"^[0-9A-HJ-NPQRTUWXY]{18}$"),
                violation_error_message=_("A unified social credit code has 18 characters."),
            ),
            models.CheckConstraint(
                name="department_street_digits",
                condition=Q(street_code="") | Q(street_code__regex=r"^[0-9]{9}$"),
                violation_error_message=_("A street code has 9 digits."),
            ),
            models.CheckConstraint(
                name="department_hours_in_a_day",
                condition=Q(hours_per_working_day__gt=0, hours_per_working_day__lte=24),
                violation_error_message=_("A working day has more than 0 and at most 24 hours."),
            ),
            models.CheckConstraint(
                name="department_not_its_own_parent",
                condition=Q(parent=None) | ~Q(parent=F("id")),
                violation_error_message=_("A department is not its own parent."),
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="department_kept", operation=pgtrigger.Delete),
            raises_version(),
        ]

    def __str__(self) -> str:
        return self.name


class DepartmentHours(HoursFrom):
    """Other working hours of a department from a date on; before, those of its own row hold."""

    department = models.ForeignKey(
        Department, models.PROTECT, related_name="hours", db_index=False,
        verbose_name=_("department"),
    )  # fmt: skip

    class Meta(HoursFrom.Meta):
        abstract = False
        verbose_name = _("working hours of a department")
        verbose_name_plural = _("working hours of departments")
        ordering = ["department", "-valid_from"]
        constraints = [
            models.UniqueConstraint(
                fields=["department", "valid_from"],
                name="department_hours_from_once",
                violation_error_message=_("Working hours from that day on are set already."),
            ),
            models.CheckConstraint(
                name="department_hours_length",
                condition=Q(hours_per_working_day__gt=0, hours_per_working_day__lte=24),
                violation_error_message=_("A working day has more than 0 and at most 24 hours."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.department} {self.valid_from}"


class MembershipQuerySet(models.QuerySet["Membership"]):
    """Reads of memberships that chain."""

    def acting(self) -> MembershipQuerySet:
        """Of those who may act for their department: a membership outlasts account and role."""
        return self.filter(user__is_active=True, user__roles__contains=[Role.DEPARTMENT])


@pghistory.track(
    pghistory.UpdateEvent("changed", row=pghistory.Old), model_name="MembershipHistory"
)
class Membership(models.Model):
    """Which department a user of the role `department` belongs to; one at a time."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="membership",
        verbose_name=_("user"),
    )  # fmt: skip
    department = models.ForeignKey(
        Department, models.PROTECT, related_name="memberships", verbose_name=_("department")
    )
    is_lead = models.BooleanField(
        _("lead"), default=False, help_text=_("Pre-approves the requests of the department.")
    )

    objects = MembershipQuerySet.as_manager()

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        ordering = ["department", "user"]

    def __str__(self) -> str:
        return f"{self.user} – {self.department}"

    def clean(self) -> None:
        """A member holds the role `department`; the other sides' powers stay apart (§1)."""
        if self.user_id and Role.DEPARTMENT not in self.user.roles:
            raise ValidationError(
                {"user": _("Only users with the role “department” belong to a department.")}
            )
