"""Shapes of what administrators ask of the routing rules; every one of them is an address."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cases.models import Source
from dispatch.desk_forms import ANY
from dispatch.models import Department
from dispatch.models.routing import RuleKind
from parts.models import CatalogueClass, CodingScheme
from parts.widgets import PlainSelect

KINDS = [(kind.value, kind.label) for kind in (RuleKind.EVENT, RuleKind.PART)]
DAY = {"type": "date"}


def day_field(label: Any) -> forms.DateField:
    widget = forms.DateInput(attrs=DAY, format="%Y-%m-%d")
    return forms.DateField(label=label, required=False, widget=widget)


def drafts_field() -> forms.BooleanField:
    return forms.BooleanField(label=_("With the drafts"), required=False)


class RuleQueryForm(forms.Form):
    """The filters of the list of rules."""

    kind = forms.ChoiceField(label=_("Kind"), required=False, choices=[ANY, *RuleKind.choices])
    code = forms.CharField(label=_("class code"), required=False, max_length=8)
    area = forms.CharField(label=_("area code"), required=False, max_length=15)
    department = forms.ChoiceField(label=_("Department"), required=False, widget=PlainSelect)
    state = forms.ChoiceField(
        label=_("Validity"),
        required=False,
        choices=[
            ANY,
            ("current", pgettext_lazy("rule", "in force")),
            ("coming", pgettext_lazy("rule", "begins later")),
            ("ended", pgettext_lazy("rule", "ended")),
            ("draft", pgettext_lazy("rule", "draft")),
        ],
    )
    automatic = forms.ChoiceField(
        label=_("Automatic dispatch"),
        required=False,
        choices=[
            ANY,
            ("yes", pgettext_lazy("switch", "on")),
            ("no", pgettext_lazy("switch", "off")),
        ],
    )

    def __init__(self, *args: Any, departments: Iterable[Department], **more: Any) -> None:
        super().__init__(*args, **more)
        field = self.fields["department"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [ANY, *((each.code, each.name) for each in departments)]


class CoverageForm(forms.Form):
    """Of which classes, on which day."""

    scheme = forms.ChoiceField(label=_("coding scheme"), required=False)
    kind = forms.ChoiceField(label=_("Kind"), required=False, choices=KINDS)
    on = day_field(_("On the day"))
    drafts = drafts_field()
    gaps = forms.BooleanField(label=_("Gaps only"), required=False)

    def __init__(self, *args: Any, schemes: Iterable[CodingScheme], **more: Any) -> None:
        super().__init__(*args, **more)
        field = self.fields["scheme"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(each.key, each.name) for each in schemes]


class TryForm(forms.Form):
    """A place and a class, a source and an instant."""

    entry = forms.ChoiceField(label=_("Class"), widget=PlainSelect)
    cell = forms.CharField(label=_("unit grid cell"), required=False, max_length=15)
    part_code = forms.CharField(label=_("Part code"), required=False, max_length=16)
    source = forms.ChoiceField(label=_("Source"), required=False, choices=[ANY, *Source.choices])
    at = forms.DateTimeField(
        label=_("At"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    lon = forms.FloatField(required=False, widget=forms.HiddenInput)
    lat = forms.FloatField(required=False, widget=forms.HiddenInput)
    placed_by = forms.CharField(required=False, max_length=6, widget=forms.HiddenInput)

    def __init__(self, *args: Any, classes: Iterable[CatalogueClass], **more: Any) -> None:
        super().__init__(*args, **more)
        groups: dict[str, list[tuple[str, str]]] = {}
        for each in classes:
            listed = groups.setdefault(f"{each.major_code} {each.major_name}", [])
            listed.append((f"{each.kind}:{each.code}", f"{each.code} {each.name}"))
        field = self.fields["entry"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", "—"), *groups.items()]


class DryRunForm(forms.Form):
    """The rules of which day are tried, with or without the drafts."""

    on = day_field(_("Rules as of the day"))
    drafts = drafts_field()
