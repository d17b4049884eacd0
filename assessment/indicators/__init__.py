"""The registry of indicators: every figure of every screen, each declared once, by its grain."""

from __future__ import annotations

from django.db.models import Q

from assessment.indicators import calls, cases, stays, tasks, turns
from assessment.indicators.declaring import Condition, Grain, Indicator, within
from assessment.periods import Period

__all__ = ["INDICATORS", "Condition", "Grain", "Indicator", "condition_of", "within"]

# In the order in which a case meets them; the handbook lists them so.
_ORDER = (*cases.INDICATORS, *stays.INDICATORS, *tasks.INDICATORS, *turns.INDICATORS,
          *calls.INDICATORS)  # fmt: skip
INDICATORS: dict[str, Indicator] = {each.key: each for each in _ORDER}


def condition_of(indicator: Indicator, period: Period) -> Q:
    """The whole condition: a rate's numerator meets its denominator's condition too.

    Voided and merged cases stand outside every figure that does not say otherwise.
    """
    whole = INDICATORS[indicator.of].condition(period) if indicator.of else Q()
    inside = Q() if indicator.with_out else Q(out=False)
    return whole & indicator.condition(period) & inside
