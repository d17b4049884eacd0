"""Periods P = [start, end), and the instant a figure speaks of (assessment law §2). Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from urllib.parse import quote_plus, urlencode

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from gridcity.contracts import Invalid, Sentence

DEFAULT_PERIOD = "today"
SHORTCUTS: dict[str, Sentence] = {
    "today": _("Today"),
    "yesterday": _("Yesterday"),
    "week": _("This week"),
    "last_week": _("Last week"),
    "month": _("This month"),
    "last_month": _("Last month"),
    "quarter": _("This quarter"),
    "last_quarter": _("Last quarter"),
    "half": _("This half-year"),
    "last_half": _("Last half-year"),
    "year": _("This year"),
    "last_year": _("Last year"),
}
# The kinds of named periods, each with its word and how its names are spelled.
SPANS: dict[str, tuple[Sentence, str]] = {
    "day": (pgettext_lazy("span", "Day"), r"^\d{4}-\d{2}-\d{2}$"),
    "week": (pgettext_lazy("span", "Week"), r"^\d{4}-W\d{2}$"),
    "month": (pgettext_lazy("span", "Month"), r"^\d{4}-\d{2}$"),
    "quarter": (pgettext_lazy("span", "Quarter"), r"^\d{4}-Q\d$"),
    "half": (pgettext_lazy("span", "Half-year"), r"^\d{4}-H\d$"),
    "year": (pgettext_lazy("span", "Year"), r"^\d{4}$"),
}
# As an address names them: need_dispatch.1,rework.1
FORMER_DEFINITIONS = re.compile(r"[a-z_]{1,40}\.[0-9]{1,3}(,[a-z_]{1,40}\.[0-9]{1,3}){0,99}")
EARLIEST = date(2004, 1, 1)  # before the model there is nothing to count
LONGEST = timedelta(days=3653)  # ten years
# How near "the same moment" of another period is: so long its figures need counting only once.
SAME_MOMENT = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Period:
    """P = [start, end) in local days, seen from `as_of`. `key` names a shortcut, or is empty."""

    start: datetime
    end: datetime
    as_of: datetime
    key: str = ""
    # The data time stands in the address: what a snapshot counted is found as it was counted.
    is_pinned: bool = False
    # Of a scheme whose months begin on another day; only names of months and longer feel it.
    month_from: int = 1
    # The figures that a snapshot counted by definitions of then, each with its version.
    former: tuple[tuple[str, int], ...] = ()

    @property
    def cut(self) -> datetime:
        """Life is read at the end of the period, or now while it still runs."""
        return min(self.end, self.as_of)

    @property
    def first(self) -> date:
        return timezone.localdate(self.start)

    @property
    def last(self) -> date:
        """The last day that belongs to the period."""
        return timezone.localdate(self.end) - timedelta(days=1)

    @property
    def span(self) -> timedelta:
        return self.end - self.start

    @property
    def has_begun(self) -> bool:
        """Whether anything of it lies before the data time; else nothing is counted in it."""
        return self.start < self.cut

    @property
    def is_running(self) -> bool:
        return self.as_of < self.end

    @property
    def query(self) -> dict[str, str]:
        """How an address names this period: a shortcut moves with the day, dates stay."""
        pin = {"as_of": self.as_of.isoformat()} if self.is_pinned else {}
        if self.former:
            pin["defined"] = ",".join(f"{key}.{version}" for key, version in self.former)
        if self.key and self.month_from == 1:
            return {"period": self.key, **pin}
        return {"since": self.first.isoformat(), "until": self.last.isoformat(), **pin}

    def address(self, path: str, **more: str) -> str:
        """An address that carries the period and what else is wanted."""
        return f"{path}?{urlencode(self.query | more)}"

    def addresses(self, path: str) -> Callable[..., str]:
        """`address` for a page with thousands: the period is spelled out once."""
        start = f"{path}?{urlencode(self.query)}"
        return lambda **more: start + end_of_address(more)


def end_of_address(more: Mapping[str, str]) -> str:
    """What is wanted beside the period, as it ends an address."""
    return "".join([f"&{key}={_quoted(value)}" for key, value in more.items()])


# Words of ours and codes, which stand in most addresses of a page again and again.
_quoted = lru_cache(maxsize=8192)(quote_plus)


def shortcuts_of(period: Period) -> list[tuple[str, Sentence, bool]]:
    """The shortcuts for a page, each with whether the period is that one."""
    return [(key, label, key == period.key) for key, label in SHORTCUTS.items()]


def period_from(query: Mapping[str, str], now: datetime) -> Period:
    """The period that an address names, today where it names none; as of now, or of then.

    Raises Invalid.
    """
    pinned = _instant(query.get("as_of", ""), now)
    if pinned is None:
        return _asked(query, now)
    former = _former(query.get("defined", ""))
    return replace(_asked(query, pinned), is_pinned=True, former=former)


def _former(text: str) -> tuple[tuple[str, int], ...]:
    """The definitions of then that an address of ours names. Raises Invalid."""
    if not text:
        return ()
    if not FORMER_DEFINITIONS.fullmatch(text):
        wrong: dict[str, Sentence] = {"defined": _("Figures with the versions of definitions.")}
        raise Invalid(_("Unknown period."), **wrong)
    named = [one.split(".") for one in text.split(",")]
    return tuple((key, int(version)) for key, version in named)


def _instant(text: str, now: datetime) -> datetime | None:
    """A data time of an address, never in the future; None where it names none. Raises Invalid."""
    if not text:
        return None
    try:
        said = datetime.fromisoformat(text.replace(" ", "+"))
        said = said if said.tzinfo else timezone.make_aware(said)
        is_sensible = said >= datetime.combine(EARLIEST, time(), timezone.get_default_timezone())
    except (ValueError, OverflowError):
        is_sensible = False
    if not is_sensible:
        wrong: dict[str, Sentence] = {"as_of": _("An instant like 2026-11-22T08:00+08:00.")}
        raise Invalid(_("Unknown period."), **wrong)
    return min(said, now)


def _asked(query: Mapping[str, str], now: datetime) -> Period:
    since, until = query.get("since", ""), query.get("until", "")
    if since or until:
        return _free(_day(since or until, "since"), _day(until or since, "until"), now)
    key = query.get("period", "") or DEFAULT_PERIOD
    if key not in SHORTCUTS:
        return period_named(key, now)
    first, last = days_of(key, timezone.localdate(now))
    return between(first, last, now, key)


def days_of(key: str, today: date) -> tuple[date, date]:
    """First and last day of a shortcut: weeks begin on Monday, running periods end whole."""
    day, week = timedelta(days=1), timedelta(days=7)
    monday, month = today - timedelta(days=today.weekday()), today.replace(day=1)
    quarter = month.replace(month=(month.month - 1) // 3 * 3 + 1)
    half = month.replace(month=(month.month - 1) // 6 * 6 + 1)
    days = {
        "today": (today, today),
        "yesterday": (today - day, today - day),
        "week": (monday, monday + week - day),
        "last_week": (monday - week, monday - day),
        "month": (month, month_end(month)),
        "last_month": (_months_on(month, -1), month - day),
        "quarter": (quarter, month_end(_months_on(quarter, 2))),
        "last_quarter": (_months_on(quarter, -3), quarter - day),
        "half": (half, month_end(_months_on(half, 5))),
        "last_half": (_months_on(half, -6), half - day),
        "year": (date(today.year, 1, 1), date(today.year, 12, 31)),
        "last_year": (date(today.year - 1, 1, 1), date(today.year - 1, 12, 31)),
    }
    return days[key]


def period_named(name: str, as_of: datetime, month_from: int = 1) -> Period:
    """A period by its name: 2026-10-05, 2026-W41, 2026-10, 2026-Q4, 2026-H2, 2026. Raises Invalid.

    Weeks are those of ISO 8601, from Monday. A month that begins on another day than the first
    is named by the month in which it ends, and quarters, halves and years are made of such months.
    """
    days = _days_named(name.strip().upper())
    if days is not None and month_from != 1 and _is_by_month(name.strip().upper()):
        first, last = days
        days = _month_days(first, month_from)[0], _month_days(last, month_from)[1]
    else:
        month_from = 1
    if days is None or not EARLIEST <= days[0] <= date(2100, 1, 1):
        wrong: dict[str, Sentence] = {"period": _("Such as 2026-10, 2026-Q4, 2026-W41 or 2026.")}
        raise Invalid(_("Unknown period."), **wrong)
    return replace(between(*days, as_of, name.strip().upper()), month_from=month_from)


def span_of(name: str) -> str:
    """The kind of period that a name names, by its key in SPANS; empty for what names none."""
    return next((key for key, (_word, spelled) in SPANS.items() if re.match(spelled, name)), "")


def _is_by_month(name: str) -> bool:
    return len(name) < 10 and name[5:6] != "W"


def _month_days(day: date, month_from: int) -> tuple[date, date]:
    """First and last day of the month that is named by the calendar month of a day."""
    if month_from == 1:
        return day.replace(day=1), month_end(day)
    return _months_on(day, -1).replace(day=month_from), day.replace(day=month_from - 1)


def _month_of(day: date, month_from: int) -> date:
    """The first day of the calendar month by which the month of a day is named."""
    return _months_on(day, 0 if month_from == 1 or day.day < month_from else 1)


def _days_named(name: str) -> tuple[date, date] | None:
    """First and last day of a named period; None for what names none."""
    try:
        match name[5:6]:
            case "W":
                year, week = int(name[:4]), int(name[6:])
                return date.fromisocalendar(year, week, 1), date.fromisocalendar(year, week, 7)
            case "Q" | "H":
                months = 3 if name[5] == "Q" else 6
                first = date(int(name[:4]), (int(name[6:]) - 1) * months + 1, 1)
                return first, month_end(_months_on(first, months - 1))
        if len(name) == 4:
            return date(int(name), 1, 1), date(int(name), 12, 31)
        if len(name) == 7:
            first = date.fromisoformat(f"{name}-01")
            return first, month_end(first)
        return date.fromisoformat(name), date.fromisoformat(name)
    except (ValueError, OverflowError):
        return None


def _months_on(first: date, months: int) -> date:
    """The first day of a month some months later."""
    number = first.year * 12 + first.month - 1 + months
    return date(number // 12, number % 12 + 1, 1)


def period_before(period: Period) -> Period:
    """环比: the period of the same length just before; whole months before whole months.

    While the period runs, the one before is looked at as of the same moment of it.
    """
    months = len(months_within(period))
    if months:
        first = _months_on(period.first, -months).replace(day=period.first.day)
    else:
        first = period.first - (period.last - period.first + timedelta(days=1))
    return _beside(period, first, period.first - timedelta(days=1))


def year_before(period: Period) -> Period:
    """同比: the same days a year before; whole months beside whole months, a week of ISO 8601
    beside the week of its number."""
    first, last = _a_year_before(period.first), _a_year_before(period.last)
    if period.first.weekday() == 0 and (period.last - period.first).days == 6:
        first = _week_before(period.first)
        last = first + timedelta(days=6)
    elif period.month_from == 1 and months_within(period):
        last = month_end(last)
    return _beside(period, first, last)


# Beside which periods a figure is set, by the key that the interface gives them.
COMPARED: dict[str, Sentence] = {
    "before": _("than before"),
    "year_before": _("than a year ago"),
}


def other_periods(period: Period) -> dict[str, Period]:
    """环比 and 同比: the period just before, and the same one a year ago."""
    return {"before": period_before(period), "year_before": year_before(period)}


def _a_year_before(day: date) -> date:
    """The same day of the year before; of 29 February the 28th."""
    if (day.month, day.day) == (2, 29):
        return date(day.year - 1, 2, 28)
    return day.replace(year=day.year - 1)


def _week_before(monday: date) -> date:
    """The Monday of the same week of the year before; of a 53rd that it has not, of its last."""
    year, week, _day = monday.isocalendar()
    try:
        return date.fromisocalendar(year - 1, week, 1)
    except ValueError:
        return date.fromisocalendar(year - 1, week - 1, 1)


def _beside(period: Period, first: date, last: date) -> Period:
    """Another period to compare with, read at the same moment of it where the first still runs."""
    other = between(first, last, period.as_of)
    if not period.is_running:
        return replace(other, is_pinned=period.is_pinned)
    passed = period.as_of - period.start
    moment = min(other.start + (passed - passed % SAME_MOMENT), other.end)
    return replace(other, as_of=moment, is_pinned=True)


def names_that_ended(at: datetime, back: timedelta, month_from: int = 1) -> list[str]:
    """Days, weeks, months, quarters, half-years and years that ended lately, shortest first."""
    today = timezone.localdate(at)
    days = [today - timedelta(days=number) for number in range(1, back.days + 1)]
    found: dict[str, timedelta] = {}
    for day in reversed(days):
        year, week, _weekday = day.isocalendar()
        month = _month_of(day, month_from)
        for name in (
            day.isoformat(), f"{year}-W{week:02d}", f"{month:%Y-%m}",
            f"{month.year}-Q{(month.month + 2) // 3}", f"{month.year}-H{(month.month + 5) // 6}",
            f"{month.year}",
        ):  # fmt: skip
            if name not in found and (period := period_named(name, at, month_from)).end <= at:
                found[name] = period.span
    return sorted(found, key=lambda name: (found[name], name))


def months_within(period: Period) -> list[Period]:
    """The months that make up a period; empty where a part of a month is in it."""
    found, first = [], period.first
    while first <= period.last:
        named = _month_of(first, period.month_from)
        begins, last = _month_days(named, period.month_from)
        if first != begins or last > period.last:
            return []
        month = between(first, last, period.as_of, f"{named:%Y-%m}")
        found.append(replace(month, month_from=period.month_from))
        first = last + timedelta(days=1)
    return found


def months_back(at: datetime, count: int) -> list[Period]:
    """The running month and those before it, the oldest first, each as of now."""
    running = timezone.localdate(at).replace(day=1)
    firsts = [_months_on(running, -back) for back in range(count - 1, -1, -1)]
    return [period_named(f"{first:%Y-%m}", at) for first in firsts if first >= EARLIEST]


def month_end(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def _free(first: date, last: date, now: datetime) -> Period:
    if last < first:
        raise Invalid(_("The period ends before it begins."), until=_("Not before the first day."))
    if last - first >= LONGEST:
        raise Invalid(_("A period has at most ten years."), until=_("Choose a shorter period."))
    return between(first, last, now)


def between(first: date, last: date, now: datetime, key: str = "") -> Period:
    zone = timezone.get_default_timezone()
    start = datetime.combine(first, time(), zone)
    return Period(start, datetime.combine(last + timedelta(days=1), time(), zone), now, key)


def _day(text: str, field: str) -> date:
    wrong: dict[str, Sentence] = {field: _("A date like 2026-11-22.")}
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise Invalid(_("Unknown period."), **wrong) from None
    if not EARLIEST <= day <= date(2100, 1, 1):
        raise Invalid(_("Unknown period."), **wrong)
    return day
