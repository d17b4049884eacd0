"""Doing long work: a worker holds a claimed job, runs its kind and writes down how it ended.

It lives through time beside the clock on the wall, so unlike services it reads it.
"""

from __future__ import annotations

import logging
from uuid import UUID

from django.db import InterfaceError, OperationalError, transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from gridcity.contracts import Refused
from jobs.kinds import get_kind
from jobs.lease import Cancelled, HeldLease, KeptLease, Lease, LeaseLost, Progress
from jobs.models import Job
from jobs.services import claim_job, end_job
from jobs.work import Work

log = logging.getLogger(__name__)


def work_on(job: Job, holder: UUID) -> None:
    """Do a claimed job, renewing its lease all the while; for workers."""
    told = Progress()
    lease = KeptLease(job.pk, holder, told)
    try:
        _do(job, holder, lease, told)
    finally:
        lease.end()


def run_job(*, job_id: int) -> Job:
    """Do one job here and now, without a worker; for commands and tests. Returns it as it ended."""
    claimed = claim_job(at=timezone.now(), job_id=job_id)
    if claimed is not None:
        _do(*claimed, HeldLease(), Progress())
    return Job.objects.get(pk=job_id)


def _do(job: Job, holder: UUID, lease: Lease, told: Progress) -> None:
    """Run the kind, and write down how it ended. While the database is away the lease runs out."""
    work = Work(job, holder, lease, told)
    with translation.override(job.language):
        try:
            _run(work)
        except LeaseLost:
            log.warning("job %s was taken by another worker", job.pk)
        except Cancelled:
            settle(work, state=Job.State.CANCELLED)
        except Refused as refusal:
            fields = {name: [str(line) for line in lines] for name, lines in refusal.fields.items()}
            settle(work, state=Job.State.FAILED, error=str(refusal.detail), fields=fields)
        except (OperationalError, InterfaceError):
            if not was_cancelled(work):
                raise
            settle(work, state=Job.State.CANCELLED)
        except Exception:
            log.exception("job %s of kind %s failed", job.pk, job.kind)
            reason = _("Something went wrong; the administrator finds more under number %(id)s.")
            settle(work, state=Job.State.FAILED, error=reason % {"id": f"J{job.pk}"})


def _run(work: Work) -> None:
    kind = get_kind(work.job.kind)
    if kind is None:
        raise Refused(_("This kind of work is not installed any more."))
    result = kind.run(work)
    if not work.is_finished:
        with transaction.atomic():
            work.finish(result)


def was_cancelled(work: Work) -> bool:
    """Whether a broken-off statement was broken off because somebody wished it."""
    try:
        work.lease.check()
    except Cancelled:
        return True
    except LeaseLost:
        return False
    return False


def settle(
    work: Work, *, state: str, error: str = "", fields: dict[str, list[str]] | None = None
) -> None:
    """End a job that did not succeed, if this worker still holds it; its files are kept if any."""
    work.lease.end()
    with transaction.atomic():
        held = Job.objects.select_for_update(no_key=True)
        job = held.filter(pk=work.job.pk, holder=work.holder).first()
        if job is not None:
            job.outputs = work.outputs
            end_job(job, state=state, at=timezone.now(), error=error, fields=fields)
