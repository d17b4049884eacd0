"""Celery tasks of the district; they may run twice and at once."""

from celery import shared_task
from django.utils import timezone

from gridcity.contracts import CLOCK
from parts.services.counts import fold_counts as fold


@shared_task(name="parts.tasks.fold_counts")
def fold_counts() -> int:
    """Add up the counts of cells, so that a map reads a row a cell."""
    return fold(actor=CLOCK, at=timezone.now())
