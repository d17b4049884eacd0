"""Figures over call backs and ratings: what citizens say of it (assessment law §3)."""

from __future__ import annotations

from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from assessment.indicators.declaring import Grain, Indicator, within
from assessment.periods import Period
from cases.models import Satisfaction

_SATISFIED = (Satisfaction.VERY_SATISFIED, Satisfaction.SATISFIED)


def _called_back(period: Period) -> Q:
    return within("called_at", period) & Q(call="phone", valid=True)


def _contacted(period: Period) -> Q:
    return Q(contacted=True)


def _resolved(period: Period) -> Q:
    return Q(resolved=True)


def _answers(period: Period) -> Q:
    """Valid calls that said how satisfied, and ratings on the web: those enter here alone."""
    said = Q(call="phone", valid=True) | Q(call="web")
    return within("called_at", period) & said & ~Q(satisfaction="")


def _satisfied(period: Period) -> Q:
    return Q(satisfaction__in=_SATISFIED)


def _basically(period: Period) -> Q:
    return Q(satisfaction=Satisfaction.BASICALLY)


INDICATORS = (
    Indicator(
        "called_back", pgettext_lazy("figure", "Called back"), Grain.CALL, _called_back,
        _("Valid call backs of the period."), "§3 called_back",
    ),
    Indicator(
        "contacted", pgettext_lazy("figure", "Contacted"), Grain.CALL, _contacted,
        _("Of the call backs, those in which the reporter was reached."), "§4 响应率",
        of="called_back", better=1,
    ),
    Indicator(
        "resolved", pgettext_lazy("figure", "Resolved"), Grain.CALL, _resolved,
        _("Of the call backs, those in which the matter was said to be resolved."), "§4 解决率",
        of="called_back", better=1,
    ),
    Indicator(
        "answers", pgettext_lazy("figure", "Answers on satisfaction"), Grain.CALL, _answers,
        _("Call backs and ratings of the period that say how satisfied the reporter is."),
        "§4 满意率",
    ),
    Indicator(
        "basically_satisfied", pgettext_lazy("figure", "Basically satisfied"), Grain.CALL,
        _basically, _("Of the answers, those that are basically satisfied."), "§4 满意率",
        of="answers",
    ),
    Indicator(
        "satisfied", pgettext_lazy("figure", "Satisfied"), Grain.CALL, _satisfied,
        _("Of the answers, those that are satisfied, and nine tenths of those basically "
          "satisfied."), "§4 满意率", of="answers", better=1, also=(("basically_satisfied", 90),),
    ),
)  # fmt: skip
