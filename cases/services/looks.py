"""Who looked at a reporter's name and phone, and when (domain law §1)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from cases.models import Reporter, ReporterLook
from gridcity.contracts import Actor, Role


def log_looks(*, reporters: Iterable[Reporter], actor: Actor, at: datetime) -> int:
    """Log that a handling department was shown these reporters; returns how many looks.

    The supervising desks see reporters as part of their work; a department's looks are counted.
    """
    if Role.DEPARTMENT not in actor.roles or actor.user_id is None:
        return 0
    looks = [ReporterLook(reporter=one, user_id=actor.user_id, at=at) for one in reporters]
    ReporterLook.objects.bulk_create(looks)
    return len(looks)
