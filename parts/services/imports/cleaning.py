"""Judges one row by itself: what it says, what is wrong with it, what was put right.

Pure: a row of cells in, a `Clean` out. Faults that need other rows or the map are found later by
`judging`. Written for 180,000 rows in a few seconds: nothing is built that a row does not need.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from parts.codes import (
    COMMUNITY_LENGTH,
    STREET_LENGTH,
    CodeError,
    Pattern,
    is_uscc,
    parse_part_code,
)
from parts.frames import Frame
from parts.models import CatalogueClass, Part
from parts.services.imports.columns import NAMES, Columns
from parts.services.imports.faults import Fault, Remark
from parts.services.imports.positions import FIRST_FRAME, Misplaced, Place, Positions, fits_class
from parts.services.imports.values import (
    as_date,
    as_text,
    has_lost_digits,
    is_plain_date,
    is_scientific,
    narrowed,
    printable,
    squeezed,
)

BODIES = ("competent", "owner", "maintainer")
STATES = {
    "完好": "intact",
    "破损": "broken",
    "丢失": "lost",
    "废弃": "abandoned",
    "移除": "removed",
}
SOURCES = {"实测": "survey", "地形图": "topographic", "基础地理数据": "base_data", "其他": "other"}
LONGEST = {"name": 100, "location": 200}
KEY_LENGTH = 64
NOTE_LENGTH = 500
# What the table of attributes wants of a part: an empty cell in such a column is remarked.
WANTED = ("state", "competent_name", "owner_name", "maintainer_name", "initial_on", "source")
AREAS = {"cell_code": 0, "street_code": STREET_LENGTH, "community_code": COMMUNITY_LENGTH}


@dataclass(slots=True)
class Clean:
    """What a row says once it is read; `fault` is empty when nothing is wrong so far."""

    source_id: str = ""
    code: str = ""
    class_id: int | None = None
    lon: float | None = None
    lat: float | None = None
    wkt: str = ""
    swapped: bool = False
    name: str = ""
    state: str = "intact"
    competent_name: str = ""
    competent_uscc: str = ""
    owner_name: str = ""
    owner_uscc: str = ""
    maintainer_name: str = ""
    maintainer_uscc: str = ""
    cell_code: str = ""
    street_code: str = ""
    community_code: str = ""
    initial_on: date | None = None
    change_on: date | None = None
    source: str = "survey"
    location: str = ""
    note: str = ""
    fault: str = ""
    column: str = ""
    value: str = ""
    remarks: list[tuple[str, str, str]] = field(default_factory=list)

    def refuse(self, fault: Fault, column: str, value: Any) -> None:
        """The first fault counts."""
        if not self.fault:
            self.fault, self.column, self.value = fault.value, column, as_text(value)[:200]


class Cleaner:
    """Reads the rows of one file: its columns, the part classes in use, the declared frame.

    `only` is the class of every row, where the file has no column for it.
    """

    def __init__(
        self,
        columns: Columns,
        classes: dict[str, CatalogueClass],
        pattern: Pattern,
        district: str,
        *,
        frame: Frame = FIRST_FRAME,
        only: CatalogueClass | None = None,
    ) -> None:
        self.columns = columns
        self.classes = classes
        self.pattern = pattern
        self.district = district
        self.only = only
        self.positions = Positions(frame)
        # Every row gets an empty cell more, at which attributes without a column are looked for.
        self.width = len(columns.header)
        self.at = {name: columns.index.get(name, -1) for name in NAMES}
        self.rest = tuple((place, f"{title}：") for place, title in columns.rest)
        self.looked_at = tuple(sorted({*columns.index.values(), *(p for p, _t in columns.rest)}))
        self.areas = tuple(
            (name, length or pattern.cell_code)
            for name, length in AREAS.items()
            if name in columns.index
        )
        # 状态 alone may be anything, such as the health of a tree; 部件状态 is ours.
        self.state_is_ours = columns.name("state") == NAMES["state"][0]
        self.wanted = tuple(
            columns.index[name]
            for name in WANTED
            if name in columns.index and (name != "state" or self.state_is_ours)
        )
        self.bodies = tuple(
            body for body in BODIES if {f"{body}_name", f"{body}_uscc"} & columns.index.keys()
        )
        self.dates = tuple(name for name in ("initial_on", "change_on") if name in columns.index)

    def clean(self, number: int, cells: list[Any]) -> Clean:
        """Everything that can be said of a row by itself; `number` is its place in the file."""
        if len(cells) != self.width:
            cells = [*cells[: self.width], *[""] * (self.width - len(cells))]
        cells.append("")
        out = Clean()
        entry = self.judge_class(out, cells)
        self.judge_position(out, cells, entry)
        self.judge_keys(out, cells, entry, number)
        for body in self.bodies:
            self.read_body(out, cells, body)
        self.read_state(out, cells)
        for name in self.dates:
            self.read_date(out, cells, name)
        for area, length in self.areas:
            setattr(out, area, self.digits(out, cells, area, length))
        self.read_words(out, cells, entry)
        self.look_at_blanks(out, cells)
        return out

    def text(self, cells: list[Any], field: str) -> str:
        """The cell as text without blanks around it; whole numbers without a decimal point."""
        raw = cells[self.at[field]]
        return as_text(raw) if raw != "" else ""

    def digits(self, out: Clean, cells: list[Any], field: str, length: int) -> str:
        """A code: full-width digits made plain, dropped zeros restored, lost digits refused."""
        raw = cells[self.at[field]]
        text = as_text(raw)
        if has_lost_digits(raw, text):
            out.refuse(Fault.DIGITS_LOST, self.columns.name(field), text)
            return ""
        if not text or (len(text) == length and text.isascii() and text.isdigit()):
            return text
        narrow = narrowed(text).replace(" ", "")
        if narrow != text:
            out.remarks.append((Remark.FULL_WIDTH.value, self.columns.name(field), text))
        if narrow.isdigit() and len(narrow) < length:
            out.remarks.append((Remark.ZEROS_ADDED.value, self.columns.name(field), text))
            narrow = narrow.zfill(length)
        return narrow

    def judge_class(self, out: Clean, cells: list[Any]) -> CatalogueClass | None:
        entry = self.only or self.classes.get(cells[self.at["class_code"]])
        if entry is None:
            code = self.digits(out, cells, "class_code", self.pattern.class_code)
            entry = self.classes.get(code)
            if entry is None:
                fault = Fault.UNKNOWN_CLASS if code else Fault.NO_CLASS
                out.refuse(fault, self.columns.name("class_code"), code)
                return None
        out.class_id = entry.pk
        said = cells[self.at["class_name"]]
        if said and said != entry.name:
            said = as_text(said)
            if said and squeezed(said) != squeezed(entry.name):
                column = self.columns.name("class_name")
                out.refuse(Fault.CLASS_NAME, column, f"{entry.code} {said}")
        return entry

    def judge_position(self, out: Clean, cells: list[Any], entry: CatalogueClass | None) -> None:
        shape = cells[self.at["wkt"]]
        if shape:
            found = self.positions.shape(shape)
            column, value = self.columns.name("wkt"), shape
            if isinstance(value, bytes):
                value = ""
        else:
            lon, lat = cells[self.at["lon"]], cells[self.at["lat"]]
            found = self.positions.pair(lon, lat)
            column, value = self.columns.place, f"{lon}, {lat}"
            if not value.isascii():
                self.remark_width(out, column, value)
        if isinstance(found, Misplaced):
            out.refuse(found.fault, column, value)
            return
        if entry is not None and not fits_class(found.kind, entry.geometry):
            out.refuse(Fault.GEOMETRY_KIND, column, found.kind)
        self.place(out, found)

    def place(self, out: Clean, found: Place) -> None:
        out.lon, out.lat, out.wkt = found.lon, found.lat, found.wkt
        out.swapped = found.is_swapped
        if found.original:
            out.note = f"GCJ-02：{found.original}"

    def remark_width(self, out: Clean, column: str, value: str) -> None:
        if narrowed(value) != value:
            out.remarks.append((Remark.FULL_WIDTH.value, column, value))

    def judge_keys(
        self, out: Clean, cells: list[Any], entry: CatalogueClass | None, number: int
    ) -> None:
        """The code that the file brings, and the row's key in the register.

        A row without a key is known by its code, and without both by its number.
        """
        if cells[self.at["code"]] != "":
            self.judge_code(out, cells, entry)
        raw = cells[self.at["source_id"]]
        key = as_text(raw) if raw != "" else ""
        if has_lost_digits(raw, key) if type(raw) is not str else is_scientific(key):
            out.refuse(Fault.DIGITS_LOST, self.columns.name("source_id"), key)
        if len(key) > KEY_LENGTH:
            out.refuse(Fault.TOO_LONG, self.columns.name("source_id"), key)
            key = key[:KEY_LENGTH]
        out.source_id = key or out.code or f"#{number}"

    def judge_code(self, out: Clean, cells: list[Any], entry: CatalogueClass | None) -> None:
        """A part code that the file brings: of this district and of the row's class."""
        code = self.digits(out, cells, "code", self.pattern.part_code)
        if not code or entry is None:
            return
        try:
            parsed = parse_part_code(self.pattern, code)
        except CodeError:
            out.refuse(Fault.BAD_CODE, self.columns.name("code"), code)
            return
        if parsed.district != self.district or parsed.class_code != entry.code:
            out.refuse(Fault.BAD_CODE, self.columns.name("code"), code)
        out.code = code

    def read_body(self, out: Clean, cells: list[Any], body: str) -> None:
        """Name of a body, and its credit code with check character."""
        name_field, code_field = f"{body}_name", f"{body}_uscc"
        name = self.text(cells, name_field)
        if len(name) > 100:
            out.refuse(Fault.TOO_LONG, self.columns.name(name_field), name)
        setattr(out, name_field, name[:100])
        if code := self.text(cells, code_field):
            self.judge_uscc(out, cells, code_field, code)

    def judge_uscc(self, out: Clean, cells: list[Any], field: str, code: str) -> None:
        column = self.columns.name(field)
        if type(cells[self.at[field]]) is not str or has_lost_digits(code, code):
            out.refuse(Fault.DIGITS_LOST, column, code)
            return
        narrow = narrowed(code).upper()
        if not is_uscc(narrow):
            out.refuse(Fault.BAD_USCC, column, code)
            return
        if narrow != code.upper():
            out.remarks.append((Remark.FULL_WIDTH.value, column, code))
        setattr(out, field, narrow)

    def read_state(self, out: Clean, cells: list[Any]) -> None:
        said = self.text(cells, "state")
        if said in STATES:
            out.state = STATES[said]
        elif said:
            column = self.columns.name("state")
            if self.state_is_ours:
                out.remarks.append((Remark.STATE_KEPT.value, column, said))
            said = f"{column}：{said}"
            out.note = f"{out.note}；{said}" if out.note else said
        source = self.text(cells, "source")
        if source:
            out.source = SOURCES.get(source, Part.Source.OTHER.value)

    def read_date(self, out: Clean, cells: list[Any], name: str) -> None:
        raw = cells[self.at[name]]
        if raw == "" or raw is None:
            return
        found, column = as_date(raw), self.columns.name(name)
        if found is None:
            out.refuse(Fault.BAD_DATE, column, raw)
        elif not is_plain_date(raw):
            out.remarks.append((Remark.DATE_FORM.value, column, as_text(raw)))
        setattr(out, name, found)
        if name == "change_on" and found and out.initial_on and found < out.initial_on:
            out.refuse(Fault.DATE_ORDER, column, found)

    def read_words(self, out: Clean, cells: list[Any], entry: CatalogueClass | None) -> None:
        """Name, place in words, note; columns that are none of ours join the note."""
        out.name = self.text(cells, "name") or (entry.name if entry else "")
        out.location = self.text(cells, "location") or " ".join(
            filter(None, (self.text(cells, "door"), self.text(cells, "road")))
        )
        for name, longest in LONGEST.items():
            if len(getattr(out, name)) > longest:
                out.refuse(Fault.TOO_LONG, self.columns.name(name), getattr(out, name))
                setattr(out, name, getattr(out, name)[:longest])
        said = [out.note] if out.note else []
        if note := self.text(cells, "note"):
            said.append(note)
        for place, title in self.rest:
            value = cells[place]
            if value:
                text = value.strip() if type(value) is str else as_text(value)
                if text:
                    said.append(title + text)
        if said:
            note = "；".join(said)
            out.note = (note if note.isprintable() else printable(note))[:NOTE_LENGTH]

    def look_at_blanks(self, out: Clean, cells: list[Any]) -> None:
        """Remark the first cell with blanks around its value, and the first that is empty."""
        for place in self.looked_at:
            value = cells[place]
            if type(value) is str and value and value.strip() != value and value.strip():
                remark = (Remark.BLANKS.value, self.columns.header[place], value[:200])
                out.remarks.append(remark)
                break
        for place in self.wanted:
            if not cells[place] or not as_text(cells[place]):
                out.remarks.append((Remark.EMPTY.value, self.columns.header[place], ""))
                break
