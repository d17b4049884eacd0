"""Opens a register: CSV, XLSX, GeoJSON, GeoPackage or a zipped Shapefile; rows come one by one.

What a file is, its content says, not its name; where it lies on the earth, the sender says.
"""

from __future__ import annotations

import csv
import gzip
import io
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain, islice
from pathlib import Path
from typing import IO

from django.utils.translation import gettext as _
from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook

from gridcity.contracts import Invalid
from parts.geopackage import MAGIC as GEOPACKAGE
from parts.services.imports.columns import is_header
from parts.services.imports.features import geojson_table, geopackage_table
from parts.services.imports.limits import check_workbook, check_zip, count_lines
from parts.services.imports.shapefile import shapefile_table
from parts.services.imports.tables import Cells, Row, Table, unreadable

SAMPLE_BYTES = 1 << 20
SEPARATORS = ",;\t"
# Rows among which the header is looked for.
HEADER_WITHIN = 10
GZIP, ZIP = b"\x1f\x8b", b"PK\x03\x04"


@contextmanager
def opened(path: Path, *, layer: str = "", most: int | None = None) -> Iterator[Table]:
    """The header and the rows of a file, those without a word left out.

    `layer` names the layer of a GeoPackage or of a zip with several; `most` is how many features
    are looked at for their attributes. Raises Invalid for a file that cannot be read, TooLarge for
    one that unpacks to more than fits.
    """
    with path.open("rb") as raw:
        magic = raw.read(64)
    try:
        with table_of(path, magic, layer, most) as table:
            yield table
    except (OSError, EOFError, CalamineError, zipfile.BadZipFile) as problem:
        raise Invalid(_("The file cannot be read."), file=str(problem)) from problem
    except UnicodeDecodeError as problem:
        raise Invalid(
            _("The file is neither UTF-8 nor GB18030 text."), file=str(problem.reason)
        ) from problem
    except csv.Error as problem:
        raise Invalid(_("The file is no table of values."), file=str(problem)) from problem


@contextmanager
def table_of(path: Path, magic: bytes, layer: str, most: int | None) -> Iterator[Table]:
    """The table of a file by what it is."""
    if magic.startswith(ZIP):
        with zipped_table(path, layer) as table:
            yield table
    elif magic.startswith(GEOPACKAGE):
        with geopackage_table(path, layer) as table:
            yield table
    elif path.name.lower().removesuffix(".gz").endswith((".csv", ".txt", ".tsv")):
        with unpacked(path, magic) as raw:
            yield text_table(raw)
    elif magic.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        with geojson_table(path, most) as table:
            yield table
    else:
        raise unreadable(_("It is no CSV, XLSX, GeoJSON, GeoPackage or zipped Shapefile."))


@contextmanager
def zipped_table(path: Path, layer: str) -> Iterator[Table]:
    """A workbook or a Shapefile: both come as zip."""
    names = check_zip(path)
    if any(name.startswith("xl/") for name in names):
        check_workbook(path)
        yield sheet_table(path)
    else:
        with shapefile_table(path, layer) as table:
            yield table


def has_words(cells: Cells) -> bool:
    """Whether a row says anything; spreadsheets keep many that only look so."""
    return any(cell is not None and cell != "" and not str(cell).isspace() for cell in cells)


def from_header(rows: Iterator[Cells]) -> tuple[Cells, Iterator[Row]]:
    """The header and the rows after it: titles and notes of a table stand above it.

    Without a header among the first rows, the first one is taken for it.
    """
    numbered = (row for row in enumerate(rows, start=1) if has_words(row[1]))
    first = list(islice(numbered, HEADER_WITHIN))
    if not first:
        raise unreadable(_("There is nothing in it."))
    start = next((place for place, (_n, cells) in enumerate(first) if is_header(cells)), 0)
    return first[start][1], chain(first[start + 1 :], numbered)


@contextmanager
def unpacked(path: Path, magic: bytes) -> Iterator[IO[bytes]]:
    """The bytes, unzipped where they are packed."""
    if magic.startswith(GZIP):
        with gzip.open(path, "rb") as packed:
            yield packed  # type: ignore[misc]
    elif path.suffix.lower() == ".gz":
        raise unreadable(_("It is called .gz but is not packed by gzip."))
    else:
        with path.open("rb") as plain:
            yield plain


def sheet_table(path: Path) -> Table:
    """The first sheet with a header, else the first; instructions may stand before.

    Numbers stay numbers, so that lost digits can be seen.
    """
    with path.open("rb") as raw:
        book = CalamineWorkbook.from_filelike(raw)
    sheets = (book.get_sheet_by_index(place) for place in range(len(book.sheet_names)))
    headed = (sheet for sheet in sheets if begins_with_header(sheet))
    sheet = next(headed, None) or book.get_sheet_by_index(0)
    header, rows = from_header(iter(sheet.iter_rows()))
    return Table(header, rows, sheet.total_height)


def begins_with_header(sheet: CalamineSheet) -> bool:
    return any(is_header(cells) for cells in islice(sheet.iter_rows(), HEADER_WITHIN))


def text_table(raw: IO[bytes]) -> Table:
    """A CSV, separated by what the first line with a separator has most of."""
    about = count_lines(raw)
    raw.seek(0)
    head = raw.read(SAMPLE_BYTES)
    raw.seek(0)
    encoding = encoding_of(head)
    lines = head.decode(encoding, errors="ignore").splitlines()[:HEADER_WITHIN]
    first = next((line for line in lines if not set(SEPARATORS).isdisjoint(line)), "")
    header, rows = from_header(text_rows(raw, encoding, max(SEPARATORS, key=first.count)))
    return Table(header, rows, about, encoding="gb18030" if encoding == "gb18030" else "utf-8")


def text_rows(raw: IO[bytes], encoding: str, separator: str) -> Iterator[Cells]:
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
