"""`manage.py check_deadlines FILE.csv`: reckon a file of deadlines anew and name what differs.

The file has the columns start, unit, value and due; instants are local time Asia/Shanghai without
zone. They are reckoned by the very calendar that holds for cases now (domain law §6.1).
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from cases.clocks.calendar import SHANGHAI, OutsideCalendarError, WorkingCalendar
from cases.clocks.deadlines import Due, Limit, Unit, deadline
from cases.clocks.words import UNIT_WORDS
from cases.selectors.settings import default_calendar

COLUMNS = ("start", "unit", "value", "due")
UNITS = {str(unit): unit for unit in Unit} | {word: unit for unit, word in UNIT_WORDS.items()}


class BadLineError(ValueError):
    """A line that cannot be read; says why in a sentence."""


@dataclass(frozen=True, slots=True)
class Line:
    """One deadline as the file states it."""

    start: datetime
    limit: Limit
    due: datetime


class Command(BaseCommand):
    help = (
        "Compare the deadlines of a CSV file (columns start, unit, value, due; local time "
        "Asia/Shanghai without zone) with the product's own; exit 1 if any differs."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="the CSV file, in UTF-8")

    def handle(self, *args: Any, **options: Any) -> None:
        calendar = default_calendar()
        agreed = differed = unread = 0
        for number, row in rows_of(options["file"]):
            try:
                line = read(row)
                reckoned = reckon(line, calendar)
            except BadLineError as problem:
                unread += 1
                self.stdout.write(f"line {number}: cannot be read: {problem}")
                continue
            if reckoned.at == line.due:
                agreed += 1
            else:
                differed += 1
                self.stdout.write(f"line {number}: {difference(line, reckoned)}")
        self.stdout.write(
            f"{agreed + differed + unread} lines: {agreed} agree, {differed} differ, "
            f"{unread} cannot be read"
        )
        if differed or unread:
            raise CommandError("not every deadline of the file is what the product reckons")


def rows_of(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """The rows below the header with their line numbers; empty lines are passed over."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, strict=True)
            header = [name.strip().lower() for name in next(reader, [])]
            missing = [name for name in COLUMNS if name not in header]
            if missing:
                raise CommandError(
                    f"{path}: the first line names no column {', '.join(missing)}; "
                    f"it has to name {', '.join(COLUMNS)}"
                )
            for cells in reader:
                if any(cell.strip() for cell in cells):
                    yield reader.line_num, dict(zip(header, cells, strict=False))
    except OSError as problem:
        raise CommandError(f"{path} cannot be opened: {problem.strerror}") from None
    except UnicodeDecodeError:
        raise CommandError(f"{path} is not written in UTF-8") from None
    except csv.Error as problem:
        raise CommandError(f"{path} is no CSV after line {reader.line_num}: {problem}") from None


def read(row: dict[str, str]) -> Line:
    """Raises BadLineError naming the column and what stands there."""
    said = {name: row.get(name, "").strip() for name in COLUMNS}
    if empty := [name for name in COLUMNS if not said[name]]:
        raise BadLineError(f"nothing stands in {', '.join(empty)}")
    unit = UNITS.get(said["unit"])
    if unit is None:
        raise BadLineError(f"{said['unit']!r} is no unit; the units are {', '.join(Unit)}")
    try:
        limit = Limit(Decimal(said["value"]), unit)
    except (InvalidOperation, ValueError):
        raise BadLineError(f"the value {said['value']!r} is no number above zero") from None
    return Line(instant("start", said["start"]), limit, instant("due", said["due"]))


def instant(column: str, text: str) -> datetime:
    """A local time such as 2026-02-13 15:00, with seconds or without; 24:00 ends the day."""
    written = text.replace("/", "-")
    ends_day = written[10:].lstrip(" T") in {"24:00", "24:00:00"}
    try:
        found = datetime.fromisoformat(written[:10] if ends_day else written)
        found += timedelta(days=ends_day)
    except (ValueError, OverflowError):
        raise BadLineError(
            f"{column} is {text!r}, not a local time such as 2026-02-13 15:00"
        ) from None
    if found.tzinfo is not None:
        raise BadLineError(f"{column} is {text!r}: local time is written without a zone")
    return found.replace(tzinfo=SHANGHAI)


def reckon(line: Line, calendar: WorkingCalendar) -> Due:
    """Raises BadLineError for years that no calendar reaches."""
    try:
        return deadline(line.start, line.limit, calendar)
    except OutsideCalendarError as problem:
        raise BadLineError(str(problem)) from None


def difference(line: Line, reckoned: Due) -> str:
    """What the file says and what the product says."""
    note = " (provisional: a year without a published calendar)" if reckoned.provisional else ""
    return (
        f"start {local(line.start)}, {line.limit.value} {line.limit.unit}: the file says "
        f"{local(line.due)}, the product {local(reckoned.at)}{note}"
    )


def local(at: datetime) -> str:
    there = at.astimezone(SHANGHAI).replace(tzinfo=None)
    return there.isoformat(" ", "seconds" if not there.microsecond else "auto")
