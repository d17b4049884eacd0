"""What becomes of merged cases when their leading case leaves the figures (law §4, merge)."""

from __future__ import annotations

from datetime import datetime

from cases.models import Case
from cases.services.transition import move
from gridcity.contracts import CLOCK


def release_members(lead: Case, at: datetime) -> int:
    """`release_member` by the clock: the locked leading case ended unfiled or void.

    Its members are reports of their own again, and their acceptance begins; returns how many.
    """
    # After the lock of the leading case, so that no member leaves or joins meanwhile.
    members = (
        Case.objects.select_for_update(of=("self",), no_key=True)
        .filter(merged_into=lead)
        .order_by("pk")
    )
    count = 0
    for case in members:
        case.merged_into = None
        move(
            case, action="release_member", actor=CLOCK, at=at,
            changes={"leading": lead.number}, fields=("merged_into",),
        )  # fmt: skip
        count += 1
    return count
