"""What every format is read into: a header and rows of cells, numbered as the sender counts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from gridcity.contracts import Invalid

Cells = list[Any]
Row = tuple[int, Cells]
# The column in which features bring their shape: well-known text or binary.
SHAPE_COLUMN = "几何"


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of a file: (number, cells); a table's count begins at its header, features' at 1.

    `about` is how many there are, as near as it is known; `layers` names what else the file holds.
    """

    header: Sequence[Any]
    rows: Iterator[Row]
    about: int
    encoding: str = "utf-8"
    #: number of the row - `ahead` = its place after the header
    ahead: int = 1
    layers: tuple[str, ...] = ()


def unreadable(why: str) -> Invalid:
    return Invalid(_("The file cannot be read: %(why)s") % {"why": why}, file=why)
