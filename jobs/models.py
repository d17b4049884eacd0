"""Long work as rows: what was asked, how far it is, what came of it."""

from __future__ import annotations

import uuid
from pathlib import PurePath

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

FOLDER = "jobs"


def input_name(job: Job, name: str) -> str:
    """Where the uploaded file of a job lies: each job has a folder that nobody can guess."""
    return f"{FOLDER}/{job.key}/input/{PurePath(name).name}"


class Job(models.Model):
    """A piece of long work. A worker holds it by a lease and says now and then that it lives.

    When the lease runs out, another worker begins the work anew: what a kind of job writes, it
    writes in one transaction that also ends the row (`Work.finish`).
    """

    class State(models.TextChoices):
        QUEUED = "queued", pgettext_lazy("job", "waiting")
        RUNNING = "running", pgettext_lazy("job", "running")
        DONE = "done", pgettext_lazy("job", "done")
        FAILED = "failed", pgettext_lazy("job", "failed")
        CANCELLED = "cancelled", pgettext_lazy("job", "cancelled")

    ALIVE = (State.QUEUED, State.RUNNING)

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(_("kind"), max_length=40)
    title = models.CharField(_("title"), max_length=200)
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.QUEUED)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
        verbose_name=_("asked by"),
    )
    # The actor as he was when he asked: user, name, roles, department.
    actor = models.JSONField()
    # In which the job speaks to whoever asked.
    language = models.CharField(_("language"), max_length=16)
    asked_at = models.DateTimeField(_("asked at"))
    started_at = models.DateTimeField(_("started at"), null=True)
    ended_at = models.DateTimeField(_("ended at"), null=True)
    arguments = models.JSONField(default=dict)
    input = models.FileField(_("file"), upload_to=input_name, max_length=300, blank=True)

    step = models.CharField(_("step"), max_length=200, blank=True)
    done = models.PositiveBigIntegerField(_("done"), default=0)
    total = models.PositiveBigIntegerField(_("of"), null=True)
    rate = models.FloatField(_("per second"), null=True)

    result = models.JSONField(null=True)
    outputs = models.JSONField(default=list, help_text="[{name, file, size}]")
    error = models.TextField(_("error"), blank=True)
    fields = models.JSONField(default=dict, help_text="{field: [sentence]}")

    holder = models.UUIDField(null=True)
    lease_until = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    cancel_asked_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = pgettext_lazy("job", "background job")
        verbose_name_plural = pgettext_lazy("job", "background jobs")
        ordering = ["-asked_at", "-id"]
        constraints = [
            models.CheckConstraint(
                name="job_held_while_running",
                condition=Q(state="running", holder__isnull=False, lease_until__isnull=False)
                | ~Q(state="running") & Q(holder=None, lease_until=None),
                violation_error_message=_("A job is held by a worker exactly while it runs."),
            ),
            models.CheckConstraint(
                name="job_ended_at_fits_state",
                condition=Q(state__in=["queued", "running"], ended_at=None)
                | Q(state__in=["done", "failed", "cancelled"], ended_at__isnull=False),
                violation_error_message=_("A job has an end exactly when it has ended."),
            ),
            models.CheckConstraint(
                name="job_failure_has_a_reason",
                condition=~Q(state="failed") | ~Q(error=""),
                violation_error_message=_("A job that failed says why."),
            ),
        ]
        indexes = [
            # the worker's question: what waits, or has lost its worker
            models.Index(
                fields=["asked_at"],
                condition=Q(state__in=["queued", "running"]),
                name="job_alive",
            ),
            # somebody's own jobs, newest first
            models.Index(fields=["asked_by", "-asked_at"], name="job_of_user"),
            # the jobs of one kind, newest first
            models.Index(fields=["kind", "-asked_at"], name="job_of_kind"),
            # the daily removal of old files
            models.Index(fields=["ended_at"], name="job_ended"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_alive(self) -> bool:
        return self.state in self.ALIVE
