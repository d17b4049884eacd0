"""The counted twins of facts: what an upheld appeal takes out of a department's figures."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from dispatch.models.requests import FactKind, Request
from dispatch.models.turns import Turn


class TurnFact(models.Model):
    """Whether a fact of a turn counts (domain law §5, APPEAL).

    The fact itself stays in the turn and is never changed. A fact without a row counts; one with
    a row of `counted` false was appealed against and the appeal upheld, for the reason given.
    """

    turn = models.ForeignKey(Turn, models.PROTECT, related_name="facts", db_index=False)
    kind = models.CharField(_("fact"), max_length=16, choices=FactKind)
    counted = models.BooleanField(_("counted"), default=True)
    reason = models.TextField(_("reason"), blank=True)
    appeal = models.ForeignKey(Request, models.PROTECT, null=True, related_name="+", db_index=False)

    class Meta:
        verbose_name = _("fact of a turn")
        verbose_name_plural = _("facts of turns")
        constraints = [
            # Also the index by which a turn's facts are read.
            models.UniqueConstraint(fields=["turn", "kind"], name="turn_fact_once"),
            models.CheckConstraint(
                name="turn_fact_uncounted_by_appeal",
                condition=models.Q(counted=True) | models.Q(appeal__isnull=False),
                violation_error_message=_("Only an upheld appeal takes a fact out of the figures."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.turn_id} {self.kind}"
