"""What moves a district's days: season, snow, a street festival, days off.

Pure. What is reported more often on such days is a choice of ours; nobody publishes it by day.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

# Shares of a day's reports by family of the class, on an ordinary day. That about 97 of 100
# reports are events is published of Dongcheng; which events, we chose.
FAMILIES: dict[str, float] = {
    "adverts": 17, "rubbish": 14, "road_clean": 14, "trade": 11, "vehicle_parking": 11,
    "abandoned": 6, "street_order": 5, "facade": 4, "construction": 4, "road_damage": 3,
    "smoke": 2, "green_mess": 2, "illegal_building": 1, "noise": 1, "water_surface": 0.5,
    "animal": 0.5, "sudden_pipe": 0.3, "sudden_road": 0.2, "spill": 0.2, "cable": 0.3,
    "crowd": 0.1, "other": 0.5, "part": 3,
}  # fmt: skip
# Reports by month beside the mean month, and by day of the week from Monday on.
MONTHS = (0.85, 0.75, 1.0, 1.1, 1.15, 1.1, 1.05, 1.05, 1.1, 1.05, 1.0, 0.8)
WEEKDAYS = (1.08, 1.08, 1.06, 1.05, 1.04, 0.87, 0.82)
DAY_OFF = 0.7
# A snowstorm and a street festival each year: the first day, and how many.
SNOW, SNOW_DAYS = (1, 16), 3
FESTIVAL, FESTIVAL_DAYS = (9, 20), 2
SNOW_MORE = {"snow": 30.0, "road_damage": 3.0, "sudden_pipe": 6.0, "trade": 0.3, "adverts": 0.5}
FESTIVAL_MORE = {"trade": 3.0, "rubbish": 2.0, "crowd": 12.0, "noise": 5.0, "street_order": 2.0}
SUMMER_MORE = {"smoke": 2.0, "water_surface": 2.0, "noise": 1.5, "sudden_road": 3.0}
SUMMER = (6, 7, 8)


@dataclass(frozen=True, slots=True)
class Day:
    """A day as it moves the reports: how many beside the mean, and of which families."""

    factor: float
    families: dict[str, float]
    slow: float  # how much longer outdoor work takes


def day_of(on: date, *, is_off: bool) -> Day:
    """What this day is like."""
    factor = MONTHS[on.month - 1] * WEEKDAYS[on.weekday()] * (DAY_OFF if is_off else 1)
    families, slow = dict(FAMILIES), 1.0
    if on.month in SUMMER:
        families = more(families, SUMMER_MORE)
    if within(on, SNOW, SNOW_DAYS):
        families, factor, slow = more({"snow": 1.0, **families}, SNOW_MORE), factor * 1.3, 1.6
    if within(on, FESTIVAL, FESTIVAL_DAYS):
        families, factor, slow = more(families, FESTIVAL_MORE), factor * 1.4, 1.2
    return Day(factor, families, slow)


def within(on: date, first: tuple[int, int], days: int) -> bool:
    return 0 <= (on - date(on.year, *first)).days < days


def more(families: dict[str, float], by: dict[str, float]) -> dict[str, float]:
    return {family: share * by.get(family, 1.0) for family, share in families.items()}
