"""Who has which cells in a shift, as the page of responsibility grids shows it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.apps import apps
from django.contrib.auth import get_user_model
from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Q

from gridcity.contracts import Role
from parts.colours import coloured
from parts.models import Cell, Shift

Holders = dict[str, list[int]]


@dataclass(frozen=True, slots=True)
class CellRow:
    """A cell of the current edition and who has it in the shift."""

    id: int
    code: str
    community_id: int
    area_m2: Decimal
    neighbours: tuple[int, ...]
    holders: tuple[int, ...]


@dataclass(slots=True)
class Walker:
    """A supervisor with what he has in the shift; `is_active` until his account is closed."""

    id: int
    username: str
    name: str
    is_active: bool
    cells: int = 0
    area_m2: Decimal = Decimal(0)
    colour: int = 0

    @property
    def whole_m2(self) -> int:
        return round(self.area_m2)


@dataclass(frozen=True, slots=True)
class Board:
    """One shift: every cell, every supervisor, and what is left open or given twice."""

    shift: Shift
    cells: list[CellRow]
    walkers: dict[int, Walker]
    uncovered: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)

    @property
    def on_duty(self) -> list[Walker]:
        """Those with cells in this shift, by name of account."""
        return [walker for walker in self.walkers.values() if walker.cells]

    def holders_of(self, codes: Collection[str]) -> Holders:
        return {cell.code: list(cell.holders) for cell in self.cells if cell.code in codes}


def list_shifts() -> list[Shift]:
    """All shifts, by their begin."""
    return list(Shift.objects.order_by("begins", "key"))


def cells_held(shift: str) -> list[CellRow]:
    """Every cell in use with those who have it in a shift, one query."""
    rows = (
        Cell.objects.current()
        .annotate(
            held=ArrayAgg(
                "patrol_cells__patrol__supervisor_id",
                filter=Q(patrol_cells__patrol__shift_id=shift),
                default=[],
                order_by="patrol_cells__patrol__supervisor_id",
            )
        )
        .order_by("code")
        .values_list("pk", "code", "community_id", "area_m2", "neighbours", "held")
    )
    return [
        CellRow(pk, code, community, area, tuple(neighbours), tuple(held))
        for pk, code, community, area, neighbours, held in rows
    ]


def supervisors(also: Iterable[int] = ()) -> dict[int, Walker]:
    """Everybody who may be given cells, and those named who no longer may; by account."""
    people = get_user_model().objects.filter(
        Q(is_active=True, roles__contains=[Role.SUPERVISOR]) | Q(pk__in=list(also))
    )
    return {
        user.pk: Walker(user.pk, user.username, str(user), user.is_active)
        for user in sorted(people, key=lambda user: natural(user.username))
    }


def natural(word: str) -> tuple[str, int]:
    """supervisor-2 before supervisor-10."""
    head = word.rstrip("0123456789")
    number = word[len(head) :]
    return head, int(number or 0)


def patrol_board(shift: Shift) -> Board:
    """Everything of one shift; two queries."""
    cells = cells_held(shift.key)
    walkers = supervisors({holder for cell in cells for holder in cell.holders})
    uncovered, doubled = [], []
    for cell in cells:
        for holder in cell.holders:
            walkers[holder].cells += 1
            walkers[holder].area_m2 += cell.area_m2
        active = sum(walkers[holder].is_active for holder in cell.holders)
        if not active:
            uncovered.append(cell.code)
        elif active > 1:
            doubled.append(cell.code)
    for holder, colour in coloured(touching(cells)).items():
        walkers[holder].colour = colour
    return Board(shift, cells, walkers, uncovered, doubled)


def touching(cells: list[CellRow]) -> dict[int, set[int]]:
    """Which patrols lie beside each other."""
    holders = {cell.id: cell.holders for cell in cells}
    beside: defaultdict[int, set[int]] = defaultdict(set)
    for cell in cells:
        around = {other for pk in cell.neighbours for other in holders.get(pk, ())}
        for holder in cell.holders:
            beside[holder] |= (around | set(cell.holders)) - {holder}
    return dict(beside)


@dataclass(frozen=True, slots=True)
class LastChange:
    """Who changed the patrols of some cells last, and when."""

    at: datetime
    by: str


def last_change(shift: str, codes: Collection[str]) -> LastChange | None:
    """The last time that one of these cells was given or taken in a shift; None: never."""
    history: Any = apps.get_model("parts", "PatrolCellHistory")
    rows = history.objects.filter(cell__code__in=list(codes), patrol__shift_id=shift).order_by(
        "-pgh_id"
    )
    last = rows.select_related("pgh_context").first()
    if last is None:
        return None
    said = (last.pgh_context.metadata if last.pgh_context else {}) or {}
    return LastChange(last.pgh_created_at, str(said.get("actor", "")))
