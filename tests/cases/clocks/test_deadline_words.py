"""The trace of a deadline: segments first, then the sentence."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cases.clocks.calendar import Period, WorkingCalendar, WorkingDates
from cases.clocks.deadlines import Limit, Unit, allowed, due
from cases.clocks.published import published_dates
from cases.clocks.words import (
    Segment,
    SegmentKind,
    amount_in_words,
    duration_in_words,
    sentence,
    trace,
)

CALENDAR = WorkingCalendar(published_dates())
NIGHT = WorkingCalendar(published_dates(), [Period(10 * 60, 11 * 60), Period(22 * 60, 30 * 60)])
ZONE = ZoneInfo("Asia/Shanghai")
HOUR = timedelta(hours=1)
naive = datetime.fromisoformat


def local(text):
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


def told(start, value, unit, calendar=CALENDAR):
    amount = allowed(Limit(value, unit), calendar)
    return sentence(trace(local(start), amount, unit, calendar), calendar)


SENTENCES = {
    "a worked Saturday and a festival": (
        "2026-02-13 15:00", 2, Unit.WORKING_DAY,
        "2 工作日：2月13日 15:00 起…2月14日调休上班…春节2月15–23日…2月24日 15:00 止"),
    "a start after hours": (
        "2026-02-14 19:00", 2, Unit.WORKING_HOUR,
        "2 工作时：2月14日 19:00 起（2月24日 08:00 开始计时）…春节2月15–23日…2月24日 10:00 止"),
    "a start at noon": (
        "2026-03-03 12:00", 1, Unit.WORKING_HOUR,
        "1 工作时：3月3日 12:00 起（14:00 开始计时）…3月3日 15:00 止"),
    "a weekend between two months": (
        "2026-07-31 15:00", Decimal("1.5"), Unit.WORKING_DAY,
        "1.5 工作日：7月31日 15:00 起…周末8月1–2日…8月4日 09:00 止"),
    "a holiday between two months": (
        "2012-09-29 17:00", 2, Unit.WORKING_HOUR,
        ("2 工作时：9月29日 17:00 起…9月29日调休上班…中秋节9月30日…国庆节10月1–7日…"
         "10月8日 09:00 止")),
    "many weekends": (
        "2026-07-01 08:00", 20, Unit.WORKING_DAY,
        "20 工作日：7月1日 08:00 起…其间周末8天…7月28日 18:00 止"),
    "an unpublished year": (
        "2026-12-31 17:00", 1, Unit.WORKING_DAY,
        ("1 工作日：2026年12月31日 17:00 起…元旦2027年1月1日…周末2027年1月2–3日…"
         "2027年1月4日 17:00 止（2027年放假安排尚未公布，暂按周一至周五及法定节日推算）")),
    "hours that run on": (
        "2026-07-30 07:03:05", 2, Unit.URGENT_HOUR,
        "2 紧急工作时：7月30日 07:03:05 起…昼夜连续计时…7月30日 09:03:05 止"),
    "days that end at midnight": (
        "2026-07-30 00:00", 2, Unit.CALENDAR_DAY,
        "2 自然日：7月30日 00:00 起…昼夜连续计时…7月31日 24:00 止"),
}  # fmt: skip


@pytest.mark.parametrize(("start", "value", "unit", "words"), SENTENCES.values(), ids=SENTENCES)
def test_a_deadline_is_told_in_words(start, value, unit, words):
    assert told(start, value, unit) == words


def test_what_is_left_after_a_pause_is_told_by_hours_where_decimals_would_not_be_exact():
    amount = timedelta(hours=3, minutes=20, seconds=7)
    traced = trace(local("2026-03-03 08:00"), amount, Unit.WORKING_DAY, CALENDAR)
    assert sentence(traced, CALENDAR) == (
        "工作时间3小时20分7秒：3月3日 08:00 起…3月3日 11:20:07 止"
    )


def test_nothing_left_is_told_without_a_span():
    traced = trace(local("2026-03-07 00:00"), timedelta(), Unit.WORKING_DAY, CALENDAR)
    assert sentence(traced, CALENDAR) == "0 工作日：3月7日 00:00 起…3月7日 00:00 止"


def test_segments_are_data_with_the_time_that_counted():
    traced = trace(local("2026-02-13 15:00"), 16 * HOUR, Unit.WORKING_DAY, CALENDAR)
    friday, saturday, tuesday = date(2026, 2, 13), date(2026, 2, 14), date(2026, 2, 24)
    festival = date(2026, 2, 15), date(2026, 2, 23)
    assert traced.segments == (
        Segment(SegmentKind.WORKED, friday, friday, 3 * HOUR),
        Segment(SegmentKind.MADE_UP, saturday, saturday, 8 * HOUR),
        Segment(SegmentKind.HOLIDAY, *festival, timedelta(), "春节"),
        Segment(SegmentKind.WORKED, tuesday, tuesday, 5 * HOUR),
    )


def test_a_night_shift_that_is_used_up_at_its_end_has_no_day_after():
    traced = trace(local("2026-03-05 22:00"), 8 * HOUR, Unit.WORKING_HOUR, NIGHT)
    thursday = date(2026, 3, 5)
    assert traced.due.at == local("2026-03-06 06:00")
    assert traced.segments == (Segment(SegmentKind.WORKED, thursday, thursday, 8 * HOUR),)


def test_a_weekend_between_a_published_and_an_unpublished_year_is_two_segments():
    calendar = WorkingCalendar(WorkingDates({}, frozenset({2022})))
    traced = trace(local("2022-12-30 17:00"), 2 * HOUR, Unit.WORKING_HOUR, calendar)
    assert [(segment.first_on, segment.is_published) for segment in traced.segments] == [
        (date(2022, 12, 30), True),
        (date(2022, 12, 31), True),
        (date(2023, 1, 1), False),
        (date(2023, 1, 2), False),
    ]


@settings(max_examples=200, deadline=None)
@given(
    start=st.datetimes(naive("2004-01-01"), naive("2026-12-31"), timezones=st.just(ZONE)),
    amount=st.timedeltas(timedelta(), timedelta(hours=200)),
    unit=st.sampled_from(list(Unit)),
    calendar=st.sampled_from([CALENDAR, NIGHT]),
)
def test_segments_tile_the_span_and_add_up_to_the_amount(start, amount, unit, calendar):
    traced = trace(start, amount, unit, calendar)
    segments = traced.segments
    assert traced.due == due(start, amount, unit, calendar)
    assert start <= traced.begins_at <= traced.due.at
    assert sum((segment.counted for segment in segments), timedelta()) == amount
    for one, other in pairwise(segments):
        assert other.first_on - one.last_on == timedelta(days=1)
        assert (one.kind, one.name) != (other.kind, other.name) or (
            one.is_published != other.is_published
        )
    assert sentence(traced, calendar).count(" 止") == 1


@pytest.mark.parametrize(
    ("amount", "unit", "words"),
    [
        (timedelta(minutes=15), Unit.MINUTE, "15 分钟"),
        (timedelta(hours=8), Unit.WORKING_DAY, "1 工作日"),
        (timedelta(hours=80), Unit.WORKING_DAY, "10 工作日"),
        (timedelta(hours=2), Unit.WORKING_DAY, "0.25 工作日"),
        (timedelta(minutes=1), Unit.WORKING_DAY, "工作时间1分"),
        (timedelta(minutes=65), Unit.URGENT_HOUR, "1小时5分"),
    ],
)
def test_an_amount_is_told_in_its_unit_or_else_in_hours(amount, unit, words):
    assert amount_in_words(amount, unit, CALENDAR) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "不足1秒"), (0.5, "不足1秒"), (59, "59秒"), (3600, "1小时"), (93907, "26小时5分7秒")],
)
def test_a_duration_is_told_in_hours_minutes_and_seconds(seconds, words):
    assert duration_in_words(timedelta(seconds=seconds)) == words
