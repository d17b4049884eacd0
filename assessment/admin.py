"""What administrators set of the assessment by hand: sheets, deposits, warnings and vetoes."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from assessment.guarantees import RANK_FROM_LAST, TOTAL, bands_from, faults_of_bands
from assessment.indicators import INDICATORS
from assessment.models import Depositor, Guarantee, Scheme, Sheet, SheetItem, WarningRule


class ItemInline(admin.TabularInline):  # type: ignore[type-arg]
    """Items are added, renamed and put out of use; entries point at them, so none goes away."""

    model = SheetItem
    extra = 1
    can_delete = False


@admin.register(Sheet)
class SheetAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """A sheet with its items."""

    list_display = ("name", "key", "subject", "kind", "full", "is_active")
    list_filter = ("subject", "kind", "is_active")
    inlines = (ItemInline,)

    def get_readonly_fields(self, request: HttpRequest, obj: Sheet | None = None) -> list[str]:
        return ["key", "subject", "kind", "full"] if obj else []

    def has_delete_permission(self, request: HttpRequest, obj: Sheet | None = None) -> bool:
        return False


# ---------------------------------------------------------------- deposits, warnings and vetoes

FAULTS = {
    "empty": _("At least one band."),
    "zero": _("One band begins at 0, so that every score has one."),
    "twice": _("Two bands begin at the same score."),
    "percent": _("A band begins between 0 and 100."),
    "negative": _("Rewards are not below nothing."),
}


def clean_scheme_key(form: forms.ModelForm[Any]) -> str:
    """A scheme that there is. Raises ValidationError."""
    key = str(form.cleaned_data["scheme_key"])
    if not Scheme.objects.filter(key=key).exists():
        raise forms.ValidationError(_("There is no scheme with this key."))
    return key


class GuaranteeForm(forms.ModelForm):  # type: ignore[type-arg]
    """Bands are checked in words before they hold."""

    clean_scheme_key = clean_scheme_key

    def clean_bands(self) -> Any:
        data = self.cleaned_data["bands"]
        try:
            faults = faults_of_bands(bands_from(data))
        except (KeyError, TypeError, ValueError, ArithmeticError):
            raise forms.ValidationError(
                _("A list of bands, each with name, least and refund.")
            ) from None
        if faults:
            raise forms.ValidationError([FAULTS[fault] for fault in faults])
        return data


class DepositorInline(admin.TabularInline):  # type: ignore[type-arg]
    model = Depositor
    extra = 1


@admin.register(Guarantee)
class GuaranteeAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """A year's bands and depositors; what is settled can no longer be changed."""

    form = GuaranteeForm
    list_display = ("name", "year", "scheme_key")
    inlines = (DepositorInline,)

    def has_change_permission(self, request: HttpRequest, obj: Guarantee | None = None) -> bool:
        return obj is None or not hasattr(obj, "settlement")

    def has_delete_permission(self, request: HttpRequest, obj: Guarantee | None = None) -> bool:
        return False


class WarningRuleForm(forms.ModelForm):  # type: ignore[type-arg]
    """The figure is one that there is."""

    clean_scheme_key = clean_scheme_key

    def clean_measure(self) -> str:
        measure = str(self.cleaned_data["measure"])
        if measure not in {TOTAL, RANK_FROM_LAST} | INDICATORS.keys():
            raise forms.ValidationError(_("There is no such figure."))
        return measure


@admin.register(WarningRule)
class WarningRuleAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """When a figure means a yellow card or a veto; ended by a date, never deleted."""

    form = WarningRuleForm
    list_display = (
        "name",
        "kind",
        "scheme_key",
        "span",
        "measure",
        "compared",
        "bound",
        "valid_to",
    )
    list_filter = ("kind", "scheme_key", "span")

    def has_delete_permission(self, request: HttpRequest, obj: WarningRule | None = None) -> bool:
        return False
