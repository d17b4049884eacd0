"""The one Celery application and the one schedule.

Tasks only nudge: what is due stands in the database (domain law §6.4), so a lost message, an
emptied Redis or a killed worker costs a few seconds and nothing else.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime

from celery import Celery
from celery.schedules import crontab

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gridcity.settings")

app = Celery("gridcity")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


# A last run that is long past makes each entry due at once when beat starts.
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


def every(seconds: int, task: str) -> dict[str, object]:
    """A beat entry; it expires before the next one, so a stopped worker finds no heap of them."""
    options = {"expires": seconds}
    return {
        "task": task,
        "schedule": float(seconds),
        "options": options,
        "last_run_at": LONG_AGO,
    }


def nightly(task: str) -> dict[str, object]:
    """A beat entry for work over everything, when few people work; a start does not make it due."""
    return {"task": task, "schedule": crontab(hour=3, minute=30), "options": {"expires": 3600}}


app.conf.beat_schedule = {
    "heartbeat": every(5, "gridcity.tasks.beat_heartbeat"),
    "sweep-timers": every(1, "dispatch.tasks.sweep_timers"),
    "recompute-clocks": every(5, "dispatch.tasks.recompute_clocks"),
    "refresh-facts": every(2, "assessment.tasks.refresh_facts"),
    "make-snapshots": every(60, "assessment.tasks.make_snapshots"),
    "send-mailings": every(60, "assessment.tasks.send_mailings"),
    "check-facts": nightly("assessment.tasks.check_facts"),
    "deliver": every(2, "cases.tasks.deliver"),
    "send": every(2, "cases.tasks.send"),
    "work-on-jobs": every(2, "jobs.tasks.work"),
    "forget-jobs": every(86400, "jobs.tasks.forget"),
    "forget-presence": every(3600, "dispatch.tasks.forget_presence"),
    "purge-personal-data": every(86400, "cases.tasks.purge_personal_data"),
    "fold-counts": every(600, "parts.tasks.fold_counts"),
    "forget-notices": every(3600, "cases.tasks.forget_notices"),
    "forget-counts": every(3600, "gridcity.tasks.forget_counts"),
    "forget-keys": every(3600, "cases.tasks.forget_keys"),
    "remove-leftovers": every(3600, "cases.tasks.remove_leftovers"),
    "remove-inspection-leftovers": every(3600, "assessment.tasks.remove_leftovers"),
}
