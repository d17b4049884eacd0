"""Responsibility grids 责任网格 by hand: cells given to supervisors, added, and taken away.

Tasks that were sent already stay with whom they were sent to: the law names two ways in which a
task passes on, its limit and the end of the shift (domain law §6.4), and neither has come. What is
sent from now on goes by the new patrol.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import pghistory
from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from gridcity.contracts import Actor, Invalid, NotVisible, Role, StaleVersion
from parts.models import Cell, Patrol, PatrolCell, Shift
from parts.selectors.patrol_board import last_change
from parts.services.holding import hold_edition
from parts.services.rights import check_is_administrator

GIVE, ADD, TAKE = "give", "add", "take"
WAYS = (GIVE, ADD, TAKE)

# Code of a cell → who had it in the shift when the editor looked.
Seen = Mapping[str, frozenset[int]]


@dataclass(frozen=True, slots=True)
class Changed:
    """What a change did: the cells whose supervisors are others now."""

    codes: tuple[str, ...]
    given: int
    taken: int


def change_patrols(
    *, actor: Actor, at: datetime, shift: str, way: str, supervisor_id: int | None, seen: Seen
) -> Changed:
    """Give cells to one supervisor alone, to him beside others, or take them away.

    `take` without a supervisor takes them from everybody. Raises Invalid naming the field, and
    StaleVersion when somebody has changed one of these cells since the editor saw it: nothing is
    changed then, and `kept` says who has them now.
    """
    check_is_administrator(actor)
    check_asked(way, supervisor_id, seen)
    history = pghistory.context(actor=actor.username, at=at.isoformat(), way=way)
    with transaction.atomic(), history:
        hold_edition()
        # Two editors of one shift queue here; each then sees what the other made of it.
        if not Shift.objects.select_for_update(no_key=True).filter(pk=shift).exists():
            raise NotVisible(_("There is no such shift."))
        cells = dict(Cell.objects.current().filter(code__in=seen).values_list("code", "pk"))
        if len(cells) < len(seen):
            raise Invalid(_("Some of these cells are not in use."), cells=_("Load the page again."))
        held = holders(shift, cells)
        check_unchanged(shift, seen, held)
        if way == TAKE:
            gone = taken_from(supervisor_id, held)
            return apply(shift, cells, {}, gone)
        assert supervisor_id is not None
        gone = {} if way == ADD else others(supervisor_id, held)
        new = {code for code, users in held.items() if supervisor_id not in users}
        return apply(shift, cells, {supervisor_id: new}, gone)


def check_asked(way: str, supervisor_id: int | None, seen: Seen) -> None:
    """Raise Invalid for what cannot be asked."""
    if way not in WAYS:
        raise Invalid(_("There is no such action."), way=_("Unknown value."))
    if not seen:
        raise Invalid(_("No cell is chosen."), cells=_("Choose at least one cell."))
    if supervisor_id is None and way != TAKE:
        raise Invalid(
            _("No supervisor is chosen."), supervisor=_("Choose who shall have these cells.")
        )
    if supervisor_id is None or way == TAKE:
        return
    people = get_user_model().objects.filter(
        pk=supervisor_id, is_active=True, roles__contains=[Role.SUPERVISOR]
    )
    if not people.exists():
        raise Invalid(
            _("Only a supervisor with an open account can be given cells."),
            supervisor=_("Choose another supervisor."),
        )


def holders(shift: str, cells: Mapping[str, int]) -> dict[str, frozenset[int]]:
    """Who has these cells in the shift now."""
    held: dict[str, set[int]] = {code: set() for code in cells}
    rows = PatrolCell.objects.filter(patrol__shift_id=shift, cell_id__in=list(cells.values()))
    for code, user in rows.values_list("cell__code", "patrol__supervisor_id"):
        held[code].add(user)
    return {code: frozenset(users) for code, users in held.items()}


def check_unchanged(shift: str, seen: Seen, held: Mapping[str, frozenset[int]]) -> None:
    """Raise StaleVersion where a cell has others than its editor saw."""
    moved = sorted(code for code, users in held.items() if users != seen[code])
    if not moved:
        return
    last = last_change(shift, moved)
    said = __("%(n)d of these cells were given to others meanwhile; nothing was changed.")
    words = said % {"n": len(moved)}
    if last is not None:
        local = timezone.localtime(last.at)
        by = __("Last changed by %(who)s at %(when)s.")
        words += " " + by % {"who": last.by or "–", "when": f"{local:%Y-%m-%d %H:%M:%S}"}
    raise StaleVersion(words, cells={code: sorted(held[code]) for code in moved})


def taken_from(
    supervisor_id: int | None, held: Mapping[str, frozenset[int]]
) -> dict[int, set[str]]:
    """Who loses which of these cells when they are taken away."""
    gone: dict[int, set[str]] = {}
    for code, users in held.items():
        for user in users:
            if supervisor_id in (None, user):
                gone.setdefault(user, set()).add(code)
    return gone


def others(supervisor_id: int, held: Mapping[str, frozenset[int]]) -> dict[int, set[str]]:
    """Who loses which of these cells when one supervisor alone has them."""
    gone = taken_from(None, held)
    gone.pop(supervisor_id, None)
    return gone


def apply(
    shift: str,
    cells: Mapping[str, int],
    new: Mapping[int, set[str]],
    gone: Mapping[int, set[str]],
) -> Changed:
    """Write what was decided; a patrol is made for whoever has none in this shift yet."""
    taken = 0
    for user, codes in gone.items():
        rows = PatrolCell.objects.filter(
            patrol__shift_id=shift,
            patrol__supervisor_id=user,
            cell_id__in=[cells[c] for c in codes],
        )
        taken += rows.delete()[0]
    given = 0
    for user, codes in new.items():
        patrol, _is_new = Patrol.objects.get_or_create(supervisor_id=user, shift_id=shift)
        made = PatrolCell.objects.bulk_create(
            [PatrolCell(patrol=patrol, cell_id=cells[code]) for code in sorted(codes)],
            batch_size=5000,
        )
        given += len(made)
    changed = {code for codes in (*new.values(), *gone.values()) for code in codes}
    return Changed(tuple(sorted(changed)), given, taken)
