"""Celery tasks of the command side. They only nudge: what is due stands in the database."""

import logging

from celery import shared_task
from django.utils import timezone

from dispatch.services.timers import sweep_timers as sweep

log = logging.getLogger(__name__)


@shared_task(name="dispatch.tasks.sweep_timers")
def sweep_timers() -> None:
    """Do what the clock owes by now; may run twice, and twice at once."""
    swept = sweep(at=timezone.now())
    if swept.done or swept.failed:
        log.info(
            "swept %s, %s failed, oldest late by %.1f s",
            swept.done, swept.failed, swept.lag.total_seconds(),
        )  # fmt: skip
