"""What a table left open, as a workbook in Chinese: refused rows, and codes under two names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import xlsxwriter
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from parts.models import CatalogueClass
from parts.services.standard_table.planning import Plan
from parts.services.standard_table.reading import Fault, Remark, title

# A cell that begins with one of these would be a formula in a spreadsheet (stack.md, sheets).
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def safe(value: object) -> object:
    """Text that no spreadsheet takes for a formula; numbers stay numbers."""
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value


def write_book(
    path: Path, sheets: Iterable[tuple[str, Sequence[tuple[str, int]], Iterable[Sequence[object]]]]
) -> None:
    """A workbook row by row: each sheet by name, with its columns (heading, width) and rows."""
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(str(path), options) as book:
        bold = book.add_format({"bold": True, "bg_color": "#E6F0FF", "border": 1})
        wrapped = book.add_format({"text_wrap": True, "valign": "top"})
        for name, columns, rows in sheets:
            sheet = book.add_worksheet(name)
            sheet.freeze_panes(1, 0)
            for column, (heading, width) in enumerate(columns):
                sheet.set_column(column, column, width)
                sheet.write(0, column, heading, bold)
            for number, row in enumerate(rows, start=1):
                sheet.write_row(number, 0, [safe(value) for value in row], wrapped)


def write_report(path: Path, plan: Plan) -> None:
    """Refused rows with row, column, value and reason; then the questions. Always in Chinese."""
    with translation.override("zh-hans"):
        refused = [
            (_("Row"), 8), (_("Column"), 14), (_("Value"), 40), (pgettext("row", "Reason"), 60),
        ]  # fmt: skip
        asked = [
            (_("Kind"), 8), (_("Code"), 10), (_("Name in the table"), 28),
            (_("Name in the scheme %(key)s") % {"key": plan.wanted.compared}, 32),
        ]  # fmt: skip
        write_book(
            path,
            [
                (_("Rows"), refused, told(plan)),
                (_("Questions"), asked, questions(plan)),
            ],
        )


def told(plan: Plan) -> Iterator[tuple[int, str, str, str]]:
    for line in plan.lines:
        if line.fault:
            yield line.number, title(line.column), line.value, str(Fault(line.fault).label)
        for remark in line.remarks:
            yield line.number, title("code"), line.code, str(Remark(remark).label)


def questions(plan: Plan) -> Iterator[tuple[str, str, str, str]]:
    kinds = {kind.value: str(kind.label) for kind in CatalogueClass.Kind}
    for kind, code, here, there in plan.compared.questions:
        yield kinds[kind], code, here, there
