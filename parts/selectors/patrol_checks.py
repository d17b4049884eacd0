"""Where the responsibility grids leave a hole: hours without a shift, cells without a supervisor.

Every cell has a supervisor at every hour (责任网格); overlapping shifts count together.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Q

from gridcity.contracts import Role
from parts.hours import Span, left_over, overlapping, spans_of
from parts.models import Cell, Shift

# Whose account is closed, or who is no supervisor any more, walks nothing.
ACTIVE = Q(
    patrol_cells__patrol__supervisor__is_active=True,
    patrol_cells__patrol__supervisor__roles__contains=[Role.SUPERVISOR],
)


@dataclass(frozen=True, slots=True)
class CellHours:
    """A cell, and hours of the day."""

    code: str
    hours: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class PatrolCover:
    """What the shifts and patrols leave open or say twice."""

    no_shift: list[Span]
    uncovered: list[CellHours]
    doubled: list[CellHours]


def patrol_cover() -> PatrolCover:
    """Look at every cell in use; two queries.

    Hours without any shift are told once, not again for each cell. A supervisor whose account is
    closed patrols nothing.
    """
    shifts = {shift.key: spans_of(shift.begins, shift.ends) for shift in Shift.objects.all()}
    manned = [span for spans in shifts.values() for span in spans]
    uncovered, doubled = [], []
    known: dict[tuple[tuple[str, int], ...], tuple[tuple[Span, ...], tuple[Span, ...]]] = {}
    for code, held in cells_with_shifts():
        key = tuple(sorted(Counter(held).items()))
        if key not in known:
            own = [shifts[shift] for shift in held]
            left = left_over([span for spans in own for span in spans], manned)
            known[key] = tuple(left), tuple(overlapping(own))
        left_open, twice = known[key]
        if left_open:
            uncovered.append(CellHours(code, left_open))
        if twice:
            doubled.append(CellHours(code, twice))
    return PatrolCover(left_over(manned), uncovered, doubled)


def cells_with_shifts() -> list[tuple[str, list[str]]]:
    """Each cell in use with the shifts in which a supervisor has it, one for each of them."""
    rows = (
        Cell.objects.current()
        .annotate(
            held=ArrayAgg(
                "patrol_cells__patrol__shift_id",
                filter=ACTIVE & Q(patrol_cells__isnull=False),
                default=[],
            )
        )
        .order_by("code")
    )
    return list(rows.values_list("code", "held"))


def supervisors_without_cells() -> list[Any]:
    """Supervisors with an account who have no cell in any shift, by name."""
    people = get_user_model().objects.filter(is_active=True, roles__contains=[Role.SUPERVISOR])
    return list(people.filter(patrols__patrol_cells__isnull=True).order_by("username").distinct())
