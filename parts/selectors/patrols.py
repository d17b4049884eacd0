"""Who answers for a cell now (责任网格), and until when he is on duty."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.apps import apps
from django.utils import timezone

from gridcity.contracts import Role
from parts.hours import run_on
from parts.models import Cell, PatrolCell, Shift
from parts.selectors.kept import Kept

_shifts = Kept(lambda: list(Shift.objects.order_by("begins")))


def shifts_at(at: datetime) -> dict[str, datetime]:
    """The shifts that run at an instant, with the instant each ends."""
    return {shift.key: end for shift in _shifts() if (end := end_of(shift, at)) is not None}


def end_of(shift: Shift, at: datetime) -> datetime | None:
    """When the run of a shift that holds `at` ends; None where it does not run then."""
    run = _run_of(shift, at)
    return run[1] if run else None


def shifts_running_for(at: datetime, least: timedelta) -> list[str]:
    """The shifts that run at an instant and have run so long, by key."""
    runs = ((shift.key, _run_of(shift, at)) for shift in _shifts())
    return [key for key, run in runs if run is not None and run[0] <= at - least]


def _run_of(shift: Shift, at: datetime) -> tuple[datetime, datetime] | None:
    """Begin and end of the run of a shift that holds `at`."""
    local = timezone.localtime(at)
    for day in (local.date(), local.date() - timedelta(days=1)):
        begin, end = run_on(day, shift.begins, shift.ends, local.tzinfo)
        if begin <= local < end:
            return begin, end
    return None


def who_patrolled(
    *, cell_id: int, at: datetime, shifts: Sequence[str], now: datetime
) -> list[tuple[int, str]]:
    """Supervisors who had a cell in one of these shifts at an instant, with the shift, by id.

    Read from who has it now and what was given and taken between that instant and `now`.
    """
    if not shifts:
        return []
    wanted = {"cell_id": cell_id, "patrol__shift_id__in": list(shifts)}
    fields = ("patrol__supervisor_id", "patrol__shift_id")
    found = set(PatrolCell.objects.filter(**wanted).values_list(*fields))
    history: Any = apps.get_model("parts", "PatrolCellHistory")
    since = history.objects.filter(**wanted, pgh_created_at__gt=at, pgh_created_at__lte=now)
    for user, shift, label in since.order_by("-pgh_id").values_list(*fields, "pgh_label"):
        if label == "given":
            found.discard((user, shift))
        else:
            found.add((user, shift))
    return sorted(found)


def supervisors_on_duty(*, cell_id: int, at: datetime) -> list[int]:
    """Ids of the supervisors who patrol this cell in a shift that runs now."""
    return _supervisors([cell_id], shifts_at(at))


def supervisors_of_neighbours(*, cell_id: int, at: datetime) -> list[int]:
    """Those of the neighbouring cells, the nearest cell (by its centre) first."""
    cell = Cell.objects.filter(pk=cell_id).only("neighbours", "geom").first()
    if cell is None or not cell.neighbours:
        return []
    centre = cell.geom.centroid
    around = Cell.objects.filter(pk__in=cell.neighbours).only("geom")
    nearest = sorted(around, key=lambda other: (centre.distance(other.geom.centroid), other.pk))
    return _supervisors([other.pk for other in nearest], shifts_at(at))


def _supervisors(cells: list[int], shifts: Iterable[str]) -> list[int]:
    """Only who still has the role: a patrol outlasts it, and nobody else may answer a task."""
    rows = PatrolCell.objects.filter(
        cell_id__in=cells,
        patrol__shift_id__in=list(shifts),
        patrol__supervisor__is_active=True,
        patrol__supervisor__roles__contains=[Role.SUPERVISOR],
    ).values_list("cell_id", "patrol__supervisor_id")
    order = {cell: place for place, cell in enumerate(cells)}
    ranked = sorted(rows, key=lambda row: (order[row[0]], row[1]))
    return list(dict.fromkeys(user_id for _cell, user_id in ranked))


def shift_end(*, user_id: int, at: datetime) -> datetime | None:
    """When the shift of this supervisor that runs now ends; None when he has none.

    Of several that overlap the last: until then he is on duty.
    """
    running = shifts_at(at)
    own = PatrolCell.objects.filter(
        patrol__supervisor_id=user_id, patrol__shift_id__in=list(running)
    ).values_list("patrol__shift_id", flat=True)
    return max((running[shift] for shift in own.distinct()), default=None)


def cells_of(*, user_id: int) -> list[str]:
    """Codes of the cells a supervisor patrols, in order."""
    rows = PatrolCell.objects.filter(patrol__supervisor_id=user_id)
    return list(rows.order_by("cell__code").values_list("cell__code", flat=True).distinct())
