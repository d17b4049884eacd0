"""Shapes of what administrators say of a register: which file, and how it is read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from parts.frames import FRAMES
from parts.models import CatalogueClass, CodingScheme, PartImport
from parts.selectors.imports import LABELS
from parts.services.imports import Declared
from parts.services.imports.columns import NAMES

NOTHING = ("", "—")
ACCEPTED = ".csv,.gz,.txt,.tsv,.xlsx,.xlsm,.geojson,.json,.gpkg,.zip"
FRAME_CHOICES = [(frame.key, frame.name) for frame in FRAMES.values()]


class UploadForm(forms.Form):
    """A file and the register it is of."""

    file = forms.FileField(
        label=_("file"),
        help_text=_("CSV (.gz), XLSX, GeoJSON, GeoPackage or a zipped Shapefile; at most 96 MB."),
        widget=forms.FileInput(attrs={"accept": ACCEPTED}),
    )
    source_key = forms.CharField(
        label=_("register"),
        max_length=64,
        help_text=_("The same name each time: rows are found again by it and their own key."),
        widget=forms.TextInput(attrs={"list": "import-sources", "autocomplete": "off"}),
    )
    scheme = forms.ChoiceField(label=_("coding scheme"))
    frame = forms.ChoiceField(
        label=_("frame of coordinates"),
        choices=FRAME_CHOICES,
        help_text=_("What you say counts, not what the file says of itself."),
    )

    def __init__(self, *args: Any, schemes: Iterable[CodingScheme], **more: Any) -> None:
        super().__init__(*args, **more)
        field = self.fields["scheme"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(scheme.key, scheme.key) for scheme in schemes]


class DeclareForm(forms.Form):
    """How one file is read: frame, layer, class of all rows, and a column for each attribute."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    frame = forms.ChoiceField(label=_("frame of coordinates"), choices=FRAME_CHOICES)
    layer = forms.ChoiceField(label=_("layer"), required=False)
    class_code = forms.ChoiceField(
        label=_("class of all rows"),
        required=False,
        help_text=_("Only where the file has no column for the class."),
    )

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        row: PartImport,
        classes: Iterable[CatalogueClass],
    ) -> None:
        initial = {
            "version": row.version, "frame": row.frame, "layer": row.layer,
            "class_code": row.class_code,
            **{f"column-{field}": name for field, name in row.columns.items()},
        }  # fmt: skip
        super().__init__(data, initial=initial)
        self.choose("class_code", [NOTHING, *((c.code, f"{c.code} {c.name}") for c in classes)])
        if len(row.layers) > 1:
            self.choose("layer", [(name, name) for name in row.layers])
        else:
            del self.fields["layer"]
        columns = [NOTHING, *((name, name) for name in dict.fromkeys(row.header) if name)]
        for field in NAMES:
            self.fields[f"column-{field}"] = forms.ChoiceField(
                label=str(LABELS[field]), required=False, choices=columns
            )

    def choose(self, name: str, choices: list[tuple[str, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices

    @property
    def column_fields(self) -> list[forms.BoundField]:
        return [self[f"column-{field}"] for field in NAMES]

    def declared(self) -> Declared:
        """What was said, once it is valid."""
        said = self.cleaned_data
        return Declared(
            frame=said["frame"],
            layer=said.get("layer", ""),
            class_code=said["class_code"],
            columns={field: said[f"column-{field}"] for field in NAMES},
        )
