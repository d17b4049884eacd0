"""Jobs as somebody may see them: his own; an administrator sees all."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import QuerySet

from gridcity.contracts import NotVisible, Role
from jobs.kinds import get_kind
from jobs.models import Job

SHOWN = 100


def visible_jobs(user: Any) -> QuerySet[Job]:
    """The jobs that this user may see, newest first."""
    jobs = Job.objects.select_related("asked_by").order_by("-asked_at", "-pk")
    return jobs if Role.ADMINISTRATOR in user.roles else jobs.filter(asked_by=user)


def get_job(user: Any, job_id: int) -> Job:
    """One job. Raises NotVisible when there is none for this user."""
    job = visible_jobs(user).filter(pk=job_id).first()
    if job is None:
        raise NotVisible
    return job


@dataclass(frozen=True, slots=True)
class JobView:
    """A job as pages show it."""

    job: Job
    label: str
    percent: int | None
    left: timedelta | None
    result_url: str
    result_template: str
    page_url: str


def show_job(job: Job) -> JobView:
    """What a page says of a job: how far in per cent, what time is left, where its result is.

    `page_url` is the page on which one waits for it, where that is not the job's own.
    """
    kind = get_kind(job.kind)
    percent, left = None, None
    if job.total:
        percent = min(100, 100 * job.done // job.total)
        if job.rate and job.total > job.done:
            left = timedelta(seconds=(job.total - job.done) / job.rate)
    is_done = job.state == Job.State.DONE
    url = kind.result_url(job) if kind and kind.result_url and is_done else ""
    template = kind.result_template if kind and is_done else ""
    page = kind.result_url(job) if kind and kind.result_url and kind.waits_there else ""
    label = str(kind.label) if kind else job.kind
    return JobView(job, label, percent, left, url, template, page)
