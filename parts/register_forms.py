"""Shapes of the register's pages: what is asked of it, and what is said of a part by hand."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from gridcity.contracts import Refused
from parts.models import CatalogueClass, Part
from parts.selectors.catalogue import list_classes
from parts.selectors.keys import communities, streets
from parts.selectors.register import STANDING
from parts.services.attributes import BODIES, EDITABLE, LENGTHS
from parts.widgets import PlainSelect

ANY = ("", pgettext_lazy("filter", "all"))
PLAIN = {"autocomplete": "off"}
DIGITS = {**PLAIN, "inputmode": "numeric"}


# The attributes as a person goes through them.
ORDER = [
    "class_code", "name", "location_text",
    "competent_name", "competent_uscc", "owner_name", "owner_uscc",
    "maintainer_name", "maintainer_uscc",
    "initial_on", "source", "accuracy_class", "note", "geom", "reason",
]  # fmt: skip


def classes_by_major(classes: Iterable[CatalogueClass]) -> list[tuple[str, list[tuple[str, str]]]]:
    """Classes of parts as choices, by their major class."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for each in classes:
        listed = groups.setdefault(f"{each.major_code} {each.major_name}", [])
        listed.append((each.code, f"{each.code} {each.name}"))
    return list(groups.items())


def part_classes() -> list[tuple[str, list[tuple[str, str]]]]:
    """The classes of parts in use in the current scheme."""
    return classes_by_major(list_classes(kind=CatalogueClass.Kind.PART))


class PartQueryForm(forms.Form):
    """The filters of the register; every one of them is part of the address."""

    q = forms.CharField(
        label=_("Code or words"),
        required=False,
        max_length=64,
        widget=forms.TextInput(attrs=PLAIN),
    )
    class_code = forms.ChoiceField(
        label=pgettext_lazy("part", "Class"), required=False, widget=PlainSelect
    )
    street = forms.ChoiceField(label=_("Street"), required=False, widget=PlainSelect)
    community = forms.ChoiceField(label=_("Community"), required=False, widget=PlainSelect)
    cell = forms.CharField(
        label=_("Cell"), required=False, max_length=15, widget=forms.TextInput(attrs=DIGITS)
    )
    body = forms.CharField(
        label=_("Owner or maintainer"),
        required=False,
        max_length=100,
        widget=forms.TextInput(attrs={**PLAIN, "list": "part-bodies"}),
    )
    state = forms.ChoiceField(
        label=pgettext_lazy("part", "State"),
        required=False,
        choices=[
            ANY,
            (STANDING, pgettext_lazy("parts", "standing: intact or broken")),
            *Part.State.choices,
        ],
        widget=PlainSelect,
    )
    area = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        by_street: dict[str, list[tuple[str, str]]] = {}
        for row in sorted(communities().values(), key=lambda each: each.code):
            name = streets()[row.street_id].name if row.street_id in streets() else ""
            by_street.setdefault(name, []).append((row.code, row.name))
        in_use = sorted(streets().values(), key=lambda each: each.code)
        choices: dict[str, list[Any]] = {
            "class_code": part_classes(),
            "street": [(row.code, row.name) for row in in_use],
            "community": list(by_street.items()),
        }
        for name, listed in choices.items():
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = [ANY, *listed]


def attribute_field(name: str) -> forms.Field:
    """The form's field of an attribute, as the model describes it."""
    column: Any = Part._meta.get_field(name)
    label = column.verbose_name
    if name in LENGTHS and name == "note":
        area = forms.Textarea(attrs={"rows": 2})
        return forms.CharField(label=label, required=False, max_length=500, widget=area)
    if name == "initial_on":
        day = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
        return forms.DateField(label=label, widget=day)
    if name in ("source", "accuracy_class"):
        return forms.ChoiceField(label=label, required=name == "source", choices=column.choices)
    body = name.partition("_")[0]
    hint = {"list": f"{body}-names"} if name == f"{body}_name" and body in BODIES else {}
    widget = forms.TextInput(attrs={**PLAIN, **hint})
    return forms.CharField(label=label, required=False, max_length=200, widget=widget)


class AttributesForm(forms.Form):
    """What a person may say of a part; the rest is found by the system."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        for name in EDITABLE:
            self.fields[name] = attribute_field(name)
        self.order_fields(ORDER)

    def said(self) -> dict[str, Any]:
        """The attributes as the service takes them."""
        return {name: self.cleaned_data[name] for name in EDITABLE}


class WithReason(forms.Form):
    """A change of a part that was seen in some version, with a reason in words."""

    seen = forms.IntegerField(required=False, widget=forms.HiddenInput)
    reason = forms.CharField(label=_("Reason"), max_length=200, widget=forms.TextInput(attrs=PLAIN))


class NewPartForm(AttributesForm):
    """A part that the register lacks."""

    class_code = forms.ChoiceField(label=pgettext_lazy("part", "Class"), widget=PlainSelect)
    geom = forms.CharField(required=False, max_length=100_000, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        field = self.fields["class_code"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", "—"), *part_classes()]
        self.fields["name"].help_text = _("Empty: the name of the class.")


class ChangeForm(AttributesForm, WithReason):
    """The attributes of a part."""


class StateForm(WithReason):
    """Another state of a part."""

    state = forms.ChoiceField(label=pgettext_lazy("part", "State"), choices=Part.State.choices)


class MoveForm(WithReason):
    """Where a part really stands, and with what accuracy that was measured."""

    geom = forms.CharField(required=False, max_length=100_000, widget=forms.HiddenInput)
    accuracy_class = forms.ChoiceField(
        label=_("accuracy class"), required=False, choices=CatalogueClass.Accuracy.choices
    )


class ReclassifyForm(WithReason):
    """The class that a part should have been given."""

    class_code = forms.ChoiceField(label=_("Right class"), widget=PlainSelect)

    def __init__(self, *args: Any, classes: Iterable[CatalogueClass] = (), **more: Any) -> None:
        super().__init__(*args, **more)
        field = self.fields["class_code"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", "—"), *classes_by_major(classes)]


class CensusForm(forms.Form):
    """A census to be opened: when, where, and of which classes."""

    name = forms.CharField(
        label=pgettext_lazy("census", "Name"), max_length=64, widget=forms.TextInput(attrs=PLAIN)
    )
    begins_on = forms.DateField(
        label=_("from"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    ends_on = forms.DateField(
        label=_("until"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    streets = forms.MultipleChoiceField(
        label=_("Streets"),
        required=False,
        help_text=_("None: the whole district."),
        widget=forms.CheckboxSelectMultiple,
    )
    cells = forms.CharField(
        label=_("Only these cells"),
        required=False,
        help_text=_("Codes with blanks between; empty: all cells of the streets."),
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    classes = forms.MultipleChoiceField(
        label=pgettext_lazy("census", "Classes"),
        required=False,
        help_text=_("None: all classes. Hold Ctrl to choose several."),
        widget=forms.SelectMultiple(attrs={"size": 8}),
    )
    note = forms.CharField(label=_("Note"), required=False, max_length=300)

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        in_use = sorted(streets().values(), key=lambda each: each.code)
        for name, listed in (
            ("streets", [(row.code, row.name) for row in in_use if row.valid_to is None]),
            ("classes", part_classes()),
        ):
            field = self.fields[name]
            assert isinstance(field, forms.MultipleChoiceField)
            field.choices = listed


def tell(form: forms.Form, refusal: Refused) -> None:
    """Put a refusal into the form: each fault at its field, what has no field on top."""
    placed = False
    for name, lines in refusal.fields.items():
        placed = placed or name in form.fields
        form.add_error(name if name in form.fields else None, [str(line) for line in lines])
    if not placed:
        form.add_error(None, str(refusal.detail))
