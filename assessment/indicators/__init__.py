"""The registry of indicators: every figure of every screen, each declared once, by its grain."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar

from django.db.models import Q

from assessment.indicators import calls, cases, stays, tasks, turns
from assessment.indicators.declaring import Condition, Grain, Indicator, within
from assessment.indicators.former import FORMER
from assessment.periods import Period

__all__ = [
    "FORMER",
    "INDICATORS",
    "Condition",
    "Grain",
    "Indicator",
    "answers_for",
    "condition_of",
    "condition_of_person",
    "condition_of_post",
    "defined_as",
    "indicators_of_post",
    "registry",
    "within",
]

# In the order in which a case meets them; the handbook lists them so.
_ORDER = (*cases.INDICATORS, *stays.INDICATORS, *tasks.INDICATORS, *turns.INDICATORS,
          *calls.INDICATORS)  # fmt: skip
INDICATORS: dict[str, Indicator] = {each.key: each for each in _ORDER}


# The definitions of a snapshot, while it is counted again.
_OF_THEN: ContextVar[Mapping[str, Indicator] | None] = ContextVar("definitions", default=None)


def registry() -> Mapping[str, Indicator]:
    """The figures as they are counted here: by today's definitions, or `defined_as` once."""
    return _OF_THEN.get() or INDICATORS


@contextmanager
def defined_as(versions: Mapping[str, int]) -> Iterator[None]:
    """Count by these versions of definitions (assessment law §5: the old stay computable).

    A version that is not known any more is counted by today's definition. Where none differs,
    figures are counted as everywhere.
    """
    among = {
        key: FORMER.get((key, versions.get(key, each.version)), each)
        for key, each in INDICATORS.items()
    }
    differs = any(each is not INDICATORS[key] for key, each in among.items())
    token = _OF_THEN.set(among if differs else None)
    try:
        yield
    finally:
        _OF_THEN.reset(token)


def condition_of(
    indicator: Indicator, period: Period, among: Mapping[str, Indicator] | None = None
) -> Q:
    """The whole condition: a rate's numerator meets its denominator's condition too.

    Voided and merged cases stand outside every figure that does not say otherwise.
    """
    among = among or registry()
    whole = among[indicator.of].condition(period) if indicator.of else Q()
    return whole & indicator.condition(period) & _inside(indicator)


def _inside(indicator: Indicator) -> Q:
    return Q() if indicator.with_out else Q(out=False)


def indicators_of_post(post: str) -> list[Indicator]:
    """The figures by which a post is counted (assessment law §5)."""
    return [each for each in registry().values() if each.post == post]


def condition_of_post(indicator: Indicator, period: Period) -> Q:
    """What a desk as a whole is charged with: without what routing or the clock did (§3)."""
    return condition_of(indicator, period) & _charged(indicator, period)


def condition_of_person(indicator: Indicator, period: Period) -> Q:
    """What persons are charged with; whose each row is says `answers_for`."""
    parts = [indicator, *([registry()[indicator.of]] if indicator.of else [])]
    condition = _inside(indicator) & _charged(indicator, period)
    for part in parts:
        condition &= (part.own or part.condition)(period)
    return condition


def _charged(indicator: Indicator, period: Period) -> Q:
    return indicator.charged(period) if indicator.charged else Q()


def answers_for(indicator: Indicator, period: Period) -> Q:
    """Which rows are a person's own; the others, such as what nobody had opened, are the desk's."""
    if indicator.grain is Grain.STAY:
        return Q(ended_at__lt=period.cut)
    return Q(**{f"{indicator.person}__isnull": False})
