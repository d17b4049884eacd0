"""The shape of what an address may ask of the figures."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from assessment.periods import DEFAULT_PERIOD, Period, period_from
from gridcity.contracts import Invalid


class PeriodForm(forms.Form):
    """A free period by its first and last day; the shortcuts are links."""

    since = forms.CharField(label=_("First day"), required=False)
    until = forms.CharField(label=_("Last day"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("since", "until"):
            # Dates come and go as ISO text, whatever the language of the page.
            self.fields[name].widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


def period_asked(
    query: Mapping[str, str], now: datetime, default: str = DEFAULT_PERIOD
) -> tuple[Period, PeriodForm, int]:
    """The period of an address, its form, and 400 beside today where the address is wrong.

    `default` is the shortcut of an address that names no period.
    """
    if not query.keys() & {"period", "since", "until"}:
        # One value a key: unpacked, what an address gives would be lists.
        query = {**{key: query.get(key, "") for key in query}, "period": default}
    try:
        period = period_from(query, now)
    except Invalid as refusal:
        form = PeriodForm(query)
        for field, sentences in refusal.fields.items():
            form.add_error(field if field in form.fields else None, [str(s) for s in sentences])
        return period_from({}, now), form, 400
    dates = {"since": period.first.isoformat(), "until": period.last.isoformat()}
    return period, PeriodForm(initial=dates), 200
