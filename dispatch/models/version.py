"""The number by which processes know that what they keep in memory is out of date."""

from __future__ import annotations

import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class RoutingVersion(models.Model):
    """One row whose number rises with every change of departments and routing rules.

    Raised by triggers of the database, so a change by SQL or by the administration counts too.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    number = models.PositiveBigIntegerField(default=1)

    class Meta:
        verbose_name = _("version of the routing")
        verbose_name_plural = _("versions of the routing")
        constraints = [
            models.CheckConstraint(name="routing_version_one_row", condition=Q(id=1)),
        ]

    def __str__(self) -> str:
        return str(self.number)


def raises_version() -> pgtrigger.Trigger:
    """A statement trigger that raises the version once, however many rows a statement changed."""
    return pgtrigger.Trigger(
        name="raises_routing_version",
        level=pgtrigger.Statement,
        when=pgtrigger.After,
        operation=pgtrigger.Insert | pgtrigger.Update,
        func="UPDATE dispatch_routingversion SET number = number + 1; RETURN NULL;",
    )
