"""The case: what was reported, where it stands now, and what it was filed as."""

from __future__ import annotations

from django.conf import settings
from django.contrib.gis.db import models
from django.contrib.postgres.fields import ArrayField
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from cases.sources import Source
from cases.workflow import ENDED, State
from parts.models import CatalogueClass, Cell, Community, FilingStandard, Part, Street


class PlacedBy(models.TextChoices):
    """How the place was set (domain law §10)."""

    GPS = "gps", _("Position of the device")
    MANUAL = "manual", _("Set by hand")
    PART = "part", _("Place of the part")


# In a fixed order: the order of a set would make a new migration at every look.
_ENDED = sorted(str(state) for state in ENDED)


class CaseQuerySet(models.QuerySet["Case"]):
    """Chainable conditions of cases."""

    def open(self) -> CaseQuerySet:
        return self.exclude(state__in=_ENDED)

    def with_names(self) -> CaseQuerySet:
        """With what every list shows beside the number, in one query."""
        return self.select_related("catalogue_class", "street", "community", "cell")


class Case(models.Model):
    """One matter from its report to its end. It never names a department: turns point at it."""

    number = models.CharField(_("case number"), max_length=17, unique=True)
    kind = models.CharField(
        _("kind"), max_length=5, choices=[("part", _("Part")), ("event", _("Event"))]
    )
    catalogue_class = models.ForeignKey(
        CatalogueClass, on_delete=models.PROTECT, verbose_name=_("class"), db_index=False
    )
    state = models.CharField(_("state"), max_length=12, choices=State.choices)
    version = models.PositiveIntegerField(default=1)
    round = models.PositiveSmallIntegerField(default=1)

    # Where
    part = models.ForeignKey(Part, on_delete=models.PROTECT, null=True, blank=True, db_index=False)
    no_part_reason = models.CharField(max_length=200, blank=True)
    point = models.PointField(srid=4490, null=True, blank=True, spatial_index=False)
    accuracy_m = models.FloatField(null=True, blank=True)
    placed_by = models.CharField(max_length=6, choices=PlacedBy.choices, blank=True)
    place_text = models.CharField(_("place"), max_length=200, blank=True)
    cell = models.ForeignKey(Cell, on_delete=models.PROTECT, null=True, blank=True, db_index=False)
    community = models.ForeignKey(
        Community, on_delete=models.PROTECT, null=True, blank=True, db_index=False
    )
    street = models.ForeignKey(
        Street, on_delete=models.PROTECT, null=True, blank=True, db_index=False
    )

    # What and by whom
    description = models.TextField(_("description"), max_length=2000, blank=True)
    source = models.CharField(_("first source"), max_length=12, choices=Source.choices)
    sources = ArrayField(models.CharField(max_length=12, choices=Source.choices))
    reported_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+",
        db_index=False,
    )  # fmt: skip
    first_contact = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+",
        db_index=False,
    )  # fmt: skip
    reported_at = models.DateTimeField(_("reported"))
    # Of a leading case: when the earliest of the cases merged into it was reported, if before it.
    earliest_report_at = models.DateTimeField(null=True, blank=True)
    occurred_at = models.DateTimeField(_("seen on site"))
    verify_outcome = models.CharField(max_length=10, blank=True)
    verify_waived_reason = models.CharField(max_length=500, blank=True)

    # What it was filed as: text and limit are copied, so later changes of the standard
    # do not reach it.
    standard = models.ForeignKey(
        FilingStandard, on_delete=models.PROTECT, null=True, blank=True, db_index=False
    )
    standard_condition = models.TextField(blank=True)
    closing_condition = models.TextField(blank=True)
    limit_value = models.DecimalField(max_digits=7, decimal_places=2, null=True, blank=True)
    limit_unit = models.CharField(max_length=12, blank=True)
    limit_area = models.CharField(max_length=1, blank=True)
    filed_at = models.DateTimeField(_("filed"), null=True, blank=True)
    filed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+",
        db_index=False,
    )  # fmt: skip
    # When the clock closes it by force under the policy of its standard; None: never.
    force_close_at = models.DateTimeField(null=True, blank=True)
    ever_finished = models.BooleanField(default=False)

    # Where it stands
    state_since = models.DateTimeField()
    due_at = models.DateTimeField(
        _("due"), null=True, blank=True, help_text=_("When the stage that runs now is due.")
    )
    # Until then the lamp is green (domain law §6.3): lists colour their rows without a calendar.
    green_until = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    # Somebody who reported it and can be reached has not been called back yet.
    to_call_back = models.BooleanField(default=False, db_default=False)
    result = models.TextField(_("result"), blank=True)
    self_handled = models.BooleanField(default=False)
    root = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    merged_into = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, related_name="members", db_index=False
    )
    relapse_of = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, related_name="relapses", db_index=False
    )

    # The end of the chain of events, so that appending one needs no read of the last.
    last_seq = models.PositiveIntegerField(default=0)
    last_sha256 = models.BinaryField(max_length=32, default=bytes(32))

    objects = CaseQuerySet.as_manager()

    class Meta:
        verbose_name = _("case")
        verbose_name_plural = _("cases")
        constraints = [
            models.CheckConstraint(
                name="case_ended_at_iff_ended",
                condition=Q(state__in=_ENDED, ended_at__isnull=False)
                | (~Q(state__in=_ENDED) & Q(ended_at__isnull=True)),
                violation_error_message=_("A case has an end exactly when it has ended."),
            ),
            models.CheckConstraint(
                name="case_handling_has_standard",
                condition=~Q(
                    state__in=["HANDLING", "SUSPENDED", "TO_CHECK", "CHECKING", "TO_CLOSE"]
                )
                | Q(standard__isnull=False, limit_value__isnull=False, cell__isnull=False),
                violation_error_message=_("No case is handled without a filing standard."),
            ),
            models.CheckConstraint(
                name="case_merged_iff_leading",
                condition=Q(state="MERGED", merged_into__isnull=False)
                | (~Q(state="MERGED") & Q(merged_into__isnull=True)),
                violation_error_message=_("A merged case points at its leading case."),
            ),
            models.CheckConstraint(
                name="case_finished_never_unfiled",
                condition=Q(ever_finished=False)
                | ~Q(state__in=["NOT_ACCEPTED", "NOT_FILED", "MERGED", "VOIDED"]),
                violation_error_message=_(
                    "A case that a department has finished cannot leave the figures."
                ),
            ),
            models.CheckConstraint(
                name="case_located_whole",
                condition=Q(cell__isnull=True, community__isnull=True, street__isnull=True)
                | Q(cell__isnull=False, community__isnull=False, street__isnull=False),
                violation_error_message=_("Cell, community and street belong together."),
            ),
        ]
        # Every one of these is written at each report and each transition: those on columns that
        # are mostly empty hold only the rows that have a value.
        indexes = [
            # Queues and the box of what waits: open cases, about 2 % of all, by what is due first.
            models.Index(
                fields=["due_at", "id"], condition=Q(ended_at__isnull=True), name="case_open_due"
            ),
            # The same in one street and state: without it, a list of what a street has open reads
            # the street's whole past.
            models.Index(
                fields=["street", "state", "-id"],
                condition=Q(ended_at__isnull=True),
                name="case_open_street",
            ),
            # Lists between two dates.
            models.Index(F("reported_at").desc(), F("id").desc(), name="case_newest"),
            # Lists newest first, by state, by street, by community, by class, by source.
            models.Index("state", F("id").desc(), name="case_state_newest"),
            # A street's closed cases are counted in its index alone: it bears their state.
            models.Index(fields=["street", "-id"], include=["state"], name="case_street_newest"),
            models.Index("community", F("id").desc(), name="case_community_newest"),
            models.Index("catalogue_class", F("id").desc(), name="case_class_newest"),
            models.Index("source", F("id").desc(), name="case_source_newest"),
            # The sweep of forced closes by policy: few classes have one.
            models.Index(
                fields=["force_close_at"],
                condition=Q(force_close_at__isnull=False, ended_at__isnull=True),
                name="case_force_close_due",
            ),
            # First-contact responsibility: the open cases of who took them, and the ended ones
            # whose reporters are still to be called back.
            models.Index(
                F("first_contact"),
                F("id").desc(),
                condition=Q(first_contact__isnull=False, ended_at__isnull=True),
                name="case_first_contact",
            ),
            models.Index(F("id").desc(), condition=Q(to_call_back=True), name="case_to_call_back"),
            # Ledgers of a period years ago: what ended in it or later.
            models.Index(
                fields=["ended_at"], condition=Q(ended_at__isnull=False), name="case_ended"
            ),
            # Duplicates and relapses: same class in the same or a neighbouring cell.
            models.Index("cell", "catalogue_class", "state_since", name="case_cell_class"),
            # The page of a supervisor: what he reported, newest first.
            models.Index("reported_by", F("id").desc(), name="case_reporter_newest"),
            # Duplicates: the cases of a part.
            models.Index(fields=["part"], condition=Q(part__isnull=False), name="case_part"),
            # The members of a leading case, the relapses of a case, the successors of a root.
            models.Index(
                fields=["merged_into"], condition=Q(merged_into__isnull=False), name="case_merged"
            ),
            models.Index(
                fields=["relapse_of"], condition=Q(relapse_of__isnull=False), name="case_relapse"
            ),
            models.Index(fields=["root"], condition=Q(root__isnull=False), name="case_root"),
        ]

    def __str__(self) -> str:
        return self.number
