"""Shape of what administrators enter about departments and routing."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.forms.models import BaseInlineFormSet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cases.forms import HoursForm
from dispatch.ladder import DEFAULT_RUNGS, Rung, faults_of
from dispatch.models import (
    Department,
    DepartmentHours,
    EscalationLadder,
    EscalationRung,
    RoutingRule,
)
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


class DepartmentHoursForm(HoursForm):
    """Other working hours of a department; without periods those of the district."""

    class Meta(HoursForm.Meta):
        model = DepartmentHours
        fields = (
            "department", "working_periods", "hours_per_working_day", "valid_from", "note",
        )  # fmt: skip


class RoutingRuleForm(forms.ModelForm):  # type: ignore[type-arg]
    """A rule; its area and class must exist, so that a slip of the pen is no silent gap."""

    class Meta:
        model = RoutingRule
        fields = (
            "kind", "scheme_key", "class_scope", "class_code", "area_scope", "area_code",
            "source", "working_time", "department", "automatic", "valid_from", "valid_to", "note",
            "is_draft", "replaces",
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
        is_draft = said.get("is_draft", self.instance.is_draft)
        if said.get("replaces") is not None and not is_draft and "replaces" in self.changed_data:
            self.add_error(
                "replaces", _("Only a draft replaces a rule: it takes its place when published.")
            )
        return said


class LadderForm(forms.ModelForm):  # type: ignore[type-arg]
    """A new ladder; turns that have begun keep the one they have."""

    class Meta:
        model = EscalationLadder
        fields = ("kind", "scheme_key", "class_prefix", "department", "valid_from", "note")

    def clean_valid_from(self) -> Any:
        valid_from = self.cleaned_data["valid_from"]
        if valid_from < timezone.now() - timedelta(minutes=1):
            raise forms.ValidationError(_("A ladder holds from now or from a later instant."))
        return valid_from

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or self.cleaned_data
        prefix = said.get("class_prefix")
        if prefix and not class_exists(
            kind=str(said.get("kind")),
            scheme=str(said.get("scheme_key")),
            code=prefix,
            is_prefix=True,
        ):
            self.add_error("class_prefix", _("There is no such class in this scheme."))
        return said


class RungForm(forms.ModelForm):  # type: ignore[type-arg]
    """One level; what stands in a new ladder to begin with is kept though nobody touched it."""

    class Meta:
        model = EscalationRung
        fields = ("level", "share", "receiver")

    def has_changed(self) -> bool:
        return super().has_changed() or (self.instance.pk is None and bool(self.initial))


LADDER_FAULTS = {
    "none": _("A ladder has at least one level that escalates (1 to 9)."),
    "late": _("The warning (level 0) lies below 100 %."),
    "early": _("Levels that escalate lie at 100 % or above."),
    "order": _("Each level stands once, and the shares rise with the levels."),
}


class RungFormSet(BaseInlineFormSet):  # type: ignore[type-arg]
    """The levels of a ladder together: rising, and none of them silent."""

    def clean(self) -> None:
        super().clean()
        if any(self.errors):
            return
        rungs = [
            Rung(said["level"], said["share"], said["receiver"])
            for form in self.forms
            if (said := form.cleaned_data) and not said.get("DELETE")
        ]
        if faults := faults_of(rungs):
            raise forms.ValidationError([LADDER_FAULTS[fault] for fault in faults])


def default_rungs() -> list[dict[str, Any]]:
    """What a new ladder begins with."""
    return [
        {"level": rung.level, "share": rung.share, "receiver": rung.receiver}
        for rung in DEFAULT_RUNGS
    ]
