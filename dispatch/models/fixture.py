"""Which shipped files were loaded, by the sum of their content."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class LoadedFixture(models.Model):
    """One finished step of loading: the same content is not loaded twice."""

    name = models.CharField(_("name"), max_length=64, primary_key=True)
    sha256 = models.CharField(max_length=64)
    loaded_at = models.DateTimeField(_("loaded"))

    class Meta:
        verbose_name = _("loaded fixture")
        verbose_name_plural = _("loaded fixtures")

    def __str__(self) -> str:
        return self.name
