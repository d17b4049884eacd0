"""Which class of one coding scheme is which of another, and when the current scheme changed."""

from __future__ import annotations

import pghistory
import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from parts.models.catalogue import CatalogueClass, CodingScheme


@pghistory.track(
    pghistory.UpdateEvent("changed", row=pghistory.Old), model_name="CrosswalkPairHistory"
)
class CrosswalkPair(models.Model):
    """A class of one scheme that is read as a class of another, once a person has confirmed it.

    The assistant proposes by name alone: the same code in two schemes says nothing.
    """

    class State(models.TextChoices):
        PROPOSED = "proposed", pgettext_lazy("pair", "proposed")
        CONFIRMED = "confirmed", pgettext_lazy("pair", "confirmed")
        REFUSED = "refused", pgettext_lazy("pair", "refused")

    class Basis(models.TextChoices):
        EXACT = "exact", pgettext_lazy("pair", "same name")
        SPELLING = "spelling", pgettext_lazy("pair", "same name, other spelling")
        NEAR = "near", pgettext_lazy("pair", "similar name")
        ANSWER = "answer", pgettext_lazy("pair", "an acceptor's answer")
        PERSON = "person", pgettext_lazy("pair", "named by a person")

    from_class = models.ForeignKey(
        CatalogueClass, models.PROTECT, related_name="pairs_from", verbose_name=_("class")
    )
    to_class = models.ForeignKey(
        CatalogueClass, models.PROTECT, related_name="pairs_to", verbose_name=_("is read as")
    )
    # The scheme of `to_class`, kept beside it so that the database can count by it.
    to_scheme = models.ForeignKey(
        CodingScheme, models.PROTECT, related_name="+", verbose_name=_("into the scheme")
    )
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.PROPOSED)
    basis = models.CharField(_("proposed because of"), max_length=8, choices=Basis)
    score = models.DecimalField(_("likeness"), max_digits=4, decimal_places=3)
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    proposed_at = models.DateTimeField(_("proposed at"))
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        verbose_name=_("decided by"),
    )

    class Meta:
        verbose_name = _("crosswalk pair")
        verbose_name_plural = _("crosswalk pairs")
        ordering = ["from_class", "-score", "to_class"]
        constraints = [
            models.UniqueConstraint(
                fields=["from_class", "to_class"],
                name="crosswalk_pair_once",
                violation_error_message=_("This pair is in the crosswalk already."),
            ),
            models.UniqueConstraint(
                fields=["from_class", "to_scheme"],
                condition=Q(state="confirmed"),
                name="crosswalk_one_confirmed",
                violation_error_message=_("This class is read as another one already."),
            ),
            models.CheckConstraint(
                name="crosswalk_decided_by_a_person",
                condition=Q(state="proposed", decided_at=None, decided_by=None)
                | ~Q(state="proposed") & Q(decided_at__isnull=False, decided_by__isnull=False),
                violation_error_message=_("A pair is confirmed or refused by a person, on a day."),
            ),
            models.CheckConstraint(
                name="crosswalk_refused_says_why",
                condition=~Q(state="refused", basis__in=["exact", "spelling"]) | ~Q(reason=""),
                violation_error_message=_("Say why the same name is not the same class."),
            ),
        ]
        triggers = [pgtrigger.Protect(name="crosswalk_pair_kept", operation=pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.from_class_id} → {self.to_class_id}"


class SchemeSwitch(models.Model):
    """The current scheme changed: from when on new objects take which, by whom and why."""

    from_scheme = models.ForeignKey(
        CodingScheme, models.PROTECT, null=True, related_name="+", verbose_name=_("from the scheme")
    )
    to_scheme = models.ForeignKey(
        CodingScheme, models.PROTECT, related_name="switches", verbose_name=_("to the scheme")
    )
    at = models.DateTimeField(_("at"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
        verbose_name=_("by"),
    )
    reason = models.CharField(_("reason"), max_length=200)
    # What the preview counted when it was done: classes read by confirmed pairs and without.
    counted = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("change of the coding scheme")
        verbose_name_plural = _("changes of the coding scheme")
        ordering = ["-at", "-pk"]
        triggers = [
            pgtrigger.Protect(
                name="scheme_switch_kept", operation=pgtrigger.Update | pgtrigger.Delete
            )
        ]

    def __str__(self) -> str:
        return f"{self.from_scheme_id} → {self.to_scheme_id}"
