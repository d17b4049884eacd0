"""The summary of the first page as bytes: A4 across with page numbers, or a workbook.

Held in memory whole: what one holds is bounded by the period and by the district.
"""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Any

import xlsxwriter
from django.template.loader import render_to_string

from assessment.selectors.summary import Section, Summary
from parts.paper import set_pdf, turn_to_set

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
WIDEST, LONGEST_NAME = 60, 31
# What no name of a sheet may contain.
NO_NAME = str.maketrans(dict.fromkeys("[]:*?/\\'", " "))


def summary_pdf(summary: Summary, title: str, made_by: str) -> bytes:
    """Raises TooMany when others are being set and do not end soon."""
    said = {"summary": summary, "title": title, "made_by": made_by}
    html = render_to_string("assessment/summary_sheet.html", said)
    with turn_to_set():
        return set_pdf(html, style="summary.css")


def summary_xlsx(summary: Summary, title: str, made_by: str) -> bytes:
    """The head on the first sheet, then a sheet a table; texts are never taken for formulas."""
    held = BytesIO()
    with xlsxwriter.Workbook(held, {"in_memory": True}) as book:
        bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
        first = Section(title, title, [title, ""], [list(line) for line in summary.head])
        names: set[str] = set()
        for section in (first, *summary.sections):
            sheet = book.add_worksheet(_sheet_name(section.name, names))
            sheet.set_landscape()
            sheet.set_paper(9)
            sheet.fit_to_pages(1, 0)
            sheet.repeat_rows(0)
            sheet.freeze_panes(1, 0)
            sheet.set_footer(f"&L{made_by}&R&P / &N")
            _write(sheet, section, bold)
    return held.getvalue()


FILES: dict[str, tuple[Callable[[Summary, str, str], bytes], str]] = {
    "pdf": (summary_pdf, "application/pdf"),
    "xlsx": (summary_xlsx, XLSX),
}


def _sheet_name(name: str, taken: set[str]) -> str:
    """A name that a workbook takes, and no other sheet of it has."""
    clean = name.translate(NO_NAME).strip()[:LONGEST_NAME] or "1"
    found, number = clean, 2
    while found.lower() in taken:
        tail = f" {number}"
        found, number = clean[: LONGEST_NAME - len(tail)] + tail, number + 1
    taken.add(found.lower())
    return found


def _write(sheet: Any, section: Section, bold: Any) -> None:
    rows = [section.heads, *section.rows]
    for number, row in enumerate(rows):
        for column, value in enumerate(row):
            form = bold if number == 0 else None
            if isinstance(value, (int, float)):
                sheet.write_number(number, column, value, form)
            elif value is not None and value != "":
                sheet.write_string(number, column, str(value), form)
    if section.note:
        sheet.write_string(len(rows) + 1, 0, section.note)
    for column in range(len(section.heads)):
        widest = max(_width(row[column]) for row in rows)
        sheet.set_column(column, column, min(widest + 2, WIDEST))


def _width(value: Any) -> int:
    """In digits: a Chinese character is as wide as two."""
    text = "" if value is None else str(value)
    return sum(2 if ord(one) > 0x2E80 else 1 for one in text)
