"""Open cases in each unit grid cell: what the maps are shaded by."""

from __future__ import annotations

from django.db.models import Count

from cases.workflow import State
from dispatch.selectors.visible import SEES_ALL, visible_cases
from gridcity.contracts import Actor, Role
from parts.selectors.counts import What, counts_by_code


def open_cases_by_cell(actor: Actor) -> dict[str, int]:
    """Cell code → visible cases that have not ended; cells without any are left out. One query.

    Stored counts for those who see every case, or every filed one; counted for all others.
    """
    if actor.roles & SEES_ALL:
        return counts_by_code(What.OPEN)
    if Role.DISPATCHER in actor.roles:
        return counts_by_code(What.FILED)
    rows = (
        visible_cases(actor)
        .filter(ended_at=None, cell__isnull=False)
        .exclude(state__in=(State.VOIDED, State.MERGED))
        .values_list("cell__code")
        .annotate(open=Count("pk"))
        .order_by("cell__code")
    )
    return dict(rows)
