"""Working days and working periods, and the count of working time that deadlines rest on.

All reckoning of working time (domain law §6.1) reduces to one function of the instant: the working
time that has passed since the calendar's first day. It never falls, so a difference of two counts
is the time spent, and its inverse is a deadline. Every working day of a calendar has the same
length; the count therefore needs one table, the number of working days before each day, and the
inverse its opposite, the day of the n-th working day. Both answer in constant time.

Local time is Asia/Shanghai. China has kept no daylight saving since September 1991, so from 1992 on
the zone is a fixed UTC+8; earlier instants are refused (`OutsideCalendarError`).
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from itertools import accumulate, compress
from types import MappingProxyType
from typing import NamedTuple, Self

SHANGHAI = timezone(timedelta(hours=8), "Asia/Shanghai")
FIRST_DAY = date(1992, 1, 1)
LAST_DAY = date(2199, 12, 31)

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
MINUTE_US = 60 * 1_000_000
DAY_US = 24 * 60 * MINUTE_US
MINUTES_OF_DAY = 24 * 60

_FIRST_ORDINAL = FIRST_DAY.toordinal()
_DAYS = LAST_DAY.toordinal() - _FIRST_ORDINAL + 1
_FIRST_MIDNIGHT_US = (datetime.combine(FIRST_DAY, time(), SHANGHAI) - EPOCH) // MICROSECOND
_WEEK = bytes([1, 1, 1, 1, 1, 0, 0])

#: Days off, as (month, day), in a year whose calendar is not published yet (§6.1, a default).
PROVISIONAL_HOLIDAYS = ((1, 1), (5, 1), (5, 2), (5, 3), (10, 1), (10, 2), (10, 3))


class OutsideCalendarError(ValueError):
    """An instant or a deadline lies outside the years 1992–2199 that can be reckoned."""


class DayKind(StrEnum):
    """What the published calendar makes of a date that is not an ordinary day of its week."""

    HOLIDAY = "holiday"
    WORKDAY = "workday"


class Period(NamedTuple):
    """Working time from `start` to `end`, in minutes after 00:00 of the working day.

    `end` is 1440 for 24:00 and more for a shift that ends on the next morning; such a shift belongs
    wholly to the day on which it began.
    """

    start: int
    end: int

    @classmethod
    def between(cls, start: time, end: time) -> Self:
        """From two local times of whole minutes; an end not after the start is the next day's."""
        first, last = _minutes(start), _minutes(end)
        return cls(first, last if last > first else last + MINUTES_OF_DAY)


#: 08:00–12:00 and 14:00–18:00 (domain law §6.1, a default).
DEFAULT_PERIODS = (Period(8 * 60, 12 * 60), Period(14 * 60, 18 * 60))
DEFAULT_HOURS_PER_WORKING_DAY = Decimal(8)


class Day(NamedTuple):
    """One date as the calendar sees it; `name` is the holiday's, where one is known."""

    on: date
    is_working: bool
    kind: DayKind | None
    name: str
    is_published: bool


@dataclass(frozen=True, eq=False)
class WorkingDates:
    """Which dates are worked: the published calendar, shared by all departments. Immutable.

    `entries` hold the dates that differ from their weekday; those of a year outside
    `published_years` are a draft and have no effect. `names` are for the trace in words only.
    `provisional` holds the days off of years that are not published, by the year from which on.
    Raises ValueError for an unknown kind, OutsideCalendarError for a year outside 1992–2199.
    """

    entries: Mapping[date, DayKind] = field(repr=False)
    published_years: frozenset[int] = field(repr=False)
    names: Mapping[date, str] = field(default_factory=dict, repr=False)
    provisional: Sequence[tuple[int, Sequence[tuple[int, int]]]] = field(default=(), repr=False)

    def __post_init__(self) -> None:
        entries = {on: DayKind(kind) for on, kind in self.entries.items()}
        object.__setattr__(self, "entries", MappingProxyType(entries))
        object.__setattr__(self, "names", MappingProxyType(dict(self.names)))
        object.__setattr__(self, "published_years", frozenset(self.published_years))
        for year in self.published_years:
            if not FIRST_DAY.year <= year <= LAST_DAY.year:
                raise OutsideCalendarError(
                    f"year {year} lies outside {FIRST_DAY.year}–{LAST_DAY.year}"
                )

    def day(self, on: date) -> Day:
        """Raises OutsideCalendarError for a date before 1992 or after 2199."""
        index = on.toordinal() - _FIRST_ORDINAL
        if not 0 <= index < _DAYS:
            raise OutsideCalendarError(f"{on} lies outside {FIRST_DAY}–{LAST_DAY}")
        before, _, unpublished = self.table
        is_published = unpublished[index] == unpublished[index + 1]
        is_working = before[index] < before[index + 1]
        kind = self.entries.get(on) if is_published else None
        if not is_published and not is_working and on.weekday() < 5:
            kind = DayKind.HOLIDAY
        name = self.names.get(on, "") if kind else ""
        return Day(on, is_working, kind, name, is_published)

    @cached_property
    def table(self) -> DayTable:
        """Built at first use in about ten milliseconds (0.8 MB), then only read."""
        worked = self._worked_days()
        missing = bytearray(_DAYS)
        for year in self._unpublished_years():
            first = date(year, 1, 1).toordinal() - _FIRST_ORDINAL
            length = date(year, 12, 31).toordinal() - _FIRST_ORDINAL - first + 1
            missing[first : first + length] = b"\x01" * length
        return DayTable(
            before=array("i", accumulate(worked, initial=0)),
            nth=array("i", compress(range(_DAYS), worked)),
            unpublished=array("i", accumulate(missing, initial=0)),
        )

    def _worked_days(self) -> bytearray:
        shift = FIRST_DAY.weekday()
        worked = bytearray((_WEEK * (_DAYS // 7 + 2))[shift : shift + _DAYS])
        for on, kind in self.entries.items():
            if on.year in self.published_years:
                worked[on.toordinal() - _FIRST_ORDINAL] = kind is DayKind.WORKDAY
        for year in self._unpublished_years():
            for month, day in self._provisional_of(year):
                worked[date(year, month, day).toordinal() - _FIRST_ORDINAL] = 0
        return worked

    def _provisional_of(self, year: int) -> Sequence[tuple[int, int]]:
        """The days off of an unpublished year: those set last from a year up to it."""
        held = [(first, days) for first, days in self.provisional if first <= year]
        return max(held, key=lambda row: row[0])[1] if held else PROVISIONAL_HOLIDAYS

    def _unpublished_years(self) -> Iterable[int]:
        years = range(FIRST_DAY.year, LAST_DAY.year + 1)
        return (year for year in years if year not in self.published_years)


class DayTable(NamedTuple):
    """Days are numbered from `FIRST_DAY`; the first and last lists are one longer than the days.

    `before[d]`: working days before day d. `nth[n]`: the day of the n-th working day, from 0.
    `unpublished[d]`: days of unpublished years before day d.
    """

    before: Sequence[int]
    nth: Sequence[int]
    unpublished: Sequence[int]


class Shape(NamedTuple):
    """The periods of any one working day in microseconds after the day's origin.

    The origin is 00:00, or later by as much as the last period reaches into the next day, so that
    every period lies within one day of the table. `counts[i]`: working time before period i;
    `counts_after[i]`: at its end.
    """

    origin: int
    starts: Sequence[int]
    counts: Sequence[int]
    counts_after: Sequence[int]
    length: int


@dataclass(frozen=True, eq=False)
class WorkingCalendar:
    """The working time of a department or a desk. Immutable; keep one per version of its data.

    `hours_per_working_day` is what one `working_day` of a limit means (domain law §6.1): 8 unless
    the department states its figure; it need not equal the sum of the periods.
    Raises ValueError for no periods, empty or overlapping ones, or a figure outside (0, 24].
    """

    dates: WorkingDates
    periods: Sequence[Period] = DEFAULT_PERIODS
    hours_per_working_day: Decimal = DEFAULT_HOURS_PER_WORKING_DAY

    def __post_init__(self) -> None:
        periods = tuple(sorted(Period(start, end) for start, end in self.periods))
        object.__setattr__(self, "periods", periods)
        object.__setattr__(self, "hours_per_working_day", Decimal(self.hours_per_working_day))
        _check_periods(periods)
        if not 0 < self.hours_per_working_day <= 24:
            raise ValueError("a working day has more than 0 and at most 24 hours")

    @classmethod
    def build(
        cls,
        entries: Mapping[date, DayKind],
        published_years: Iterable[int],
        periods: Sequence[Period] = DEFAULT_PERIODS,
        hours_per_working_day: Decimal = DEFAULT_HOURS_PER_WORKING_DAY,
    ) -> Self:
        """A calendar with dates of its own; departments that share dates share `WorkingDates`."""
        return cls(
            WorkingDates(entries, frozenset(published_years)), periods, hours_per_working_day
        )

    @cached_property
    def working_day(self) -> timedelta:
        """The working time that one `working_day` of a limit stands for."""
        return timedelta(microseconds=int(self.hours_per_working_day * 60 * MINUTE_US))

    def holding_at(self, at: datetime) -> WorkingCalendar:
        """The calendar by which a limit is measured that begins at `at`: this one, always."""
        return self

    def is_working_at(self, at: datetime) -> bool:
        """Whether working time runs from `at` on: the start of a period is in, its end is out."""
        instant = microseconds(at)
        return self.goes_on(self.count(instant)) <= instant

    def opens_at(self, at: datetime) -> datetime:
        """When working time runs next (UTC): `at` itself within a period, else the next start."""
        instant = microseconds(at)
        return instant_of(max(instant, self.goes_on(self.count(instant))))

    def count(self, instant: int) -> int:
        """Working microseconds up to `instant` (microseconds since 1970, UTC); it never falls."""
        origin, starts, counts, counts_after, length = self._shape
        day, offset = divmod(instant - origin, DAY_US)
        if not 0 <= day < _DAYS:
            raise OutsideCalendarError(f"{instant_of(instant)} lies outside {FIRST_DAY}–{LAST_DAY}")
        before = self.dates.table.before
        days = before[day]
        passed = bisect_right(starts, offset)
        if passed == 0 or before[day + 1] == days:
            return days * length
        running = counts[passed - 1] + offset - starts[passed - 1]
        return days * length + min(running, counts_after[passed - 1])

    def reached(self, count: int) -> int:
        """The first instant at which the working time is `count`: a period's end belongs to it.

        Raises OutsideCalendarError where that lies outside the years that can be reckoned.
        """
        origin, starts, counts, counts_after, length = self._shape
        days, rest = divmod(count - 1, length)
        period = bisect_left(counts_after, rest + 1)
        offset = starts[period] + rest + 1 - counts[period]
        return origin + self._nth(days) * DAY_US + offset

    def goes_on(self, count: int) -> int:
        """The last instant at which the working time is still `count`: it runs on from here.

        Raises OutsideCalendarError where that lies outside the years that can be reckoned.
        """
        origin, starts, counts, counts_after, length = self._shape
        days, rest = divmod(count, length)
        period = bisect_right(counts_after, rest)
        offset = starts[period] + rest - counts[period]
        return origin + self._nth(days) * DAY_US + offset

    def is_provisional(self, start: int, end: int) -> bool:
        """Whether a day from `start` to before `end` is of a year without a published calendar."""
        unpublished = self.dates.table.unpublished
        return unpublished[self._day_of(end - 1) + 1] > unpublished[self._day_of(start)]

    def date_of(self, instant: int) -> date:
        """The date to which an instant belongs; the tail of a night shift is of the day before."""
        return date.fromordinal(_FIRST_ORDINAL + self._day_of(instant))

    def start_of(self, on: date) -> int:
        """The instant from which `date_of` is this date: 00:00, later after a night shift."""
        return self._shape.origin + (on.toordinal() - _FIRST_ORDINAL) * DAY_US

    def _day_of(self, instant: int) -> int:
        day = (instant - self._shape.origin) // DAY_US
        if not 0 <= day < _DAYS:
            raise OutsideCalendarError(f"{instant_of(instant)} lies outside {FIRST_DAY}–{LAST_DAY}")
        return day

    def _nth(self, days: int) -> int:
        nth = self.dates.table.nth
        if not 0 <= days < len(nth):
            raise OutsideCalendarError(f"the deadline lies outside {FIRST_DAY}–{LAST_DAY}")
        return nth[days]

    @cached_property
    def _shape(self) -> Shape:
        over_midnight = max(0, self.periods[-1].end - MINUTES_OF_DAY)
        lengths = [(period.end - period.start) * MINUTE_US for period in self.periods]
        counts = list(accumulate(lengths, initial=0))
        return Shape(
            origin=_FIRST_MIDNIGHT_US + over_midnight * MINUTE_US,
            starts=[(period.start - over_midnight) * MINUTE_US for period in self.periods],
            counts=counts[:-1],
            counts_after=counts[1:],
            length=counts[-1],
        )


def microseconds(at: datetime) -> int:
    """Microseconds since 1970 of an aware datetime of any zone. Raises ValueError for a naive."""
    if at.tzinfo is None:
        raise ValueError("clocks need instants with a time zone")
    since = at - EPOCH
    return since.days * DAY_US + since.seconds * 1_000_000 + since.microseconds


def instant_of(instant: int) -> datetime:
    """The UTC datetime of microseconds since 1970; OutsideCalendarError past the year 9999."""
    try:
        return EPOCH + timedelta(microseconds=instant)
    except OverflowError:
        raise OutsideCalendarError("the instant lies beyond the year 9999") from None


def _minutes(local: time) -> int:
    if local.second or local.microsecond:
        raise ValueError("working periods begin and end at whole minutes")
    return local.hour * 60 + local.minute


def _check_periods(periods: Sequence[Period]) -> None:
    if not periods:
        raise ValueError("a calendar needs at least one working period")
    if not 0 <= periods[0].start < MINUTES_OF_DAY:
        raise ValueError("a working period begins between 00:00 and 23:59")
    latest = 0
    for period in periods:
        if period.end <= period.start:
            raise ValueError("a working period ends after it begins")
        if period.start < latest:
            raise ValueError("working periods overlap")
        latest = period.end
    if latest > periods[0].start + MINUTES_OF_DAY:
        raise ValueError("the last working period runs into the first one of the next day")
