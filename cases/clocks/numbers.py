"""The numbers by which the clocks go, as far as they are a city's practice and not the law's.

Each has a default of this product's own choice and bounds within which an administrator may set
another one from an instant on (domain law §§5, 6; the numbers marked † there). No standard says
them, and no page may claim that one does.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cases.workflow import State


class Measure(StrEnum):
    """What a number counts."""

    MINUTES = "minutes"
    PER_CENT = "per_cent"
    HOUR = "hour"


class Section(StrEnum):
    """Where a number stands on its page, in this order."""

    STAGE = "stage"
    REVIEW = "review"
    LAMP = "lamp"
    FORCED_CLOSE = "forced_close"


@dataclass(frozen=True, slots=True)
class Number:
    """One number: whole, with its default and the least and most that make sense."""

    key: str
    section: Section
    label: str | Promise
    measure: Measure
    default: int
    least: int
    most: int


STAGE_MINUTES: dict[str, int] = {
    State.REPORTED: 15,
    State.VERIFYING: 30,
    State.SELF_HANDLED: 30,
    State.TO_FILE: 15,
    State.TO_DISPATCH: 15,
    State.TO_CHECK: 15,
    State.CHECKING: 30,
    State.TO_CLOSE: 30,
}
# Longer than this is no limit: for no open state may one absent role trap a case (§6.4, end).
LONGEST_MINUTES = 24 * 60

GREEN = "lamp.green"
DAY_ENDS = "force.day_ends"


def stage_key(state: str) -> str:
    return f"stage.{state}"


def review_key(role: str) -> str:
    return f"review.{role}"


def _minutes(key: str, section: Section, label: str | Promise, default: int) -> Number:
    return Number(key, section, label, Measure.MINUTES, default, 1, LONGEST_MINUTES)


_LISTED = (
    *(_minutes(stage_key(state), Section.STAGE, State(state).label, minutes)
      for state, minutes in STAGE_MINUTES.items()),
    _minutes(review_key("department"), Section.REVIEW, _("pre-approval by a lead"), 60),
    _minutes(review_key("dispatcher"), Section.REVIEW, _("review by a dispatcher"), 30),
    _minutes(review_key("duty_chief"), Section.REVIEW, _("review by the duty chief"), 30),
    Number(GREEN, Section.LAMP, _("a lamp is green up to"), Measure.PER_CENT, 80, 1, 100),
    Number(DAY_ENDS, Section.FORCED_CLOSE,
           _("what is filed later is closed at the end of the next day"), Measure.HOUR, 18, 0, 23),
)  # fmt: skip

NUMBERS: dict[str, Number] = {number.key: number for number in _LISTED}
