"""Shapes of what administrators say of classes, schemes, pairs and standards; they never save."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from parts.models import CatalogueClass, CodingScheme, CrosswalkPair, LimitUnit
from parts.models.catalogue import Family, ForcedClose
from parts.selectors.standards import BODIES
from parts.services.classes import ClassInput
from parts.services.standards import StandardInput

ANY = ("", pgettext_lazy("query", "All"))
NOTHING = ("", "—")
KINDS = [(kind.value, kind.label) for kind in CatalogueClass.Kind]
LONG = 300


def day_field(label: Any, **more: Any) -> forms.DateField:
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, widget=widget, **more)


def words_field(label: Any, *, rows: int = 2, limit: int = LONG, **more: Any) -> forms.CharField:
    area = forms.Textarea(attrs={"rows": rows, "maxlength": limit})
    return forms.CharField(label=label, max_length=limit, widget=area, **more)


def choose(form: forms.Form, name: str, choices: Iterable[tuple[Any, Any]]) -> None:
    """Give a choice field of a form its choices."""
    field = form.fields[name]
    assert isinstance(field, forms.ChoiceField)
    field.choices = list(choices)


def scheme_choices(schemes: Iterable[CodingScheme]) -> list[tuple[str, str]]:
    return [
        (each.key, f"{each.key} · {_('current')}" if each.is_current else each.key)
        for each in schemes
    ]


class SchemeForm(forms.Form):
    """A query that begins with a scheme."""

    scheme = forms.ChoiceField(label=_("coding scheme"), required=False)

    def __init__(self, *args: Any, schemes: Iterable[CodingScheme], **more: Any) -> None:
        super().__init__(*args, **more)
        choose(self, "scheme", scheme_choices(schemes))


class ClassQueryForm(SchemeForm):
    """The filters of the list of classes."""

    kind = forms.ChoiceField(label=_("Kind"), required=False, choices=[ANY, *KINDS])
    q = forms.CharField(
        label=_("Code, name or initials"), required=False, max_length=64, strip=True
    )
    state = forms.ChoiceField(
        label=_("Which"),
        required=False,
        choices=[
            ("", pgettext_lazy("class", "in use")),
            ("local", pgettext_lazy("class", "of the city's own")),
            ("retired", pgettext_lazy("class", "no longer in use")),
            ("all", pgettext_lazy("query", "All")),
        ],
    )


class StandardQueryForm(SchemeForm):
    """The filters of the printed standards."""

    kind = forms.ChoiceField(label=_("Kind"), required=False, choices=[ANY, *KINDS])
    q = forms.CharField(label=_("Code, name or initials"), required=False, max_length=64)
    validity = forms.ChoiceField(
        label=_("Validity"),
        required=False,
        choices=[
            ("", pgettext_lazy("standard", "in force")),
            ("coming", pgettext_lazy("standard", "begins later")),
            ("ended", pgettext_lazy("standard", "ended")),
        ],
    )


class PairQueryForm(forms.Form):
    """From which scheme into which, and which pairs."""

    source = forms.ChoiceField(label=_("from the scheme"), required=False)
    target = forms.ChoiceField(label=_("into the scheme"), required=False)
    kind = forms.ChoiceField(label=_("Kind"), required=False, choices=[ANY, *KINDS])
    state = forms.ChoiceField(
        label=pgettext_lazy("pair", "State"),
        required=False,
        choices=[
            ("", pgettext_lazy("pair", "to be decided")),
            *CrosswalkPair.State.choices,
            ("all", pgettext_lazy("query", "All")),
        ],
    )
    basis = forms.ChoiceField(
        label=_("proposed because of"), required=False, choices=[ANY, *CrosswalkPair.Basis.choices]
    )
    q = forms.CharField(label=_("Code or name"), required=False, max_length=64)

    def __init__(self, *args: Any, schemes: Iterable[CodingScheme], **more: Any) -> None:
        super().__init__(*args, **more)
        listed = scheme_choices(schemes)
        choose(self, "source", listed)
        choose(self, "target", listed)


class ClassForm(forms.Form):
    """What is said of a class of the city's own."""

    name = forms.CharField(
        label=pgettext_lazy("district", "name"),
        max_length=64,
        help_text=_("Without the ending that the scheme demands: it is added."),
    )
    family = forms.ChoiceField(
        label=_("family"),
        choices=[NOTHING, *Family.choices],
        help_text=_("Default standards and routing rules are written for families."),
    )
    geometry = forms.ChoiceField(
        label=_("geometry"), required=False, choices=CatalogueClass.GeometryKind.choices
    )
    accuracy_class = forms.ChoiceField(
        label=_("accuracy class"), required=False, choices=CatalogueClass.Accuracy.choices
    )
    self_handled_allowed = forms.BooleanField(label=_("may be fixed on the spot"), required=False)
    deferral_allowed = forms.BooleanField(label=_("may be deferred"), required=False)
    seen_on_patrol = forms.BooleanField(label=_("seen on patrol"), required=False, initial=True)

    def said(self, **more: Any) -> ClassInput:
        return ClassInput(
            **{name: self.cleaned_data[name] for name in ClassForm.base_fields}, **more
        )


class NewClassForm(ClassForm):
    """A new class, where the rules of its scheme put it."""

    place = forms.ChoiceField(
        label=_("Kind and major class"),
        help_text=_("The code is the next that the rules of the scheme leave free."),
    )
    field_order = ("place", "name", "family")

    def __init__(self, *args: Any, places: Iterable[tuple[Any, Any]], **more: Any) -> None:
        super().__init__(*args, **more)
        choose(self, "place", [NOTHING, *places])


class ChangeClassForm(ClassForm):
    """A change of a class, with its reason; only a local class may be renamed."""

    is_active = forms.BooleanField(label=_("in use"), required=False)
    reason = forms.CharField(label=_("reason for the change"), max_length=200)

    def __init__(self, *args: Any, entry: CatalogueClass, **more: Any) -> None:
        super().__init__(*args, **more)
        self.entry = entry
        for name in ("geometry", "accuracy_class"):
            if not entry.is_local or entry.kind == "event":
                del self.fields[name]
        if not entry.is_local:
            del self.fields["name"]

    def change(self) -> ClassInput:
        """What is said of the class; what the page does not ask stays as it is."""
        names = (*ClassForm.base_fields, "is_active")
        said: dict[str, Any] = {
            name: self.cleaned_data.get(name, getattr(self.entry, name)) for name in names
        }
        return ClassInput(**said)


class SwitchForm(forms.Form):
    """The change of the current scheme: what was seen, and why."""

    seen = forms.CharField(required=False, widget=forms.HiddenInput)
    reason = forms.CharField(label=_("Reason"), max_length=200)


class StandardForm(forms.Form):
    """A filing standard; A and C stay empty where the limit is the same everywhere."""

    condition = words_field(_("condition of filing"))
    limit_value = forms.DecimalField(
        label=pgettext_lazy("district", "limit"), max_digits=6, decimal_places=2
    )
    limit_unit = forms.ChoiceField(label=_("unit of the limit"), choices=LimitUnit.choices)
    limit_value_a = forms.DecimalField(
        label=_("limit in area A"), max_digits=6, decimal_places=2, required=False,
        help_text=_("Core area; empty: as in area B."),
    )  # fmt: skip
    limit_value_c = forms.DecimalField(
        label=_("limit in area C"), max_digits=6, decimal_places=2, required=False,
        help_text=_("Outer area; empty: as in area B."),
    )  # fmt: skip
    closing_condition = words_field(_("condition of closing"))
    department_kind = forms.ChoiceField(
        label=_("default kind of department"), required=False, choices=[NOTHING, *BODIES.items()]
    )
    responsible = forms.CharField(label=_("responsible bodies"), max_length=200, required=False)
    forced_close = forms.ChoiceField(label=_("forced close"), choices=ForcedClose.choices)
    forced_close_days = forms.IntegerField(
        label=_("days until the forced close"), min_value=1, max_value=365, required=False
    )
    valid_from = day_field(_("Holds from the day"))

    def __init__(self, *args: Any, department_kind: str = "", **more: Any) -> None:
        super().__init__(*args, **more)
        if department_kind and department_kind not in BODIES:
            own = (department_kind, department_kind)
            choose(self, "department_kind", [NOTHING, *BODIES.items(), own])

    def said(self) -> StandardInput:
        return StandardInput(**{name: self.cleaned_data[name] for name in StandardInput.__slots__})


class EndStandardForm(forms.Form):
    """The last day of a standard that nothing follows."""

    last_day = day_field(_("Last day"))
    reason = forms.CharField(label=_("Reason"), max_length=200)


class AdoptForm(forms.Form):
    """From which day on classes take the standards of those that are read as them."""

    source = forms.CharField(widget=forms.HiddenInput)
    target = forms.CharField(widget=forms.HiddenInput)
    valid_from = day_field(_("Holds from the day"))


class TableForm(forms.Form):
    """A city's own table of standards to be looked at, then taken in."""

    OWN, KNOWN = "own", "known"

    file = forms.FileField(
        label=_("Table (CSV or XLSX)"),
        widget=forms.FileInput(attrs={"accept": ".csv,.xlsx,.gz"}),
    )
    way = forms.ChoiceField(
        label=_("What its codes are"),
        widget=forms.RadioSelect,
        initial=OWN,
        choices=[
            (
                OWN,
                _("A coding scheme of its own: classes and standards are taken in under its key"),
            ),
            (KNOWN, _("Codes of a scheme that is here: the standards of its classes are replaced")),
        ],
    )
    key = forms.SlugField(
        label=_("Key of its own scheme"), max_length=32, required=False, initial="CITY",
        help_text=_("Letters, digits and hyphens, such as CITY-2026."),
    )  # fmt: skip
    name = forms.CharField(label=_("Name of its own scheme"), max_length=200, required=False)
    scheme = forms.ChoiceField(label=_("Scheme that is here"), required=False)
    compared = forms.ChoiceField(
        label=_("Compare with the scheme"),
        required=False,
        help_text=_("A code that this scheme has under another name is a question, never a match."),
    )
    valid_from = day_field(_("Holds from the day"))

    def __init__(self, *args: Any, schemes: Iterable[CodingScheme], **more: Any) -> None:
        super().__init__(*args, **more)
        listed = scheme_choices(schemes)
        choose(self, "scheme", [NOTHING, *listed])
        choose(self, "compared", listed)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        wanted = "key" if cleaned.get("way") == self.OWN else "scheme"
        if not cleaned.get(wanted) and wanted not in self.errors:
            self.add_error(wanted, _("Please fill this in."))
        return cleaned
