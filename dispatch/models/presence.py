"""Who has a case open for work right now; losable, and of no figure."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from cases.models import Case


class Presence(models.Model):
    """Somebody's page of a case was open at this instant; his next sign moves it."""

    case = models.ForeignKey(Case, models.CASCADE, related_name="+", db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    seen_at = models.DateTimeField()

    class Meta:
        verbose_name = _("presence at a case")
        verbose_name_plural = _("presences at cases")
        constraints = [
            # Also the index by which a case's page asks who else is there.
            models.UniqueConstraint(fields=["case", "user"], name="presence_once"),
        ]
        indexes = [
            # The daily removal of what is over.
            models.Index(fields=["seen_at"], name="presence_seen"),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.user_id}"
