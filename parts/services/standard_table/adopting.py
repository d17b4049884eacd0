"""Takes over the standards of one scheme for the classes that a confirmed pair reads in another."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from django.db import transaction
from django.db.models import Q

from gridcity.contracts import Actor
from parts.models import CodingScheme, CrosswalkPair, FilingStandard
from parts.models.catalogue import ForcedClose
from parts.services.crosswalk import check_schemes
from parts.services.rights import check_is_administrator
from parts.services.standard_table.planning import Plan, Wanted, plan_lines
from parts.services.standard_table.reading import Line
from parts.services.standard_table.writing import take_in


def plan_adoption(*, source: str, target: str, valid_from: date) -> Plan:
    """What would change in `target` if its classes took the standards of those read as them.

    Classes that no confirmed pair leads to keep their standards. Raises Invalid for the schemes.
    """
    check_schemes(source, target)
    wanted = Wanted(scheme=target, is_own=False, compared=target, valid_from=valid_from)
    return plan_lines(list(lines_of(source, target, valid_from)), wanted)


def lines_of(source: str, target: str, on: date) -> Iterator[Line]:
    """The standards of the confirmed classes that hold on a day, under the code of the other."""
    pairs = CrosswalkPair.objects.filter(
        from_class__scheme_id=source, to_scheme_id=target, state=CrosswalkPair.State.CONFIRMED
    ).select_related("to_class")
    to_class = {pair.from_class_id: pair.to_class for pair in pairs}
    in_force = Q(valid_to=None) | Q(valid_to__gte=on)
    rows = FilingStandard.objects.filter(
        in_force, catalogue_class_id__in=to_class, valid_from__lte=on
    )
    for row in rows.order_by("catalogue_class__code", "position", "pk"):
        entry = to_class[row.catalogue_class_id]
        yield Line(
            number=row.pk,
            kind=entry.kind,
            code=entry.code,
            name=entry.name,
            condition=row.condition,
            limit=row.limit_value,
            limit_a=row.limit_value_a,
            limit_c=row.limit_value_c,
            unit=row.limit_unit,
            closing=row.closing_condition,
            responsible=row.responsible,
            body=row.department_kind,
            # Never is what a table says that does not speak of it: then it stays as it was.
            policy=(row.forced_close, row.forced_close_days) if is_forced(row) else None,
        )


def is_forced(row: FilingStandard) -> bool:
    return row.forced_close != ForcedClose.NEVER


def adopt_standards(
    *, actor: Actor, at: datetime, source: str, target: str, valid_from: date
) -> Plan:
    """Let the classes of `target` take these standards from a day on; what holds ends before.

    Raises Invalid for the schemes or a day in the past.
    """
    check_is_administrator(actor)
    with transaction.atomic():
        # schemes are locked in one order, so that two adoptions come one after the other
        list(CodingScheme.objects.select_for_update(no_key=True).order_by("key"))
        plan = plan_adoption(source=source, target=target, valid_from=valid_from)
        take_in(actor=actor, at=at, plan=plan)
    return plan
