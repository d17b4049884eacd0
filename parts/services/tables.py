"""Reads the shipped tables and refuses those that are not what was shipped."""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
from collections.abc import Iterator
from pathlib import Path

from django.utils.translation import gettext_lazy as _

from gridcity.contracts import Invalid

Row = dict[str, str]


def check_sums(folder: Path) -> None:
    """Compare every file of SHA256SUMS; Invalid names the first that differs."""
    for entry in (folder / "SHA256SUMS").read_text(encoding="ascii").splitlines():
        wanted, name = entry.split("  ", 1)
        if hashlib.sha256((folder / name).read_bytes()).hexdigest() != wanted:
            raise Invalid(_("The shipped file %(name)s is damaged.") % {"name": name}, file=name)


def read_table(path: Path) -> Iterator[Row]:
    """Rows of a CSV, plain or gzipped."""
    if path.suffix == ".gz":
        with gzip.open(path, "rt", encoding="utf-8", newline="") as packed:
            yield from csv.DictReader(packed)
        return
    with path.open(encoding="utf-8", newline="") as plain:
        yield from csv.DictReader(plain)


def packed_text(path: Path) -> io.BytesIO:
    """A gzipped CSV as COPY reads it."""
    return io.BytesIO(gzip.decompress(path.read_bytes()))
