"""Celery tasks of the platform itself."""

from celery import shared_task
from django.utils import timezone

from gridcity.models import Heartbeat
from gridcity.services.counting import forget_counts as forget_old_counts


@shared_task(name="gridcity.tasks.beat_heartbeat")
def beat_heartbeat() -> None:
    """Write down that beat, broker and worker are alive together."""
    Heartbeat.objects.update_or_create(name="beat", defaults={"at": timezone.now()})


@shared_task(name="gridcity.tasks.forget_counts")
def forget_counts() -> int:
    """Forget how often addresses asked, once their windows are long over."""
    return forget_old_counts(at=timezone.now())
