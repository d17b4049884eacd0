"""Open cases in each unit grid cell: what the maps are shaded by."""

from __future__ import annotations

from django.db.models import Count

from cases.workflow import State
from dispatch.selectors.visible import visible_cases
from gridcity.contracts import Actor


def open_cases_by_cell(actor: Actor) -> dict[str, int]:
    """Cell code → visible cases that have not ended; cells without any are left out. One query.

    An index-only scan of `case_open_cell` for those who see every case.
    """
    rows = (
        visible_cases(actor)
        .filter(ended_at=None, cell__isnull=False)
        .exclude(state__in=(State.VOIDED, State.MERGED))
        .values_list("cell__code")
        .annotate(open=Count("pk"))
        .order_by("cell__code")
    )
    return dict(rows)
