"""Reads a table of standards: its columns by the names cities use, its cells as what they mean."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from functools import cache
from pathlib import Path
from typing import Any

from django.db import models
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from gridcity.contracts import Invalid
from parts.models import LimitUnit
from parts.models.catalogue import ForcedClose
from parts.selectors.standards import BODIES
from parts.services.imports.columns import plain
from parts.services.imports.reading import opened
from parts.services.standards import is_limit

MOST_ROWS = 20_000
NAMES: dict[str, tuple[str, ...]] = {
    "kind": ("kind", "类型", "类别", "部件事件", "部件/事件"),
    "code": ("classcode", "小类代码", "小类编码", "代码", "编码"),
    "name": ("classname", "小类名称", "小类", "名称"),
    "major": ("majorname", "大类名称", "大类"),
    "geometry": ("geometry", "几何类型", "几何"),
    "condition": ("filingcondition", "condition", "立案条件", "立案标准"),
    "limit": ("limitvalue", "limit", "处置时限", "时限", "时限数值"),
    "limit_a": ("limitvaluea", "a类区时限", "a类时限", "a区时限"),
    "limit_c": ("limitvaluec", "c类区时限", "c类时限", "c区时限"),
    "unit": ("limitunit", "unit", "时限单位", "单位"),
    "closing": ("closingcondition", "结案条件", "结案标准"),
    "responsible": ("responsible", "责任单位", "责任部门", "处置单位"),
    "body": ("departmentkind", "部门类型", "责任单位类型"),
    "policy": ("forcedclose", "强制结案", "强制结案方式"),
}
NEEDED = ("code", "name", "condition", "limit", "closing")
KINDS = {
    "part": "part", "部件": "part", "城市部件": "part",
    "event": "event", "事件": "event", "城市事件": "event", "事项": "event",
}  # fmt: skip
UNITS = {
    **{unit.value: unit.value for unit in LimitUnit},
    "分钟": "minute", "分": "minute",
    "紧急工作时": "urgent_hour", "紧急工作小时": "urgent_hour", "小时": "urgent_hour",
    "自然日": "calendar_day", "日历日": "calendar_day", "天": "calendar_day",
    "工作时": "working_hour", "工作小时": "working_hour",
    "工作日": "working_day", "个工作日": "working_day",
}  # fmt: skip
GEOMETRIES = {
    "point": "point", "点": "point", "line": "line", "线": "line", "polygon": "polygon",
    "面": "polygon",
}  # fmt: skip
POLICIES = {
    **dict.fromkeys(("never", "不强制结案", "不强制", "否", "无"), ForcedClose.NEVER),
    **dict.fromkeys(("same_day", "当日", "当天", "立案当日"), ForcedClose.SAME_DAY),
}
POLICY_DAYS = re.compile(
    r"^(?:after_days|立案后|立案)?第?\s*([0-9]{1,3})\s*个?(?:自然)?[日天]?后?$"
)
MOST_POLICY_DAYS = 365
LIMIT = re.compile(r"^\s*([0-9]+(?:\.[0-9]+)?)\s*(.*?)\s*$")


class Fault(models.TextChoices):
    """Why a row is refused; the first that applies is told."""

    NO_CODE = "no_code", _("The class code is missing.")
    BAD_CODE = "bad_code", _("The class code has other digits than the scheme wants.")
    NO_KIND = "no_kind", _("It is not said whether this is a part or an event.")
    NO_NAME = "no_name", _("The name of the class is missing.")
    TWO_NAMES = "two_names", _("An earlier row of this file gives this code another name.")
    UNKNOWN = "unknown", _("The scheme has no class of this code.")
    QUESTION = "question", _("The scheme has this code under another name: which class is meant?")
    NO_CONDITION = "no_condition", _("The condition of filing is missing.")
    BAD_LIMIT = (
        "bad_limit",
        _("The limit is no number above zero, with two decimals at most, with a unit."),
    )
    BAD_POLICY = "bad_policy", _("The forced close is neither never, the same day nor some days.")
    NO_CLOSING = "no_closing", _("The condition of closing is missing.")
    TOO_LONG = "too_long", _("The text is too long.")
    REPEATED = "repeated", _("An earlier row has the same class and condition.")
    TOO_EARLY = "too_early", _("A later version of this standard is here already.")


class Remark(models.TextChoices):
    """What is told of an accepted row."""

    ZEROS_ADDED = "zeros_added", _("Leading zeros that a spreadsheet had dropped were restored.")
    BODY_UNKNOWN = "body_unknown", _("The kind of department is not known here and was left out.")


@dataclass(slots=True)
class Line:
    """A row of the table as it was meant; `fault` says why it is refused."""

    number: int
    kind: str = ""
    code: str = ""
    name: str = ""
    major: str = ""
    geometry: str = ""
    condition: str = ""
    limit: Decimal | None = None
    limit_a: Decimal | None = None
    limit_c: Decimal | None = None
    unit: str = ""
    closing: str = ""
    responsible: str = ""
    # Of these two nothing is changed where the table says nothing.
    body: str = ""
    policy: tuple[str, int | None] | None = None
    fault: str = ""
    column: str = ""
    value: str = ""
    remarks: list[str] = field(default_factory=list)

    def refuse(self, fault: str, column: str, value: str = "") -> None:
        """Keep the first fault of the row with its column and value."""
        if not self.fault:
            self.fault, self.column, self.value = fault, column, value


def title(key: str) -> str:
    """What a column is called to whoever brings the table."""
    return next(name for name in NAMES[key] if not name.isascii())


def find_columns(header: Sequence[object]) -> dict[str, int]:
    """Where each attribute stands. Raises Invalid naming the columns that are missing."""
    by_name: dict[str, int] = {}
    for position, name in enumerate(header):
        by_name.setdefault(plain(str(name)), position)
    found = {
        key: by_name[name]
        for key, names in NAMES.items()
        for name in reversed(names)
        if name in by_name
    }
    missing = [title(key) for key in NEEDED if key not in found]
    if missing:
        sentence = _("The table has no column for: %(names)s.") % {"names": "、".join(missing)}
        raise Invalid(sentence, file=sentence)
    return found


def read_lines(path: Path, *, width: int | None) -> Iterator[Line]:
    """The rows of the table; codes are brought to `width` digits where a spreadsheet cut them.

    Raises Invalid for a file that is no such table.
    """
    with opened(path) as table:
        if not table.header:
            raise Invalid(_("The file is empty."), file=_("Empty."))
        columns = find_columns(table.header)
        for count, (number, cells) in enumerate(table.rows):
            if count >= MOST_ROWS:
                raise Invalid(
                    _("A table of standards has at most 20,000 rows."), file=_("Too long.")
                )
            yield line_of(
                number, {key: cells[at] for key, at in columns.items() if at < len(cells)}, width
            )


def words_of(cell: Any) -> str:
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    return str(cell).replace("\0", "").strip()


def line_of(number: int, cells: dict[str, Any], width: int | None) -> Line:
    """One row, with the first thing that is wrong with its own cells."""
    said = {key: words_of(cell) for key, cell in cells.items()}
    line = Line(number)
    for key in ("name", "major", "condition", "closing", "responsible"):
        setattr(line, key, said.get(key, ""))
    line.geometry = GEOMETRIES.get(said.get("geometry", "").lower(), "")
    read_code(line, cells.get("code"), said.get("code", ""), width)
    line.kind = KINDS.get(said.get("kind", "").lower(), "")
    if not line.kind:
        line.refuse(Fault.NO_KIND, "kind", said.get("kind", ""))
    if not line.name:
        line.refuse(Fault.NO_NAME, "name")
    if not line.condition:
        line.refuse(Fault.NO_CONDITION, "condition")
    read_limits(line, said)
    if not line.closing:
        line.refuse(Fault.NO_CLOSING, "closing")
    read_policy(line, said.get("policy", ""))
    read_body(line, said.get("body", ""))
    check_lengths(line)
    return line


def read_code(line: Line, cell: Any, text: str, width: int | None) -> None:
    """The class code; a number that a spreadsheet made of it gets its zeros back."""
    code = unicodedata.normalize("NFKC", text)
    if not code:
        line.refuse(Fault.NO_CODE, "code")
        return
    if width and isinstance(cell, int | float) and code.isdigit() and len(code) < width:
        code = code.zfill(width)
        line.remarks.append(Remark.ZEROS_ADDED)
    fits = len(code) == width if width else 4 <= len(code) <= 8
    if not (code.isascii() and code.isdigit() and fits):
        line.refuse(Fault.BAD_CODE, "code", text)
    line.code = code


def read_limits(line: Line, said: dict[str, str]) -> None:
    """Limit and unit: in two columns, or in one as “2工作日”; A and C in the same unit."""
    line.limit, unit = limit_of(said.get("limit", ""))
    line.unit = UNITS.get(said.get("unit", "") or unit, "")
    if line.limit is None or not line.unit:
        line.refuse(Fault.BAD_LIMIT, "limit", f"{said.get('limit', '')} {said.get('unit', '')}")
    for key in ("limit_a", "limit_c"):
        if text := said.get(key, ""):
            value, _unit = limit_of(text)
            setattr(line, key, value)
            if value is None:
                line.refuse(Fault.BAD_LIMIT, key, text)


def read_policy(line: Line, text: str) -> None:
    """When the clock closes by force: never, at the end of the day, or of the n-th day (§6.4)."""
    said = unicodedata.normalize("NFKC", text).strip().lower()
    days = POLICY_DAYS.match(said)
    if said in POLICIES:
        line.policy = (POLICIES[said], None)
    elif days and 1 <= int(days[1]) <= MOST_POLICY_DAYS:
        line.policy = (ForcedClose.AFTER_DAYS, int(days[1]))
    elif said:
        line.refuse(Fault.BAD_POLICY, "policy", text)


def read_body(line: Line, text: str) -> None:
    """The default kind of department, by its key or its Chinese name."""
    line.body = text if text in BODIES else bodies_by_name().get(text, "")
    if text and not line.body:
        line.remarks.append(Remark.BODY_UNKNOWN)


@cache
def bodies_by_name() -> dict[str, str]:
    with translation.override("zh-hans"):
        return {str(label): key for key, label in BODIES.items()}


def limit_of(text: str) -> tuple[Decimal | None, str]:
    """A number above zero that the database keeps as it stands, and what stands after it."""
    found = LIMIT.match(unicodedata.normalize("NFKC", text))
    if found is None:
        return None, ""
    try:
        value = Decimal(found[1])
    except InvalidOperation:
        return None, ""
    return (value if is_limit(value) else None), found[2]


def check_lengths(line: Line) -> None:
    """Refuse words that are longer than the database keeps."""
    limits = {"name": 64, "major": 64, "condition": 300, "closing": 300, "responsible": 200}
    for key, most in limits.items():
        if len(getattr(line, key)) > most:
            line.refuse(Fault.TOO_LONG, key, getattr(line, key)[:80])
