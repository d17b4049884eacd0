"""Celery tasks of cases; they may run twice and at once."""

import logging

from celery import shared_task
from django.utils import timezone

from cases.sending import send_owed
from cases.services.keeping import forget_notices as forget_old_notices
from cases.services.leftovers import remove_leftovers as remove_files
from cases.services.notices import deliver as deliver_owed
from cases.services.once import forget_keys as forget_old_keys
from cases.services.purging import purge_due

log = logging.getLogger(__name__)

BATCHES = 20


@shared_task(name="cases.tasks.deliver")
def deliver() -> int:
    """Fill the in-app lists with what is owed, in bounded batches."""
    done = 0
    for _batch in range(BATCHES):
        count = deliver_owed(at=timezone.now())
        done += count
        if count == 0:
            break
    return done


@shared_task(name="cases.tasks.send")
def send() -> None:
    """Send what is owed by e-mail, webhook and gateways."""
    sent = send_owed(clock=timezone.now)
    if sent.sent or sent.failed:
        log.info("sent %s notices, %s failed", sent.sent, sent.failed)


@shared_task(name="cases.tasks.remove_leftovers")
def remove_leftovers() -> int:
    """Take away files of photos whose rows were never written."""
    return remove_files(at=timezone.now())


@shared_task(name="cases.tasks.forget_notices")
def forget_notices() -> int:
    """Forget notices that were delivered long ago."""
    return forget_old_notices(at=timezone.now())


@shared_task(name="cases.tasks.forget_keys")
def forget_keys() -> int:
    """Forget the answers to requests that nobody repeats any more."""
    return forget_old_keys(at=timezone.now())


@shared_task(name="cases.tasks.purge_personal_data")
def purge_personal_data() -> int:
    """Forget the reporters of cases that ended long ago."""
    return purge_due(at=timezone.now())
