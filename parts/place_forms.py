"""Shapes of the pages of places."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from parts.models import Place
from parts.services.place_table import LONGEST_CODE, LONGEST_NAME, names_of
from parts.services.places import PlaceSaid

ANY = ("", pgettext_lazy("choice", "all"))
DAY = {"type": "date"}


def day_field(label: Any, **more: Any) -> forms.DateField:
    widget = forms.DateInput(attrs=DAY, format="%Y-%m-%d")
    return forms.DateField(label=label, required=False, widget=widget, **more)


class PlaceQueryForm(forms.Form):
    """The filters of the list."""

    q = forms.CharField(
        label=_("Name, pinyin or code"), required=False, max_length=100,
        widget=forms.TextInput(attrs={"type": "search"}),
    )  # fmt: skip
    kind = forms.ChoiceField(label=_("Kind"), required=False, choices=[ANY, *Place.Kind.choices])
    state = forms.ChoiceField(
        label=_("Validity"),
        required=False,
        choices=[
            ANY,
            ("current", pgettext_lazy("place", "in force")),
            ("coming", pgettext_lazy("place", "begins later")),
            ("ended", pgettext_lazy("place", "ended")),
        ],
    )


class NamesField(forms.CharField):
    """Several names in one line, apart by commas of any kind."""

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        try:
            return names_of(text or "")
        except ValueError as problem:
            raise forms.ValidationError(str(problem)) from None

    def prepare_value(self, value: Any) -> Any:
        return "、".join(value) if isinstance(value, list) else value


class PlaceForm(forms.Form):
    """What is said of a place; the pin on the map fills in its position."""

    kind = forms.ChoiceField(label=_("Kind"), choices=Place.Kind.choices)
    name = forms.CharField(label=_("standard name"), max_length=LONGEST_NAME)
    aliases = NamesField(
        label=_("aliases"), required=False, max_length=500,
        help_text=_("Several apart by commas. Short forms such as 崇外 are found by themselves."),
    )  # fmt: skip
    former_names = NamesField(
        label=_("former names"), required=False, max_length=500,
        help_text=_("Several apart by commas."),
    )  # fmt: skip
    code = forms.CharField(
        label=_("code"), required=False, max_length=LONGEST_CODE,
        help_text=_("Left empty, the next free one is given; it never changes."),
    )  # fmt: skip
    valid_from = day_field(_("valid from"))
    valid_to = day_field(_("valid to"))
    lon = forms.FloatField(
        label=_("longitude"), min_value=-180, max_value=180,
        error_messages={"required": _("Set the pin on the map.")},
    )  # fmt: skip
    lat = forms.FloatField(
        label=_("latitude"), min_value=-90, max_value=90,
        error_messages={"required": _("Set the pin on the map.")},
    )  # fmt: skip
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, is_new: bool, **more: Any) -> None:
        super().__init__(*args, **more)
        if not is_new:
            del self.fields["code"]

    def said(self) -> PlaceSaid:
        """What the service takes."""
        cleaned = {name: value for name, value in self.cleaned_data.items() if name != "seen"}
        return PlaceSaid(**cleaned)


class PlaceFileForm(forms.Form):
    """A table of places."""

    file = forms.FileField(
        label=_("Table (CSV, UTF-8 or GB18030)"),
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,text/csv"}),
    )
