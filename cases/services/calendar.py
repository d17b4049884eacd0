"""The working calendar as rows: seeded from what was published, then edited as a table."""

from __future__ import annotations

from django.db import transaction

from cases.clocks.published import published_year, published_years
from cases.models import CalendarDay, CalendarYear
from cases.selectors.settings import forget

SOURCE = "国务院办公厅放假通知（经 chinesecalendar 软件包）"


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
