"""Imports of parts: which registers there are, what was uploaded, what came of it."""

from __future__ import annotations

import uuid
from pathlib import PurePath

import pghistory
import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from jobs.models import Job
from parts.models.catalogue import CodingScheme

FOLDER = "imports"


def file_name(row: PartImport, name: str) -> str:
    """Where an uploaded register lies: in a folder that nobody can guess."""
    return f"{FOLDER}/{row.folder}/{PurePath(name).name}"


@pghistory.track(
    pghistory.UpdateEvent("changed", row=pghistory.Old), model_name="PartSourceHistory"
)
class PartSource(models.Model):
    """A register that parts come from again and again, and how its files are read."""

    key = models.CharField(
        _("register"),
        max_length=64,
        unique=True,
        help_text=_("Rows are found again by this name and their own key."),
    )
    scheme = models.ForeignKey(CodingScheme, models.PROTECT, verbose_name=_("coding scheme"))
    frame = models.CharField(_("frame of coordinates"), max_length=8, default="4490")
    class_code = models.CharField(
        _("class of all rows"),
        max_length=8,
        blank=True,
        help_text=_("Where the file has no column for the class."),
    )
    columns = models.JSONField(
        _("columns"), default=dict, blank=True, help_text="{attribute: column}"
    )

    class Meta:
        verbose_name = _("register of parts")
        verbose_name_plural = _("registers of parts")
        ordering = ["key"]
        constraints = [
            models.CheckConstraint(
                name="part_source_named",
                condition=~Q(key=""),
                violation_error_message=_("A register needs a name."),
            ),
        ]
        triggers = [pgtrigger.Protect(name="part_source_kept", operation=pgtrigger.Delete)]

    def __str__(self) -> str:
        return self.key


class PartImport(models.Model):
    """An uploaded register on its way: read, tried dry, confirmed, imported.

    `version` counts what is declared of the file, so that what is confirmed is what was tried.
    """

    source = models.ForeignKey(
        PartSource, models.PROTECT, related_name="imports", verbose_name=_("register")
    )
    folder = models.UUIDField(default=uuid.uuid4, editable=False)
    file = models.FileField(_("file"), upload_to=file_name, max_length=300)
    name = models.CharField(_("file name"), max_length=200)
    size = models.PositiveBigIntegerField(_("size in bytes"))
    sha256 = models.CharField(max_length=64)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
        verbose_name=_("uploaded by"),
    )
    uploaded_at = models.DateTimeField(_("uploaded at"))

    header = models.JSONField(default=list, help_text="[column]")
    first_rows = models.JSONField(default=list, help_text="[[cell]]")
    layers = models.JSONField(default=list, help_text="[layer]")
    frame = models.CharField(_("frame of coordinates"), max_length=8)
    layer = models.CharField(_("layer"), max_length=200, blank=True)
    class_code = models.CharField(_("class of all rows"), max_length=8, blank=True)
    columns = models.JSONField(_("columns"), default=dict, blank=True)
    version = models.PositiveIntegerField(default=1)

    check_job = models.ForeignKey(
        Job, models.PROTECT, null=True, related_name="+", verbose_name=_("dry run")
    )
    checked = models.JSONField(null=True, help_text="what the dry run counted")
    checked_at = models.DateTimeField(_("tried at"), null=True)
    import_job = models.ForeignKey(
        Job,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=pgettext_lazy("register", "import"),
    )
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
        verbose_name=_("confirmed by"),
    )
    imported = models.JSONField(null=True, help_text="what the import counted")
    imported_at = models.DateTimeField(_("imported at"), null=True)

    class Meta:
        verbose_name = pgettext_lazy("register", "import of parts")
        verbose_name_plural = _("Imports of parts")
        ordering = ["-uploaded_at", "-id"]
        constraints = [
            models.CheckConstraint(
                name="part_import_checked_at",
                condition=Q(checked__isnull=True, checked_at=None)
                | Q(checked__isnull=False, checked_at__isnull=False),
                violation_error_message=_("A dry run has counts and an instant."),
            ),
            models.CheckConstraint(
                name="part_import_imported_at",
                condition=Q(imported__isnull=True, imported_at=None)
                | Q(imported__isnull=False, imported_at__isnull=False, checked__isnull=False),
                violation_error_message=_("An import has counts and an instant, after a dry run."),
            ),
        ]
        indexes = [
            # the list of imports, newest first
            models.Index(fields=["-uploaded_at", "-id"], name="part_import_newest"),
        ]
        triggers = [pgtrigger.Protect(name="part_import_kept", operation=pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.source_id}: {self.name}"
