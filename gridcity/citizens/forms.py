"""The one form of a citizen: what, where, in words, photos, a phone number. It never saves."""

from __future__ import annotations

import math
import re
from typing import Any
from uuid import uuid4

from django import forms
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

from cases.models.case import PlacedBy
from cases.services.placing import PLACE_LIMIT, WORST_ACCURACY_M, Place
from cases.services.words import TEXT_LIMIT
from gridcity.citizens.classes import class_of
from parts.models import CatalogueClass
from parts.selectors.places import Found

# What a form says of cases nearby: it was not asked yet, it is none of them, or the mark of one.
NOT_ASKED, ANEW = "", "new"
PHONE = re.compile(r"^\+?[0-9][0-9 ()-]{4,20}$")


class ReportForm(forms.Form):
    """Five fields; the others are filled by the page or by its second look."""

    what = forms.CharField(label=_("What is it?"), max_length=16)
    address = forms.CharField(label=_("Where is it?"), max_length=PLACE_LIMIT, required=False)
    words = forms.CharField(label=_("In words"), max_length=TEXT_LIMIT, required=False)
    phone = forms.CharField(
        label=_("Phone number"), max_length=24, required=False,
        validators=[RegexValidator(PHONE, _("A phone number has digits only."))],
    )  # fmt: skip
    lon = forms.FloatField(required=False, widget=forms.HiddenInput)
    lat = forms.FloatField(required=False, widget=forms.HiddenInput)
    accuracy_m = forms.FloatField(required=False, widget=forms.HiddenInput)
    placed_by = forms.CharField(max_length=6, required=False, widget=forms.HiddenInput)
    spot = forms.CharField(max_length=32, required=False)
    same = forms.CharField(max_length=32, required=False)

    def clean_what(self) -> CatalogueClass:
        found = class_of(self.cleaned_data["what"])
        if found is None:
            raise forms.ValidationError(_("Please choose what it is."))
        return found

    def pinned(self) -> Place | None:
        """The point that was set on the map; a position of the device only if it is no guess."""
        said: dict[str, Any] = self.cleaned_data
        lon, lat, accuracy_m = said.get("lon"), said.get("lat"), said.get("accuracy_m")
        if lon is None or lat is None or not (math.isfinite(lon) and math.isfinite(lat)):
            return None
        is_gps = said.get("placed_by") == PlacedBy.GPS
        if is_gps and accuracy_m is not None and accuracy_m <= WORST_ACCURACY_M:
            return Place(lon, lat, accuracy_m, PlacedBy.GPS)
        return Place(lon, lat, None, PlacedBy.MANUAL)


def place_among(found: list[Found], spot: str) -> Found | None:
    """The place that an address means: the chosen one, the only one, or the one of that name.

    None where several answer and none was chosen.
    """
    chosen = next((one for one in found if one.code == spot), None)
    if chosen is not None or len(found) == 1:
        return chosen or found[0]
    exact = [one for one in found if one.way == "exact"]
    return exact[0] if len(exact) == 1 else None


def new_key() -> str:
    """A key for a page that is opened: 122 bits that only its browser knows."""
    return str(uuid4())
