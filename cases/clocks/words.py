"""Why a deadline falls when it does: first as segments, then as a Chinese sentence.

The sentence is for the case page and for disputes: it must be reckoned from the very calendar that
gave the deadline, so it is built from the same counts. It is Chinese by nature, as the calendar it
retells is; another language is made from the segments.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from cases.clocks.calendar import (
    MICROSECOND,
    SHANGHAI,
    Day,
    DayKind,
    WorkingCalendar,
    microseconds,
)
from cases.clocks.deadlines import Due, Unit, due, unit_length

UNIT_WORDS = {
    Unit.MINUTE: "分钟",
    Unit.URGENT_HOUR: "紧急工作时",
    Unit.CALENDAR_DAY: "自然日",
    Unit.WORKING_HOUR: "工作时",
    Unit.WORKING_DAY: "工作日",
}

#: More weekends than these are told as one number of days.
WEEKENDS_TOLD_SINGLY = 3

_PROVISIONAL_NAMES = {1: "元旦", 5: "劳动节", 10: "国庆节"}
_ONE_DAY = timedelta(days=1)


class SegmentKind(StrEnum):
    """What the days of a segment are."""

    WORKED = "worked"
    MADE_UP = "made_up"
    HOLIDAY = "holiday"
    WEEKEND = "weekend"
    RUNNING_ON = "running_on"


@dataclass(frozen=True, slots=True)
class Segment:
    """Neighbouring days of one kind and name (Shanghai dates), and the time that counted on them.

    `MADE_UP` is a weekend day worked in lieu (调休上班). `is_published` is false for days of a year
    whose calendar is not published.
    """

    kind: SegmentKind
    first_on: date
    last_on: date
    counted: timedelta
    name: str = ""
    is_published: bool = True


class Trace(NamedTuple):
    """A reckoned deadline. Instants in UTC; the segments' `counted` add up to `amount`.

    `begins_at` is when the clock first runs: later than `start` outside working time.
    """

    start: datetime
    begins_at: datetime
    amount: timedelta
    unit: Unit
    due: Due
    segments: tuple[Segment, ...]


def trace(start: datetime, amount: timedelta, unit: Unit, calendar: WorkingCalendar) -> Trace:
    """How `deadlines.due` reaches its answer for the same arguments. Raises as it does."""
    end = due(start, amount, unit, calendar)
    if unit.runs_on or not amount:
        last = max(start, end.at - MICROSECOND)
        first_on, last_on = start.astimezone(SHANGHAI).date(), last.astimezone(SHANGHAI).date()
        segment = Segment(SegmentKind.RUNNING_ON, first_on, last_on, amount)
        return Trace(start, start, amount, unit, end, (segment,))
    segments = tuple(_merged(_segments(start, end.at, calendar)))
    return Trace(start, calendar.opens_at(start), amount, unit, end, segments)


def sentence(traced: Trace, calendar: WorkingCalendar) -> str:
    """ "2 工作日：2月13日 15:00 起…2月14日调休上班…春节2月15–23日…2月24日 15:00 止"."""
    start, end = traced.start.astimezone(SHANGHAI), traced.due.at.astimezone(SHANGHAI)
    with_year = start.year != end.year
    measure = calendar.holding_at(traced.start)
    parts = [
        f"{amount_in_words(traced.amount, traced.unit, measure)}：{_begin(traced, with_year)}",
        *_middle(traced.segments, with_year),
        f"{_instant(end, with_year, is_end=bool(traced.amount))} 止",
    ]
    return "…".join(parts) + _remark(traced)


def amount_in_words(amount: timedelta, unit: Unit, calendar: WorkingCalendar) -> str:
    """ "2 工作日" where two decimals say it exactly, else hours, minutes and whole seconds."""
    hundredths, rest = divmod(amount * 100, unit_length(unit, calendar))
    if not rest:
        value = Decimal(hundredths).scaleb(-2).normalize()
        return f"{value:f} {UNIT_WORDS[unit]}"
    return duration_in_words(amount) if unit.runs_on else f"工作时间{duration_in_words(amount)}"


def duration_in_words(length: timedelta) -> str:
    """ "26小时5分" of a length not below zero; parts of a second are dropped."""
    seconds = length // timedelta(seconds=1)
    parts = (seconds // 3600, "小时"), (seconds // 60 % 60, "分"), (seconds % 60, "秒")
    return "".join(f"{value}{word}" for value, word in parts if value) or "不足1秒"


def _segments(start: datetime, end: datetime, calendar: WorkingCalendar) -> Iterator[Segment]:
    begin, until = microseconds(start), microseconds(end)
    on, last_on = calendar.date_of(begin), calendar.date_of(until - 1)
    while on <= last_on:
        day_begin = max(begin, calendar.start_of(on))
        day_end = min(until, calendar.start_of(on + _ONE_DAY))
        counted = timedelta(microseconds=calendar.count(day_end) - calendar.count(day_begin))
        day = calendar.dates.day(on)
        kind = _kind(day)
        name = _name(day) if kind is SegmentKind.HOLIDAY else ""
        yield Segment(kind, on, on, counted, name, day.is_published)
        on += _ONE_DAY


def _kind(day: Day) -> SegmentKind:
    if day.is_working:
        return SegmentKind.MADE_UP if day.on.weekday() >= 5 else SegmentKind.WORKED
    return SegmentKind.HOLIDAY if day.kind is DayKind.HOLIDAY else SegmentKind.WEEKEND


def _name(day: Day) -> str:
    return day.name or ("" if day.is_published else _PROVISIONAL_NAMES.get(day.on.month, ""))


def _merged(days: Iterator[Segment]) -> Iterator[Segment]:
    current: Segment | None = None
    for day in days:
        if current is None:
            current = day
        elif _is_alike(current, day):
            current = replace(current, last_on=day.last_on, counted=current.counted + day.counted)
        else:
            yield current
            current = day
    if current is not None:
        yield current


def _is_alike(one: Segment, other: Segment) -> bool:
    return (one.kind, one.name, one.is_published) == (other.kind, other.name, other.is_published)


def _begin(traced: Trace, with_year: bool) -> str:
    start = traced.start.astimezone(SHANGHAI)
    words = f"{_instant(start, with_year)} 起"
    if traced.begins_at == traced.start:
        return words
    begins = traced.begins_at.astimezone(SHANGHAI)
    when = _clock(begins) if begins.date() == start.date() else _instant(begins, with_year)
    return f"{words}（{when} 开始计时）"


def _middle(segments: tuple[Segment, ...], with_year: bool) -> Iterator[str]:
    weekends = [segment for segment in segments if segment.kind is SegmentKind.WEEKEND]
    tells_weekends = len(weekends) <= WEEKENDS_TOLD_SINGLY
    for segment in segments:
        days = _days(segment.first_on, segment.last_on, with_year)
        if segment.kind is SegmentKind.MADE_UP and segment.counted:
            yield f"{days}调休上班"
        elif segment.kind is SegmentKind.HOLIDAY:
            yield f"{segment.name or '放假'}{days}"
        elif segment.kind is SegmentKind.WEEKEND and tells_weekends:
            yield f"周末{days}"
        elif segment.kind is SegmentKind.RUNNING_ON and segment.counted:
            yield "昼夜连续计时"
    if not tells_weekends:
        off = sum((segment.last_on - segment.first_on).days + 1 for segment in weekends)
        yield f"其间周末{off}天"


def _remark(traced: Trace) -> str:
    if not traced.due.provisional:
        return ""
    years = sorted({s.last_on.year for s in traced.segments if not s.is_published})
    named = "、".join(f"{year}年" for year in years)
    return f"（{named}放假安排尚未公布，暂按周一至周五及法定节日推算）"


def _days(first_on: date, last_on: date, with_year: bool) -> str:
    first = _date(first_on, with_year)
    if first_on == last_on:
        return first
    if (first_on.year, first_on.month) == (last_on.year, last_on.month):
        return f"{first.removesuffix('日')}–{last_on.day}日"
    return f"{first}–{_date(last_on, with_year and first_on.year != last_on.year)}"


def _date(on: date, with_year: bool) -> str:
    year = f"{on.year}年" if with_year else ""
    return f"{year}{on.month}月{on.day}日"


def _instant(local: datetime, with_year: bool, *, is_end: bool = False) -> str:
    if is_end and not (local.hour or local.minute or local.second or local.microsecond):
        return f"{_date(local.date() - _ONE_DAY, with_year)} 24:00"
    return f"{_date(local.date(), with_year)} {_clock(local)}"


def _clock(local: datetime) -> str:
    return f"{local:%H:%M:%S}" if local.second else f"{local:%H:%M}"
