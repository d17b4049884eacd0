"""What the map shows without counting: figures by cell, and when each layer last changed."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from parts.models.grid import Cell


class CellCount(models.Model):
    """A change of a count in a cell; the count is the sum of its rows.

    Triggers add rows and touch none, so that imports, desks and sweeps never wait for each other at
    a counter; `parts.services.counts.fold_counts` adds them up now and then.
    """

    class What(models.TextChoices):
        PARTS = "parts", _("standing parts")
        OPEN = "open", _("open cases")
        FILED = "filed", _("open cases that were filed")

    what = models.CharField(_("what is counted"), max_length=5, choices=What)
    # no constraint: a look into the cells for each change would cost more than the row itself
    cell = models.ForeignKey(
        Cell,
        models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        related_name="+",
        verbose_name=_("cell"),
    )
    n = models.IntegerField(pgettext_lazy("count", "number"))

    class Meta:
        verbose_name = _("count of a cell")
        verbose_name_plural = _("counts of cells")
        indexes = [
            # the counts of one kind for the map; the rows of a cell that are to be added up
            models.Index(fields=["what", "cell"], name="cell_count_what", include=["n"]),
        ]

    def __str__(self) -> str:
        return f"{self.what} {self.cell_id}: {self.n}"


class LayerVersion(models.Model):
    """How often a layer of the map has changed: the sum of its rows, raised by every transaction.

    Several rows a layer: a transaction takes one that no other holds, so that none waits.
    """

    class Layer(models.TextChoices):
        PARTS = "parts", _("parts")
        CELLS = "cells", _("unit grid cells")
        STREETS = "streets", _("streets")

    layer = models.CharField(_("layer"), max_length=8, choices=Layer)
    version = models.BigIntegerField(_("version"), default=0)

    class Meta:
        verbose_name = _("version of a layer")
        verbose_name_plural = _("versions of layers")
        indexes = [
            # the rows of a layer: for a free one to raise, and for their sum
            models.Index(fields=["layer"], name="layer_version_layer"),
        ]

    def __str__(self) -> str:
        return f"{self.layer}: {self.version}"
