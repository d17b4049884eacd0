"""Celery tasks of the command side. They only nudge: what is due stands in the database."""

import logging

from celery import shared_task
from django.utils import timezone

from dispatch.services.presence import forget_presence as forget
from dispatch.services.recomputing import recompute_clocks as recompute
from dispatch.services.timers import sweep_timers as sweep

log = logging.getLogger(__name__)


@shared_task(name="dispatch.tasks.recompute_clocks")
def recompute_clocks() -> None:
    """Reckon running clocks anew after a change of the calendar; may run twice and at once."""
    done = recompute(at=timezone.now())
    if done.looked_at or done.failed:
        log.info(
            "reckoned %s clocks anew, %s moved, %s failed", done.looked_at, done.moved, done.failed
        )


@shared_task(name="dispatch.tasks.sweep_timers")
def sweep_timers() -> None:
    """Do what the clock owes by now; may run twice, and twice at once."""
    swept = sweep(at=timezone.now())
    if swept.done or swept.failed:
        log.info(
            "swept %s, %s failed, oldest late by %.1f s",
            swept.done, swept.failed, swept.lag.total_seconds(),
        )  # fmt: skip


@shared_task(name="dispatch.tasks.forget_presence")
def forget_presence() -> int:
    """Take away the signs of pages that were closed."""
    return forget(at=timezone.now())
