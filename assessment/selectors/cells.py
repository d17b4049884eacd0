"""Open cases in each unit grid cell: what the maps are shaded by."""

from __future__ import annotations

from collections import Counter

from django.db.models import Count

from cases.workflow import State
from dispatch.selectors.visible import SEES_ALL, visible_cases
from gridcity.contracts import Actor, Role
from parts.selectors import codes_today
from parts.selectors.counts import What, counts_by_code


def open_cases_by_cell(actor: Actor) -> dict[str, int]:
    """Code of a cell today → visible cases that have not ended; cells without any are left out.

    A case of a former edition counts in the cell that has most of its cell's ground. Stored counts
    for those who see every case, or every filed one; counted for all others.
    """
    if actor.roles & SEES_ALL:
        return counts_by_code(What.OPEN)
    if Role.DISPATCHER in actor.roles:
        return counts_by_code(What.FILED)
    rows = (
        visible_cases(actor)
        .filter(ended_at=None, cell__isnull=False)
        .exclude(state__in=(State.VOIDED, State.MERGED))
        .values_list("cell_id")
        .annotate(open=Count("pk"))
        .order_by("cell_id")
    )
    counts = dict(rows)
    codes = codes_today(list(counts))
    found: Counter[str] = Counter()
    for cell_id, count in counts.items():
        found[codes[cell_id]] += count
    return dict(sorted(found.items()))
