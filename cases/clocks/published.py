"""The calendars that the State Council has published, as the chinesecalendar package holds them.

They seed the calendar table; afterwards the table is the authority and is edited there (domain law
§6.1). The installed package decides which years there are: 2004–2026 in version 1.11.
"""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import NamedTuple

from chinese_calendar import constants

from cases.clocks.calendar import DayKind, WorkingDates

#: Names in the words of the State Council's notices, by the package's own keys.
HOLIDAY_NAMES = {
    "New Year's Day": "元旦",
    "Spring Festival": "春节",
    "Tomb-sweeping Day": "清明节",
    "Labour Day": "劳动节",
    "Dragon Boat Festival": "端午节",
    "National Day": "国庆节",
    "Mid-autumn Festival": "中秋节",
    "Anti-Fascist 70th Day": "抗战胜利70周年纪念日",
}


class CalendarNotPublishedError(LookupError):
    """The installed package holds no calendar of a year."""


class PublishedDay(NamedTuple):
    """A date that differs from its weekday; `name` is the holiday, or the one worked in lieu of."""

    kind: DayKind
    name: str


def published_years() -> tuple[int, ...]:
    """The years that can be read, ascending."""
    return tuple(sorted({on.year for on in constants.holidays}))


def published_year(year: int) -> dict[date, PublishedDay]:
    """Holidays and worked weekend days of one year, by date. Raises CalendarNotPublishedError."""
    years = published_years()
    if year not in years:
        raise CalendarNotPublishedError(
            f"no published calendar of {year} is installed; there are {years[0]}–{years[-1]}"
        )
    return dict(sorted(day for day in _days() if day[0].year == year))


def published_dates(years: Iterable[int] | None = None) -> WorkingDates:
    """The working dates of the given years (default: all). Raises CalendarNotPublishedError."""
    wanted = published_years() if years is None else tuple(years)
    days = {on: day for year in wanted for on, day in published_year(year).items()}
    return WorkingDates(
        entries={on: day.kind for on, day in days.items()},
        published_years=frozenset(wanted),
        names={on: day.name for on, day in days.items()},
    )


def _days() -> Iterator[tuple[date, PublishedDay]]:
    for on, key in constants.holidays.items():
        yield on, PublishedDay(DayKind.HOLIDAY, HOLIDAY_NAMES.get(key, key))
    for on, key in constants.workdays.items():
        yield on, PublishedDay(DayKind.WORKDAY, HOLIDAY_NAMES.get(key, key))
