"""The working calendar as rows: seeded from what was published, then edited as a table."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from cases.clocks.published import published_year, published_years
from cases.models import CalendarChange, CalendarDay, CalendarYear
from cases.selectors.settings import forget
from gridcity.contracts import Actor, Invalid
from parts.selectors.kept import KEPT_S

SOURCE = "国务院办公厅放假通知（经 chinesecalendar 软件包）"
# Stored as data, as the reasons of the clock are.
YEAR_CHANGED = "%(year)d年放假安排"
PROVISIONAL_CHANGED = "未公布年份的假日：%(year)d年起"
HOURS_CHANGED = "工作时段：%(hours)s 起"


@transaction.atomic
def seed_published_years() -> list[int]:
    """Write every published year that the table does not have yet; returns the years written.

    A year that is there already is left alone: afterwards the table is the authority.
    """
    known = set(CalendarYear.objects.values_list("year", flat=True))
    missing = [year for year in published_years() if year not in known]
    CalendarYear.objects.bulk_create(CalendarYear(year=year, source=SOURCE) for year in missing)
    CalendarDay.objects.bulk_create(
        (
            CalendarDay(on=on, kind=day.kind, name=day.name)
            for year in missing
            for on, day in published_year(year).items()
        ),
        ignore_conflicts=True,
    )
    forget()
    return missing


@transaction.atomic
def publish_year(
    *,
    actor: Actor,
    at: datetime,
    year: int,
    source: str,
    published_on: date | None,
    holidays: Mapping[date, str],
    workdays: Mapping[date, str],
) -> CalendarYear:
    """Write one year's calendar as a whole: its holidays and worked weekend days replace the old.

    Clocks that start afterwards use it, those that run are reckoned anew by the sweep.
    Raises Invalid for dates outside the year or in both.
    """
    days = {**holidays, **workdays}
    if any(on.year != year for on in days) or holidays.keys() & workdays.keys():
        raise Invalid(_("Each date of the calendar lies in its year and is either off or worked."))
    written, _created = CalendarYear.objects.update_or_create(
        year=year, defaults={"source": source, "published_on": published_on}
    )
    CalendarDay.objects.filter(on__year=year).delete()
    CalendarDay.objects.bulk_create(
        CalendarDay(on=on, kind="holiday" if on in holidays else "workday", name=name)
        for on, name in sorted(days.items())
    )
    note_change(what=YEAR_CHANGED % {"year": year}, actor=actor, at=at)
    forget()
    return written


def note_change(*, what: str, actor: Actor, at: datetime) -> CalendarChange:
    """Have the running clocks reckoned anew, once no process keeps the old calendar any more."""
    return CalendarChange.objects.create(
        what=what, actor_id=actor.user_id, at=at, holds_at=at + 2 * timedelta(seconds=KEPT_S)
    )
