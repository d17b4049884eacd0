"""The printed standards as files: a workbook, and a page set as PDF."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from parts.models.catalogue import ForcedClose
from parts.paper import set_pdf, turn_to_set
from parts.selectors.standards import (
    Printed,
    StandardFilter,
    body_words,
    limit_words,
    print_standards,
)
from parts.services.standard_table.report import write_book


def write_xlsx(path: Path, wanted: StandardFilter, *, on: date) -> int:
    """The standards of a filter as a workbook; returns how many."""
    printed = print_standards(wanted, on=on)
    columns = [
        (_("Kind"), 8), (_("Code"), 9), (pgettext("district", "Class"), 22),
        (_("Condition of filing"), 48),
        (_("Limit in area A"), 14), (_("Limit in area B"), 14), (_("Limit in area C"), 14),
        (_("Condition of closing"), 36), (_("Responsible"), 22), (_("Forced close"), 16),
        (_("Valid from"), 12), (_("Valid to"), 12), (_("Origin"), 12),
    ]  # fmt: skip
    write_book(path, [(_("Handling standards"), columns, sheet_rows(printed))])
    return printed.standards


def sheet_rows(printed: Printed) -> Iterator[tuple[object, ...]]:
    for entry, standards in printed.classes:
        for one in standards:
            limits = dict(limit_words(one))
            everywhere = limits.get("", "")
            yield (
                str(entry.get_kind_display()), entry.code, entry.name, one.condition,
                limits.get("A", everywhere), limits.get("B", everywhere),
                limits.get("C", everywhere), one.closing_condition, body_words(one),
                forced_words(one.forced_close, one.forced_close_days),
                one.valid_from.isoformat(), one.valid_to.isoformat() if one.valid_to else "",
                _("product default") if one.is_default else pgettext("standard", "city's own"),
            )  # fmt: skip


def forced_words(policy: str, days: int | None) -> str:
    """A policy of forced closing in words; nothing for “never”."""
    if policy == ForcedClose.NEVER:
        return ""
    if policy == ForcedClose.AFTER_DAYS:
        return _("%(n)s days after filing") % {"n": days}
    return str(ForcedClose(policy).label)


def standards_pdf(wanted: StandardFilter, *, on: date, at: datetime, printed_by: str) -> bytes:
    """The standards of a filter as PDF. Raises TooMany while others are being set."""
    context: dict[str, Any] = {
        "wanted": wanted, "printed": print_standards(wanted, on=on), "on": on, "at": at,
        "printed_by": printed_by,
    }  # fmt: skip
    html = render_to_string("parts/standards_print.html", context)
    with turn_to_set():
        return set_pdf(html, style="standards-print.css")
