"""Opens a register: CSV or XLSX, plain or gzipped, UTF-8 or GB18030; rows come one by one."""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain, islice
from pathlib import Path
from typing import IO, Any

from django.utils.translation import gettext as _
from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook

from gridcity.contracts import Invalid
from parts.services.imports.columns import is_header

Cells = list[Any]
Row = tuple[int, Cells]
SAMPLE_BYTES = 1 << 20
SEPARATORS = ",;\t"
# Rows among which the header is looked for.
HEADER_WITHIN = 10


@contextmanager
def opened(path: Path) -> Iterator[tuple[Iterator[Row], int]]:
    """The rows of the file by number, its header first, and about how many there are.

    Raises Invalid for a file that is unreadable. Rows without a word are left out.
    """
    try:
        with unpacked(path) as raw:
            name = path.name.lower().removesuffix(".gz")
            if name.endswith((".xlsx", ".xlsm")):
                rows, about = sheet_rows(raw)
            else:
                about = sum(block.count(b"\n") for block in iter(lambda: raw.read(1 << 20), b""))
                raw.seek(0)
                rows = text_rows(raw)
            yield from_header(row for row in enumerate(rows, start=1) if has_words(row[1])), about
    except (OSError, EOFError, CalamineError) as problem:
        raise Invalid(_("The file cannot be read."), file=str(problem)) from problem
    except UnicodeDecodeError as problem:
        raise Invalid(
            _("The file is neither UTF-8 nor GB18030 text."), file=str(problem.reason)
        ) from problem
    except csv.Error as problem:
        raise Invalid(_("The file is no table of values."), file=str(problem)) from problem


def has_words(cells: Cells) -> bool:
    """Whether a row says anything; spreadsheets keep many that only look so."""
    return any(cell is not None and cell != "" and not str(cell).isspace() for cell in cells)


def from_header(rows: Iterator[Row]) -> Iterator[Row]:
    """The rows from the header on: titles and notes of a table stand above it.

    Without a header among the first rows, the first one is taken for it, and its columns refused.
    """
    first = list(islice(rows, HEADER_WITHIN))
    start = next((place for place, (_n, cells) in enumerate(first) if is_header(cells)), 0)
    return chain(first[start:], rows)


@contextmanager
def unpacked(path: Path) -> Iterator[IO[bytes]]:
    """The bytes, unzipped where the name says so."""
    if path.suffix.lower() == ".gz":
        with gzip.open(path, "rb") as packed:
            yield packed  # type: ignore[misc]
    else:
        with path.open("rb") as plain:
            yield plain


def sheet_rows(raw: IO[bytes]) -> tuple[Iterator[Cells], int]:
    """Rows of the first sheet with a header, else of the first; instructions may stand before.

    Numbers stay numbers, so that lost digits can be seen.
    """
    book = CalamineWorkbook.from_filelike(io.BytesIO(raw.read()))
    sheets = (book.get_sheet_by_index(place) for place in range(len(book.sheet_names)))
    headed = (sheet for sheet in sheets if begins_with_header(sheet))
    sheet = next(headed, None) or book.get_sheet_by_index(0)
    return iter(sheet.iter_rows()), sheet.total_height


def begins_with_header(sheet: CalamineSheet) -> bool:
    return any(is_header(cells) for cells in islice(sheet.iter_rows(), HEADER_WITHIN))


def text_rows(raw: IO[bytes]) -> Iterator[Cells]:
    """Rows of a CSV, separated by what the first line with a separator has most of."""
    head = raw.read(SAMPLE_BYTES)
    raw.seek(0)
    encoding = encoding_of(head)
    lines = head.decode(encoding, errors="ignore").splitlines()[:HEADER_WITHIN]
    first = next((line for line in lines if not set(SEPARATORS).isdisjoint(line)), "")
    separator = max(SEPARATORS, key=first.count)
    with io.TextIOWrapper(raw, encoding=encoding, newline="") as text:
        rows = csv.reader(text, delimiter=separator, strict=True)
        try:
            yield from rows
        except csv.Error as problem:  # a quote left open would swallow all rows after it
            where = _("line %(n)d: %(why)s") % {"n": rows.line_num, "why": problem}
            raise csv.Error(where) from problem


def encoding_of(head: bytes) -> str:
    """UTF-8 where it can be, else GB18030, which most registers that are not UTF-8 come in."""
    cut = head[: head.rfind(b"\n") + 1] or head
    try:
        cut.decode("utf-8")
    except UnicodeDecodeError:
        return "gb18030"
    return "utf-8-sig"
