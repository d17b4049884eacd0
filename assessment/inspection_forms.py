"""The shape of what is said of an inspection."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from assessment.forms import PeriodForm
from assessment.models import Sheet
from assessment.selectors.inspections import STATES, EntryFilter, objects_of
from assessment.services.inspections import PLACE_LIMIT, Found
from cases.services.words import REASON_LIMIT

STATE_LABELS = {
    "counts": pgettext_lazy("entry", "Counts"),
    "appealed": pgettext_lazy("entry", "Appeal waits for an answer"),
    "lifted": pgettext_lazy("entry", "Does not count"),
}


class EntryQueryForm(PeriodForm):
    """By sheet, by whom it scores, by what became of it, and by days."""

    sheet = forms.ChoiceField(label=_("Sheet"), required=False)
    object = forms.CharField(label=_("Code of whom it scores"), required=False, max_length=16)
    state = forms.ChoiceField(
        label=pgettext_lazy("entry", "State"),
        required=False,
        choices=[
            ("", pgettext_lazy("entry", "All")),
            *((key, STATE_LABELS[key]) for key in STATES),
        ],
    )
    field_order = ["sheet", "object", "state", "since", "until"]

    def __init__(self, *args: Any, sheets: list[Sheet], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        named = [(sheet.key, sheet.name) for sheet in sheets]
        self.fields["sheet"].choices = [("", pgettext_lazy("entry", "All")), *named]  # type: ignore[attr-defined]

    def wanted(self) -> EntryFilter:
        """What is asked for; what is wrong narrows nothing, its field says so."""
        self.is_valid()
        said = self.cleaned_data
        return EntryFilter(
            said.get("sheet", ""), said.get("object", "").strip(), said.get("state", "")
        )


class EntryForm(forms.Form):
    """One finding under a sheet."""

    item = forms.ChoiceField(label=pgettext_lazy("sheet", "Item"))
    object_key = forms.ChoiceField(label=_("Whom it scores"))
    points = forms.CharField(
        label=pgettext_lazy("score", "Points"),
        max_length=8,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
        help_text=_("At most what the item is worth; 0: looked at, nothing found."),
    )
    found_at = forms.DateTimeField(
        label=_("Found at"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"],
    )
    place = forms.CharField(label=_("Place in words"), required=False, max_length=PLACE_LIMIT)
    words = forms.CharField(
        label=_("What was found"), widget=forms.Textarea(attrs={"rows": 3}), max_length=REASON_LIMIT
    )

    def __init__(self, *args: Any, sheet: Sheet, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.sheet = sheet
        items = [each for each in sheet.items.all() if each.is_active]
        chosen: Any = self.fields
        chosen["item"].choices = [
            ("", "—"),
            *(
                (each.code, f"{each.code} {each.name}（≤ {each.most.normalize():f}）")
                for each in items
            ),
        ]
        chosen["object_key"].choices = [("", "—"), *objects_of(sheet.subject)]
        chosen["found_at"].initial = now
        for name in ("item", "object_key"):
            chosen[name].error_messages["invalid_choice"] = _("Unknown value.")

    def found(self) -> Found:
        """What a service takes; only after `is_valid`."""
        said = self.cleaned_data
        return Found(
            sheet=self.sheet.key,
            item=said["item"],
            object_key=said["object_key"],
            points=said["points"],
            words=said["words"],
            found_at=said["found_at"],
            place=said["place"],
        )
