"""Yearly census 普查: opened over cells, ticked part by part, closed."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from gridcity.contracts import Actor, Forbidden, Invalid, NotAllowed, NotVisible, Role
from jobs.services import enqueue_job
from parts.models import CatalogueClass, Cell, Census, CensusCell, CensusPart, Proposal, Street
from parts.services.grid.loading import Progress
from parts.services.holding import hold_edition_told
from parts.services.rights import check_is_administrator

Found, State = CensusPart.Found, Census.State

OPEN = "parts.census.open"  # the kind of the job

# Every standing part of the classes in these cells, in one statement.
PARTS_SQL = """
insert into parts_censuspart (census_cell_id, part_id, found)
select cc.id, p.id, ''
from parts_censuscell cc
join parts_part p on p.cell_id = cc.cell_id
where cc.id = any(%(cells)s) and p.state in ('intact', 'broken')
  and (%(all_classes)s or p.catalogue_class_id = any(%(classes)s))
order by cc.id, p.id
"""
CELLS_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class CensusInput:
    """What a census is to be. No street and no cell: the whole district; no class: all."""

    name: str
    begins_on: date
    ends_on: date
    streets: Sequence[str] = ()
    cells: Sequence[str] = ()
    classes: Sequence[str] = ()
    note: str = ""


def ask_census(*, actor: Actor, at: datetime, said: CensusInput) -> Census:
    """Plan a census and ask for the work that opens it (`open_census`).

    Raises Invalid for a name that is taken, days out of order, unknown streets, cells or classes.
    """
    opened_by = opener(actor)
    name = said.name.strip()
    if not name or Census.objects.filter(name=name).exists():
        raise Invalid(_("A census needs a name of its own."), name=_("Missing or taken."))
    if said.ends_on < said.begins_on or said.ends_on < timezone.localdate(at):
        raise Invalid(_("The census ends before it begins."), ends_on=_("Choose a later day."))
    classes = chosen_classes(said.classes)
    chosen_cells(said.streets, said.cells)
    with transaction.atomic():
        census = Census.objects.create(
            name=name[:64],
            begins_on=said.begins_on,
            ends_on=said.ends_on,
            note=said.note.strip()[:300],
            chosen={"streets": list(said.streets), "cells": list(said.cells)},
            opened_by_id=opened_by,
        )
        census.classes.set(classes)
        ask_opening(actor, at, census)
    return census


def opener(actor: Actor) -> int:
    """Which user opens a census. Raises Forbidden for all but administrators who are persons."""
    check_is_administrator(actor)
    if actor.user_id is None:
        raise Forbidden(_("A census is opened by a person."))
    return actor.user_id


def ask_opening(actor: Actor, at: datetime, census: Census) -> None:
    """Ask for the work that opens a census, in the caller's transaction."""
    census.opening_job = enqueue_job(
        actor=actor, at=at, kind=OPEN, arguments={"census": census.pk},
        title=__("Opening of the census “%(name)s”") % {"name": census.name},
    )  # fmt: skip
    census.opened_by_id = opener(actor)
    census.save(update_fields=["opening_job", "opened_by"])


def ask_again(*, actor: Actor, at: datetime, census_id: int) -> Census:
    """Try once more to open a census whose opening failed or was stopped.

    Raises NotVisible, NotAllowed.
    """
    opener(actor)
    with transaction.atomic():
        census = stuck_census(census_id)
        ask_opening(actor, at, census)
    return census


def discard_census(*, actor: Actor, at: datetime, census_id: int) -> str:
    """Take back a census that was never opened; returns its name, which is free again.

    Raises NotVisible, NotAllowed.
    """
    check_is_administrator(actor)
    with transaction.atomic():
        census = stuck_census(census_id)
        census.delete()
    return census.name


def stuck_census(census_id: int) -> Census:
    """A census that is not open and that nothing opens, locked. Raises NotVisible, NotAllowed."""
    census = held_census(census_id)
    if census.state != State.OPENING:
        raise NotAllowed(_("This census is open already."))
    if census.opening_job is not None and census.opening_job.is_alive:
        raise NotAllowed(_("This census is being opened: wait for it, or stop the work."))
    return census


def held_census(census_id: int) -> Census:
    """A census, locked. Raises NotVisible."""
    found = (
        Census.objects.select_for_update(of=("self",), no_key=True)
        .select_related("opening_job")
        .filter(pk=census_id)
        .first()
    )
    if found is None:
        raise NotVisible
    return found


def open_census(
    *,
    actor: Actor,
    at: datetime,
    census_id: int,
    progress: Progress,
    finish: Callable[[dict[str, int]], None] | None = None,
) -> Census:
    """Fix the cells of the current edition and the parts that stand there now, and open the census.

    One transaction, whose last deed is `finish` with the counts: whoever is killed before it leaves
    nothing. Raises NotAllowed where it is open already, Invalid where nothing is left to look at.
    """
    check_is_administrator(actor)
    with transaction.atomic():
        hold_edition_told(lambda: progress(__("Waiting for an edition to be published"), 0, None))
        census = held_census(census_id)
        if census.state != State.OPENING:
            raise NotAllowed(_("This census is open already."))
        cells = chosen_cells(census.chosen.get("streets", ()), census.chosen.get("cells", ()))
        CensusCell.objects.bulk_create(
            [CensusCell(census=census, cell_id=cell) for cell in cells], batch_size=5000
        )
        parts = fix_parts(census, progress)
        if not parts:
            raise Invalid(
                _("No standing part of these classes lies in these cells."),
                classes=_("Choose other classes or cells."),
            )
        census.state, census.opened_at = State.OPEN, at
        census.save(update_fields=["state", "opened_at"])
        if finish is not None:
            finish({"cells": len(cells), "parts": parts})
    return census


def fix_parts(census: Census, progress: Progress) -> int:
    """Write down what the census looks for, some cells at a time; returns how many parts."""
    classes = list(census.classes.values_list("pk", flat=True))
    rows = list(census.cells.order_by("pk").values_list("pk", flat=True))
    params: dict[str, Any] = {"classes": classes, "all_classes": not classes}
    step, parts = __("Fixing the parts of the cells"), 0
    with connection.cursor() as cursor:
        for first in range(0, len(rows), CELLS_AT_ONCE):
            progress(step, first, len(rows))
            cursor.execute(PARTS_SQL, params | {"cells": rows[first : first + CELLS_AT_ONCE]})
            parts += cursor.rowcount
    progress(step, len(rows), len(rows))
    return parts


def chosen_cells(streets: Collection[str], cells: Collection[str]) -> list[int]:
    """Ids of the cells of the current edition that were chosen. Raises Invalid for unknown ones."""
    rows: QuerySet[Cell] = Cell.objects.current()
    if cells:
        rows = rows.filter(code__in=cells)
        missing = set(cells) - set(rows.values_list("code", flat=True))
        if missing:
            raise Invalid(
                _("There is no such cell: %(codes)s.") % {"codes": "、".join(sorted(missing)[:5])},
                cells=_("Unknown cells."),
            )
    if streets:
        known = set(Street.objects.filter(code__in=streets).values_list("code", flat=True))
        if known != set(streets):
            raise Invalid(_("There is no such street."), streets=_("Unknown street."))
        rows = rows.filter(community__street__code__in=streets)
    return list(rows.order_by("code").values_list("pk", flat=True))


def chosen_classes(codes: Collection[str]) -> list[CatalogueClass]:
    """The classes of parts of these codes, of every scheme that parts have."""
    found = list(CatalogueClass.objects.filter(kind=CatalogueClass.Kind.PART, code__in=codes))
    if {each.code for each in found} != set(codes):
        raise Invalid(_("There is no such class of parts."), classes=_("Choose a class."))
    return found


def close_census(*, actor: Actor, at: datetime, census_id: int) -> Census:
    """End a census; nothing of it is ticked any more. Raises NotVisible, NotAllowed."""
    check_is_administrator(actor)
    with transaction.atomic():
        census = held_census(census_id)
        if census.state == State.OPENING:
            raise NotAllowed(_("This census is not open yet."))
        if census.state == State.CLOSED:
            raise NotAllowed(_("This census has ended."))
        census.state, census.closed_at = State.CLOSED, at
        census.save(update_fields=["state", "closed_at"])
    return census


def census_cell_for(actor: Actor, at: datetime, census_cell_id: int) -> CensusCell:
    """A cell of a census that runs, locked, for a supervisor. Raises Forbidden, NotAllowed."""
    if Role.SUPERVISOR not in actor.roles:
        raise Forbidden(_("Supervisors walk a census."))
    cell = (
        # two supervisors in one cell: ticks and the end of the cell follow one another
        CensusCell.objects.select_for_update(of=("self",), no_key=True)
        .select_related("census")
        .filter(pk=census_cell_id)
        .first()
    )
    if cell is None:
        raise NotVisible
    today = timezone.localdate(at)
    census = cell.census
    if census.state != State.OPEN or not census.begins_on <= today <= census.ends_on:
        raise NotAllowed(_("This census does not run today."))
    return cell


def tick(*, actor: Actor, at: datetime, census_part_id: int, found: str) -> CensusPart:
    """Say what became of a part; the last word counts. Raises Invalid, NotVisible, NotAllowed."""
    if found not in Found.values:
        raise Invalid(_("There is no such answer."), found=_("Choose one."))
    with transaction.atomic():
        row = CensusPart.objects.filter(pk=census_part_id).first()
        if row is None:
            raise NotVisible
        census_cell_for(actor, at, row.census_cell_id)
        row.found, row.found_at, row.found_by_id = found, at, actor.user_id
        row.save(update_fields=["found", "found_at", "found_by"])
    return row


def end_cell(*, actor: Actor, at: datetime, census_cell_id: int, rest_present: bool) -> CensusCell:
    """Say that a cell is walked. `rest_present`: what was not ticked is there.

    Raises NotAllowed while parts are not ticked and nobody says that they are there.
    """
    with transaction.atomic():
        cell = census_cell_for(actor, at, census_cell_id)
        open_parts = CensusPart.objects.filter(census_cell=cell, found="")
        if rest_present:
            open_parts.update(found=Found.PRESENT, found_at=at, found_by_id=actor.user_id)
        elif count := open_parts.count():
            raise NotAllowed(_("%(n)d parts of this cell are not ticked yet.") % {"n": count})
        cell.done_at, cell.done_by_id = at, actor.user_id
        cell.save(update_fields=["done_at", "done_by"])
    return cell


def note_proposal(*, actor: Actor, at: datetime, proposal: Proposal) -> int:
    """A field update ticks its part in every census that runs; returns how many ticks."""
    if proposal.part_id is None:
        return 0
    found = Found.GONE if proposal.kind == Proposal.Kind.GONE else Found.CHANGED
    today = timezone.localdate(at)
    rows = CensusPart.objects.filter(
        part_id=proposal.part_id,
        census_cell__census__state=State.OPEN,
        census_cell__census__begins_on__lte=today,
        census_cell__census__ends_on__gte=today,
    )
    return rows.update(found=found, found_at=at, found_by_id=actor.user_id, proposal=proposal)
