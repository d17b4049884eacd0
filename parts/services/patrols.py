"""Responsibility grids 责任网格: planned from the current cells, then given to supervisors."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from gridcity.contracts import Actor, Invalid
from parts.models import Patrol, PatrolCell
from parts.partition import TIGHT, Piece, joined, parted
from parts.services.rights import check_is_administrator

# One supervisor walks about 180,000 m² by day (domain law §12).
CELLS_PER_PATROL = 19
DAY, NIGHT = "day", "night"

PIECES_SQL = """
select s.code, c.id, st_xmin(g.m), st_ymin(g.m), st_xmax(g.m), st_ymax(g.m), c.neighbours
from parts_cell c
join parts_edition e on e.id = c.edition_id and e.state = 'current'
join parts_community m on m.id = c.community_id
join parts_street s on s.id = m.street_id,
     lateral (select st_transform(c.geom, %s) as m) g
where c.end_on is null
order by c.code
"""


@dataclass(frozen=True, slots=True)
class Beat:
    """One patrol before somebody has it: the street and the ids of its cells."""

    street_code: str
    cells: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class PatrolPlan:
    """Beats by day, street after street, and one for each whole street by night."""

    day: tuple[Beat, ...]
    night: tuple[Beat, ...]


def plan_patrols() -> PatrolPlan:
    """Part the current cells into neighbouring beats; the same cells give the same plan."""
    pieces: defaultdict[str, list[Piece]] = defaultdict(list)
    touching: dict[int, dict[int, float]] = {}
    with connection.cursor() as cursor:
        cursor.execute(PIECES_SQL, [settings.SRID_METRES])
        for street, cell, west, south, east, north, neighbours in cursor.fetchall():
            pieces[street].append(Piece(cell, west, south, east, north, 1.0))
            touching[cell] = dict.fromkeys(neighbours, 1.0)
    shares = shared_out({street: len(cells) for street, cells in pieces.items()})
    day = [
        Beat(street, tuple(cells))
        for street, own in sorted(pieces.items())
        for cells in beats(own, shares[street], touching)
    ]
    night = [Beat(street, tuple(p.id for p in own)) for street, own in sorted(pieces.items())]
    return PatrolPlan(tuple(day), tuple(night))


def shared_out(cells: dict[str, int]) -> dict[str, int]:
    """Day patrols of each street: whole numbers nearest to its share of all (largest remainder)."""
    if not cells:
        return {}
    total = max(len(cells), round(sum(cells.values()) / CELLS_PER_PATROL))
    quota = {street: count * total / sum(cells.values()) for street, count in cells.items()}
    given = {street: max(1, int(share)) for street, share in quota.items()}
    by_rest = sorted(quota, key=lambda street: (given[street] - quota[street], street))
    for street in by_rest[: max(0, total - sum(given.values()))]:
        given[street] += 1
    return given


def beats(
    cells: Sequence[Piece], count: int, touching: dict[int, dict[int, float]]
) -> list[list[int]]:
    """`count` groups of neighbouring cells of one street."""
    group_of = joined(parted(cells, count, TIGHT), touching)
    groups: defaultdict[int, list[int]] = defaultdict(list)
    for cell, group in sorted(group_of.items()):
        groups[group].append(cell)
    return [groups[group] for group in sorted(groups)]


def assign_patrols(
    *, actor: Actor, at: datetime, plan: PatrolPlan, day: Sequence[int], night: Sequence[int]
) -> int:
    """Give each beat of the plan to a supervisor, by day and by night; returns the new patrols.

    A supervisor who has a patrol in that shift keeps it. Raises Invalid where supervisors and
    beats differ in number, for then a cell would have nobody.
    """
    check_is_administrator(actor)
    if len(day) != len(plan.day) or len(night) != len(plan.night):
        raise Invalid(_("There must be one supervisor for each patrol of the plan."))
    with transaction.atomic():
        return give(DAY, plan.day, day) + give(NIGHT, plan.night, night)


def give(shift: str, plan: Sequence[Beat], supervisors: Sequence[int]) -> int:
    """Patrols of one shift for the supervisors who have none in it."""
    busy = set(
        Patrol.objects.filter(shift_id=shift, supervisor_id__in=supervisors).values_list(
            "supervisor_id", flat=True
        )
    )
    free = [
        (Patrol(supervisor_id=user, shift_id=shift), beat)
        for user, beat in zip(supervisors, plan, strict=True)
        if user not in busy
    ]
    Patrol.objects.bulk_create([patrol for patrol, _beat in free])
    PatrolCell.objects.bulk_create(
        [PatrolCell(patrol=patrol, cell_id=cell) for patrol, beat in free for cell in beat.cells],
        batch_size=5000,
    )
    return len(free)
