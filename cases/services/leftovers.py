"""Files without a row: what a killed process or a rolled-back request left is taken away.

A photo's files are written before the row that names them is committed, so that no row is ever
without its files; the price is that a file may be left over.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.core.files.storage import default_storage

from cases.models import Photo
from cases.services.evidence import FOLDER
from parts.models import ProposalPhoto
from parts.photo_files import SUFFIX, THUMBNAIL_SUFFIX
from parts.services import proposals

# Photos of cases and of field updates are kept in the same way, each below its own folder.
KEPT: tuple[tuple[str, Any], ...] = ((FOLDER, Photo), (proposals.FOLDER, ProposalPhoto))

# No request takes as long: a younger file may belong to a row that is not committed yet.
YOUNGEST = timedelta(hours=1)
DAYS = 8  # a sweep that was down for a week still finds all


def remove_leftovers(*, at: datetime, youngest: timedelta = YOUNGEST) -> int:
    """Delete the files that no photo names and that are older than `youngest`; returns how many."""
    return sum(remove_below(top, rows, at, youngest) for top, rows in KEPT)


def remove_below(top: str, rows: Any, at: datetime, youngest: timedelta = YOUNGEST) -> int:
    """Those below one folder, whose files are named by `rows`."""
    removed = 0
    for folder, names in folders(at, top):
        old = [f"{folder}/{name}" for name in names]
        old = [name for name in old if default_storage.get_modified_time(name) < at - youngest]
        known = set(
            rows.objects.filter(file__in={photo_of(name) for name in old}).values_list(
                "file", flat=True
            )
        )
        for name in old:
            if photo_of(name) not in known:
                default_storage.delete(name)
                removed += 1
    return removed


def photo_of(name: str) -> str:
    """The name by which the row of a photo knows a file: a thumbnail's is that of its photo."""
    if name.endswith(THUMBNAIL_SUFFIX):
        return name.removesuffix(THUMBNAIL_SUFFIX) + SUFFIX
    return name


def folders(at: datetime, top: str = FOLDER) -> Iterator[tuple[str, list[str]]]:
    """The folders of the last days with the names of their files; photos lie in one a day.

    The day of a folder is that of its writer's clock, which may be tomorrow's here.
    """
    for days in range(-1, DAYS):
        folder = f"{top}/{at - timedelta(days=days):%Y/%m/%d}"
        if default_storage.exists(folder):
            yield folder, default_storage.listdir(folder)[1]
