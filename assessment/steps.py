"""The steps of a trend: the days, weeks, months or years that a period is made of. Pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from assessment.periods import Period, between, month_end
from gridcity.contracts import Sentence

STEPS: dict[str, Sentence] = {
    "day": _("By day"),
    "week": _("By week"),
    "month": _("By month"),
    "year": _("By year"),
}
MOST_STEPS = 62
# How many days a step has at least.
LENGTHS = {"day": 1, "week": 7, "month": 28, "year": 365}
A_FORTNIGHT = timedelta(days=13)


def trend_of(period: Period) -> Period:
    """The days that a trend shows: those of the period; of a single day the fortnight to it."""
    if period.first != period.last:
        return period
    longer = between(period.first - A_FORTNIGHT, period.last, period.as_of)
    return replace(longer, is_pinned=period.is_pinned)


def step_for(period: Period, wanted: str = "") -> str:
    """The step of a trend: what is wanted where its points find room, else one that fits."""
    days = (period.last - period.first).days + 1
    if wanted in STEPS and days <= MOST_STEPS * LENGTHS[wanted]:
        return wanted
    if days <= 31:
        return "day"
    if days <= 100:
        return "week"
    return "month" if days <= MOST_STEPS * LENGTHS["month"] else "year"


def steps_within(period: Period, step: str) -> list[Period]:
    """The days, weeks, months or years of a period that have begun; cut where it is cut."""
    found, first = [], period.first
    last_day = min(period.last, timezone.localdate(period.as_of))
    while first <= last_day:
        last = first
        if step == "week":
            last = first + timedelta(days=6 - first.weekday())
        elif step == "month":
            last = month_end(first)
        elif step == "year":
            last = date(first.year, 12, 31)
        one = between(first, min(last, period.last), period.as_of)
        found.append(replace(one, is_pinned=period.is_pinned))
        first = last + timedelta(days=1)
    return found
