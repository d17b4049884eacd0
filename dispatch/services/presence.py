"""Signs of presence at a case: written by its open page, forgotten by themselves."""

from __future__ import annotations

from datetime import datetime, timedelta

from cases.services.transactions import in_transaction
from dispatch.models import Presence

# A page gives a sign every 20 s; after two missed ones nobody is there.
PRESENT = timedelta(seconds=50)


@in_transaction
def note_presence(*, case_id: int, user_id: int, at: datetime) -> list[str]:
    """Somebody who may move the case has it open; returns the names of the others who have."""
    Presence.objects.bulk_create(
        [Presence(case_id=case_id, user_id=user_id, seen_at=at)],
        update_conflicts=True,
        unique_fields=["case", "user"],
        update_fields=["seen_at"],
    )
    others = Presence.objects.filter(case_id=case_id, seen_at__gt=at - PRESENT)
    names = others.exclude(user_id=user_id).order_by("seen_at", "id")
    return list(names.values_list("user__full_name", flat=True))


def forget_presence(*, at: datetime) -> int:
    """Take away the rows of pages that were closed; run by the clock."""
    gone, _rows = Presence.objects.filter(seen_at__lte=at - PRESENT).delete()
    return gone
