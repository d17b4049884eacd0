"""Imports of parts for administrators: uploaded, declared, tried dry, confirmed, watched."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from gridcity.contracts import Actor, NotVisible, Refused
from jobs.selectors import show_job
from parts.import_forms import DeclareForm, UploadForm
from parts.models import PartImport
from parts.selectors.catalogue import current_scheme, list_schemes
from parts.selectors.imports import (
    STAGES,
    Stage,
    differences,
    get_import,
    job_of,
    list_imports,
    list_sources,
    part_classes,
    stage_of,
)
from parts.services.imports import Fault, Remark
from parts.services.imports.orders import confirm_import, declare_and_check, upload_register
from parts.views.entry import for_administrators, put_refusal

COLUMN = "column-"


@for_administrators
def imports(request: HttpRequest, actor: Actor) -> HttpResponse:
    """GET /district/imports/?source=&cursor=: all imports, newest first; POST: one more file."""
    form = UploadForm(
        request.POST or None, request.FILES or None, schemes=list_schemes(),
        initial={"scheme": current_scheme(), "source_key": request.GET.get("source", "")},
    )  # fmt: skip
    status = 200
    if request.method == "POST":
        if form.is_valid():
            try:
                row = take_file(form.cleaned_data, actor)
            except Refused as refusal:
                put_refusal(form, refusal)
                status = refusal.status
            else:
                return redirect("parts:import", row.pk)
        status = max(status, 400)
    source = request.GET.get("source", "")
    page = list_imports(source=source, cursor=request.GET.get("cursor"))
    context = {
        "form": form,
        "page": page,
        "rows": [line_of(row) for row in page.rows],
        "sources": list_sources(),
        "source": source,
    }
    return render(request, "parts/imports.html", context, status=status)


def take_file(said: Mapping[str, Any], actor: Actor) -> PartImport:
    file = said["file"]
    assert isinstance(file, UploadedFile)
    return upload_register(
        actor=actor, at=timezone.now(), file=file, source_key=said["source_key"],
        scheme=said["scheme"], frame=said["frame"],
    )  # fmt: skip


def line_of(row: PartImport) -> dict[str, Any]:
    """An import as a line of the list."""
    stage = stage_of(row)
    return {"row": row, "stage": stage, "label": STAGES[stage],
            "counts": row.imported or row.checked}  # fmt: skip


@require_safe
@for_administrators
def one_import(request: HttpRequest, actor: Actor, import_id: int) -> HttpResponse:
    """GET /district/imports/<id>/: where it stands, and what can be done next."""
    row = get_import(import_id)
    return show(request, row, DeclareForm(row=row, classes=part_classes(row.source.scheme_id)))


def show(
    request: HttpRequest, row: PartImport, form: DeclareForm, *, status: int = 200
) -> HttpResponse:
    stage, job = stage_of(row), job_of(row)
    counts = row.imported or row.checked
    context = {
        "row": row,
        "form": form,
        "stage": stage,
        "stages": [(key, label, key == stage) for key, label in STAGES.items()],
        "job": job,
        "view": show_job(job) if job is not None else None,
        "is_job_told": job is not None and job.state != "done",
        "counts": counts,
        "faults": named_counts(Fault, counts, "faults"),
        "remarks": named_counts(Remark, counts, "remarks"),
        "differences": differences(counts["sample"]) if counts and stage != Stage.DONE else [],
        "is_open": stage in (Stage.DECLARE, Stage.CHECKED),
        "first": [list(zip(row.header, cells, strict=False)) for cells in row.first_rows],
    }
    return render(request, "parts/import.html", context, status=status)


def named_counts(
    kind: type[Fault | Remark], counts: Mapping[str, Any] | None, what: str
) -> list[tuple[str, int]]:
    """Counts by sentence, the largest first."""
    found = counts[what].items() if counts else ()
    return [(str(kind(key).label), n) for key, n in sorted(found, key=lambda pair: -pair[1])]


@require_POST
@for_administrators
def check(request: HttpRequest, actor: Actor, import_id: int) -> HttpResponse:
    """Declare how the file is read, and try it dry."""
    row = get_import(import_id)
    form = DeclareForm(request.POST, row=row, classes=part_classes(row.source.scheme_id))
    if not form.is_valid():
        return show(request, row, form, status=400)
    try:
        declare_and_check(
            actor=actor, at=timezone.now(), import_id=import_id,
            version=form.cleaned_data["version"], declared=form.declared(),
        )  # fmt: skip
    except Refused as refusal:
        put_refusal(form, refusal, {name.removeprefix(COLUMN): name for name in form.fields})
        return show(request, get_import(import_id), form, status=refusal.status)
    return redirect("parts:import", import_id)


@require_POST
@for_administrators
def confirm(request: HttpRequest, actor: Actor, import_id: int) -> HttpResponse:
    """Import what the dry run showed."""
    text = request.POST.get("version", "")
    version = int(text) if text.isdecimal() and len(text) < 9 else 0
    confirm_import(actor=actor, at=timezone.now(), import_id=import_id, version=version)
    return redirect("parts:import", import_id)


@require_safe
@for_administrators
def import_file(request: HttpRequest, actor: Actor, import_id: int) -> HttpResponse:
    """The file as it was uploaded. Raises NotVisible when it is gone."""
    row = get_import(import_id)
    if not row.file.storage.exists(row.file.name):
        raise NotVisible(_("The file is not kept any more."))
    response: Any = FileResponse(row.file.open("rb"), as_attachment=True, filename=row.name)
    return response  # type: ignore[no-any-return]
