"""What a cell of a table says: text, number, date. Pure, and quick: asked millions of times."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime
from typing import Any

LOST_DIGITS = 1e15  # a spreadsheet's number keeps 15 digits
SCIENTIFIC = re.compile(r"^\d(\.\d+)?[eE]\+?\d{2}$")
DATE = re.compile(r"^(\d{4})[-/.年]?(\d{1,2})[-/.月]?(\d{1,2})日?(?:[T ].*)?$")
PLAIN_DATE = re.compile(r"^\d{4}-\d{2}-\d{2}$")


def as_text(value: Any) -> str:
    """A cell as text: stripped, control characters out, 402.0 as 402."""
    if type(value) is str:
        text = value.strip()
        return text if text.isprintable() else printable(text)
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return printable(str(value).strip())


def printable(text: str) -> str:
    """Without control characters: a line break inside a cell becomes a blank."""
    return "".join(c if c.isprintable() else " " * c.isspace() for c in text)


def as_number(value: Any) -> float:
    """A number; ValueError for what is none, or not finite. Full-width digits are read too."""
    if type(value) is str:
        if "_" in value:
            raise ValueError(value)
        if not value.isascii():
            value = unicodedata.normalize("NFKC", value)
    number = float(value)
    if number - number != 0:
        raise ValueError(value)
    return number


def as_date(value: Any) -> date | None:
    """2026-01-02, 2026/1/2, 20260102, 2026.1.2, 2026年1月2日, or a spreadsheet's own date."""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    found = DATE.match(narrowed(as_text(value)))
    if not found:
        return None
    try:
        return date(*(int(group) for group in found.groups()[:3]))
    except ValueError:
        return None


def is_plain_date(value: Any) -> bool:
    """Whether a date needs no remark: a spreadsheet's own, or written 2026-01-02."""
    return isinstance(value, date) or bool(PLAIN_DATE.match(as_text(value)))


def narrowed(text: str) -> str:
    """Full-width letters and digits as plain ones."""
    return text if text.isascii() else unicodedata.normalize("NFKC", text)


def squeezed(name: str) -> str:
    """A class name without blanks and differences of width: 变压器(箱) is 变压器（箱）."""
    return unicodedata.normalize("NFKC", name).replace(" ", "")


def is_scientific(key: str) -> bool:
    """Whether a key is what spreadsheets write of a long number; 12E4 may be a pole's name."""
    return "E+" in key and SCIENTIFIC.match(key) is not None


def has_lost_digits(raw: Any, text: str) -> bool:
    """Whether a cell was a number too long for a spreadsheet, or is one in scientific form."""
    if type(raw) is str:
        return len(text) > 4 and SCIENTIFIC.match(text) is not None
    if isinstance(raw, float | int):
        return raw >= LOST_DIGITS
    return False
