"""How much a file may unpack to: a small one can hold more than the machine does."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path
from typing import IO

from django.utils.translation import gettext as _

from gridcity.contracts import Refused, TooLarge
from parts.services.imports.tables import unreadable

MIB = 1 << 20
#: What a file may unpack to, in bytes; of a workbook, which is held in memory, less.
MOST_BYTES, MOST_WORKBOOK_BYTES = 1024 * MIB, 512 * MIB
MOST_LINE_BYTES = 8 * MIB
MOST_ENTRIES = 5_000
#: Cells between a sheet's first and last: they take memory even where they are empty.
MOST_CELLS = 12_000_000
ENCRYPTED = 0x1
BLOCK = MIB
CELL = re.compile(rb'<c r="([A-Z]{1,3})(\d{1,7})"')


def too_large(most: int) -> TooLarge:
    said = _("Unpacked the file is larger than %(n)s MB: divide it.") % {"n": most // MIB}
    return TooLarge(said)


def count_lines(raw: IO[bytes]) -> int:
    """The lines of a text, read once. Raises TooLarge for too much text, or a line without end."""
    lines = size = unbroken = 0
    while block := raw.read(BLOCK):
        size += len(block)
        found = block.count(b"\n")
        lines += found
        unbroken = len(block) - block.rfind(b"\n") if found else unbroken + len(block)
        if size > MOST_BYTES:
            raise too_large(MOST_BYTES)
        if unbroken > MOST_LINE_BYTES:
            raise unreadable(_("A line of it does not end."))
    return lines


def check_zip(path: Path) -> list[str]:
    """The names in a zip. Raises TooLarge, or Invalid for one that is locked or damaged."""
    with zipfile.ZipFile(path) as archive:
        entries = archive.infolist()
    if len(entries) > MOST_ENTRIES or sum(entry.file_size for entry in entries) > MOST_BYTES:
        raise too_large(MOST_BYTES)
    if any(entry.flag_bits & ENCRYPTED for entry in entries):
        raise unreadable(_("It is locked by a password."))
    return [entry.filename for entry in entries]


def check_workbook(path: Path) -> None:
    """Look through a workbook before it is held in memory. Raises TooLarge.

    Every entry is unpacked once: what an archive says of its sizes is not believed.
    """
    size = 0
    with zipfile.ZipFile(path) as archive:
        for entry in archive.infolist():
            sheet = Extent() if entry.filename.startswith("xl/worksheets/") else None
            with archive.open(entry) as raw:
                while block := raw.read(BLOCK):
                    size += len(block)
                    if size > MOST_WORKBOOK_BYTES:
                        raise too_large(MOST_WORKBOOK_BYTES)
                    if sheet:
                        sheet.look_at(block)


class Extent:
    """How far the cells of a sheet reach."""

    def __init__(self) -> None:
        self.column = self.row = 1
        self.tail = b""
        self.columns: set[bytes] = set()

    def look_at(self, block: bytes) -> None:
        """Raise TooLarge where the sheet has become too wide and long."""
        found = CELL.findall(self.tail + block)
        self.tail = block[-40:]
        if not found:
            return
        self.row = max(self.row, *(int(row) for _column, row in found))
        for name in {column for column, _row in found} - self.columns:
            self.columns.add(name)
            self.column = max(self.column, column_number(name))
        if self.row * self.column > MOST_CELLS:
            raise too_many_cells()


def column_number(name: bytes) -> int:
    """A is 1, XFD is 16,384."""
    number = 0
    for letter in name:
        number = number * 26 + letter - 64
    return number


def too_many_cells() -> Refused:
    said = _(
        "The sheet reaches over more than %(n)s cells: delete what stands far outside, "
        "or save it as CSV."
    )
    return TooLarge(said % {"n": f"{MOST_CELLS:,}"})
