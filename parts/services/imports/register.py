"""Reads a census of parts into the register, in one transaction, or says what would happen."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import pghistory
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.utils import timezone
from django.utils.translation import gettext as _

from gridcity.contracts import Actor, Invalid, NotAllowed
from parts.frames import FRAMES, Frame
from parts.models import CatalogueClass, CodingScheme, District
from parts.services.holding import hold_edition_told
from parts.services.imports.cleaning import Clean, Cleaner
from parts.services.imports.columns import NAMES, Columns, find_columns
from parts.services.imports.faults import Remark
from parts.services.imports.judging import Told, judge_together
from parts.services.imports.reading import opened
from parts.services.imports.report import reporting
from parts.services.imports.sample import sample_of
from parts.services.imports.staging import add_remarks, copy_rows
from parts.services.imports.tables import Row, Table
from parts.services.imports.writing import (
    MISSING_SQL,
    changed_meanwhile,
    digest_of,
    find_changes,
    write_parts,
)
from parts.services.rights import check_is_administrator

# Imports wait here for each other, from judging to the end: what one finds the next must see.
TURN = "parts import"
ASK_AGAIN_S = 0.5
# Sorts of a whole register fit; an import is one of few transactions at a time.
MEMORY_SQL = "set local work_mem = '96MB'"
STEP = 2000


class Progress(Protocol):
    """Where a long import tells how far it is."""

    def start(self, rows: int) -> None: ...
    def step(self, rows: int) -> None: ...
    def stage(self, sentence: str) -> None: ...


@dataclass(frozen=True, slots=True)
class Declared:
    """What the sender says of a file: its frame, its layer, its columns, its one class.

    `columns` is attribute → name of the column, None for the guess. `digest` is that of the dry
    run which was confirmed: when the register says something else by now, nothing is written.
    """

    frame: str = "4490"
    layer: str = ""
    columns: Mapping[str, str] | None = None
    class_code: str = ""
    digest: str = ""


@dataclass(slots=True)
class Outcome:
    """What came of an import, or would: counts by fault, by remark and of what changed.

    `missing` are standing parts of this register that the file does not name: they stay as they
    are. `sample` shows some of the changes.
    """

    rows: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    missing: int = 0
    committed: bool = False
    faults: Counter[str] = field(default_factory=Counter)
    remarks: Counter[str] = field(default_factory=Counter)
    sample: list[dict[str, Any]] = field(default_factory=list)
    digest: str = ""

    @property
    def refused(self) -> int:
        return sum(self.faults.values())

    @property
    def accepted(self) -> int:
        return self.rows - self.refused


FIRST_DECLARED = Declared()


def import_parts(
    *,
    actor: Actor,
    at: datetime,
    path: Path,
    scheme: str,
    commit: bool,
    source_key: str = "",
    report: Path | None = None,
    progress: Progress | None = None,
    declared: Declared = FIRST_DECLARED,
    finish: Callable[[Outcome], None] | None = None,
) -> Outcome:
    """Read a census of parts; write it when `commit`, else only say what would happen.

    `source_key` names the register (by default the file's name): a row is found again by it and
    its own key, or by the part code it brings, so the same file twice changes nothing. One
    transaction, of which `finish` is the last step: a killed import leaves nothing. Raises Invalid
    when the file, its columns or the scheme will not do, NotAllowed when the register has changed
    since the dry run that was confirmed.
    """
    check_is_administrator(actor)
    job = begin(path, scheme, source_key, declared, at)
    history = pghistory.context(actor=actor.username, register=job.source_key)
    with transaction.atomic(), history, connection.cursor() as cursor:
        cursor.execute(MEMORY_SQL)
        outcome, ahead = job.stage(cursor, path, progress, commit=commit)
        with reporting(cursor, report, ahead):
            if commit:
                tell(progress, _("Writing"))
                write_parts(cursor, job.params)
                outcome.committed = True
            else:
                outcome.sample = sample_of(cursor, ahead)
        if not commit:
            transaction.set_rollback(True)
        elif finish:
            finish(outcome)
    return outcome


def begin(path: Path, scheme: str, source_key: str, declared: Declared, at: datetime) -> Job:
    """What one import works with. Raises Invalid where scheme, frame or district is missing."""
    district = District.objects.order_by("code").first()
    chosen = CodingScheme.objects.filter(key=scheme).first()
    if chosen is None:
        raise Invalid(_("There is no such coding scheme."), scheme=scheme)
    if declared.frame not in FRAMES:
        raise Invalid(_("There is no such frame of coordinates."), frame=declared.frame)
    if district is None:
        raise Invalid(_("There is no district yet: load or import its grid first."), file="")
    key = (source_key or path.name.partition(".")[0]).strip()[:64]
    return Job(chosen, district.code, key, at, declared)


def tell(progress: Progress | None, sentence: str) -> None:
    if progress:
        progress.stage(sentence)


def cleaned(
    cleaner: Cleaner, rows: Iterator[Row], ahead: int, progress: Progress | None
) -> Iterator[tuple[int, Clean]]:
    """Rows judged one by one, by their place after the header.

    Asks the database nothing: its connection is busy copying.
    """
    for read, (line, cells) in enumerate(rows, start=1):
        if progress and read % STEP == 0:
            progress.step(STEP)
        yield line - ahead, cleaner.clean(line - ahead, cells)


@dataclass(frozen=True, slots=True)
class Job:
    """One import: scheme, district, register, day, and what is declared of the file."""

    scheme: CodingScheme
    district: str
    source_key: str
    at: datetime
    declared: Declared

    @property
    def params(self) -> dict[str, Any]:
        width = self.scheme.part_serial_length
        return {
            "district": self.district,
            "source_key": self.source_key,
            "today": timezone.localdate(self.at),
            "width": width,
            "serials": 10**width,
        }

    @property
    def frame(self) -> Frame:
        return FRAMES[self.declared.frame]

    def stage(
        self, cursor: CursorWrapper, path: Path, progress: Progress | None, *, commit: bool
    ) -> tuple[Outcome, int]:
        """Read the file into the staging tables, judge it there, and count.

        Returns the counts, and by how much a row's number in the file is ahead of its place.
        """
        outcome = Outcome()
        with opened(path, layer=self.declared.layer) as table:
            columns = find_columns(
                table.header, self.declared.columns, class_code=self.declared.class_code
            )
            if progress:
                progress.start(table.about)
            rows = cleaned(self.cleaner(columns), table.rows, table.ahead, progress)
            outcome.rows = copy_rows(cursor, rows, columns)
            if table.encoding != "utf-8":
                add_remarks(cursor, [header_remark(table)])
        if commit:
            wait_for_turn(cursor, progress)
            # what is judged by the cells of an edition is written into them
            hold_edition_told(partial(tell, progress, _("Waiting for an edition to be published")))
        tell(progress, _("Judging positions"))
        told = Told({name: columns.name(name) for name in NAMES}, columns.place, table.ahead)
        judge_together(cursor, source_key=self.source_key, told=told, frame=self.frame)
        tell(progress, _("Comparing with the register"))
        find_changes(cursor, lock=commit)
        self.count(cursor, outcome)
        if self.declared.digest or not commit:
            outcome.digest = digest_of(cursor)
        if commit and outcome.digest != self.declared.digest:
            raise NotAllowed(changed_meanwhile())
        return outcome, table.ahead

    def cleaner(self, columns: Columns) -> Cleaner:
        """What judges a row by itself, by the part classes in use. Raises Invalid."""
        entries = CatalogueClass.objects.filter(scheme=self.scheme, kind="part", is_active=True)
        classes = {entry.code: entry for entry in entries}
        wanted = self.declared.class_code
        if wanted and wanted not in classes:
            sentence = _("The coding scheme has no part class of this code.")
            raise Invalid(sentence, class_code=sentence)
        return Cleaner(
            columns, classes, self.scheme.pattern, self.district,
            frame=self.frame, only=classes.get(wanted),
        )  # fmt: skip

    def count(self, cursor: CursorWrapper, outcome: Outcome) -> None:
        """Fill the counts from the staging tables."""
        cursor.execute("select fault, count(*) from import_row where fault <> '' group by 1")
        outcome.faults.update(dict(cursor.fetchall()))
        cursor.execute("select kind, count(*) from import_remark group by 1")
        outcome.remarks.update(dict(cursor.fetchall()))
        cursor.execute(
            "select (select count(*) from import_new), (select count(*) from import_change)"
        )
        outcome.new, outcome.changed = cursor.fetchone()
        outcome.unchanged = outcome.accepted - outcome.new - outcome.changed
        cursor.execute(MISSING_SQL, self.params)
        outcome.missing = cursor.fetchone()[0]


def header_remark(table: Table) -> tuple[int, str, str, str]:
    """What is remarked of the whole file stands at its header."""
    return 1 - table.ahead, Remark.ENCODING.value, "", table.encoding.upper()


def wait_for_turn(cursor: CursorWrapper, progress: Progress | None) -> None:
    """Hold the turn of imports until the transaction ends; asked for again and again meanwhile.

    So a waiting import still says that it lives, and can be stopped.
    """
    while True:
        cursor.execute("select pg_try_advisory_xact_lock(hashtext(%s))", [TURN])
        if cursor.fetchone()[0]:
            return
        tell(progress, _("Waiting for another import to end"))
        time.sleep(ASK_AGAIN_S)
