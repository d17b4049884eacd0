"""Matters that a patrol missed: what the public had to report (assessment law §3, `missed`)."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cases.models.case import Case
from cases.sources import Source


class Miss(models.Model):
    """A matter that the duty chief, filing it, confirmed as missed by the shift's supervisor.

    The events say it too, and figures are made of them; this row is who may object and how long.
    `reported_at` is when the public reported it, `shift` the key of the shift that ran then.
    """

    case = models.OneToOneField(
        Case, on_delete=models.PROTECT, related_name="miss", verbose_name=_("case")
    )
    supervisor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="misses",
        verbose_name=_("supervisor"),
    )  # fmt: skip
    shift = models.CharField(_("shift"), max_length=16)
    source = models.CharField(_("source"), max_length=12, choices=Source.choices)
    reported_at = models.DateTimeField(_("reported"))
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+",
        verbose_name=_("confirmed by"),
    )  # fmt: skip
    confirmed_at = models.DateTimeField(pgettext_lazy("miss", "confirmed"))
    object_until = models.DateTimeField(_("objection until"))
    objected_at = models.DateTimeField(pgettext_lazy("miss", "objected"), null=True)
    objection = models.TextField(_("objection"), max_length=500, blank=True)
    answered_at = models.DateTimeField(pgettext_lazy("miss", "answered"), null=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+",
        verbose_name=_("answered by"),
    )  # fmt: skip
    answer = models.TextField(pgettext_lazy("miss", "answer"), max_length=500, blank=True)
    is_upheld = models.BooleanField(_("objection upheld"), default=False)

    class Meta:
        verbose_name = _("missed matter")
        verbose_name_plural = _("missed matters")
        ordering = ["-confirmed_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="miss_objection_in_time_and_in_words",
                condition=Q(objected_at=None, objection="")
                | Q(objected_at__lte=F("object_until")) & ~Q(objection=""),
                violation_error_message=_("An objection has words and comes in time."),
            ),
            models.CheckConstraint(
                name="miss_answer_follows_the_objection",
                condition=Q(answered_at=None, answered_by=None, answer="", is_upheld=False)
                | Q(objected_at__isnull=False, answered_at__gte=F("objected_at"))
                & Q(answered_by__isnull=False) & ~Q(answer=""),
                violation_error_message=_("An answer follows an objection, in words."),
            ),
        ]  # fmt: skip
        indexes = [
            # The box of a duty chief: objections that wait.
            models.Index(
                fields=["objected_at"],
                condition=Q(objected_at__isnull=False, answered_at=None),
                name="miss_objection_waits",
            ),
            models.Index(F("supervisor"), F("confirmed_at").desc(), name="miss_of_supervisor"),
        ]
        triggers = [
            pgtrigger.Protect(name="miss_kept", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(
                name="miss_charged_once",
                fields=["case", "supervisor", "shift", "source", "reported_at", "confirmed_by",
                        "confirmed_at", "object_until"],
            ),
            pgtrigger.Protect(
                name="miss_answered_once",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(
                    "OLD.answered_at IS NOT NULL AND"
                    " (NEW.objected_at, NEW.answered_at, NEW.answered_by_id, NEW.is_upheld)"
                    " IS DISTINCT FROM"
                    " (OLD.objected_at, OLD.answered_at, OLD.answered_by_id, OLD.is_upheld)"
                ),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.case_id} {self.supervisor_id}"
