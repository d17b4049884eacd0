"""Asking for long work, claiming it, stopping it, and forgetting what it left.

A worker claims a row and holds it by a lease; a message of Celery only nudges. Whatever is killed
at whatever line, the row is done once: the work and the end of its row are one transaction.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Q
from django.utils import translation
from django.utils.translation import gettext as _

from gridcity.contracts import Actor, Forbidden, NotAllowed, NotVisible, Role
from jobs.kinds import get_kind
from jobs.lease import LEASE
from jobs.models import FOLDER, Job
from jobs.work import actor_to

MOST_ATTEMPTS = 5
KEPT_FOR = timedelta(days=30)
YOUNGEST = timedelta(hours=1)


def enqueue_job(
    *,
    actor: Actor,
    at: datetime,
    kind: str,
    title: str,
    arguments: dict[str, Any],
    file: UploadedFile | None = None,
) -> Job:
    """Write down that this work is wanted; whether he may have it done is the caller's to check.

    Raises LookupError for a kind that no app has registered.
    """
    if get_kind(kind) is None:
        raise LookupError(kind)
    job = Job(
        kind=kind,
        title=title[:200],
        asked_by_id=actor.user_id,
        actor=actor_to(actor),
        language=translation.get_language() or "zh-hans",
        asked_at=at,
        arguments=arguments,
    )
    if file is not None:
        job.input.save(file.name or "file", file, save=False)
    job.save(force_insert=True)
    return job


def cancel_job(*, actor: Actor, at: datetime, job_id: int) -> Job:
    """Stop a job: at once while it waits, soon while it runs; what it wrote is rolled back.

    Raises NotVisible for an unknown job, Forbidden for somebody else's, NotAllowed for one that
    has ended. An administrator may stop any.
    """
    with transaction.atomic():
        job = Job.objects.select_for_update(no_key=True).filter(pk=job_id).first()
        if job is None:
            raise NotVisible
        if job.asked_by_id != actor.user_id and Role.ADMINISTRATOR not in actor.roles:
            raise Forbidden(_("Only whoever asked for this work, or an administrator, stops it."))
        if not job.is_alive:
            raise NotAllowed(_("This work has ended already."))
        job.cancel_asked_at = job.cancel_asked_at or at
        if job.state == Job.State.QUEUED:
            job.state, job.ended_at = Job.State.CANCELLED, at
        job.save(update_fields=["cancel_asked_at", "state", "ended_at"])
    return job


def claim_job(*, at: datetime, job_id: int | None = None) -> tuple[Job, UUID] | None:
    """Take the job that has waited longest, or one whose worker was lost; None when there is none.

    One that lost its worker too often ends as failed: it may be what kills them.
    """
    waits = Q(state=Job.State.QUEUED) | Q(state=Job.State.RUNNING, lease_until__lt=at)
    with transaction.atomic():
        jobs = Job.objects.filter(waits).order_by("asked_at", "pk")
        if job_id is not None:
            jobs = jobs.filter(pk=job_id)
        job = jobs.select_for_update(skip_locked=True, no_key=True).first()
        if job is None:
            return None
        if job.cancel_asked_at is not None:
            end_job(job, state=Job.State.CANCELLED, at=at)
        elif job.attempts >= MOST_ATTEMPTS:
            with translation.override(job.language):
                reason = _("It was interrupted %(n)s times.") % {"n": job.attempts}
            end_job(job, state=Job.State.FAILED, at=at, error=reason)
        else:
            return hold(job, at)
    return claim_job(at=at, job_id=job_id)


def hold(job: Job, at: datetime) -> tuple[Job, UUID]:
    """Give a job to a new holder, in the caller's transaction."""
    job.state, job.holder, job.lease_until = Job.State.RUNNING, uuid4(), at + LEASE
    job.started_at, job.attempts = job.started_at or at, job.attempts + 1
    job.step, job.done, job.total, job.rate = "", 0, None, None
    job.save(
        update_fields=[
            "state", "holder", "lease_until", "started_at", "attempts", "step", "done", "total",
            "rate",
        ]
    )  # fmt: skip
    assert job.holder is not None
    return job, job.holder


def end_job(
    job: Job,
    *,
    state: str,
    at: datetime,
    error: str = "",
    fields: dict[str, list[str]] | None = None,
) -> None:
    """Write the end of a locked job without a result."""
    job.state, job.ended_at, job.holder, job.lease_until = state, at, None, None
    job.error, job.fields = error, fields or {}
    job.save(
        update_fields=[
            "state", "ended_at", "holder", "lease_until", "error", "fields", "outputs",
        ]
    )  # fmt: skip


def forget_jobs(*, at: datetime, kept_for: timedelta = KEPT_FOR) -> int:
    """Delete the files of jobs that ended long ago, and those that no job knows.

    The rows stay: they say who had what done. Returns how many files went.
    """
    removed = 0
    for job in Job.objects.filter(ended_at__lt=at - kept_for).exclude(input="", outputs=[]):
        names = [entry["file"] for entry in job.outputs] + [job.input.name]
        Job.objects.filter(pk=job.pk).update(input="", outputs=[])
        removed += delete_files(name for name in names if name)
    return removed + remove_strays(at)


def remove_strays(at: datetime) -> int:
    """Delete what a killed worker left: files of ended jobs that their rows do not name."""
    if not default_storage.exists(FOLDER):
        return 0
    removed = 0
    for folder in default_storage.listdir(FOLDER)[0]:
        files = list(files_below(f"{FOLDER}/{folder}"))
        job = Job.objects.filter(key=folder).first()
        if job is not None and job.is_alive:
            continue
        known = {entry["file"] for entry in job.outputs} | {job.input.name} if job else set()
        strays = [
            name
            for name in files
            if name not in known and default_storage.get_modified_time(name) < at - YOUNGEST
        ]
        removed += delete_files(strays)
    return removed


def files_below(folder: str) -> list[str]:
    """The names of all files below a folder of the storage."""
    folders, names = default_storage.listdir(folder)
    found = [f"{folder}/{name}" for name in names]
    for inner in folders:
        found += files_below(f"{folder}/{inner}")
    return found


def delete_files(names: Any) -> int:
    """Delete files of the storage; returns how many."""
    count = 0
    for name in names:
        default_storage.delete(name)
        count += 1
    return count
