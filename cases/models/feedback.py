"""What came after the end: rating 评价 by a citizen, call 回访 by the acceptor (domain law §4)."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from cases.models.case import Case
from cases.models.reporter import Reporter


class Satisfaction(models.TextChoices):
    """Degrees of satisfaction, best first."""

    VERY_SATISFIED = "very_good", _("Very satisfied")
    SATISFIED = "good", _("Satisfied")
    BASICALLY = "fair", _("Basically satisfied")
    DISSATISFIED = "poor", _("Dissatisfied")
    VERY_DISSATISFIED = "very_poor", _("Very dissatisfied")


class Rating(models.Model):
    """One reporter's judgement of how his matter ended; once."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="ratings")
    reporter = models.OneToOneField(Reporter, on_delete=models.PROTECT, related_name="rating")
    degree = models.CharField(_("satisfaction"), max_length=9, choices=Satisfaction)
    # Free text of a citizen: here and not in the event, so that it can be purged.
    words = models.TextField(_("words"), max_length=500, blank=True)
    at = models.DateTimeField(_("rated"))

    class Meta:
        verbose_name = _("rating")
        verbose_name_plural = _("ratings")

    def __str__(self) -> str:
        return f"{self.case_id} {self.degree}"


class CallBack(models.Model):
    """One call to a reporter after the end: was he reached, is it solved, is he satisfied."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="call_backs")
    # Whom: one who reported the case or one merged into it; of old calls nobody said.
    reporter = models.ForeignKey(
        Reporter, on_delete=models.PROTECT, null=True, related_name="call_backs"
    )
    called_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    at = models.DateTimeField(_("called"))
    valid = models.BooleanField(_("valid"))
    contacted = models.BooleanField(_("contacted"))
    resolved = models.BooleanField(_("resolved"), null=True)
    satisfaction = models.CharField(
        _("satisfaction"), max_length=9, choices=Satisfaction, blank=True
    )

    class Meta:
        verbose_name = _("call back")
        verbose_name_plural = _("calls back")
        constraints = [
            models.CheckConstraint(
                name="call_back_answers_iff_contacted",
                condition=models.Q(contacted=True, resolved__isnull=False)
                | models.Q(contacted=False, resolved__isnull=True, satisfaction=""),
                violation_error_message=_("Only who was reached can say whether it is solved."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.at:%Y-%m-%d}"
