"""Tables of places as people keep them: read, with every fault named by line and column."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from gridcity.contracts import Invalid
from parts.models import Place
from parts.services.places import PlaceSaid, cleaned

MOST_BYTES = 50 * 1024 * 1024
# What a column may be called, in the field's terms and in those of the interface.
COLUMNS = {
    "kind": ("类型", "地名类型", "kind"),
    "name": ("标准名称", "名称", "地名", "name"),
    "aliases": ("别名", "aliases"),
    "former_names": ("曾用名", "former_names"),
    "code": ("编码", "地名编码", "code"),
    "lon": ("经度", "lon"),
    "lat": ("纬度", "lat"),
    "valid_from": ("启用日期", "valid_from"),
    "valid_to": ("停用日期", "valid_to"),
}
DEMANDED = ("kind", "name", "lon", "lat")
KINDS = {
    "区域": "region", "地片": "plot", "区片": "area", "街巷": "lane", "门楼牌": "door",
    "兴趣点": "point", **{kind: kind for kind in Place.Kind.values},
}  # fmt: skip
SEPARATORS = str.maketrans("；;、，,|", "||||||")
LONGEST_NAME, LONGEST_CODE = 100, 32
FORMULAS = ("=", "+", "-", "@", "\t")


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a row was refused: its line, the column, what stands there, and the reason in words."""

    line: int
    column: str
    value: str
    reason: str


def said_rows(path: Path, faults: list[Fault]) -> Iterator[tuple[int, PlaceSaid]]:
    """The rows that can be read, with their line; the others go to the faults."""
    if path.stat().st_size > MOST_BYTES:
        raise Invalid(_("The file is too large."), file=_("At most 50 MB."))
    reader = csv.reader(io.StringIO(text_of(path), newline=""))
    try:
        header = next(reader, [])
        places = columns_of(header)
        for cells in reader:
            if any(cell.strip() for cell in cells):
                named = {key: cells[n].strip() if n < len(cells) else "" for key, n in places}
                said = said_of(reader.line_num, named, faults)
                if said is not None:
                    yield reader.line_num, said
    except csv.Error as problem:
        raise Invalid(_("The file is no table of values."), file=str(problem)) from problem


def text_of(path: Path) -> str:
    """The text of a file in UTF-8 or GB18030. Raises Invalid for anything else."""
    raw = path.read_bytes()
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    sentence = _("The file is neither UTF-8 nor GB18030 text.")
    raise Invalid(sentence, file=sentence)


def columns_of(header: list[str]) -> list[tuple[str, int]]:
    """Where each field stands. Raises Invalid naming the columns that are missing."""
    found = {
        key: n
        for n, title in enumerate(header)
        for key, titles in COLUMNS.items()
        if title.strip().lower() in titles
    }
    missing = [COLUMNS[key][0] for key in DEMANDED if key not in found]
    if missing:
        raise Invalid(
            _("The table lacks columns: %(names)s") % {"names": "、".join(missing)},
            file=_("The first row names the columns."),
        )
    return list(found.items())


def said_of(line: int, named: dict[str, str], faults: list[Fault]) -> PlaceSaid | None:
    """What a row says; None where it is refused, with every reason among the faults."""
    found: dict[str, Any] = {}
    reasons: list[tuple[str, str]] = []
    for key, read in READERS.items():
        try:
            found[key] = read(named.get(key, ""))
        except ValueError as problem:
            reasons.append((key, str(problem)))
    first, last = found.get("valid_from"), found.get("valid_to")
    if first and last and last < first:
        reasons.append(("valid_to", _("The end of validity lies before its begin.")))
    faults += [Fault(line, COLUMNS[key][0], named.get(key, ""), reason) for key, reason in reasons]
    return None if reasons else PlaceSaid(**found)


def kind_of(text: str) -> str:
    """Each reader raises ValueError with the sentence for whoever made the table."""
    if text.lower() not in KINDS:
        raise ValueError(_("One of: %(kinds)s") % {"kinds": "、".join(list(KINDS)[:6])})
    return KINDS[text.lower()]


def name_of(text: str) -> str:
    if not text:
        raise ValueError(_("A name is required."))
    if len(text) > LONGEST_NAME:
        raise ValueError(_("At most %(n)d characters.") % {"n": LONGEST_NAME})
    return text


def code_of(text: str) -> str:
    if len(text) > LONGEST_CODE:
        raise ValueError(_("At most %(n)d characters.") % {"n": LONGEST_CODE})
    return text


def names_of(text: str) -> list[str]:
    return cleaned(name_of(name) for name in text.translate(SEPARATORS).split("|") if name)


def number_of(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not -180 <= value <= 180:
        raise ValueError(_("A number of degrees is required."))
    return value


def day_of(text: str) -> date | None:
    if not text:
        return None
    for form in ("%Y-%m-%d", "%Y/%m/%d", "%Y%m%d", "%Y.%m.%d", "%Y年%m月%d日"):
        try:
            return datetime.strptime(text, form).date()  # noqa: DTZ007 - a day, not an instant
        except ValueError:
            continue
    raise ValueError(_("A date such as 2026-06-10 is required."))


READERS: dict[str, Callable[[str], Any]] = {
    "kind": kind_of, "name": name_of, "aliases": names_of, "former_names": names_of,
    "code": code_of, "lon": number_of, "lat": number_of, "valid_from": day_of, "valid_to": day_of,
}  # fmt: skip


def write_faults(path: Path, faults: list[Fault]) -> None:
    """The refused rows as a table that spreadsheets open; nothing in it is taken for a formula."""
    with path.open("w", encoding="utf-8-sig", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(["行", "列", "值", "原因"])
        for fault in sorted(faults, key=lambda fault: fault.line):
            value = f"'{fault.value}" if fault.value.startswith(FORMULAS) else fault.value
            writer.writerow([fault.line, fault.column, value, fault.reason])
