"""Celery tasks of the platform itself."""

from celery import shared_task
from django.utils import timezone

from gridcity.models import Heartbeat


@shared_task(name="gridcity.tasks.beat_heartbeat")
def beat_heartbeat() -> None:
    """Write down that beat, broker and worker are alive together."""
    Heartbeat.objects.update_or_create(name="beat", defaults={"at": timezone.now()})
