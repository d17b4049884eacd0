"""Photos: re-encoded, without EXIF, with where and when they were taken (domain law §10)."""

from __future__ import annotations

from django.conf import settings
from django.contrib.gis.db import models
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db.models import F, Func
from django.utils.translation import gettext_lazy as _

from cases.models.case import Case, PlacedBy
from cases.models.event import Event


class PhotoRole(models.TextChoices):
    """What a photo shows."""

    NEAR = "near", _("Near")
    FAR = "far", _("Far")
    BEFORE = "before", _("Before handling")
    AFTER = "after", _("After handling")
    OTHER = "other", _("Other")


HASH_BANDS = 4
BAND_BITS = 64 // HASH_BANDS
_BANDS = Func(
    F("perceptual_hash"),
    template="ARRAY[" + ", ".join(
        f"((%(expressions)s >> {band * BAND_BITS}) & {(1 << BAND_BITS) - 1})::int"
        f" + {band << BAND_BITS}"
        for band in range(HASH_BANDS)
    ) + "]",
)  # fmt: skip


class Photo(models.Model):
    """One photo of a case; the file is our own re-encoding, never the bytes that came."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="photos")
    event = models.ForeignKey(Event, on_delete=models.PROTECT, related_name="photos")
    role = models.CharField(max_length=6, choices=PhotoRole.choices)
    # The sweep of leftovers asks by name which files have a row; after a forced close the
    # successor's photos have the files of the first.
    file = models.FileField(max_length=100, db_index=True)
    thumbnail = models.FileField(max_length=100)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    sha256 = models.BinaryField(max_length=32)
    # 64-bit difference hash as a signed number: near equal pictures differ in few bits.
    perceptual_hash = models.BigIntegerField()
    # Its four parts, each with its own place: near equal hashes share a part but for one bit.
    hash_bands = models.GeneratedField(
        expression=_BANDS, output_field=ArrayField(models.IntegerField()), db_persist=True
    )
    taken_at = models.DateTimeField(null=True)
    point = models.PointField(srid=4490, null=True, spatial_index=False)
    accuracy_m = models.FloatField(null=True)
    placed_by = models.CharField(max_length=6, choices=PlacedBy.choices, blank=True)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    added_at = models.DateTimeField()

    class Meta:
        verbose_name = _("photo")
        verbose_name_plural = _("photos")
        ordering = ["id"]
        indexes = [
            # Whether a photo was used before (selectors.reuse).
            GinIndex(fields=["hash_bands"], name="photo_hash_bands"),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.role}"
