"""Working hours that change on a date: one calendar until then, another from 00:00 of it on.

The count of working time goes on without a jump at each change, so deadlines and time spent across
it need no rule of their own (domain law §6.1: working periods have a validity).
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import cached_property
from typing import NamedTuple

from cases.clocks.calendar import SHANGHAI, WorkingCalendar, microseconds


class Joints(NamedTuple):
    """Where calendars meet: the instants, the count there, and what each one's count lacks."""

    instants: Sequence[int]
    counts: Sequence[int]
    shifts: Sequence[int]


@dataclass(frozen=True, eq=False)
class SuccessiveCalendar(WorkingCalendar):
    """The fields of the first calendar, followed by `later` ones, each from a date on, ascending.

    All share `dates`. Raises as `WorkingCalendar`, and ValueError for dates out of order.
    """

    later: Sequence[tuple[date, WorkingCalendar]] = ()

    def __post_init__(self) -> None:
        super().__post_init__()
        starts = [on for on, _calendar in self.later]
        if starts != sorted(set(starts)):
            raise ValueError("working hours follow each other in the order of their dates")

    def holding_at(self, at: datetime) -> WorkingCalendar:
        return self._calendars[self._place(microseconds(at))]

    def count(self, instant: int) -> int:
        place = self._place(instant)
        return self._calendars[place].count(instant) + self._joints.shifts[place]

    def reached(self, count: int) -> int:
        place = bisect_left(self._joints.counts, count)
        return self._calendars[place].reached(count - self._joints.shifts[place])

    def goes_on(self, count: int) -> int:
        place = bisect_right(self._joints.counts, count)
        return self._calendars[place].goes_on(count - self._joints.shifts[place])

    def start_of(self, on: date) -> int:
        place = bisect_right([start for start, _calendar in self.later], on)
        return self._calendars[place].start_of(on)

    def _day_of(self, instant: int) -> int:
        return self._calendars[self._place(instant)]._day_of(instant)

    def _place(self, instant: int) -> int:
        return bisect_right(self._joints.instants, instant)

    @cached_property
    def _calendars(self) -> tuple[WorkingCalendar, ...]:
        first = WorkingCalendar(self.dates, self.periods, self.hours_per_working_day)
        return (first, *(calendar for _on, calendar in self.later))

    @cached_property
    def _joints(self) -> Joints:
        instants, counts, shifts = [], [], [0]
        for place, (on, following) in enumerate(self.later):
            instant = microseconds(datetime.combine(on, time(), SHANGHAI))
            count = self._calendars[place].count(instant) + shifts[-1]
            instants.append(instant)
            counts.append(count)
            shifts.append(count - following.count(instant))
        return Joints(instants, counts, shifts)
