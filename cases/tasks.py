"""Celery tasks of cases; they may run twice and at once."""

from celery import shared_task
from django.utils import timezone

from cases.services.leftovers import remove_leftovers as remove_files
from cases.services.notices import deliver as deliver_owed

BATCHES = 20


@shared_task(name="cases.tasks.deliver")
def deliver() -> int:
    """Carry out the notices that are owed, in bounded batches."""
    done = 0
    for _batch in range(BATCHES):
        count = deliver_owed(at=timezone.now())
        done += count
        if count == 0:
            break
    return done


@shared_task(name="cases.tasks.remove_leftovers")
def remove_leftovers() -> int:
    """Take away files of photos whose rows were never written."""
    return remove_files(at=timezone.now())
