"""Requests that need approval, and the review steps they pass through (domain law §5)."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from cases.models import Case
from dispatch.models.departments import Department
from dispatch.models.turns import Turn


class RequestKind(models.TextChoices):
    """What may be asked (domain law §5)."""

    RETURN = "RETURN", _("Return")
    EXTENSION = "EXTENSION", _("Extension")
    SUSPENSION = "SUSPENSION", _("Suspension")
    DEFERRAL = "DEFERRAL", _("Deferral")
    VOID = "VOID", _("Void")
    APPEAL = "APPEAL", _("Appeal")
    # The duty chief's consent to a designation after two approved returns (domain law §4, end).
    DESIGNATION = "DESIGNATION", _("Designation")


class RequestState(models.TextChoices):
    """Where a request stands."""

    OPEN = "open", _("waiting")
    APPROVED = "approved", _("approved")
    REFUSED = "refused", _("refused")
    WITHDRAWN = "withdrawn", _("withdrawn")
    LAPSED = "lapsed", _("lapsed")


class ReturnReason(models.TextChoices):
    """Why a department returns a case (domain law §5, the list of reasons)."""

    NOT_OURS = "not_ours", _("Not within this department's duties")
    OWNER_UNCLEAR = "owner_unclear", _("Ownership is unclear")
    WRONG_PLACE = "wrong_place", _("The place is wrong")
    WRONG_CLASS = "wrong_class", _("The class is wrong")
    NO_SUCH_CASE = "no_such_case", _("There is no such matter on site")
    DUPLICATE = "duplicate", _("It is a duplicate")


class StepDecision(models.TextChoices):
    """How one review ended; `passed_on` is the clock's, where no lead answered in time."""

    APPROVED = "approved", _("approved")
    REFUSED = "refused", _("refused")
    WITHDRAWN = "withdrawn", _("withdrawn")
    LAPSED = "lapsed", _("lapsed")
    PASSED_ON = "passed_on", _("passed on by the clock")


class FactKind(models.TextChoices):
    """What a department may appeal against (domain law §5)."""

    OVERDUE = "overdue", _("overdue")
    FAILED_CHECK = "failed_check", _("a failed check")
    REFUSED_RETURN = "refused_return", _("a refused return")
    SHIRKING = "shirking", _("shirking")
    FORCED_CLOSE = "forced_close", _("a forced close")


class Request(models.Model):
    """One request about a case. At most one waits at a time; an appeal blocks nothing."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="requests", db_index=False)
    turn = models.ForeignKey(Turn, models.PROTECT, null=True, related_name="requests")
    kind = models.CharField(_("kind"), max_length=12, choices=RequestKind)
    reason_code = models.CharField(
        _("reason from the list"), max_length=16, choices=ReturnReason, blank=True
    )
    reason = models.TextField(_("reason"))
    state = models.CharField(
        _("state"), max_length=10, choices=RequestState, default=RequestState.OPEN
    )
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(_("asked"))
    ended_at = models.DateTimeField(_("ended"), null=True)
    proposed_department = models.ForeignKey(
        Department, models.PROTECT, null=True, related_name="+", db_index=False,
        verbose_name=_("proposed department"),
    )  # fmt: skip
    # Of a suspension or deferral: the date on which it ends.
    until = models.DateField(_("until"), null=True)
    # Of an appeal: against what.
    fact = models.CharField(_("against"), max_length=16, choices=FactKind, blank=True)
    # A consent is used up by the dispatch it allowed.
    used_by = models.ForeignKey(
        Turn, models.PROTECT, null=True, related_name="consents", db_index=False
    )

    class Meta:
        verbose_name = _("request")
        verbose_name_plural = _("requests")
        ordering = ["-asked_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["case"],
                condition=Q(state="open") & ~Q(kind="APPEAL"),
                name="request_one_open_in_case",
                violation_error_message=_("Another request about this case waits already."),
            ),
            models.CheckConstraint(
                name="request_ended_iff_not_open",
                condition=Q(state="open", ended_at__isnull=True)
                | (~Q(state="open") & Q(ended_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="request_fact_iff_appeal",
                condition=Q(kind="APPEAL", turn__isnull=False) & ~Q(fact="")
                | ~Q(kind="APPEAL") & Q(fact=""),
                violation_error_message=_("An appeal names what it is against."),
            ),
            models.UniqueConstraint(
                fields=["turn", "fact"],
                condition=Q(kind="APPEAL"),
                name="request_one_appeal_for_a_fact",
                violation_error_message=_("This was appealed against already."),
            ),
        ]
        indexes = [
            # A case's requests in order; the count of approved returns.
            models.Index(fields=["case", "id"], name="request_of_case"),
            # Ledgers by kind, newest first.
            models.Index(fields=["kind", "-asked_at"], name="request_kind_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.kind} {self.state}"


class RequestStep(models.Model):
    """One review of a request: a stay with a limit (domain law §5)."""

    request = models.ForeignKey(Request, models.PROTECT, related_name="steps")
    reviewer_role = models.CharField(max_length=16)
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    limit_s = models.PositiveIntegerField()
    due_at = models.DateTimeField()
    # When twice the limit has run, of a desk that does not work around the clock.
    twice_at = models.DateTimeField(null=True)
    # When a day has passed, where nobody beyond the reviewers hears of the request before.
    idle_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    decision = models.CharField(max_length=10, choices=StepDecision, blank=True)
    reason = models.TextField(blank=True)

    class Meta:
        verbose_name = _("review step")
        verbose_name_plural = _("review steps")
        ordering = ["request", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["request"],
                condition=Q(ended_at__isnull=True),
                name="request_step_one_open",
            ),
            models.CheckConstraint(
                name="request_step_decision_iff_ended",
                condition=Q(ended_at__isnull=True, decision="")
                | (Q(ended_at__isnull=False) & ~Q(decision="")),
            ),
        ]
        indexes = [
            # The box of a reviewer, and the sweep of reviews that are late.
            models.Index(
                fields=["due_at", "reviewer_role"],
                condition=Q(ended_at__isnull=True),
                name="request_step_open_due",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.request_id} {self.reviewer_role}"
