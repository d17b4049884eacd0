"""Routing rules: which department answers for a class in a place (domain law §8)."""

from __future__ import annotations

import pghistory
import pgtrigger
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, IntegerRangeField, RangeOperators
from django.db import models
from django.db.models import Case as SqlCase
from django.db.models import F, Func, Q, Value, When
from django.utils.translation import gettext_lazy as _

from dispatch.models.departments import Department
from dispatch.models.version import raises_version


class RuleKind(models.TextChoices):
    PART = "part", _("parts")
    EVENT = "event", _("events")
    ANY = "any", _("parts and events")


class ClassScope(models.TextChoices):
    CODE = "code", _("one class")
    PREFIX = "prefix", _("classes that begin so")
    ANY = "any", _("every class")


class AreaScope(models.TextChoices):
    CELL = "cell", _("unit grid cell")
    COMMUNITY = "community", _("community")
    STREET = "street", _("street")
    DISTRICT = "district", _("district")


class WorkingTime(models.TextChoices):
    ALWAYS = "", _("at any time")
    WORKING = "working", _("in working time")
    OFF = "off", _("outside working time")


# The digits of an area's code, by scope; the pattern of the district's codes (`codes.md`).
AREA_DIGITS = {
    AreaScope.CELL: 15,
    AreaScope.COMMUNITY: 12,
    AreaScope.STREET: 9,
    AreaScope.DISTRICT: 6,
}


def _kinds() -> SqlCase:
    """The kinds of a rule as a range, so that "parts and events" overlaps with each of them."""

    def kinds(first: int, last: int) -> Func:
        return Func(Value(first), Value(last), function="int4range")

    return SqlCase(
        When(kind=RuleKind.PART, then=kinds(0, 1)),
        When(kind=RuleKind.EVENT, then=kinds(1, 2)),
        default=kinds(0, 2),
        output_field=IntegerRangeField(),
    )


class RoutingRuleQuerySet(models.QuerySet["RoutingRule"]):
    """Reads of rules that chain."""

    def published(self) -> RoutingRuleQuerySet:
        """The rules that count, each within its days."""
        return self.filter(is_draft=False)

    def drafts(self) -> RoutingRuleQuerySet:
        return self.filter(is_draft=True)


@pghistory.track(
    pghistory.UpdateEvent("changed", row=pghistory.Old), model_name="RoutingRuleHistory"
)
class RoutingRule(models.Model):
    """(class, prefix or any) × (cell, community, street or district) → department."""

    kind = models.CharField(_("kind"), max_length=5, choices=RuleKind)
    scheme_key = models.CharField(
        _("coding scheme"),
        max_length=32,
        blank=True,
        help_text=_("Empty for every class; otherwise the scheme that the class code belongs to."),
    )
    class_scope = models.CharField(_("classes"), max_length=6, choices=ClassScope)
    class_code = models.CharField(_("class code"), max_length=8, blank=True)
    area_scope = models.CharField(_("area"), max_length=9, choices=AreaScope)
    area_code = models.CharField(_("area code"), max_length=15)
    source = models.CharField(
        _("source"), max_length=12, blank=True, help_text=_("Empty: cases of every source.")
    )
    working_time = models.CharField(
        _("time"), max_length=7, choices=WorkingTime, blank=True, default=WorkingTime.ALWAYS
    )
    department = models.ForeignKey(
        Department, models.PROTECT, related_name="routing_rules", verbose_name=_("department")
    )
    automatic = models.BooleanField(
        _("automatic"),
        default=False,
        help_text=_("Unambiguous: may be dispatched without a dispatcher."),
    )
    valid_from = models.DateField(_("valid from"))
    valid_to = models.DateField(_("last day"), null=True, blank=True)
    note = models.CharField(_("note"), max_length=200, blank=True)
    # A change is written as a draft, tried on last month's cases, and published.
    is_draft = models.BooleanField(
        _("draft"), default=False, help_text=_("A draft sends no case anywhere until published.")
    )
    replaces = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="successors",
        verbose_name=_("replaces"),
        help_text=_("The rule that ends on the day before this one begins."),
    )  # fmt: skip

    objects = RoutingRuleQuerySet.as_manager()

    class Meta:
        verbose_name = _("routing rule")
        verbose_name_plural = _("routing rules")
        ordering = ["scheme_key", "kind", "class_code", "area_code", "source", "working_time"]
        constraints = [
            # Equal in all is an error the administrator sees (domain law §8). A draft may be
            # equal to the rule that it will replace.
            ExclusionConstraint(
                name="routing_rule_equal_in_all",
                condition=Q(is_draft=False),
                expressions=[
                    (_kinds(), RangeOperators.OVERLAPS),
                    ("scheme_key", RangeOperators.EQUAL),
                    ("class_scope", RangeOperators.EQUAL),
                    ("class_code", RangeOperators.EQUAL),
                    ("area_code", RangeOperators.EQUAL),
                    ("source", RangeOperators.EQUAL),
                    ("working_time", RangeOperators.EQUAL),
                    (
                        Func(
                            "valid_from",
                            "valid_to",
                            Value("[]"),
                            function="daterange",
                            output_field=DateRangeField(),
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                violation_error_message=_(
                    "Another rule is equal in class, area, source and time on some of these days: "
                    "nobody could say which of the two counts."
                ),
            ),
            models.CheckConstraint(
                name="routing_rule_class_fits_scope",
                condition=Q(class_scope=ClassScope.ANY, class_code="", scheme_key="")
                | (
                    Q(class_scope__in=[ClassScope.CODE, ClassScope.PREFIX])
                    & Q(kind__in=[RuleKind.PART, RuleKind.EVENT])
                    & Q(class_code__regex=r"^[0-9]{1,8}$")
                    & ~Q(scheme_key="")
                ),
                violation_error_message=_(
                    "A class code belongs to a scheme and a kind; a rule for every class has none."
                ),
            ),
            models.CheckConstraint(
                name="routing_rule_area_digits",
                condition=Q(
                    *(
                        Q(area_scope=scope, area_code__regex=rf"^[0-9]{{{digits}}}$")
                        for scope, digits in AREA_DIGITS.items()
                    ),
                    _connector=Q.OR,
                ),
                violation_error_message=_(
                    "A cell has 15 digits, a community 12, a street 9, a district 6."
                ),
            ),
            models.CheckConstraint(
                name="routing_rule_valid_to_after_from",
                condition=Q(valid_to=None) | Q(valid_to__gte=F("valid_from")),
                violation_error_message=_("The end of validity lies before its begin."),
            ),
        ]
        triggers = [
            pgtrigger.Protect(
                name="routing_rule_kept",
                operation=pgtrigger.Delete,
                condition=pgtrigger.Q(old__is_draft=False),
            ),
            raises_version(),
        ]

    def __str__(self) -> str:
        return f"{self.class_code or '*'} {self.area_code} → {self.department}"
