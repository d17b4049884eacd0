"""The shape of what an address may ask of the figures."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _


class PeriodForm(forms.Form):
    """A free period by its first and last day; the shortcuts are links."""

    since = forms.CharField(label=_("First day"), required=False)
    until = forms.CharField(label=_("Last day"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            # Dates come and go as ISO text, whatever the language of the page.
            field.widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
