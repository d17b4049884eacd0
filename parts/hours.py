"""Hours of the day as spans of seconds: which of them shifts fill, and which are left.

Pure. A span is [begin, end) within one day; a shift over midnight is two spans of the day, and
one run of instants.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Final

DAY: Final = 24 * 3600

Span = tuple[int, int]


def seconds_of(clock: time) -> int:
    """Seconds since midnight."""
    return clock.hour * 3600 + clock.minute * 60 + clock.second


def spans_of(begins: time, ends: time) -> list[Span]:
    """The spans of a shift; one that ends at or before it begins runs over midnight."""
    first, last = seconds_of(begins), seconds_of(ends)
    if first < last:
        return [(first, last)]
    return [span for span in ((first, DAY), (0, last)) if span[0] < span[1]]


def run_on(on: date, begins: time, ends: time, zone: tzinfo | None) -> tuple[datetime, datetime]:
    """Begin and end of the shift that begins on a day; its end belongs to it no more."""
    begin, end = (datetime.combine(on, clock, zone) for clock in (begins, ends))
    return (begin, end) if begin < end else (begin, end + timedelta(days=1))


def joined(spans: Iterable[Span]) -> list[Span]:
    """The same hours in order, with what overlaps or touches put together."""
    found: list[Span] = []
    for begin, end in sorted(spans):
        if found and begin <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((begin, end))
    return found


def left_over(spans: Iterable[Span], within: Iterable[Span] = ((0, DAY),)) -> list[Span]:
    """What these spans leave of others, by default of the whole day."""
    taken, left = joined(spans), []
    for begin, end in joined(within):
        at = begin
        for first, last in taken:
            if last <= at or first >= end:
                continue
            if first > at:
                left.append((at, first))
            at = max(at, last)
        if at < end:
            left.append((at, end))
    return left


def overlapping(shifts: Iterable[list[Span]]) -> list[Span]:
    """The hours that lie in more than one of several sets of spans."""
    seen: list[Span] = []
    twice: list[Span] = []
    for spans in shifts:
        twice += common(seen, spans)
        seen = joined([*seen, *spans])
    return joined(twice)


def common(one: Iterable[Span], other: Iterable[Span]) -> list[Span]:
    """The hours that lie in both."""
    one = list(one)
    return left_over(left_over(other, one), one)


def runs(spans: Iterable[Span]) -> list[Span]:
    """The same hours as people see them: what runs over midnight is one run, 19:00 to 07:00."""
    listed = joined(spans)
    if len(listed) > 1 and listed[0][0] == 0 and listed[-1][1] == DAY:
        return [*listed[1:-1], (listed[-1][0], listed[0][1])]
    return listed


def in_words(spans: Iterable[Span]) -> str:
    """Hours as people write them: 07:00–12:00 19:00–07:00."""
    return " ".join(f"{clock(begin)}–{clock(end)}" for begin, end in runs(spans))


def clock(seconds: int) -> str:
    """Seconds since midnight as 07:00, with seconds only where there are any."""
    minutes, rest = divmod(seconds, 60)
    told = f"{minutes // 60:02d}:{minutes % 60:02d}"
    return f"{told}:{rest:02d}" if rest else told
