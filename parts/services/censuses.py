"""Yearly census 普查: opened over cells, ticked part by part, closed."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from gridcity.contracts import Actor, Forbidden, Invalid, NotAllowed, NotVisible, Role
from parts.models import CatalogueClass, Cell, Census, CensusCell, CensusPart, Proposal, Street
from parts.services.holding import hold_edition
from parts.services.rights import check_is_administrator

Found = CensusPart.Found

# Every standing part of the classes in the cells, in one statement.
PARTS_SQL = """
insert into parts_censuspart (census_cell_id, part_id, found)
select cc.id, p.id, ''
from parts_censuscell cc
join parts_part p on p.cell_id = cc.cell_id
where cc.census_id = %(census)s and p.state in ('intact', 'broken')
  and (%(all_classes)s or p.catalogue_class_id = any(%(classes)s))
order by cc.id, p.id
"""


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


def open_census(*, actor: Actor, at: datetime, said: CensusInput) -> Census:
    """Open a census; the cells of the current edition and the parts that stand there are fixed now.

    Raises Invalid for a name that is taken, days out of order, unknown streets, cells or classes,
    or where nothing is left to look at.
    """
    check_is_administrator(actor)
    if actor.user_id is None:
        raise Forbidden(_("A census is opened by a person."))
    name = said.name.strip()
    if not name or Census.objects.filter(name=name).exists():
        raise Invalid(_("A census needs a name of its own."), name=_("Missing or taken."))
    if said.ends_on < said.begins_on or said.ends_on < timezone.localdate(at):
        raise Invalid(_("The census ends before it begins."), ends_on=_("Choose a later day."))
    classes = chosen_classes(said.classes)
    with transaction.atomic():
        hold_edition()
        cells = chosen_cells(said)
        census = Census.objects.create(
            name=name[:64],
            begins_on=said.begins_on,
            ends_on=said.ends_on,
            note=said.note.strip()[:300],
            opened_by_id=actor.user_id,
            opened_at=at,
        )
        census.classes.set(classes)
        CensusCell.objects.bulk_create(
            [CensusCell(census=census, cell_id=cell) for cell in cells], batch_size=5000
        )
        with connection.cursor() as cursor:
            params: dict[str, Any] = {
                "census": census.pk,
                "classes": [each.pk for each in classes],
                "all_classes": not classes,
            }
            cursor.execute(PARTS_SQL, params)
            if not cursor.rowcount:
                raise Invalid(
                    _("No standing part of these classes lies in these cells."),
                    classes=_("Choose other classes or cells."),
                )
    return census


def chosen_cells(said: CensusInput) -> list[int]:
    """Ids of the cells of the current edition that were chosen. Raises Invalid for unknown ones."""
    rows: QuerySet[Cell] = Cell.objects.current()
    if said.cells:
        rows = rows.filter(code__in=said.cells)
        missing = set(said.cells) - set(rows.values_list("code", flat=True))
        if missing:
            raise Invalid(
                _("There is no such cell: %(codes)s.") % {"codes": "、".join(sorted(missing)[:5])},
                cells=_("Unknown cells."),
            )
    if said.streets:
        known = set(Street.objects.filter(code__in=said.streets).values_list("code", flat=True))
        if known != set(said.streets):
            raise Invalid(_("There is no such street."), streets=_("Unknown street."))
        rows = rows.filter(community__street__code__in=said.streets)
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
        census = Census.objects.select_for_update(no_key=True).filter(pk=census_id).first()
        if census is None:
            raise NotVisible
        if census.closed_at is not None:
            raise NotAllowed(_("This census has ended."))
        census.closed_at = at
        census.save(update_fields=["closed_at"])
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
    if cell.census.closed_at is not None or not (
        cell.census.begins_on <= today <= cell.census.ends_on
    ):
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
        census_cell__census__closed_at=None,
        census_cell__census__begins_on__lte=today,
        census_cell__census__ends_on__gte=today,
    )
    return rows.update(found=found, found_at=at, found_by_id=actor.user_id, proposal=proposal)
