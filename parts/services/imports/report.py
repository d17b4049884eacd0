"""Writes what was refused and what was remarked: row, column, value and reason in Chinese."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import xlsxwriter
from django.db.backends.utils import CursorWrapper
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from gridcity.contracts import Invalid
from parts.services.imports.columns import Columns
from parts.services.imports.faults import Fault, Remark

ROWS_SQL = """
select 'fault', n + 1 as line, col, value, fault from import_row where fault <> ''
union all
select 'remark', n + 1, col, value, kind from import_remark
order by 1, 2, 3
"""
BATCH = 2000
# A cell that begins with one of these would be a formula in a spreadsheet (stack.md, sheets).
FORMULA = ("=", "+", "-", "@", "\t", "\r")
Line = tuple[str, int, str, str, str]


def safe(value: str) -> str:
    """Text that no spreadsheet takes for a formula; numbers stay as they are."""
    if value.startswith(FORMULA) and not value.lstrip("+-").replace(".", "", 1).isdigit():
        return f"'{value}"
    return value


def lines(cursor: CursorWrapper) -> Iterator[Line]:
    """Level, line of the file, column, value and reason, in the language that is active."""
    reasons = {str(key): str(label) for kind in (Fault, Remark) for key, label in kind.choices}
    levels = {"fault": pgettext("row", "refused"), "remark": _("remark")}
    cursor.execute(ROWS_SQL)
    while batch := cursor.fetchmany(BATCH):
        for level, line, column, value, reason in batch:
            yield levels[level], line, column, safe(value), reasons[reason]


def write_report(cursor: CursorWrapper, path: Path, columns: Columns) -> None:
    """XLSX or CSV by the name of the file; always in Chinese. Raises Invalid for another name."""
    with translation.override("zh-hans"):
        header = [_("Level"), _("Row"), _("Column"), _("Value"), pgettext("row", "Reason")]
        if path.suffix.lower() == ".xlsx":
            write_sheet(path, header, lines(cursor))
        elif path.suffix.lower() == ".csv":
            with path.open("w", encoding="utf-8-sig", newline="") as handle:
                writer = csv.writer(handle)
                writer.writerow(header)
                writer.writerows(lines(cursor))
        else:
            raise Invalid(_("The report is written as .xlsx or .csv."), report=path.name)


def write_sheet(path: Path, header: list[str], rows: Iterator[Line]) -> None:
    """A workbook written row by row, so that its size does not matter."""
    with xlsxwriter.Workbook(
        str(path), {"constant_memory": True, "strings_to_formulas": False}
    ) as book:
        sheet = book.add_worksheet()
        sheet.freeze_panes(1, 0)
        for column, width in enumerate((8, 10, 16, 40, 60)):
            sheet.set_column(column, column, width)
        sheet.write_row(0, 0, header, book.add_format({"bold": True}))
        for number, row in enumerate(rows, start=1):
            sheet.write_row(number, 0, row)
