"""Long work with standards: taking in a city's table, and setting many of them as PDF."""

from __future__ import annotations

from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from jobs.kinds import Kind, register_kind
from jobs.models import Job
from jobs.work import Work
from parts.models import CodingScheme
from parts.selectors.standards import StandardFilter
from parts.services.crosswalk import propose_pairs
from parts.services.rights import check_is_administrator
from parts.services.standard_prints import standards_pdf
from parts.services.standard_table import Plan, Wanted, plan_table, take_in
from parts.services.standard_table.report import write_report

TABLE, PRINT = "parts.standards", "parts.standards_print"


def run_table(work: Work) -> dict[str, Any] | None:
    """Look a table over; where it is to be committed, take it in with the proposals it brings."""
    check_is_administrator(work.actor)
    said = work.arguments
    wanted = Wanted(
        said["scheme"], said["is_own"], said["compared"], date.fromisoformat(said["valid_from"]),
        said["name"],
    )  # fmt: skip
    assert work.input is not None
    if not said["commit"]:
        work.progress(step=__("Reading and comparing…"))
        plan = plan_table(work.input, wanted)
        write_open_points(work, plan)
        return plan.counted()
    with transaction.atomic():
        # schemes are locked in one order, so that two tables are looked at one after the other
        list(CodingScheme.objects.select_for_update(no_key=True).order_by("key"))
        work.progress(step=__("Reading and comparing…"))
        plan = plan_table(work.input, wanted)
        write_open_points(work, plan)
        work.progress(step=__("Writing…"), done=0, total=len(plan.lines))
        take_in(actor=work.actor, at=work.at, plan=plan)
        result = plan.counted()
        if wanted.is_own and wanted.compared != wanted.scheme:
            work.progress(step=__("Looking for classes of the same name…"))
            proposed = propose_pairs(
                actor=work.actor, at=work.at, source=wanted.scheme, target=wanted.compared
            )
            result |= {"proposed": proposed.pairs, "without": proposed.without}
        work.finish(result)
    return None


def write_open_points(work: Work, plan: Plan) -> None:
    """The workbook of what the table left open, where it left anything."""
    if plan.refused or plan.compared.questions or any(line.remarks for line in plan.lines):
        with work.output(__("Open points of the table") + ".xlsx") as path:
            write_report(path, plan)


def result_of_table(job: Job) -> str:
    """After a commit to the crosswalk, else to the standards; a dry run is shown on its page."""
    said = job.arguments
    if not said.get("commit"):
        return ""
    if said["is_own"] and said["compared"] != said["scheme"]:
        query = urlencode({"source": said["scheme"], "target": said["compared"]})
        return f"{reverse('parts:crosswalk')}?{query}"
    return f"{reverse('parts:standards')}?{urlencode({'scheme': said['scheme']})}"


def run_print(work: Work) -> dict[str, Any]:
    """Set the standards of a query as PDF."""
    said = dict(work.arguments)
    wanted = StandardFilter.parse(said["query"])
    work.progress(step=__("Setting the pages…"))
    on = timezone.localdate(work.at)
    made = standards_pdf(wanted, on=on, at=work.at, printed_by=said["printed_by"])
    with work.output(f"{__('Handling standards')}-{wanted.scheme}-{on.isoformat()}.pdf") as path:
        path.write_bytes(made)
    return {"bytes": len(made)}


def register() -> None:
    """Make both kinds known; called when the app is ready."""
    register_kind(
        Kind(
            key=TABLE,
            label=_("Table of filing standards"),
            run=run_table,
            result_url=result_of_table,
            result_template="parts/includes/_standards_result.html",
        )
    )
    register_kind(Kind(key=PRINT, label=_("Handling standards as PDF"), run=run_print))
