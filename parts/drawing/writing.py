"""Writes what was drawn as compressed fixtures whose bytes depend on nothing but their content."""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
from collections.abc import Iterable
from pathlib import Path

SUMS = "SHA256SUMS"


def write_table(path: Path, header: list[str], rows: Iterable[Iterable[object]]) -> int:
    """A table as CSV in gzip without name and time; returns the number of rows."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    count = 0
    for row in rows:
        writer.writerow(row)
        count += 1
    path.write_bytes(gzip.compress(text.getvalue().encode(), compresslevel=9, mtime=0))
    return count


def write_sums(folder: Path) -> None:
    """The sha256 of every table, as `sha256sum --check` reads it."""
    lines = [
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n"
        for path in sorted(folder.glob("*.csv.gz"))
    ]
    (folder / SUMS).write_text("".join(lines), encoding="ascii")
