"""The numbers of the law that are a city's practice and not the law's own (marked † there).

Each has a default of this product's own choice and bounds within which an administrator may set
another one from an instant on (domain law §§2, 4–6, 9, 11). No standard says them, and no page may
claim that one does.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cases.sources import VERIFIED_SOURCES, Source
from cases.workflow import State


class Measure(StrEnum):
    """What a number counts."""

    SECONDS = "seconds"
    MINUTES = "minutes"
    DAYS = "days"
    PER_CENT = "per_cent"
    HOUR = "hour"
    TIMES = "times"
    METRES = "metres"
    ROWS = "rows"
    YES_NO = "yes_no"


class Section(StrEnum):
    """Where a number stands on its page, in this order."""

    STAGE = "stage"
    REVIEW = "review"
    LAMP = "lamp"
    REPORT = "report"
    DISPATCH = "dispatch"
    REQUEST = "request"
    FORCED_CLOSE = "forced_close"
    ENDING = "ending"
    KEEPING = "keeping"
    SCORE = "score"


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
YEAR = 366

GREEN = "lamp.green"
SELF_SHORTEST, SELF_LONGEST, SELF_METRES = "self.shortest", "self.longest", "self.metres"
RELAPSE_DAYS = "relapse.days"
MISS_MINUTES, OBJECT_DAYS = "miss.minutes", "object.days"
UNDO_SECONDS = "undo.seconds"
DESIGNATION_RETURNS = "designation.returns"
AUTOMATIC_CHECK = "check.automatic"
RETURN_SHARE, RETURN_LEAST = "return.share", "return.least"
SHIRKING_REFUSALS = "shirking.refusals"
APPEAL_DAYS = "appeal.days"
DAY_ENDS = "force.day_ends"
FORCED_TIMES = "force.times"
POLICY_GOES_ON = "force.goes_on"
RECONSIDER_DAYS, REOPEN_DAYS, RATE_DAYS = "reconsider.days", "reopen.days", "rate.days"
PURGE_DAYS, NOTICE_DAYS = "purge.days", "notices.days"
FINAL_DAYS, INSPECTION_DAYS = "final.days", "inspection.days"
LEAST_SAMPLE = "ranking.least"


def stage_key(state: str) -> str:
    return f"stage.{state}"


def review_key(role: str) -> str:
    return f"review.{role}"


def verify_key(source: str) -> str:
    """Whether reports of a source are verified on site that the law leaves free (§2)."""
    return f"verify.{source}"


def times_key(kind: str) -> str:
    """How often a turn may be given a kind of request (§5)."""
    return f"{kind.lower()}.times"


def days_key(kind: str) -> str:
    """How far away the date of a kind of request may lie (§5)."""
    return f"{kind.lower()}.days"


def _minutes(key: str, section: Section, label: str | Promise, default: int) -> Number:
    return Number(key, section, label, Measure.MINUTES, default, 1, LONGEST_MINUTES)


def _days(key: str, section: Section, label: str | Promise, default: int, most: int) -> Number:
    return Number(key, section, label, Measure.DAYS, default, 1, most)


def _times(key: str, section: Section, label: Promise, default: int, least: int = 1) -> Number:
    return Number(key, section, label, Measure.TIMES, default, least, 9)


_CLOCKS = (
    *(_minutes(stage_key(state), Section.STAGE, State(state).label, minutes)
      for state, minutes in STAGE_MINUTES.items()),
    _minutes(review_key("department"), Section.REVIEW, _("pre-approval by a lead"), 60),
    _minutes(review_key("dispatcher"), Section.REVIEW, _("review by a dispatcher"), 30),
    _minutes(review_key("duty_chief"), Section.REVIEW, _("review by the duty chief"), 30),
    Number(GREEN, Section.LAMP, _("a lamp is green up to"), Measure.PER_CENT, 80, 1, 100),
)  # fmt: skip
_REPORTS = (
    *(Number(verify_key(source), Section.REPORT, source.label, Measure.YES_NO, 0, 0, 1)
      for source in Source if source not in VERIFIED_SOURCES),
    Number(SELF_SHORTEST, Section.REPORT, _("self-handling: before and after at least apart"),
           Measure.MINUTES, 1, 0, 30),
    Number(SELF_LONGEST, Section.REPORT, _("self-handling: before and after at most apart"),
           Measure.MINUTES, 60, 30, LONGEST_MINUTES),
    Number(SELF_METRES, Section.REPORT, _("self-handling: photos at most so far from the place"),
           Measure.METRES, 30, 5, 1000),
    _days(RELAPSE_DAYS, Section.REPORT, _("filed again after closing is a relapse within"), 30,
          YEAR),
    Number(MISS_MINUTES, Section.REPORT, _("a patrol may have missed a matter after walking for"),
           Measure.MINUTES, 120, 0, LONGEST_MINUTES),
    _days(OBJECT_DAYS, Section.REPORT, _("a supervisor objects to a missed matter within"), 7,
          YEAR),
)  # fmt: skip
_DISPATCHES = (
    Number(UNDO_SECONDS, Section.DISPATCH, _("a dispatch or return can be undone for"),
           Measure.SECONDS, 10, 1, 120),
    _times(DESIGNATION_RETURNS, Section.DISPATCH,
           _("the next dispatch is a designation after approved returns"), 2),
    Number(AUTOMATIC_CHECK, Section.DISPATCH, _("checks are sent automatically after a finish"),
           Measure.YES_NO, 0, 0, 1),
)  # fmt: skip
_REQUESTS = (
    Number(RETURN_SHARE, Section.REQUEST, _("a return is asked within the first part of the limit"),
           Measure.PER_CENT, 25, 1, 100),
    Number(RETURN_LEAST, Section.REQUEST, _("a return may be asked for at least"),
           Measure.MINUTES, 30, 0, LONGEST_MINUTES),
    _times(times_key("EXTENSION"), Section.REQUEST, _("extensions of a turn at most"), 2, 0),
    _times(times_key("SUSPENSION"), Section.REQUEST, _("suspensions of a turn at most"), 1, 0),
    _days(days_key("SUSPENSION"), Section.REQUEST, _("a suspension ends within"), 365, 10 * YEAR),
    _times(times_key("DEFERRAL"), Section.REQUEST, _("deferrals of a turn at most"), 1, 0),
    _days(days_key("DEFERRAL"), Section.REQUEST, _("a deferral ends within"), 90, 10 * YEAR),
    _days(APPEAL_DAYS, Section.REQUEST, _("an appeal is asked after the end within"), 7, YEAR),
    _times(SHIRKING_REFUSALS, Section.REQUEST, _("it is shirking from refused returns on"), 2),
)  # fmt: skip
_ENDS = (
    Number(DAY_ENDS, Section.FORCED_CLOSE,
           _("what is filed later is closed at the end of the next day"), Measure.HOUR, 18, 0, 23),
    _times(FORCED_TIMES, Section.FORCED_CLOSE,
           _("the officials decide after forced closes of a matter"), 3),
    Number(POLICY_GOES_ON, Section.FORCED_CLOSE,
           _("what the clock closes by force goes on in a case that follows"),
           Measure.YES_NO, 0, 0, 1),
    _days(RECONSIDER_DAYS, Section.ENDING, _("a refused report is reconsidered within"), 10, YEAR),
    _days(REOPEN_DAYS, Section.ENDING, _("a closed case is reopened within"), 10, YEAR),
    _days(RATE_DAYS, Section.ENDING, _("citizens rate within"), 30, YEAR),
    _days(PURGE_DAYS, Section.KEEPING, _("reporters' names and numbers are kept after the end for"),
          180, 10 * YEAR),
    _days(NOTICE_DAYS, Section.KEEPING, _("notices that were delivered are kept for"), 400,
          10 * YEAR),
)  # fmt: skip

_SCORES = (
    _days(FINAL_DAYS, Section.SCORE, _("a period is final so long after its end"), 10,
          YEAR),
    _days(INSPECTION_DAYS, Section.SCORE, _("an inspection is appealed against within"), 7, YEAR),
    Number(LEAST_SAMPLE, Section.SCORE, _("a rate of fewer than these is shown and not ranked"),
           Measure.ROWS, 10, 0, 100_000),
)  # fmt: skip

NUMBERS: dict[str, Number] = {
    number.key: number
    for number in (*_CLOCKS, *_REPORTS, *_DISPATCHES, *_REQUESTS, *_ENDS, *_SCORES)
}
