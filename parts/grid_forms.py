"""Shapes of what administrators say of editions, imports, divisions and places of a day."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from parts.frames import FRAMES
from parts.models import Edition, LandUse, Level
from parts.selectors.edition_comparison import Kind
from parts.services.grid.dividing import LARGEST_WISH_M2, SMALLEST_WISH_M2, WISHED_M2

FILES = ".geojson,.json,.gpkg,.zip"


class DraftForm(forms.Form):
    """A new draft."""

    name = forms.CharField(label=_("Name of the edition"), max_length=64)
    note = forms.CharField(label=_("note"), max_length=200, required=False)


class VersionForm(forms.Form):
    """The version of a draft that its editor saw."""

    version = forms.IntegerField(min_value=1, widget=forms.HiddenInput)


class ImportForm(VersionForm):
    """A file of boundaries, and what its sender declares of it."""

    file = forms.FileField(
        label=_("File"),
        help_text=_("GeoJSON, GeoPackage, or a zip with a shapefile; at most 300 MB."),
        widget=forms.ClearableFileInput(attrs={"accept": FILES}),
    )
    level = forms.ChoiceField(label=_("What it holds"), choices=Level.choices)
    frame = forms.ChoiceField(
        label=_("Coordinates"),
        help_text=_("What the file says of itself is not believed. GCJ-02 only where it is so."),
    )
    scope = forms.ChoiceField(
        label=_("It replaces"),
        choices=[
            ("all", _("everything of this kind in the draft")),
            ("named", _("only what lies in the areas that the codes in the file name")),
        ],
    )
    layer = forms.CharField(
        label=_("Layer"),
        max_length=100,
        required=False,
        help_text=_("Only where the file has several."),
    )
    code_column = forms.CharField(
        label=_("Column of the codes"),
        max_length=100,
        required=False,
        help_text=_("Empty: found by its name, such as code, BM, 编码."),
    )
    name_column = forms.CharField(label=_("Column of the names"), max_length=100, required=False)

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        field = self.fields["frame"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = frame_choices()

    def source(self) -> dict[str, Any]:
        """The declaration as the job keeps it."""
        said = self.cleaned_data
        columns = {"code": said["code_column"].strip(), "name": said["name_column"].strip()}
        return {
            "level": said["level"],
            "frame": said["frame"],
            "layer": said["layer"].strip(),
            "is_partial": said["scope"] == "named",
            "columns": {key: column for key, column in columns.items() if column},
        }


def frame_choices(without: tuple[str, ...] = ()) -> list[tuple[str, Any]]:
    return [(key, frame.name) for key, frame in FRAMES.items() if key not in without]


class DivideForm(VersionForm):
    """Which communities are cut into cells of what size along which lines."""

    communities = forms.MultipleChoiceField(
        label=_("Communities"),
        required=False,
        help_text=_("None chosen: all of them."),
        widget=forms.SelectMultiple(attrs={"size": 10}),
    )
    size_m2 = forms.IntegerField(
        label=_("Wished area of a cell in m²"),
        min_value=SMALLEST_WISH_M2,
        max_value=LARGEST_WISH_M2,
        initial=WISHED_M2,
    )
    along_roads = forms.BooleanField(
        label=_("Along the roads of the base map"), required=False, initial=True
    )
    file = forms.FileField(
        label=_("Street lines"),
        required=False,
        help_text=_("More lines to cut along: GeoJSON, GeoPackage, or a zip with a shapefile."),
        widget=forms.ClearableFileInput(attrs={"accept": FILES}),
    )
    frame = forms.ChoiceField(label=_("Coordinates of the lines"), required=False)

    def __init__(self, *args: Any, communities: list[tuple[str, str]], **more: Any) -> None:
        super().__init__(*args, **more)
        for name, choices in (
            ("communities", [(code, f"{code} {name}") for code, name in communities]),
            ("frame", frame_choices(without=("GCJ-02",))),
        ):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = choices

    def wish(self) -> dict[str, Any]:
        """The wish as the job keeps it."""
        said = self.cleaned_data
        return {
            "communities": said["communities"],
            "size_m2": said["size_m2"],
            "along_roads": said["along_roads"],
            "frame": said["frame"] or "4490",
        }


class ThenForm(forms.Form):
    """A place and a day."""

    on = forms.DateField(
        label=_("On the day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    lon = forms.FloatField(label=_("Longitude"), min_value=73, max_value=136)
    lat = forms.FloatField(label=_("Latitude"), min_value=3, max_value=54)


class EditionField(forms.ModelChoiceField):  # type: ignore[type-arg]
    """Any edition, named with its state; drafts first, then by publication."""

    def __init__(self, **more: Any) -> None:
        latest = F("published_at").desc(nulls_first=True)
        super().__init__(Edition.objects.order_by(latest, "-pk"), empty_label=None, **more)

    def label_from_instance(self, obj: Edition) -> str:
        return f"{obj.name} · {obj.get_state_display()}"


class CompareForm(forms.Form):
    """Two editions, which of their differences, and which page of these."""

    before = EditionField(label=_("Edition before"))
    after = EditionField(label=_("Edition after"))
    kind = forms.ChoiceField(required=False, choices=[("", ""), *Kind.choices])
    cursor = forms.IntegerField(required=False, min_value=1, max_value=10_000)

    def clean_cursor(self) -> int:
        return self.cleaned_data["cursor"] or 1


class AreaForm(VersionForm):
    """The name of an area of a draft, or who follows it."""

    level = forms.ChoiceField(choices=Level.choices, widget=forms.HiddenInput)
    code = forms.CharField(max_length=12, widget=forms.HiddenInput)
    name = forms.CharField(label=_("Name"), max_length=64, required=False)
    successor = forms.CharField(label=_("successor"), max_length=12, required=False)


class AttributesForm(forms.Form):
    """Attributes of cells; what is left as it is, stays."""

    management_class = forms.ChoiceField(label=_("management class"), required=False)
    limit_area = forms.ChoiceField(label=_("limit area"), required=False)
    land_use = forms.ChoiceField(
        label=_("land use"), required=False, help_text=_("A local default of this installation.")
    )
    responsible_body = forms.CharField(label=_("responsible body"), max_length=100, required=False)
    note = forms.CharField(label=_("note"), max_length=200, required=False)

    def __init__(self, *args: Any, **more: Any) -> None:
        from parts.models import Cell

        super().__init__(*args, **more)
        kept = ("", _("as it is"))
        uses = LandUse.objects.filter(is_active=True).order_by("code")
        for name, choices in (
            ("management_class", [(str(key), label) for key, label in
                                  Cell.ManagementClass.choices]),
            ("limit_area", list(Cell.LimitArea.choices)),
            ("land_use", [(use.code, str(use)) for use in uses]),
        ):  # fmt: skip
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = [kept, *choices]

    def values(self) -> dict[str, str]:
        return {name: value for name, value in self.cleaned_data.items() if value}


def is_draft(edition: Edition) -> bool:
    return edition.state == Edition.State.DRAFT


# ---------------------------------------------------------------- what is in force


class AreaAdminForm(forms.ModelForm):  # type: ignore[type-arg]
    """The name of a street or community that is in force, and who followed one that ended."""

    successor_code = forms.CharField(label=_("successor"), max_length=12, required=False)
    reason = forms.CharField(label=_("reason for the change"), max_length=200)

    class Meta:
        fields = ("name",)

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        successor = getattr(self.instance, "successor", None)
        self.initial.setdefault("successor_code", successor.code if successor else "")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        code = cleaned.get("successor_code", "")
        if not code:
            return cleaned
        if self.instance.valid_to is None:
            self.add_error("successor_code", _("An area that is in force has no successor."))
        elif (
            not type(self.instance).objects.filter(code=code).exclude(pk=self.instance.pk).exists()
        ):
            self.add_error("successor_code", _("There is no such area."))
        return cleaned

    def _post_clean(self) -> None:
        """The service writes and checks the row; here only the form is judged."""


class CellAdminForm(forms.ModelForm):  # type: ignore[type-arg]
    """Attributes of a cell in force; land use by the city's table."""

    land_use = forms.ChoiceField(
        label=_("land use"), required=False, help_text=_("A local default of this installation.")
    )

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        uses = [(use.code, str(use)) for use in LandUse.objects.filter(is_active=True)]
        own = self.instance.land_use
        if own and own not in dict(uses):
            uses.append((own, own))
        field = self.fields["land_use"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", "—"), *uses]


class LandUseForm(forms.ModelForm):  # type: ignore[type-arg]
    """A row of the table of land use."""

    class Meta:
        model = LandUse
        fields = ("code", "name", "is_active", "note")
