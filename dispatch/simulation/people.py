"""Who acts in a simulation: desks by shift, departments, and supervisors by their patrols."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from functools import cache, lru_cache
from random import Random

from django.contrib.auth import get_user_model

from cases.clocks.calendar import SHANGHAI
from cases.workflow import DESK_ROLES
from dispatch.models import Department
from dispatch.selectors.actors import actor_of
from gridcity.contracts import Actor, Role
from parts.models import Cell, PatrolCell, Shift
from parts.selectors.patrols import shifts_at

# Three shifts a day at the desks of the two centres: from 0, 8 and 16 o'clock.
SHIFTS, SHIFT_HOURS = 3, 8
SHIFT_NAMES = ("夜班", "早班", "中班")


@dataclass(slots=True)
class People:
    """Everybody by id, and who belongs where."""

    actors: dict[int, Actor]
    desks: dict[str, tuple[Actor, ...]]
    departments: dict[int, Department]
    members: dict[int, tuple[Actor, ...]]  # of departments, leads last
    officials: tuple[Actor, ...]
    patrols: dict[int, list[tuple[str, int]]]  # of a cell: shift and supervisor, by supervisor
    shift_of: dict[int, list[str]]  # of a supervisor, in the order of his patrols
    nearest: dict[int, list[int]]  # of a cell: its neighbours, the nearest first
    barred: dict[int, frozenset[str]]  # of a department: employers whose people do not check it
    _candidates: dict[tuple[int, tuple[str, ...]], list[int]] = field(default_factory=dict)

    def at_desk(self, role: str, at: datetime, random: Random) -> Actor:
        """One of those who sit at a desk in the shift of this hour; few people share all shifts."""
        people = self.desks[role]
        if keeps_shifts(people):
            people = in_shift(people, at.astimezone(SHANGHAI).hour // SHIFT_HOURS)
        return people[int(random.random() * len(people))]

    def by_code(self, code: str) -> Department:
        return next(row for row in self.departments.values() if row.code == code)

    def on_duty(self, cell_id: int, at: datetime) -> list[int]:
        """Supervisors who may be sent to a cell: its own, then its neighbours', nearest first.

        The order is that of `cases.services.tasks.find_supervisor`.
        """
        shifts = running(at).keys
        found = self._candidates.get((cell_id, shifts))
        if found is None:
            own = self._of_cell(cell_id, shifts)
            near = [one for cell in self.nearest[cell_id] for one in self._of_cell(cell, shifts)]
            found = list(dict.fromkeys([*own, *near]))
            self._candidates[cell_id, shifts] = found
        return found

    def _of_cell(self, cell_id: int, shifts: Collection[str]) -> list[int]:
        return [user for shift, user in self.patrols.get(cell_id, ()) if shift in shifts]

    def shift_end(self, user_id: int, at: datetime) -> datetime | None:
        """When the shift of a supervisor that runs now ends."""
        now = running(at).ends
        return next((now[key] for key in self.shift_of[user_id] if key in now), None)


@dataclass(frozen=True, slots=True)
class Running:
    """The shifts that run at an instant: their keys, and when each ends."""

    keys: tuple[str, ...]
    ends: dict[str, datetime]


def running(at: datetime) -> Running:
    """Between two instants of a day at which shifts begin or end it is always the same."""
    local = at.astimezone(SHANGHAI)
    return _running(local.date(), bisect_right(shift_times(), local.time()))


@lru_cache(maxsize=256)
def _running(on: date, place: int) -> Running:
    since = shift_times()[place - 1] if place else time()
    ends = dict(sorted(shifts_at(datetime.combine(on, since, SHANGHAI)).items()))
    return Running(tuple(ends), ends)


@cache
def shift_times() -> tuple[time, ...]:
    """At what times of the day shifts begin and end."""
    rows = Shift.objects.values_list("begins", "ends")
    return tuple(sorted({one for row in rows for one in row}))


def keeps_shifts(people: Sequence[Actor]) -> bool:
    """Whether the people of a desk are enough to keep shifts; fewer share all of them."""
    return len(people) >= 2 * SHIFTS


def in_shift(people: tuple[Actor, ...], shift: int) -> tuple[Actor, ...]:
    """Who of a desk that keeps shifts sits there in the first, second or third of the day."""
    return people[shift::SHIFTS]


def desk_shifts() -> dict[int, tuple[str, time, time]]:
    """Name, begin and end of the shift of everybody whose desk keeps shifts, by id."""
    actors = read_actors()
    desks = [having(role, actors.values()) for role in DESK_ROLES]
    return {
        actor.user_id: (name, time(shift * SHIFT_HOURS), time((shift + 1) % SHIFTS * SHIFT_HOURS))
        for people in desks
        if keeps_shifts(people)
        for shift, name in enumerate(SHIFT_NAMES)
        for actor in in_shift(people, shift)
        if actor.user_id is not None
    }


def read_actors() -> dict[int, Actor]:
    """Everybody who is active, by id and in its order."""
    users = get_user_model().objects.filter(is_active=True).order_by("pk")
    return {user.pk: actor_of(user) for user in users}


def having(role: str, actors: Iterable[Actor]) -> tuple[Actor, ...]:
    """Those who hold a role."""
    return tuple(actor for actor in actors if role in actor.roles)


def read_people() -> People:
    """Read everybody who is active; six queries."""
    actors = read_actors()
    everybody = actors.values()
    members: dict[int, list[Actor]] = {}
    for actor in sorted(
        having(Role.DEPARTMENT, everybody), key=lambda one: (one.is_lead, one.user_id)
    ):
        if actor.department_id is not None:
            members.setdefault(actor.department_id, []).append(actor)
    departments = {row.pk: row for row in Department.objects.order_by("code")}
    patrols, shift_of = read_patrols()
    return People(
        actors=actors,
        desks={role: having(role, everybody) for role in DESK_ROLES},
        departments=departments,
        members={key: tuple(listed) for key, listed in members.items()},
        officials=having(Role.OFFICIAL, everybody),
        patrols=patrols,
        shift_of=shift_of,
        nearest=read_nearest(),
        barred={
            pk: frozenset(
                row.code for row in departments.values() if pk in {row.pk, row.parent_id}
            )
            for pk in departments
        },
    )  # fmt: skip


def read_patrols() -> tuple[dict[int, list[tuple[str, int]]], dict[int, list[str]]]:
    """Shift and supervisor of each cell's patrols, and the shifts of each supervisor."""
    patrols: dict[int, list[tuple[str, int]]] = {}
    shift_of: dict[int, list[str]] = {}
    rows = PatrolCell.objects.filter(patrol__supervisor__is_active=True).order_by("pk")
    for cell_id, shift, user in rows.values_list(
        "cell_id", "patrol__shift_id", "patrol__supervisor_id"
    ):
        patrols.setdefault(cell_id, []).append((shift, user))
        shift_of.setdefault(user, []).append(shift)
    for listed in patrols.values():
        listed.sort(key=lambda row: row[1])
    return patrols, shift_of


def read_nearest() -> dict[int, list[int]]:
    """The neighbours of each cell by the distance of their centres, as tasks are sent."""
    cells = {row.pk: row for row in Cell.objects.current().only("neighbours", "geom")}
    centres = {pk: row.geom.centroid for pk, row in cells.items()}
    return {
        pk: sorted(
            (other for other in row.neighbours or () if other in centres),
            key=lambda other: (centres[pk].distance(centres[other]), other),
        )
        for pk, row in cells.items()
    }
