"""Field updates 部件在线更新: what somebody on site says of a part, and what was answered."""

from __future__ import annotations

from django.conf import settings
from django.contrib.gis.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from parts.models.catalogue import CatalogueClass
from parts.models.guards import SRID
from parts.models.parts import Part


class PlacedBy(models.TextChoices):
    """How a position was set."""

    GPS = "gps", _("by the device")
    MANUAL = "manual", _("moved by hand")
    PART = "part", _("from the part")


class Proposal(models.Model):
    """A change of the register that an administrator accepts or refuses.

    Supervisors propose from the phone, with a photo and a position; a department that finishes a
    case proposes the state of the case's part (`codes.md`: a case never changes it by itself).
    """

    class Kind(models.TextChoices):
        NEW = "new", pgettext_lazy("proposal", "new part")
        MOVED = "moved", pgettext_lazy("proposal", "moved")
        CHANGED = "changed", pgettext_lazy("proposal", "changed")
        GONE = "gone", pgettext_lazy("proposal", "gone")

    class State(models.TextChoices):
        OPEN = "open", pgettext_lazy("proposal", "waits")
        ACCEPTED = "accepted", pgettext_lazy("proposal", "accepted")
        REFUSED = "refused", pgettext_lazy("proposal", "refused")
        WITHDRAWN = "withdrawn", pgettext_lazy("proposal", "withdrawn")

    kind = models.CharField(_("kind"), max_length=7, choices=Kind)
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.OPEN)
    part = models.ForeignKey(
        Part,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="proposals",
        verbose_name=_("part"),
    )
    catalogue_class = models.ForeignKey(
        CatalogueClass,
        models.PROTECT,
        related_name="+",
        db_index=False,
        verbose_name=pgettext_lazy("district", "class"),
    )
    # What the part shall be: attributes by their names in Part.
    values = models.JSONField(_("proposed values"), default=dict, blank=True)
    point = models.PointField(_("position"), srid=SRID, null=True, blank=True, spatial_index=False)
    accuracy_m = models.FloatField(_("accuracy in m"), null=True, blank=True)
    placed_by = models.CharField(_("placed"), max_length=6, choices=PlacedBy, blank=True)
    words = models.CharField(_("in words"), max_length=500, blank=True)
    case_number = models.CharField(_("case number"), max_length=17, blank=True)
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        db_index=False,
        verbose_name=_("proposed by"),
    )
    proposed_at = models.DateTimeField(_("proposed at"))
    # The key of the request: an answer that was lost on the way makes no second proposal.
    key = models.UUIDField(null=True, blank=True, unique=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        verbose_name=_("answered by"),
    )
    answered_at = models.DateTimeField(_("answered at"), null=True, blank=True)
    answer = models.CharField(_("answer"), max_length=300, blank=True)
    # The part that came of it, for a new one; else the part itself.
    outcome = models.ForeignKey(
        Part,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        verbose_name=_("part that came of it"),
    )
    read_at = models.DateTimeField(_("answer read at"), null=True, blank=True)

    class Meta:
        verbose_name = pgettext_lazy("register", "field update")
        verbose_name_plural = pgettext_lazy("register", "field updates")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                name="proposal_of_a_part_or_of_a_new_one",
                condition=Q(kind="new", part=None, point__isnull=False)
                | ~Q(kind="new") & Q(part__isnull=False),
                violation_error_message=_("A new part needs a position, any other its part."),
            ),
            models.CheckConstraint(
                name="proposal_moved_has_position",
                condition=~Q(kind="moved") | Q(point__isnull=False),
                violation_error_message=_("A moved part needs its new position."),
            ),
            models.CheckConstraint(
                name="proposal_answered_once_ended",
                condition=Q(state="open", answered_at=None)
                | ~Q(state="open") & Q(answered_at__isnull=False),
                violation_error_message=_("A field update has an answer exactly when it ended."),
            ),
            models.CheckConstraint(
                name="proposal_refused_with_reason",
                condition=~Q(state="refused") | ~Q(answer=""),
                violation_error_message=_("A refusal needs a reason."),
            ),
        ]
        indexes = [
            # the administrator's desk: what waits, oldest first
            models.Index(fields=["id"], condition=Q(state="open"), name="proposal_open"),
            # a supervisor's own, newest first, and how many answers he has not read
            models.Index(fields=["proposed_by", "-id"], name="proposal_of_proposer"),
        ]

    def __str__(self) -> str:
        return f"{self.pk} {self.kind}"


class ProposalPhoto(models.Model):
    """A photo of a proposal: our own re-encoding, as evidence is (domain law §10)."""

    proposal = models.ForeignKey(
        Proposal, models.PROTECT, related_name="photos", verbose_name=_("field update")
    )
    # the sweep of leftovers asks by name which files have a row
    file = models.FileField(max_length=100, db_index=True)
    thumbnail = models.FileField(max_length=100)
    sha256 = models.BinaryField(max_length=32)
    taken_at = models.DateTimeField(_("taken at"), null=True)

    class Meta:
        verbose_name = _("photo of a field update")
        verbose_name_plural = _("photos of field updates")
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.proposal_id}: {self.pk}"
