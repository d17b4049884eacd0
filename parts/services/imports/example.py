"""Two imports for the demonstration: one that went in, and one that waits to be confirmed."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from datetime import datetime
from io import StringIO
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from gridcity.contracts import Actor
from jobs.running import run_job
from parts.models import Part, PartImport, PartSource
from parts.services.imports.cleaning import SOURCES, STATES
from parts.services.imports.orders import confirm_import, declare_and_check, upload_register
from parts.services.imports.register import Declared

REGISTER = "上水井盖普查"
CLASS = "0101"
PARTS = 40
HEADER = (
    "部件代码", "小类代码", "小类名称", "部件名称", "部件状态", "经度", "纬度", "主管部门",
    "主管部门代码", "权属单位", "权属单位代码", "养护单位", "养护单位代码", "初始日期", "数据来源",
    "所在位置", "备注",
)  # fmt: skip
STATE_WORDS = {key: word for word, key in STATES.items()}
SOURCE_WORDS = {key: word for word, key in SOURCES.items()}
FOUND, TO_MEND = "普查核实", "井圈松动，待修"


def load_examples(*, actor: Actor, at: datetime, scheme: str) -> int:
    """Import a small census of covers and try its second batch; a second time changes nothing.

    Returns how many imports there are.
    """
    if not PartSource.objects.filter(key=REGISTER).exists():
        parts = Part.objects.standing().filter(
            catalogue_class__scheme=scheme, catalogue_class__code=CLASS
        )
        chosen = list(parts.select_related("catalogue_class").order_by("code")[:PARTS])
        if chosen:
            first = bring(actor, at, scheme, "普查第一批.csv", first_batch(chosen))
            confirm = confirm_import(actor=actor, at=at, import_id=first.pk, version=first.version)
            run_job(job_id=confirm.pk)
            bring(actor, at, scheme, "普查第二批.csv", second_batch(chosen))
    return PartImport.objects.count()


def bring(
    actor: Actor, at: datetime, scheme: str, name: str, rows: Iterable[list[Any]]
) -> PartImport:
    """Upload rows as a file and make the dry run."""
    text = StringIO(newline="")
    csv.writer(text).writerows([HEADER, *rows])
    row = upload_register(
        actor=actor, at=at, file=SimpleUploadedFile(name, text.getvalue().encode("utf-8-sig")),
        source_key=REGISTER, scheme=scheme, frame="4490",
    )  # fmt: skip
    job = declare_and_check(
        actor=actor, at=at, import_id=row.pk, version=row.version,
        declared=Declared(columns=row.columns),
    )  # fmt: skip
    run_job(job_id=job.pk)
    row.refresh_from_db()
    return row


def first_batch(parts: list[Part]) -> list[list[Any]]:
    """All as they are, but for three that somebody looked at."""
    return [cells_of(part, **({"备注": FOUND} if n < 3 else {})) for n, part in enumerate(parts)]


def second_batch(parts: list[Part]) -> list[list[Any]]:
    """Some changed, one new, and faults as real registers have them."""
    rows = [cells_of(part, **({"备注": FOUND} if n < 3 else {})) for n, part in enumerate(parts)]
    for n, part in enumerate(parts[3:7], start=3):
        rows[n] = cells_of(part, 部件状态="破损", 备注=TO_MEND)
    last = parts[-1]
    lon, lat = last.geom.coords
    rows.append(cells_of(last, 部件代码="", 经度=f"{lon + 2e-5:.7f}"))
    rows.append(cells_of(last, 部件代码="", 小类代码="199", 小类名称="", 经度=f"{lon + 4e-5:.7f}"))
    rows.append(cells_of(last, 部件代码="", 经度="6511067.39", 纬度="1812692.02"))
    rows.append(cells_of(last, 部件代码="", 经度="0", 纬度="0"))
    rows.append(cells_of(last, 部件代码="", 经度=f"{lat:.7f}", 纬度=f"{lon + 6e-5:.7f}"))
    return rows


def cells_of(part: Part, **other: str) -> list[Any]:
    """A part as a row of the file; `other` are cells by the name of their column."""
    lon, lat = part.geom.coords
    said = (
        part.code, part.catalogue_class.code, part.catalogue_class.name, part.name,
        STATE_WORDS[part.state], f"{lon:.7f}", f"{lat:.7f}", part.competent_name,
        part.competent_uscc, part.owner_name, part.owner_uscc, part.maintainer_name,
        part.maintainer_uscc, part.initial_on.isoformat(), SOURCE_WORDS[part.source],
        part.location_text, part.note,
    )  # fmt: skip
    return list((dict(zip(HEADER, said, strict=True)) | other).values())
