"""Long work of the register: a selection as a file, and tags for a selection."""

from __future__ import annotations

from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from gridcity.contracts import Invalid, NotVisible, TooLarge
from jobs.kinds import Kind, register_kind
from jobs.models import Job
from jobs.work import Work
from parts.grid_jobs import told
from parts.models import District
from parts.selectors.register import PartFilter, row_of, tag_rows
from parts.services.censuses import OPEN, open_census
from parts.services.exporting import FORMATS, MOST_SHEET_ROWS
from parts.tag_sheet import Tag, write_tags

EXPORT, TAGS = "parts.export", "parts.tags"
MOST_TAGS = 2400  # a hundred sheets


def filter_of(work: Work) -> PartFilter:
    return PartFilter.parse(QueryDict(work.arguments["query"]).dict())


def run_export(work: Work) -> dict[str, int]:
    """Write the parts of a query as XLSX, CSV, GeoJSON or GeoPackage. Raises Invalid, TooLarge."""
    kind = work.arguments["format"]
    if kind not in FORMATS:
        raise Invalid(__("There is no such format."), format=__("Choose one of the list."))
    rows = filter_of(work).rows()
    total = rows.count()
    if kind == "xlsx" and total > MOST_SHEET_ROWS:
        raise TooLarge(
            __("A sheet holds %(n)s rows; choose CSV or GeoPackage.")
            % {"n": f"{MOST_SHEET_ROWS:,}"}
        )
    step = __("Writing parts")
    work.progress(step=step, done=0, total=total)
    name = f"{__('parts')}-{timezone.localtime(work.at):%Y%m%d-%H%M}.{kind}"
    with work.output(name) as path:
        FORMATS[kind](path, rows, lambda done: work.progress(done=done), work.at)
    return {"rows": total}


def run_tags(work: Work) -> dict[str, int]:
    """Set the tags of a query on A4. Raises NotVisible for none, TooLarge for too many."""
    rows = tag_rows(filter_of(work), most=MOST_TAGS + 1)
    if not rows:
        raise NotVisible(__("The query finds no standing part."))
    if len(rows) > MOST_TAGS:
        raise TooLarge(
            __("At most %(n)s tags at once; ask for fewer parts.") % {"n": f"{MOST_TAGS:,}"}
        )
    work.progress(step=__("Setting tags"), done=0, total=len(rows))
    base = work.arguments["base"]
    tags = [
        Tag(
            code=row["code"],
            name=row["name"],
            place=row["street"],
            url=f"{base}/p/{row['code']}/",
        )
        for row in map(row_of, rows)
    ]
    unit = District.objects.values_list("name", flat=True).first() or ""
    with work.output(f"{__('tags')}-{timezone.localtime(work.at):%Y%m%d-%H%M}.pdf") as path:
        write_tags(path, tags, unit=unit, tell=lambda done: work.progress(done=done))
    return {"tags": len(tags)}


def run_opening(work: Work) -> None:
    """Open a census. What stands is fixed now, not when it was asked for."""
    open_census(
        actor=work.actor, at=timezone.now(), census_id=work.arguments["census"],
        progress=told(work), finish=work.finish,
    )  # fmt: skip


def census_url(job: Job) -> str:
    return reverse("parts:census", args=[job.arguments["census"]])


def register() -> None:
    """Make the kinds known; called when the app is ready."""
    register_kind(
        Kind(
            key=OPEN,
            label=_("Opening of a census"),
            run=run_opening,
            result_url=census_url,
            waits_there=True,
        )
    )
    register_kind(Kind(key=EXPORT, label=_("Export of parts"), run=run_export))
    register_kind(Kind(key=TAGS, label=_("Tags of parts"), run=run_tags))
