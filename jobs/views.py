"""Pages of long work: what runs, how far it is, what came of it; and its files."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.core.files.storage import default_storage
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from gridcity.contracts import Actor, NotVisible
from jobs.selectors import SHOWN, get_job, show_job, visible_jobs
from jobs.services import cancel_job


@require_safe
def list_jobs(request: HttpRequest) -> HttpResponse:
    """GET /jobs/: one's own long work, an administrator's page shows everybody's."""
    jobs = [show_job(job) for job in visible_jobs(request.user)[:SHOWN]]
    return render(request, "jobs/list.html", {"jobs": jobs, "shown": SHOWN})


@require_safe
def detail(request: HttpRequest, job_id: int) -> HttpResponse:
    """GET /jobs/<id>/; for htmx the part that changes, at its end the page that waits for it."""
    view = show_job(get_job(request.user, job_id))
    is_part = request.headers.get("HX-Request") == "true"
    template = "jobs/includes/_progress.html" if is_part else "jobs/detail.html"
    response = render(request, template, {"view": view, "job": view.job})
    if is_part and not view.job.is_alive and is_at(request, view.result_url or view.page_url):
        response["HX-Refresh"] = "true"
    return response


def is_at(request: HttpRequest, url: str) -> bool:
    """Whether the page that asks is the one on which the result stands: it then shows it itself."""
    here = urlsplit(request.headers.get("HX-Current-URL", ""))
    return bool(url) and (here.path, here.query) == urlsplit(url)[2:4]


@require_POST
def cancel(request: HttpRequest, job_id: int) -> HttpResponse:
    """POST /jobs/<id>/cancel/: back to the page on which one waits for it."""
    job = get_job(request.user, job_id)
    cancel_job(actor=Actor.of(request.user), at=timezone.now(), job_id=job.pk)
    return redirect(show_job(job).page_url or reverse("jobs:detail", args=[job.pk]))


@require_safe
def output(request: HttpRequest, job_id: int, name: str) -> FileResponse:
    """GET /jobs/<id>/files/<name>: a file that the job wrote. Raises NotVisible when it is gone."""
    job = get_job(request.user, job_id)
    kept = next((entry["file"] for entry in job.outputs if entry["name"] == name), "")
    if not kept or not default_storage.exists(kept):
        raise NotVisible
    return FileResponse(default_storage.open(kept), as_attachment=True, filename=name)
