"""Shape of what administrators enter about the calendar and the numbers of the clocks."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any, ClassVar

from django import forms
from django.contrib.auth import get_user_model
from django.utils import timezone
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from cases.channels.addresses import target_of
from cases.clocks.numbers import NUMBERS, Measure, Number, Section
from cases.models import (
    CalendarDay,
    CalendarYear,
    ClockNumber,
    DeskHours,
    PlannedShift,
    ProvisionalDays,
    Webhook,
    WorkingHours,
)
from cases.models.hours import HoursFrom
from cases.workflow import DESK_ROLES
from gridcity.contracts import Invalid

# 2027-10-01..2027-10-07 国庆节
LINE = re.compile(r"(\d{4}-\d\d-\d\d)(?:\s*(?:\.\.|~|～|至)\s*(\d{4}-\d\d-\d\d))?(?:\s+(\S.*))?")
FIRST_YEAR, LAST_YEAR = 2000, 2100
LONGEST_SPAN = timedelta(days=31)


class DatesField(forms.CharField):
    """Dates one a line, alone or as a span, each with its name: → {date: name}."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.Textarea(attrs={"rows": 9, "cols": 46, "spellcheck": "false"})
        super().__init__(widget=widget, required=False, **kwargs)

    def clean(self, value: Any) -> dict[date, str]:
        found: dict[date, str] = {}
        for number, line in enumerate(str(super().clean(value) or "").splitlines(), 1):
            if not line.strip():
                continue
            first, last, name = self._read(line.strip(), number)
            for step in range((last - first).days + 1):
                found[first + timedelta(days=step)] = name
        return found

    def _read(self, line: str, number: int) -> tuple[date, date, str]:
        match = LINE.fullmatch(line)
        try:
            if match is None:
                raise ValueError
            first = date.fromisoformat(match[1])
            last = date.fromisoformat(match[2]) if match[2] else first
            if not timedelta() <= last - first <= LONGEST_SPAN:
                raise ValueError
        except ValueError:
            raise forms.ValidationError(
                _("Line %(number)d: a date such as 2027-01-01, or a span such as "
                  "2027-10-01..2027-10-07, and the name after it."),
                params={"number": number},
            ) from None  # fmt: skip
        return first, last, (match[3] or "")[:40]


class CalendarYearForm(forms.ModelForm):  # type: ignore[type-arg]
    """One year's published calendar: which weekdays are off, which weekend days are worked."""

    holidays = DatesField(
        label=_("holidays"),
        help_text=_("Weekdays that are off, and holidays on weekends if you like; one date or "
                    "span a line, with its name: 2027-10-01..2027-10-07 National Day"),
    )  # fmt: skip
    workdays = DatesField(
        label=_("worked weekend days"),
        help_text=_("Saturdays and Sundays that are worked in exchange, one date a line."),
    )

    class Meta:
        model = CalendarYear
        fields = ("year", "source", "published_on")
        labels: ClassVar = {"year": _("year")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.year:
            for kind, field in (("holiday", "holidays"), ("workday", "workdays")):
                self.initial[field] = lines_of(self.instance.year, kind)

    def clean_year(self) -> int:
        year: int = self.cleaned_data["year"]
        if not FIRST_YEAR <= year <= LAST_YEAR:
            raise forms.ValidationError(_("A year from 2000 to 2100."))
        return year

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or self.cleaned_data
        year = said.get("year", self.instance.year)
        holidays, workdays = said.get("holidays", {}), said.get("workdays", {})
        for field, days in (("holidays", holidays), ("workdays", workdays)):
            if any(day.year != year for day in days):
                self.add_error(field, _("All dates lie in the year above."))
        if holidays.keys() & workdays.keys():
            self.add_error("workdays", _("A date is either a holiday or worked."))
        if any(day.weekday() < 5 for day in workdays):
            self.add_error("workdays", _("Only Saturdays and Sundays stand here."))
        return said


def lines_of(year: int, kind: str) -> str:
    """The dates of a year as they are written in the form."""
    days = CalendarDay.objects.filter(on__year=year, kind=kind).order_by("on")
    return "\n".join(f"{day.on} {day.name}".rstrip() for day in days)


class HoursForm(forms.ModelForm):  # type: ignore[type-arg]
    """Working hours from a day on; what has been worked is not written anew."""

    class Meta:
        model: type[HoursFrom] = WorkingHours
        fields: tuple[str, ...] = (
            "working_periods", "hours_per_working_day", "valid_from", "note",
        )  # fmt: skip

    def clean_valid_from(self) -> date:
        valid_from: date = self.cleaned_data["valid_from"]
        if valid_from < timezone.localdate():
            raise forms.ValidationError(_("Working hours change today or on a later day."))
        return valid_from


class DeskHoursForm(HoursForm):
    """Working hours of a desk; without periods it works around the clock."""

    class Meta(HoursForm.Meta):
        model = DeskHours
        fields = ("desk", "working_periods", "valid_from", "note")


class PlannedShiftForm(forms.ModelForm):  # type: ignore[type-arg]
    """The shift of one of the two centres' people from a day on; days that have begun stay."""

    class Meta:
        model = PlannedShift
        fields = ("person", "name", "begins", "ends", "valid_from")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "person" in self.fields:
            people = get_user_model().objects.filter(is_active=True, roles__overlap=DESK_ROLES)
            self.fields["person"].queryset = people.order_by(  # type: ignore[attr-defined]
                "full_name", "username"
            )

    def clean_valid_from(self) -> date:
        valid_from: date = self.cleaned_data["valid_from"]
        if valid_from <= timezone.localdate():
            raise forms.ValidationError(
                _("Shifts are planned from tomorrow or a later day on: by those of days that have "
                  "begun, work was counted.")
            )  # fmt: skip
        return valid_from


class ProvisionalDaysForm(forms.ModelForm):  # type: ignore[type-arg]
    """Which days are off from a year on; each once, in order."""

    class Meta:
        model = ProvisionalDays
        fields = ("first_year", "days", "note")

    def clean_first_year(self) -> int:
        year: int = self.cleaned_data["first_year"]
        if not FIRST_YEAR <= year <= LAST_YEAR:
            raise forms.ValidationError(_("A year from 2000 to 2100."))
        return year

    def clean_days(self) -> list[str]:
        return sorted(set(self.cleaned_data["days"]))


class ClockNumberForm(forms.ModelForm):  # type: ignore[type-arg]
    """A new value of a number; it never reaches back to clocks reckoned by the old one."""

    class Meta:
        model = ClockNumber
        fields = ("key", "value", "valid_from")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "key" in self.fields:
            self.fields["key"].choices = number_choices()  # type: ignore[attr-defined]
            self.fields["key"].help_text = _(
                "In brackets the default of this product; no standard prescribes it."
            )
        if "value" in self.fields:
            self.fields["value"].help_text = _("Of yes and no: 1 for yes, 0 for no.")

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or self.cleaned_data
        number = NUMBERS.get(str(said.get("key", self.instance.key)))
        value = said.get("value")
        if number and value is not None and not number.least <= value <= number.most:
            self.add_error(
                "value",
                _("From %(least)d to %(most)d.") % {"least": number.least, "most": number.most},
            )
        return said

    def clean_valid_from(self) -> Any:
        valid_from = self.cleaned_data["valid_from"]
        if valid_from < timezone.now() - timedelta(minutes=1):
            raise forms.ValidationError(_("A number holds from now or from a later instant."))
        return valid_from


def number_choices() -> list[tuple[str, list[tuple[str, str]]]]:
    """The numbers by section, each with its default."""
    found: dict[str, list[tuple[str, str]]] = {}
    for number in NUMBERS.values():
        words = f"{number.label} ({measured(number, number.default)})"
        found.setdefault(str(SECTION_LABELS[number.section]), []).append((number.key, words))
    return list(found.items())


SECTION_LABELS = {
    Section.STAGE: _("Stage limits: they hold from the entry into the stage"),
    Section.REVIEW: _("Review limits: they hold from the begin of the review"),
    Section.LAMP: _("Lamps: red begins at the deadline"),
    Section.REPORT: _("Reports: whether these sources too are verified on site, and self-handling"),
    Section.DISPATCH: _("Dispatching and checking"),
    Section.REQUEST: _("Requests: they hold when something is asked"),
    Section.FORCED_CLOSE: _("Forced closes"),
    Section.ENDING: _("After the end"),
    Section.KEEPING: _("What is kept"),
    Section.SCORE: _("Scores: they hold for periods that end, and entries written, afterwards"),
}
_MEASURED = {
    Measure.SECONDS: _("%(n)d s"),
    Measure.MINUTES: _("%(n)d min"),
    Measure.DAYS: _("%(n)d days"),
    Measure.TIMES: _("%(n)d times"),
    Measure.METRES: _("%(n)d m"),
    Measure.ROWS: _("%(n)d rows"),
}


def measured(number: Number, value: int) -> str:
    """A value in words: “15 min”, “80 %”, “18:00”."""
    if number.measure == Measure.PER_CENT:
        return f"{value} %"
    if number.measure == Measure.HOUR:
        return f"{value:02d}:00"
    if number.measure == Measure.YES_NO:
        return __("Yes") if value else __("No")
    return str(_MEASURED[number.measure]) % {"n": value}


class WebhookForm(forms.ModelForm):  # type: ignore[type-arg]
    """Where a user's notices are posted; what it may be, `channels/addresses.py` says."""

    class Meta:
        model = Webhook
        fields = ("receiver", "url", "is_active")

    def clean_url(self) -> str:
        url: str = self.cleaned_data["url"].strip()
        try:
            target_of(url)
        except Invalid as refusal:
            raise forms.ValidationError(str(refusal)) from None
        return url
