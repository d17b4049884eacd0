"""From a start and a limit to the due instant, and from two instants to the time spent.

Domain law §6.1. The rules, for every unit:

* a start outside working time begins at the next period; a limit used up exactly at the end of a
  period is due at that end, not at the next start;
* nothing left is due at once: the due instant of an amount of zero is the start itself, also at
  night, because what comes after a due instant is late even if no working second has passed;
* `spent` is exact and adds up: spent(a, b) + spent(b, c) == spent(a, c), whatever b, and
  spent(start, due(start, amount).at) == amount; the same holds of `spent_seconds`.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from cases.clocks.calendar import (
    DAY_US,
    OutsideCalendarError,
    WorkingCalendar,
    instant_of,
    microseconds,
)

SECOND = timedelta(seconds=1)


class Unit(StrEnum):
    """Units of limits (domain law §6.1); the values are stored."""

    MINUTE = "minute"
    URGENT_HOUR = "urgent_hour"
    CALENDAR_DAY = "calendar_day"
    WORKING_HOUR = "working_hour"
    WORKING_DAY = "working_day"

    @property
    def runs_on(self) -> bool:
        """Whether the unit runs through nights and holidays."""
        return self not in _WORKING_UNITS


_WORKING_UNITS = frozenset({Unit.WORKING_HOUR, Unit.WORKING_DAY})
_LENGTHS = {
    Unit.MINUTE: timedelta(minutes=1),
    Unit.URGENT_HOUR: timedelta(hours=1),
    Unit.CALENDAR_DAY: timedelta(days=1),
    Unit.WORKING_HOUR: timedelta(hours=1),
}


@dataclass(frozen=True, slots=True)
class Limit:
    """A limit as a standard states it: "2 working days", "0.5 urgent hours".

    Raises ValueError unless the value is a finite number above zero and the unit is known.
    """

    value: Decimal | int
    unit: Unit

    def __post_init__(self) -> None:
        if isinstance(self.value, float):
            raise ValueError("a limit is a whole number or a Decimal, never a float")
        value = Decimal(self.value)
        if not value.is_finite() or value <= 0:
            raise ValueError("a limit is a number above zero")
        object.__setattr__(self, "value", value)
        object.__setattr__(self, "unit", Unit(self.unit))


class Due(NamedTuple):
    """A due instant in UTC; provisional where it rests on a year without a published calendar."""

    at: datetime
    provisional: bool


def unit_length(unit: Unit, calendar: WorkingCalendar) -> timedelta:
    """How long one of the unit is, in the unit's own time (working time for working units)."""
    return calendar.working_day if unit == Unit.WORKING_DAY else _LENGTHS[unit]


def allowed(limit: Limit, calendar: WorkingCalendar) -> timedelta:
    """The limit in its unit's own time, in whole seconds. An extension adds it once more.

    Raises OutsideCalendarError where no calendar reaches so far.
    """
    length = unit_length(limit.unit, calendar)
    try:
        return timedelta(seconds=max(1, round(limit.value * (length // SECOND))))
    except OverflowError:
        raise OutsideCalendarError("the limit is longer than any calendar") from None


def allowed_seconds(limit: Limit, calendar: WorkingCalendar) -> int:
    """`allowed` as a number to store."""
    return allowed(limit, calendar) // SECOND


def due(start: datetime, amount: timedelta, unit: Unit, calendar: WorkingCalendar) -> Due:
    """When `amount` of the unit's own time will have run, if it runs from `start` on.

    `amount` is the whole allowance or what is left of it (`remaining`); zero is due at `start`.
    Raises ValueError for a naive start or an amount below zero; OutsideCalendarError outside the
    years 1992–2199 (working units) or past the year 9999 (the others).
    """
    begin = microseconds(start)
    length = _microseconds_of(amount)
    if length < 0:
        raise ValueError("an amount of time is not below zero")
    if length == 0 or unit not in _WORKING_UNITS:
        return Due(instant_of(begin + length), provisional=False)
    end = calendar.reached(calendar.count(begin) + length)
    return Due(instant_of(end), calendar.is_provisional(begin, end))


def deadline(start: datetime, limit: Limit, calendar: WorkingCalendar) -> Due:
    """When a whole limit that starts now is due. Raises as `due`."""
    return due(start, allowed(limit, calendar.holding_at(start)), limit.unit, calendar)


def last_within(start: datetime, amount: timedelta, unit: Unit, calendar: WorkingCalendar) -> Due:
    """The last instant at which no more than `amount` has run, if it runs from `start` on.

    It differs from `due` where `amount` is used up at the end of a period: it is the start of the
    next one. An amount below zero gives an instant before `start`. Raises as `due`.
    """
    begin = microseconds(start)
    length = _microseconds_of(amount)
    if unit not in _WORKING_UNITS:
        return Due(instant_of(begin + length), provisional=False)
    end = calendar.goes_on(calendar.count(begin) + length)
    return Due(instant_of(end), calendar.is_provisional(min(begin, end), max(begin, end) + 1))


def spent(start: datetime, end: datetime, unit: Unit, calendar: WorkingCalendar) -> timedelta:
    """The unit's own time between two instants; below zero where `end` is the earlier.

    The sign keeps sums exact when two writers' clocks disagree by a moment.
    Raises ValueError for a naive instant, OutsideCalendarError as `due`.
    """
    begin, until = microseconds(start), microseconds(end)
    if unit in _WORKING_UNITS:
        return timedelta(microseconds=calendar.count(until) - calendar.count(begin))
    return timedelta(microseconds=until - begin)


def spent_seconds(start: datetime, end: datetime, unit: Unit, calendar: WorkingCalendar) -> int:
    """`spent` as a number to store: the ticks of whole seconds after `start` up to `end`.

    Fractions are cut from the instants, not from their difference, and periods begin and end at
    whole minutes; so these numbers too add up exactly over any pauses, and a span that ends in time
    never counts more than was left. Raises as `spent`.
    """
    first, last = start.replace(microsecond=0), end.replace(microsecond=0)
    return spent(first, last, unit, calendar) // SECOND


def remaining(allowance: timedelta, used: timedelta) -> timedelta:
    """What is left to run; nothing, and never less, once the allowance is used up."""
    return max(allowance - used, timedelta())


def is_late(at: datetime, due_at: datetime) -> bool:
    """Anything after the due instant is late; the instant itself is in time (domain law §6.1)."""
    return at > due_at


def _microseconds_of(amount: timedelta) -> int:
    return amount.days * DAY_US + amount.seconds * 1_000_000 + amount.microseconds
