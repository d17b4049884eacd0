"""The kinds of long work that imports of parts are."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from jobs.kinds import Kind, register_kind
from jobs.models import Job


def page_of(job: Job) -> str:
    """The page of the import that a job was for."""
    return reverse("parts:import", args=[job.arguments["import"]])


def register() -> None:
    from parts.services.imports import orders

    for key, label, run in (
        (orders.CHECK, _("Dry run of an import of parts"), orders.run_check),
        (orders.IMPORT, _("Import of parts"), orders.run_import),
    ):
        register_kind(Kind(key=key, label=label, run=run, result_url=page_of, waits_there=True))
