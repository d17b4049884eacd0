"""The nudges of the job workers; they may run twice and at once."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from jobs.running import work_on
from jobs.services import claim_job, forget_jobs

# Long work is bounded by its lease and its wish to stop, not by the limits of quick tasks.
LONGEST_S = 6 * 3600


@shared_task(name="jobs.tasks.work", time_limit=LONGEST_S, soft_time_limit=LONGEST_S - 60)
def work() -> int:
    """Do what waits, one after the other; returns how many jobs were done."""
    count = 0
    while claimed := claim_job(at=timezone.now()):
        work_on(*claimed)
        count += 1
    return count


@shared_task(name="jobs.tasks.forget")
def forget() -> int:
    """Delete the files of old jobs."""
    return forget_jobs(at=timezone.now())
