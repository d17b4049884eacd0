"""Who reported: personal values in a table of their own, so that they can be purged.

The event of the report holds sha256(salt ‖ value) only (domain law §11); deleting value and salt
leaves the chain whole and the value beyond guessing.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cases.models.case import Case
from cases.sources import Source


class Reporter(models.Model):
    """One reporter of a case; a merged case brings its own."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="reporters")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    source = models.CharField(max_length=12, choices=Source.choices)
    name = models.CharField(pgettext_lazy("person", "name"), max_length=64, blank=True)
    phone = models.CharField(_("phone"), max_length=32, blank=True)
    may_call = models.BooleanField(_("may be called"), default=False)
    salt = models.BinaryField(max_length=16)
    # sha256(salt ‖ code) of the code by which a citizen follows and rates his own case.
    query_code_sha256 = models.BinaryField(max_length=32, null=True)
    purged_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("reporter")
        verbose_name_plural = _("reporters")
        indexes = [
            # Earlier cases of a caller, from the phone number (ux.md 8).
            models.Index(fields=["phone"], condition=~models.Q(phone=""), name="reporter_phone"),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.source}"


class ReporterLook(models.Model):
    """One look at a reporter's name and phone by a handling department (domain law §1)."""

    reporter = models.ForeignKey(Reporter, on_delete=models.PROTECT, related_name="looks")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(_("looked"))

    class Meta:
        verbose_name = _("look at a reporter")
        verbose_name_plural = _("looks at reporters")

    def __str__(self) -> str:
        return f"{self.user} {self.at:%Y-%m-%d %H:%M}"
