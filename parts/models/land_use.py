"""What the ground of a cell is used for: a code table of the city's own."""

from __future__ import annotations

import pghistory
import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


@pghistory.track(pghistory.UpdateEvent("changed", row=pghistory.Old), model_name="LandUseHistory")
class LandUse(models.Model):
    """A kind of land use. The shipped rows are a local default, not a list of any standard."""

    code = models.CharField(_("code"), max_length=8, unique=True)
    name = models.CharField(pgettext_lazy("district", "name"), max_length=64)
    is_default = models.BooleanField(
        _("local default"),
        default=False,
        editable=False,
        help_text=_("Shipped with the product; a city keeps its own table."),
    )
    is_active = models.BooleanField(_("in use"), default=True)
    note = models.CharField(_("note"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("land use")
        verbose_name_plural = _("land uses")
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(
                name="land_use_code_form",
                condition=Q(code__regex=r"^[A-Z][A-Z0-9]{0,7}$"),
                violation_error_message=_(
                    "A code of land use is a capital letter, then letters and digits."
                ),
            ),
        ]
        triggers = [pgtrigger.Protect(name="land_use_kept", operation=pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"
