"""A calendar month in local time, as pages of routing are asked by."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from gridcity.contracts import Invalid


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """From its first midnight to the next month's."""

    year: int
    number: int

    @classmethod
    def of(cls, day: date) -> Month:
        return cls(day.year, day.month)

    @classmethod
    def parse(cls, text: str) -> Month:
        """Read `2026-05`. Raises Invalid."""
        try:
            return cls.of(date.fromisoformat(f"{text}-01"))
        except ValueError:
            raise Invalid(_("A month is written as 2026-05."), month=_("Unknown month.")) from None

    @property
    def first(self) -> date:
        return date(self.year, self.number, 1)

    @property
    def before(self) -> Month:
        return Month.of(self.first - timedelta(days=1))

    @property
    def after(self) -> Month:
        return Month.of(self.first + timedelta(days=31))

    @property
    def begins(self) -> datetime:
        return timezone.make_aware(datetime.combine(self.first, time.min))

    @property
    def ends(self) -> datetime:
        return self.after.begins

    def last(self, count: int) -> list[Month]:
        """This month and those before it, newest first."""
        months = [self]
        while len(months) < count:
            months.append(months[-1].before)
        return months

    def __str__(self) -> str:
        return f"{self.year}-{self.number:02d}"
