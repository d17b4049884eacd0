"""Opens a register: CSV or XLSX, plain or gzipped, UTF-8 or GB18030; rows come one by one."""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from django.utils.translation import gettext as _
from python_calamine import CalamineError, CalamineWorkbook

from gridcity.contracts import Invalid

Cells = list[Any]
SAMPLE_BYTES = 1 << 20


@contextmanager
def opened(path: Path) -> Iterator[tuple[Iterator[Cells], int]]:
    """The rows of the file with its header first, and about how many; Invalid if unreadable."""
    try:
        with unpacked(path) as raw:
            name = path.name.lower().removesuffix(".gz")
            if name.endswith((".xlsx", ".xlsm")):
                yield sheet_rows(raw)
            else:
                lines = sum(block.count(b"\n") for block in iter(lambda: raw.read(1 << 20), b""))
                raw.seek(0)
                yield text_rows(raw), lines
    except (OSError, EOFError, CalamineError) as problem:
        raise Invalid(_("The file cannot be read."), file=str(problem)) from problem
    except UnicodeDecodeError as problem:
        raise Invalid(
            _("The file is neither UTF-8 nor GB18030 text."), file=str(problem.reason)
        ) from problem
    except csv.Error as problem:
        raise Invalid(_("The file is no table of values."), file=str(problem)) from problem


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
    """Rows of the first sheet; numbers stay numbers, so that lost digits can be seen."""
    book = CalamineWorkbook.from_filelike(io.BytesIO(raw.read()))
    sheet = book.get_sheet_by_index(0)
    return iter(sheet.iter_rows()), sheet.total_height


def text_rows(raw: IO[bytes]) -> Iterator[Cells]:
    """Rows of a CSV; the separator is a comma, a semicolon or a tab, whichever the header has."""
    head = raw.read(SAMPLE_BYTES)
    raw.seek(0)
    encoding = encoding_of(head)
    first = head.decode(encoding, errors="ignore").partition("\n")[0]
    separator = max(",;\t", key=first.count)
    with io.TextIOWrapper(raw, encoding=encoding, newline="") as text:
        yield from csv.reader(text, delimiter=separator)


def encoding_of(head: bytes) -> str:
    """UTF-8 where it can be, else GB18030, which most registers that are not UTF-8 come in."""
    cut = head[: head.rfind(b"\n") + 1] or head
    try:
        cut.decode("utf-8")
    except UnicodeDecodeError:
        return "gb18030"
    return "utf-8-sig"
