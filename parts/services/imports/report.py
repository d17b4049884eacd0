"""Writes what was refused and what was remarked: row, column, value and reason in Chinese.

The lines are first laid into a file, so that the workbook can be written by a thread of its own
while the database writes the parts.
"""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path
from typing import IO

import xlsxwriter
from django.db.backends.utils import CursorWrapper
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from gridcity.contracts import Invalid
from parts.services.imports.faults import Fault, Remark

ROWS_SQL = """
copy (
    select 'fault' as level, n + {ahead} as line, "column", value, fault from import_row
    where fault <> ''
    union all
    select 'remark', n + {ahead}, "column", value, kind from import_remark
    order by 1, 2, 3
) to stdout (format csv)
"""
# A cell that begins with one of these would be a formula in a spreadsheet (stack.md, sheets).
FORMULA = ("=", "+", "-", "@", "\t", "\r")
MOST_SHEET_ROWS = 1_000_000
WIDTHS = (10, 18, 44, 64)
Line = tuple[str, int, str, str, str]


def safe(value: str) -> str:
    """Text that no spreadsheet takes for a formula; numbers stay as they are."""
    if value.startswith(FORMULA) and not value.lstrip("+-").replace(".", "", 1).isdigit():
        return f"'{value}"
    return value


@contextmanager
def reporting(cursor: CursorWrapper, path: Path | None, ahead: int) -> Iterator[None]:
    """Write the report beside what is done inside; it is whole when this ends.

    XLSX or CSV by the name of the file. Raises Invalid for another name.
    """
    if path is None:
        yield
        return
    if path.suffix.lower() not in (".xlsx", ".csv"):
        raise Invalid(_("The report is written as .xlsx or .csv."), report=path.name)
    with tempfile.TemporaryFile("w+b") as kept, ThreadPoolExecutor(1) as beside:
        with cursor.copy(ROWS_SQL.format(ahead=int(ahead))) as copy:
            for block in copy:
                kept.write(block)
        kept.seek(0)
        written: Future[None] = beside.submit(write_report, kept, path)
        yield
        written.result()


def write_report(kept: IO[bytes], path: Path) -> None:
    """The lines as a table, always in Chinese."""
    # a thread has a language of its own
    with translation.override("zh-hans"):
        rows = lines(kept)
        if path.suffix.lower() == ".xlsx":
            write_workbook(path, rows)
        else:
            write_text(path, rows)


def lines(kept: IO[bytes]) -> Iterator[Line]:
    """Level, line of the file, column, value and reason in words."""
    reasons = {str(key): str(label) for kind in (Fault, Remark) for key, label in kind.choices}
    text = (line.decode() for line in kept)
    for level, line, column, value, reason in csv.reader(text):
        yield level, int(line), safe(column), safe(value), reasons[reason]


def level_names() -> dict[str, str]:
    return {"fault": pgettext("row", "refused"), "remark": _("remark")}


def header() -> list[str]:
    return [_("Row"), _("Column"), _("Value"), pgettext("row", "Reason")]


def write_text(path: Path, rows: Iterator[Line]) -> None:
    names = level_names()
    with path.open("w", encoding="utf-8-sig", newline="") as handle:
        writer = csv.writer(handle)
        writer.writerow([_("Level"), *header()])
        writer.writerows([names[level], *rest] for level, *rest in rows)


def write_workbook(path: Path, rows: Iterator[Line]) -> None:
    """A sheet of refused rows and one of remarks, line by line: their size does not matter."""
    with xlsxwriter.Workbook(
        str(path), {"constant_memory": True, "strings_to_formulas": False}
    ) as book:
        levels = groupby(rows, key=lambda row: row[0])
        level, found = next(levels, ("", iter(())))
        for wanted, name in level_names().items():
            write_sheets(book, name, found if level == wanted else iter(()))
            if level == wanted:
                level, found = next(levels, ("", iter(())))


def write_sheets(book: xlsxwriter.Workbook, name: str, rows: Iterator[Line]) -> None:
    """The rows of one level; a sheet holds a million of them."""
    titled = [name, *(f"{name} {n}" for n in range(2, 100))]
    bold = book.add_format({"bold": True})
    row = next(rows, None)
    for title in titled:
        sheet = book.add_worksheet(title)
        sheet.freeze_panes(1, 0)
        for column, width in enumerate(WIDTHS):
            sheet.set_column(column, column, width)
        sheet.write_row(0, 0, header(), bold)
        number = 0
        while row is not None and number < MOST_SHEET_ROWS:
            number += 1
            sheet.write_number(number, 0, row[1])
            for column in (1, 2, 3):
                sheet.write_string(number, column, row[column + 1])
            row = next(rows, None)
        if row is None:
            return
