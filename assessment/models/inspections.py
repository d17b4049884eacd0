"""Hand-scored entries 巡查评分: sheets with their items, dated findings, and what became of them.

Assessment law §5 (inspections, bonus and penalty) and §8 (long-term assessment). What was written
down stays: an entry is taken back, or lifted by an upheld appeal, by another row with its instant,
so that every past data time counts the same entries for ever.
"""

from __future__ import annotations

from decimal import Decimal

import pgtrigger
from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from assessment.models.schemes import Subject

# What can be inspected; cells are too many to be judged by hand.
INSPECTED = (Subject.STREET, Subject.COMMUNITY, Subject.DEPARTMENT)


class SheetKind(models.TextChoices):
    """What the points of a sheet do to a score."""

    INSPECTION = "inspection", _("Inspection: points are deducted from the full mark")
    BONUS = "bonus", _("Bonus: points are added to the score")
    PENALTY = "penalty", _("Penalty: points are taken from the score")


class Sheet(models.Model):
    """A scoring sheet 评分表: whom it scores, its items, and from how many points it deducts.

    A scheme names it by `key`. What it does to a score never changes, so that old scores can be
    recomputed; another way of scoring is another sheet.
    """

    key = models.SlugField(_("key"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=80)
    subject = models.CharField(
        _("scores"),
        max_length=12,
        choices=[(str(each), each.label) for each in INSPECTED],
    )
    kind = models.CharField(
        pgettext_lazy("sheet", "kind"), max_length=12, choices=SheetKind, default="inspection"
    )
    full = models.PositiveSmallIntegerField(
        _("full mark"), default=100, validators=[MinValueValidator(1)]
    )
    source = models.CharField(_("source"), max_length=200, blank=True)
    is_active = models.BooleanField(_("in use"), default=True)

    class Meta:
        verbose_name = _("scoring sheet")
        verbose_name_plural = _("scoring sheets")
        ordering = ["key"]
        constraints = [
            models.CheckConstraint(
                name="sheet_full_mark",
                condition=Q(full__gte=1),
                violation_error_message=_("The full mark is at least 1."),
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="sheet_kept", operation=pgtrigger.Delete),
            pgtrigger.Protect(
                name="sheet_scores_as_it_did",
                operation=pgtrigger.Update,
                condition=pgtrigger.AnyChange("key", "subject", "kind", "full"),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class SheetItem(models.Model):
    """One line of a sheet: what is looked at, and the most points that one finding is worth."""

    sheet = models.ForeignKey(Sheet, models.PROTECT, related_name="items", verbose_name=_("sheet"))
    code = models.CharField(_("code"), max_length=12)
    name = models.CharField(_("what is judged"), max_length=120)
    most = models.DecimalField(
        _("most points"), max_digits=5, decimal_places=2, default=Decimal(1),
        validators=[MinValueValidator(Decimal("0.01"))],
    )  # fmt: skip
    needs_photo = models.BooleanField(_("needs a photo"), default=True)
    is_active = models.BooleanField(_("in use"), default=True)

    class Meta:
        verbose_name = _("item of a sheet")
        verbose_name_plural = _("items of sheets")
        ordering = ["sheet", "code"]
        constraints = [
            models.UniqueConstraint(
                fields=["sheet", "code"],
                name="sheet_item_once",
                violation_error_message=_("The sheet has an item with this code already."),
            ),
            models.CheckConstraint(
                name="sheet_item_points",
                condition=Q(most__gt=0),
                violation_error_message=_("An item is worth more than nothing."),
            ),
        ]
        triggers = [pgtrigger.Protect(name="sheet_item_kept", operation=pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


_OBJECTS = ("street", "community", "department")
_ONE_OBJECT = Q()
for _held in _OBJECTS:
    _ONE_OBJECT |= Q(**{f"{name}__isnull": name != _held for name in _OBJECTS})


class Entry(models.Model):
    """One finding of an inspection 巡查记录: of whom, which item, how many points, why.

    `found_at` decides into which period it falls, `at` (recorded) from which data time on.
    """

    item = models.ForeignKey(
        SheetItem, models.PROTECT, related_name="entries", verbose_name=_("item")
    )
    street = models.ForeignKey(
        "parts.Street", models.PROTECT, null=True, related_name="+", verbose_name=_("street")
    )
    community = models.ForeignKey(
        "parts.Community", models.PROTECT, null=True, related_name="+", verbose_name=_("community")
    )
    department = models.ForeignKey(
        "dispatch.Department", models.PROTECT, null=True, related_name="+",
        verbose_name=_("department"),
    )  # fmt: skip
    points = models.DecimalField(pgettext_lazy("score", "points"), max_digits=5, decimal_places=2)
    found_at = models.DateTimeField(_("found"))
    at = models.DateTimeField(_("recorded"))
    place = models.CharField(_("place in words"), max_length=120, blank=True)
    words = models.TextField(_("reason"), max_length=500)
    assessor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("assessor")
    )

    class Meta:
        verbose_name = _("inspection entry")
        verbose_name_plural = _("inspection entries")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                name="entry_of_one_object",
                condition=_ONE_OBJECT,
                violation_error_message=_("An entry scores one street, community or department."),
            ),
            models.CheckConstraint(
                name="entry_points",
                condition=Q(points__gte=0),
                violation_error_message=_("Points are not below nothing."),
            ),
            models.CheckConstraint(
                name="entry_found_before_recorded",
                condition=Q(found_at__lte=F("at")),
                violation_error_message=_("Nothing is recorded before it was found."),
            ),
        ]
        indexes = [
            # A snapshot sums a sheet's entries of a period.
            models.Index(fields=["item", "found_at"], name="entry_by_item"),
        ]
        triggers = [
            pgtrigger.Protect(name="entries_stay", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    def __str__(self) -> str:
        return f"{self.item_id} {self.points} {self.found_at:%Y-%m-%d}"


class EntryPhoto(models.Model):
    """A photo of a finding: our own re-encoding, as evidence is (domain law §10)."""

    entry = models.ForeignKey(Entry, models.PROTECT, related_name="photos")
    # the sweep of leftovers asks by name which files have a row
    file = models.FileField(max_length=100, db_index=True)
    thumbnail = models.FileField(max_length=100)
    sha256 = models.BinaryField(max_length=32)

    class Meta:
        verbose_name = _("photo of an inspection")
        verbose_name_plural = _("photos of inspections")
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.entry_id}: {self.pk}"


class Step(models.TextChoices):
    """What can happen to an entry after it was recorded; each at most once."""

    READ = "read", pgettext_lazy("entry", "Read by the one it scores")
    APPEALED = "appealed", pgettext_lazy("entry", "Appealed")
    UPHELD = "upheld", pgettext_lazy("entry", "Appeal upheld: it does not count")
    REFUSED = "refused", pgettext_lazy("entry", "Appeal refused: it counts")
    WITHDRAWN = "withdrawn", pgettext_lazy("entry", "Taken back: it does not count")


# From these on an entry counts no more.
LIFTED = (Step.UPHELD, Step.WITHDRAWN)


class EntryStep(models.Model):
    """One thing that happened to an entry: who, when, and why."""

    entry = models.ForeignKey(Entry, models.PROTECT, related_name="steps")
    step = models.CharField(max_length=9, choices=Step)
    words = models.TextField(_("reason"), max_length=500, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(_("recorded"))

    class Meta:
        verbose_name = _("step of an inspection entry")
        verbose_name_plural = _("steps of inspection entries")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["entry", "step"], name="entry_step_once"),
            # It is lifted, or an appeal is refused: one end, once.
            models.UniqueConstraint(
                fields=["entry"],
                condition=Q(step__in=["upheld", "refused", "withdrawn"]),
                name="entry_decided_once",
                violation_error_message=_("This entry was decided already."),
            ),
            models.CheckConstraint(
                name="entry_step_has_words",
                condition=Q(step=Step.READ) | ~Q(words=""),
                violation_error_message=_("A reason in words is required."),
            ),
        ]
        triggers = [
            pgtrigger.Protect(
                name="entry_steps_stay", operation=pgtrigger.Update | pgtrigger.Delete
            )
        ]

    def __str__(self) -> str:
        return f"{self.entry_id} {self.step}"
