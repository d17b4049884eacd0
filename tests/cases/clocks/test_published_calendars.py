"""The published calendars as the installed package holds them."""

import json
from datetime import date
from pathlib import Path

import pytest

from cases.clocks.calendar import DayKind
from cases.clocks.published import (
    CalendarNotPublishedError,
    PublishedDay,
    published_dates,
    published_year,
    published_years,
)

LIST = Path(__file__).parents[4] / "shared" / "data" / "cn_holidays_2004_2026.json"


def test_the_years_2004_to_2026_are_there():
    assert published_years()[:23] == tuple(range(2004, 2027))


def test_a_year_holds_its_holidays_and_its_worked_weekend_days_in_order():
    year = published_year(2026)
    assert list(year) == sorted(year)
    assert year[date(2026, 2, 14)] == PublishedDay(DayKind.WORKDAY, "春节")
    festival = [on for on, day in year.items() if day == PublishedDay(DayKind.HOLIDAY, "春节")]
    assert festival == [date(2026, 2, on) for on in range(15, 24)]
    assert {on.year for on in year} == {2026}


@pytest.mark.parametrize("year", [2003, 2099])
def test_another_year_is_refused_with_the_years_there_are(year):
    with pytest.raises(CalendarNotPublishedError, match=f"{year}.*2004"):
        published_year(year)
    with pytest.raises(CalendarNotPublishedError):
        published_dates([2026, year])


def test_every_name_is_chinese():
    names = {day.name for year in published_years() for day in published_year(year).values()}
    assert names
    assert not [name for name in names if name.isascii()]


def test_chosen_years_alone_count_as_published():
    dates = published_dates([2025])
    assert dates.published_years == {2025}
    assert dates.day(date(2025, 10, 8)).name == "国庆节"
    assert not dates.day(date(2026, 2, 16)).is_published


@pytest.mark.skipif(not LIST.exists(), reason="the list to compare with is not here")
def test_the_calendars_equal_an_independent_list():
    expected = json.loads(LIST.read_text())
    days = {
        on.isoformat(): day.kind
        for year in range(2004, 2027)
        for on, day in published_year(year).items()
    }
    assert {on for on, kind in days.items() if kind is DayKind.HOLIDAY} == set(expected["holidays"])
    assert {on for on, kind in days.items() if kind is DayKind.WORKDAY} == set(
        expected["makeup_workdays"]
    )
