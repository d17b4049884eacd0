"""The first page as a file, made by a worker: what it counts and sets may take a while."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from assessment.periods import Period, period_from
from assessment.selectors.summary import Choices, build_summary
from assessment.summary_files import FILES
from jobs.kinds import Kind, register_kind
from jobs.work import Work

SUMMARY = "assessment.summary"
CHOSEN = tuple(one.name for one in fields(Choices))


def arguments_of(form: str, period: Period, choices: Choices) -> dict[str, Any]:
    """What a job is told; pinned, so that the file speaks of the data time of the asking."""
    return {
        "form": form,
        "period": replace(period, is_pinned=True).query,
        **choices.as_data(),
    }


def run_summary(work: Work) -> dict[str, str]:
    """Count as whoever asked sees it, then write PDF or XLSX. Raises TooMany."""
    said = work.arguments
    period = period_from(said["period"], timezone.now())
    chosen = Choices(**{key: said[key] for key in CHOSEN if key in said})
    work.progress(step=__("Counting the figures"), done=0, total=2)
    summary = build_summary(work.actor, period, chosen)
    work.progress(step=__("Writing the file"), done=1, total=2)
    make, _kind = FILES[said["form"]]
    made = make(summary, __("Overview of figures"), work.actor.username)
    name = f"gridcity-{period.first:%Y%m%d}-{period.last:%Y%m%d}.{said['form']}"
    with work.output(name) as path:
        path.write_bytes(made)
    work.progress(done=2)
    return {"file": name}


def register() -> None:
    """Make the kind known; called when the app is ready."""
    register_kind(Kind(key=SUMMARY, label=_("Overview of figures"), run=run_summary))
