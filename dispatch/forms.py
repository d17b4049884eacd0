"""Shape of what administrators enter about departments and routing."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from dispatch.models import Department, RoutingRule
from dispatch.selectors.departments import has_open_turns
from dispatch.selectors.routing import area_exists, class_exists
from parts.codes import CodeError, check_uscc


class DepartmentForm(forms.ModelForm):  # type: ignore[type-arg]
    """A department; closing one that still has open cases is refused (`codes.md`)."""

    class Meta:
        model = Department
        fields = (
            "code", "name", "kind", "uscc", "parent", "street_code", "working_periods",
            "hours_per_working_day", "assessment_group", "contact_name", "contact_phone",
            "address", "is_active",
        )  # fmt: skip

    def clean_uscc(self) -> str:
        code: str = self.cleaned_data["uscc"]
        if code:
            try:
                check_uscc(code)
            except CodeError:
                raise forms.ValidationError(
                    _("The check character of this credit code is wrong.")
                ) from None
        return code

    def clean_is_active(self) -> bool:
        active: bool = self.cleaned_data["is_active"]
        if not active and self.instance.pk and has_open_turns(self.instance.pk):
            raise forms.ValidationError(
                _("This department has open cases: reassign them before it is closed.")
            )
        return active


class RoutingRuleForm(forms.ModelForm):  # type: ignore[type-arg]
    """A rule; its area and class must exist, so that a slip of the pen is no silent gap."""

    class Meta:
        model = RoutingRule
        fields = (
            "kind", "scheme_key", "class_scope", "class_code", "area_scope", "area_code",
            "source", "working_time", "department", "automatic", "valid_from", "valid_to", "note",
        )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or self.cleaned_data
        area = said.get("area_code")
        if area and not area_exists(str(said.get("area_scope")), area):
            self.add_error("area_code", _("There is no such area."))
        if said.get("class_code") and not class_exists(
            kind=str(said.get("kind")),
            scheme=str(said.get("scheme_key")),
            code=said["class_code"],
            is_prefix=said.get("class_scope") == "prefix",
        ):
            self.add_error("class_code", _("There is no such class in this scheme."))
        department = said.get("department")
        if department is not None and not department.is_active:
            self.add_error("department", _("Not a department in use."))
        return said
