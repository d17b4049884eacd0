"""Imports of parts as pages show them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from gridcity.contracts import NotVisible
from jobs.models import Job
from parts.models import CatalogueClass, Part, PartImport, PartSource

SHOWN = 20
#: What an attribute of a part is called, by the names that columns and differences are told by.
LABELS: Mapping[str, Promise] = {
    "source_id": _("key in the register"),
    "code": _("part code"),
    "class_code": _("class code"),
    "class_name": _("class name"),
    "name": _("name of the part"),
    "lon": _("longitude or easting"),
    "lat": _("latitude or northing"),
    "wkt": _("geometry (WKT)"),
    "state": _("state"),
    "competent_name": _("competent department"),
    "competent_uscc": _("credit code of the competent department"),
    "owner_name": _("owner"),
    "owner_uscc": _("credit code of the owner"),
    "maintainer_name": _("maintainer"),
    "maintainer_uscc": _("credit code of the maintainer"),
    "cell_code": _("code of the cell"),
    "street_code": _("code of the street"),
    "community_code": _("code of the community"),
    "initial_on": _("initial date"),
    "change_on": _("change date"),
    "source": _("source of the data"),
    "note": _("note"),
    "location": _("place in words"),
    "road": _("road"),
    "door": _("door number"),
    "location_text": _("place in words"),
    "cell": _("cell"),
    "geom": _("position"),
}
VALUES: Mapping[str, Mapping[str, Any]] = {
    "state": dict(Part.State.choices),
    "source": dict(Part.Source.choices),
}


class Stage:
    """Where an import stands; what comes of it is told by its rows and jobs."""

    DECLARE, CHECKING, CHECKED, IMPORTING, DONE = (
        "declare", "checking", "checked", "importing", "done",
    )  # fmt: skip


STAGES: Mapping[str, Promise] = {
    Stage.DECLARE: pgettext_lazy("import", "columns to be confirmed"),
    Stage.CHECKING: pgettext_lazy("import", "dry run under way"),
    Stage.CHECKED: pgettext_lazy("import", "tried, to be confirmed"),
    Stage.IMPORTING: pgettext_lazy("import", "import under way"),
    Stage.DONE: pgettext_lazy("import", "imported"),
}


def stage_of(row: PartImport) -> str:
    """The stage of an import whose jobs are at hand."""
    if row.imported_at is not None:
        return Stage.DONE
    if row.import_job is not None and row.import_job.is_alive:
        return Stage.IMPORTING
    if row.check_job is not None and row.check_job.is_alive:
        return Stage.CHECKING
    return Stage.DECLARE if row.checked is None else Stage.CHECKED


def job_of(row: PartImport) -> Job | None:
    """The job that the import's page speaks of: the one that runs, else the one that ended last."""
    jobs = [job for job in (row.check_job, row.import_job) if job is not None]
    return max(jobs, key=lambda job: job.pk, default=None)


@dataclass(frozen=True, slots=True)
class ImportPage:
    """A page of the list of imports, newest first."""

    rows: list[PartImport]
    total: int
    next: str | None
    previous: str | None


def list_imports(*, source: str = "", cursor: str | None = None) -> ImportPage:
    """Imports, newest first, of one register or of all; `cursor` is the place of the first."""
    found = PartImport.objects.select_related(
        "source", "uploaded_by", "confirmed_by", "check_job", "import_job"
    ).defer("header", "first_rows", "columns")
    if source:
        found = found.filter(source__key=source)
    start = int(cursor) if cursor and cursor.isdecimal() and len(cursor) < 8 else 0
    rows = list(found[start : start + SHOWN + 1])
    before = str(max(start - SHOWN, 0)) if start else None
    after = str(start + SHOWN) if len(rows) > SHOWN else None
    return ImportPage(rows[:SHOWN], found.count(), after, before)


def get_import(import_id: int) -> PartImport:
    """One import with its register and jobs. Raises NotVisible."""
    row = (
        PartImport.objects.select_related(
            "source", "uploaded_by", "confirmed_by", "check_job", "import_job"
        )
        .filter(pk=import_id)
        .first()
    )
    if row is None:
        raise NotVisible
    return row


def list_sources() -> list[PartSource]:
    return list(PartSource.objects.order_by("key"))


def part_classes(scheme: str) -> list[CatalogueClass]:
    """The part classes in use of a scheme."""
    found = CatalogueClass.objects.filter(scheme_id=scheme, kind="part", is_active=True)
    return list(found.only("code", "name").order_by("code"))


def differences(sample: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The sample of a dry run in words."""
    return [{**entry, "changes": [in_words(*change) for change in entry["changes"]]}
            for entry in sample]  # fmt: skip


def in_words(name: str, old: str, new: str, moved_m: float | None = None) -> dict[str, Any]:
    values = VALUES.get(name, {})
    return {
        "label": LABELS[name],
        "old": values.get(old, old),
        "new": values.get(new, new),
        "moved_m": moved_m,
    }
