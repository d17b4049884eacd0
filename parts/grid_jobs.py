"""The long work on the grid: import, check, division and publication of a draft.

Each is one transaction that ends with the job's own row, so that a killed worker leaves nothing
half done and a second one may begin again.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jobs.kinds import Kind, register_kind
from jobs.models import Job
from jobs.work import Work
from parts.models import Edition
from parts.services.grid.checking import check_draft
from parts.services.grid.dividing import Wish, divide_draft
from parts.services.grid.editing import Edit
from parts.services.grid.loading import Source, load_file
from parts.services.grid.publishing import publish_draft

IMPORT, CHECK, DIVIDE, PUBLISH = "grid.import", "grid.check", "grid.divide", "grid.publish"


def told(work: Work) -> Callable[[str, int, int | None], None]:
    """The progress of a service, told by the job."""

    def progress(step: str, done: int, total: int | None) -> None:
        work.progress(step=step, done=done, total=total)

    return progress


def named(work: Work) -> dict[str, Any]:
    """Who does it, when, and to which version of which draft."""
    return {
        "actor": work.actor,
        "at": work.at,
        "edition_id": work.arguments["edition"],
        "version": work.arguments["version"],
    }


def counted(draft: Edition) -> dict[str, Any]:
    """What the checks found, for the job's result."""
    return {
        "edition": draft.name,
        "faults": draft.findings.filter(is_fault=True).count(),
        "remarks": draft.findings.filter(is_fault=False).count(),
    }


def checked(work: Work, draft: Edition) -> None:
    """Check a draft that this job has changed, and end with it."""
    said = named(work) | {"version": draft.version}
    draft = check_draft(**said, progress=told(work))
    work.finish(counted(draft))


def run_import(work: Work) -> None:
    """Read the file into the draft, then check the whole."""
    assert work.input is not None
    with transaction.atomic():
        source = Source(**work.arguments["source"])
        draft = load_file(**named(work), path=work.input, source=source, progress=told(work))
        checked(work, draft)


def run_check(work: Work) -> None:
    with transaction.atomic():
        draft = check_draft(**named(work), progress=told(work))
        work.finish(counted(draft))


def run_divide(work: Work) -> None:
    """Divide communities of the draft, then check the whole."""
    arguments = work.arguments["wish"]
    wish = Wish(
        communities=tuple(arguments["communities"]),
        size_m2=arguments["size_m2"],
        lines=work.input,
        frame=arguments["frame"],
        along_roads=arguments["along_roads"],
    )
    edit = Edit(**named(work))
    with transaction.atomic():
        done = divide_draft(edit=edit, wish=wish, progress=told(work))
        checked(work, done.draft)


def run_publish(work: Work) -> None:
    publish_draft(**named(work), progress=told(work), finish=work.finish)


def edition_url(job: Job) -> str:
    return reverse("parts:edition", args=[job.arguments["edition"]])


def register() -> None:
    """Make the kinds known; called when the app is ready."""
    for key, label, run in (
        (IMPORT, gettext_lazy("Import of boundaries"), run_import),
        (CHECK, gettext_lazy("Check of a draft of the grid"), run_check),
        (DIVIDE, gettext_lazy("Division into cells"), run_divide),
        (PUBLISH, gettext_lazy("Publication of a grid"), run_publish),
    ):
        register_kind(Kind(key=key, label=label, run=run, result_url=edition_url))


def title_of(kind: str, draft: Edition) -> str:
    """What the list of jobs calls it."""
    words = {
        IMPORT: _("Boundaries into “%(name)s”"),
        CHECK: _("Check of “%(name)s”"),
        DIVIDE: _("Division of “%(name)s”"),
        PUBLISH: _("Publication of “%(name)s”"),
    }
    return words[kind] % {"name": draft.name}
