"""Celery tasks of the assessment. They only nudge: what waits stands in the database."""

import logging

from celery import shared_task
from django.utils import timezone

from assessment.models import EntryPhoto
from assessment.services.facts import ensure_sums
from assessment.services.facts import refresh_facts as refresh
from assessment.services.facts_check import check_facts as check
from assessment.services.inspections import FOLDER
from assessment.services.mailings import owe_mailings
from assessment.services.mailings import send_mailings as send_owed
from assessment.services.snapshots import make_due_snapshots
from cases.services.leftovers import remove_below

log = logging.getLogger(__name__)
BATCHES = 20


@shared_task(name="assessment.tasks.refresh_facts")
def refresh_facts() -> int:
    """Fold the cases that have new events; bounded, the next call goes on."""
    ensure_sums()
    done = 0
    for _batch in range(BATCHES):
        count = refresh()
        if not count:
            break
        done += count
    return done


@shared_task(name="assessment.tasks.check_facts")
def check_facts() -> int:
    """Compare all facts with the events; how many differ."""
    found = check()
    for grain, cases in found.wrong.items():
        log.error(
            "facts of %s differ from the events of %s cases: %s", grain, len(cases), cases[:20]
        )
    if found.wrong_sums:
        log.error("sums differ from the facts: %s", found.wrong_sums)
    return sum(map(len, found.wrong.values())) + len(found.wrong_sums)


@shared_task(name="assessment.tasks.make_snapshots")
def make_snapshots() -> int:
    """Write down the figures of periods that have ended; what is there already stays."""
    return make_due_snapshots(timezone.now())


@shared_task(name="assessment.tasks.send_mailings")
def send_mailings() -> int:
    """Owe and send the overviews that readers asked for; bounded, the next call goes on."""
    owe_mailings(timezone.now())
    return send_owed(timezone.now)


@shared_task(name="assessment.tasks.remove_leftovers")
def remove_leftovers() -> int:
    """Take away files of inspections' photos whose rows were never written."""
    return remove_below(FOLDER, EntryPhoto, timezone.now())
