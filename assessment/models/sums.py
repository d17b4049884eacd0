"""Sums of what adds up over days, made of facts alone; they may be made anew at any time."""

from __future__ import annotations

from uuid import uuid4

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from assessment.models.facts import Grain, reference
from dispatch.models import Department
from parts.models import CatalogueClass, Street


class Span(models.TextChoices):
    """Over what is summed: local days, and their months."""

    DAY = "d", pgettext_lazy("span", "Day")
    MONTH = "m", pgettext_lazy("span", "Month")


class DailySum(models.Model):
    """What happened on a day or in a month: in all, or by a department, street, class or state.

    `by` names the dimension: empty for the whole. Sums by all of them together would be nearly as
    many as the facts.
    `counts` holds a number for each slot of its grain and base (`assessment.indicators.arms`), by
    the version of each fact that is believed now.
    """

    span = models.CharField(max_length=1, choices=Span.choices)
    first = models.DateField()
    grain = models.CharField(max_length=4, choices=Grain.choices)
    base = models.CharField(max_length=16)
    by = models.CharField(max_length=10, blank=True)
    department = reference(Department)
    street = reference(Street)
    catalogue_class = reference(CatalogueClass)
    state = models.CharField(max_length=12, blank=True)
    counts = ArrayField(models.IntegerField())

    class Meta:
        verbose_name = _("sum of a day")
        verbose_name_plural = _("sums of days")
        constraints = [
            # Also how figures find the spans of a period.
            models.UniqueConstraint(
                fields=[
                    "grain", "span", "first", "base", "by", "street", "catalogue_class",
                    "department", "state",
                ],
                nulls_distinct=False,
                name="daily_sum_once",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.grain} {self.span} {self.first}"


class SumsState(models.Model):
    """What the sums hold: which definitions, and events recorded up to when. One row."""

    shape = models.CharField(max_length=64)
    known_until = models.DateTimeField(null=True)
    # Another one whenever all is summed anew: what was remembered of before holds no more.
    edition = models.UUIDField(default=uuid4)

    class Meta:
        verbose_name = _("state of the sums")
        verbose_name_plural = _("state of the sums")
        constraints = [models.CheckConstraint(condition=models.Q(pk=1), name="sums_state_one")]

    def __str__(self) -> str:
        return self.shape[:8]
