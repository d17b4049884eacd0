"""Count parts and open cases of every cell anew, as after a table was restored."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from cases.services.cell_counts import recount_open
from gridcity.contracts import CLOCK
from parts.services.counts import recount_parts


class Command(BaseCommand):
    help = "Counts the parts and the open cases of every cell anew."

    def handle(self, *args: Any, **options: Any) -> None:
        at = timezone.now()
        recount_parts(actor=CLOCK, at=at)
        recount_open(actor=CLOCK, at=at)
        self.stdout.write("counted")
