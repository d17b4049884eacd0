"""Lamps, and the instants at which shares of a limit are reached (domain law §§6.3, 6.4).

Share used = time used ÷ time allowed, where allowed is the limit and its extensions. Shares are
whole per cent and compared exactly, never as floats.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from cases.clocks.calendar import MICROSECOND, WorkingCalendar
from cases.clocks.deadlines import Due, Unit, due, is_late, last_within


class Lamp(StrEnum):
    """Computed when shown, never stored."""

    GREEN = "green"
    YELLOW = "yellow"
    RED = "red"


class Thresholds(NamedTuple):
    """Per cent of the time allowed up to which, inclusive, a lamp shows (defaults of §6.3)."""

    green: int = 80
    yellow: int = 100


class Mark(NamedTuple):
    """When a share (per cent) of the time allowed is reached, as `Due` says it."""

    share: int
    at: datetime
    provisional: bool


DEFAULT_THRESHOLDS = Thresholds()
#: Warn, then the four levels of escalation (domain law §6.4, defaults).
TIMER_SHARES = (80, 100, 150, 200, 300)


def lamp(
    used: timedelta,
    allowed: timedelta,
    *,
    late: bool = False,
    thresholds: Thresholds = DEFAULT_THRESHOLDS,
) -> Lamp:
    """The lamp of a clock from its share used.

    `late` says that the due instant has passed: overnight that can be so while the share stays at
    exactly 100 %, and late is always red (domain law §6.1).
    """
    if late or used * 100 > allowed * thresholds.yellow:
        return Lamp.RED
    return Lamp.GREEN if used * 100 <= allowed * thresholds.green else Lamp.YELLOW


def share_until(
    start: datetime,
    used_before: timedelta,
    allowed: timedelta,
    unit: Unit,
    calendar: WorkingCalendar,
    share: int = DEFAULT_THRESHOLDS.green,
) -> Due:
    """The last instant at which a clock running since `start` has used no more than a share.

    With the default share: the last instant of green. Where more was used before `start`, an
    instant before `start`. Stored beside the due instant it lets lists colour, sort and filter rows
    without a calendar, in agreement with `lamp`.
    """
    ceiling = timedelta(microseconds=allowed // MICROSECOND * share // 100)
    return last_within(start, ceiling - used_before, unit, calendar)


def lamp_at(at: datetime, green_until: datetime, due_at: datetime) -> Lamp:
    """The lamp of a running clock from its stored instants, with yellow up to 100 %.

    Under a lower threshold of yellow pass its `share_until` instead of the due instant.
    """
    if is_late(at, due_at):
        return Lamp.RED
    return Lamp.GREEN if at <= green_until else Lamp.YELLOW


def instants(
    start: datetime,
    used_before: timedelta,
    allowed: timedelta,
    unit: Unit,
    calendar: WorkingCalendar,
    shares: Iterable[int] = TIMER_SHARES,
) -> list[Mark]:
    """When a clock running since `start` reaches each share of the time allowed, in given order.

    `used_before` is what the clock had used when it was started again. A share it had reached by
    then is dated `start`: the ledger of (clock, level), not this list, knows what has fired.
    Raises as `deadlines.due`.
    """
    used = used_before // MICROSECOND
    total = allowed // MICROSECOND
    marks = []
    for share in shares:
        left = max(0, -(-total * share // 100) - used)
        marks.append(Mark(share, *due(start, timedelta(microseconds=left), unit, calendar)))
    return marks
