"""Figures over call backs and ratings: what citizens say of it (assessment law §3)."""

from __future__ import annotations

from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from assessment.indicators.declaring import Grain, Indicator, within
from assessment.periods import Period
from cases.models import Satisfaction

_SATISFIED = (Satisfaction.VERY_SATISFIED, Satisfaction.SATISFIED)


def calls(period: Period) -> Q:
    return within("called_at", period) & Q(call="phone", valid=True)


def _called_back(period: Period) -> Q:
    """One for each reporter: the last of the calls to him that the acceptor says are valid."""
    return calls(period) & Q(superseded=False)


def _contacted(period: Period) -> Q:
    return Q(contacted=True)


def _resolved(period: Period) -> Q:
    return Q(resolved=True)


def _answers(period: Period) -> Q:
    """Valid calls that said how satisfied, and ratings on the web: those enter here alone."""
    said = Q(call="phone", valid=True, superseded=False) | Q(call="web")
    return within("called_at", period) & said & ~Q(satisfaction="")


def _satisfied(period: Period) -> Q:
    return Q(satisfaction__in=_SATISFIED)


def _basically(period: Period) -> Q:
    return Q(satisfaction=Satisfaction.BASICALLY)


def _rated_web(period: Period) -> Q:
    return within("called_at", period) & Q(call="web")


INDICATORS = (
    Indicator(
        "called_back", pgettext_lazy("figure", "Called back"), Grain.CALL, _called_back,
        _("Call backs of the period that the acceptor recorded as valid, whether the reporter was "
          "reached or not; one for each reporter: of several the last one recorded by the data "
          "time. A call that names nobody is to the first reporter of the case."),
        "§3 called_back", version=2,
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
        _("Call backs of the period, one for each reporter, and ratings on the web that say how "
          "satisfied the reporter is."),
        "§4 满意率", version=2,
    ),
    Indicator(
        "rated_web", pgettext_lazy("figure", "Rated on the web"), Grain.CALL, _rated_web,
        _("Ratings of the period by citizens on the web; of the rates they enter the share of the "
          "satisfied only."), "§3 rated_web",
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
