"""Forms of the administration of the district."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from parts.models import Part


class PartStateForm(forms.ModelForm):  # type: ignore[type-arg]
    """The one thing of a part that is changed by hand, and why."""

    reason = forms.CharField(
        label=_("reason for the change"), max_length=200, required=False, widget=forms.Textarea
    )

    class Meta:
        model = Part
        fields = ("state",)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if "state" in self.changed_data and not cleaned.get("reason", "").strip():
            self.add_error("reason", _("A reason is required."))
        return cleaned

    def _post_clean(self) -> None:
        """The service dates the change and checks the row; here only the form is judged."""
