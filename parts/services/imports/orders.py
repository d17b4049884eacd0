"""The way of a register into the product: uploaded, declared, tried dry, confirmed, imported.

The two long steps are jobs (`jobs.kinds`); each ends in one transaction with its row.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import asdict
from datetime import datetime
from pathlib import Path, PurePath
from typing import Any

from django.conf import settings
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext as _

from gridcity.contracts import Actor, Invalid, NotAllowed, NotVisible, StaleVersion, TooLarge
from jobs.models import Job
from jobs.services import enqueue_job
from jobs.work import Work
from parts.frames import FRAMES
from parts.models import CatalogueClass, CodingScheme, PartImport, PartSource
from parts.services.imports.columns import NAMES, find_columns, guess_columns, plain
from parts.services.imports.peek import Look, look_into
from parts.services.imports.register import Declared, Outcome, import_parts
from parts.services.rights import check_is_administrator

CHECK, IMPORT = "parts.import.check", "parts.import"
REPORT = "拒收与提示.xlsx"
LONGEST_NAME = 200


def upload_register(
    *, actor: Actor, at: datetime, file: UploadedFile, source_key: str, scheme: str, frame: str
) -> PartImport:
    """Keep an uploaded file and look into it; its columns are guessed, or as the register's last.

    Raises Invalid for a file, name, scheme or frame that will not do, TooLarge.
    """
    check_is_administrator(actor)
    key = source_key.strip()
    check_upload(file, key, scheme, frame)
    row = PartImport(
        name=PurePath(file.name or "").name[-LONGEST_NAME:], size=file.size or 0,
        uploaded_by_id=actor.user_id, uploaded_at=at, frame=frame,
    )  # fmt: skip
    row.sha256 = sha256_of(file)
    row.file.save(row.name, file, save=False)
    try:
        look = look_into(Path(row.file.path), layer="*")
        with transaction.atomic():
            source = source_of(key, scheme, frame)
            row.source, row.class_code = source, source.class_code
            take_look(row, look, source.columns)
            row.save(force_insert=True)
    except BaseException:
        default_storage.delete(row.file.name)
        raise
    return row


def check_upload(file: UploadedFile, key: str, scheme: str, frame: str) -> None:
    """Raise Invalid naming the input at fault, TooLarge for a file beyond the limit."""
    if (file.size or 0) > settings.REQUEST_MAX_BYTES:
        most = settings.REQUEST_MAX_BYTES // 1024 // 1024
        raise TooLarge(
            _("The file is larger than %(n)s MB: pack it (.csv.gz) or divide it.") % {"n": most}
        )
    if not key or len(key) > 64 or not key.isprintable():
        sentence = _("Name the register, in at most 64 characters.")
        raise Invalid(sentence, source_key=sentence)
    if not CodingScheme.objects.filter(key=scheme).exists():
        raise Invalid(_("There is no such coding scheme."), scheme=scheme)
    if frame not in FRAMES:
        raise Invalid(_("There is no such frame of coordinates."), frame=frame)


def sha256_of(file: UploadedFile) -> str:
    """The mark of a file's content; it is read again from the start afterwards."""
    found = hashlib.sha256()
    for block in file.chunks():
        found.update(block)
    file.seek(0)
    return found.hexdigest()


def source_of(key: str, scheme: str, frame: str) -> PartSource:
    """The register of this name, made where there is none. Raises Invalid for another scheme."""
    source, is_new = PartSource.objects.get_or_create(
        key=key, defaults={"scheme_id": scheme, "frame": frame}
    )
    if not is_new and source.scheme_id != scheme:
        sentence = _("This register is kept in the scheme %(scheme)s.") % {
            "scheme": source.scheme_id
        }
        raise Invalid(sentence, scheme=sentence)
    return source


def take_look(row: PartImport, look: Look, kept: Mapping[str, str]) -> None:
    """Keep what was seen; columns as they were last where the file still has them."""
    row.header, row.first_rows, row.layers = look.header, look.first_rows, look.layers
    row.layer = row.layer or (look.layers[0] if len(look.layers) > 1 else "")
    names = {plain(name): name for name in reversed(look.header)}
    known = {field: names[plain(name)] for field, name in kept.items() if plain(name) in names}
    row.columns = known if kept else guess_columns(look.header)


def declare_and_check(
    *,
    actor: Actor,
    at: datetime,
    import_id: int,
    version: int,
    declared: Declared,
) -> Job:
    """Say how the file is read, keep that for the register, and ask for the dry run.

    Raises Invalid naming the attribute at fault, NotAllowed while a job of it runs or when it was
    imported, StaleVersion when somebody else has declared something else meanwhile.
    """
    check_is_administrator(actor)
    with transaction.atomic():
        row = held(import_id, version)
        if declared.layer != row.layer:
            row.layer = declared.layer
            take_look(row, look_into(Path(row.file.path), layer=row.layer), {})
        check_declared(row, declared)
        columns = {name: said for name, said in (declared.columns or {}).items() if said}
        row.frame, row.class_code, row.columns = declared.frame, declared.class_code, columns
        row.version += 1
        row.checked, row.checked_at = None, None
        row.check_job = enqueue_job(
            actor=actor, at=at, kind=CHECK, title=_("Dry run: %(name)s") % {"name": row.name},
            arguments={"import": row.pk, "version": row.version},
        )  # fmt: skip
        row.save(
            update_fields=[
                "header", "first_rows", "layers", "layer", "columns", "frame", "class_code",
                "version", "checked", "checked_at", "check_job",
            ]
        )  # fmt: skip
        keep_for_next(row)
    return row.check_job


def check_declared(row: PartImport, declared: Declared) -> None:
    """Raise Invalid for a frame, class or column that there is not."""
    if declared.frame not in FRAMES:
        raise Invalid(_("There is no such frame of coordinates."), frame=declared.frame)
    code = declared.class_code
    classes = CatalogueClass.objects.filter(
        scheme=row.source.scheme_id, kind="part", is_active=True
    )
    if code and not classes.filter(code=code).exists():
        sentence = _("The coding scheme has no part class of this code.")
        raise Invalid(sentence, class_code=sentence)
    wanted = declared.columns or {}
    if unknown := set(wanted) - set(NAMES):
        raise Invalid(_("There is no such attribute."), columns=", ".join(sorted(unknown)))
    find_columns(row.header, wanted, class_code=code)


def keep_for_next(row: PartImport) -> None:
    """The next file of this register is read in the same way."""
    source = PartSource.objects.select_for_update(no_key=True).get(pk=row.source_id)
    now = (row.frame, row.class_code, row.columns)
    if (source.frame, source.class_code, source.columns) != now:
        source.frame, source.class_code, source.columns = now
        source.save(update_fields=["frame", "class_code", "columns"])


def confirm_import(*, actor: Actor, at: datetime, import_id: int, version: int) -> Job:
    """Ask for the import of what the dry run showed.

    Raises NotAllowed without a dry run or while a job of it runs, StaleVersion when something else
    was declared since. That the register still is as it was then, the import finds itself.
    """
    check_is_administrator(actor)
    with transaction.atomic():
        row = held(import_id, version)
        if row.checked is None:
            raise NotAllowed(_("There is no dry run of this file that could be confirmed."))
        if not row.checked["accepted"]:
            raise NotAllowed(_("No row of this file is accepted: there is nothing to import."))
        row.import_job = enqueue_job(
            actor=actor, at=at, kind=IMPORT, title=_("Import: %(name)s") % {"name": row.name},
            arguments={"import": row.pk, "version": row.version},
        )  # fmt: skip
        row.confirmed_by_id = actor.user_id
        row.save(update_fields=["import_job", "confirmed_by"])
    return row.import_job


def held(import_id: int, version: int) -> PartImport:
    """An import that may go on, locked. Raises NotVisible, NotAllowed, StaleVersion."""
    row = (
        PartImport.objects.select_for_update(of=("self",), no_key=True)
        .select_related("source", "check_job", "import_job")
        .filter(pk=import_id)
        .first()
    )
    if row is None:
        raise NotVisible
    if row.imported_at is not None:
        raise NotAllowed(_("This file was imported already."))
    if any(job is not None and job.is_alive for job in (row.check_job, row.import_job)):
        raise NotAllowed(_("Work on this file is under way: wait for it, or stop it."))
    if row.version != version:
        raise StaleVersion(
            _("Somebody has declared this file anew meanwhile: look at it again."),
            version=row.version,
        )
    return row


# ---------------------------------------------------------------- the jobs


class Steps:
    """The progress of an import as that of a job."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.done = 0

    def start(self, rows: int) -> None:
        self.work.progress(step=_("Reading and checking rows"), done=0, total=max(rows - 1, 0))

    def step(self, rows: int) -> None:
        self.done += rows
        self.work.progress(done=self.done)

    def stage(self, sentence: str) -> None:
        self.work.progress(step=sentence)


def run_check(work: Work) -> None:
    """The dry run: counts, a sample of differences, and what would be refused."""
    row = row_of(work)
    with ExitStack() as stack:
        report = stack.enter_context(work.output(REPORT))
        outcome = import_parts(
            actor=work.actor, at=work.at, path=Path(row.file.path), scheme=row.source.scheme_id,
            commit=False, source_key=row.source.key, report=report, progress=Steps(work),
            declared=declared_of(row),
        )  # fmt: skip
    with transaction.atomic():
        held_row = locked(work)
        held_row.checked, held_row.checked_at = as_json(outcome), work.at
        held_row.save(update_fields=["checked", "checked_at"])
        work.finish(counts_of(outcome))


def run_import(work: Work) -> None:
    """The import itself: parts, history, counts and the end of the job in one transaction."""
    row = row_of(work)
    if row.checked is None:
        raise NotAllowed(_("There is no dry run of this file that could be confirmed."))
    with ExitStack() as stack:
        report = stack.enter_context(work.output(REPORT))

        def finish(outcome: Outcome) -> None:
            stack.close()
            held_row = locked(work)
            held_row.imported, held_row.imported_at = as_json(outcome), work.at
            held_row.save(update_fields=["imported", "imported_at"])
            work.finish(counts_of(outcome))

        import_parts(
            actor=work.actor, at=work.at, path=Path(row.file.path), scheme=row.source.scheme_id,
            commit=True, source_key=row.source.key, report=report, progress=Steps(work),
            declared=declared_of(row, digest=row.checked["digest"]), finish=finish,
        )  # fmt: skip


def row_of(work: Work) -> PartImport:
    return PartImport.objects.select_related("source").get(pk=work.arguments["import"])


def locked(work: Work) -> PartImport:
    """The import that this job is for. Raises NotAllowed when something else was declared since."""
    row = PartImport.objects.select_for_update(no_key=True).get(pk=work.arguments["import"])
    if row.version != work.arguments["version"]:
        raise NotAllowed(_("Somebody has declared this file anew meanwhile: look at it again."))
    return row


def declared_of(row: PartImport, *, digest: str = "") -> Declared:
    return Declared(
        frame=row.frame, layer=row.layer, columns=row.columns, class_code=row.class_code,
        digest=digest,
    )  # fmt: skip


def counts_of(outcome: Outcome) -> dict[str, Any]:
    names = ("rows", "new", "changed", "unchanged", "refused", "accepted", "missing")
    return {name: getattr(outcome, name) for name in names}


def as_json(outcome: Outcome) -> dict[str, Any]:
    """Counts, faults, remarks, sample and digest as they are kept."""
    kept = asdict(outcome)
    return {**kept, **counts_of(outcome), "faults": dict(outcome.faults),
            "remarks": dict(outcome.remarks)}  # fmt: skip
