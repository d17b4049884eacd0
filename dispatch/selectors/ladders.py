"""Ladders of escalation as the rules want them, kept in the process for a few seconds."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache

from cases.models import Case
from dispatch.ladder import DEFAULT_RUNGS, Asked, Ladder, Rung, choose
from dispatch.models import EscalationLadder
from parts.selectors import class_by_id
from parts.selectors.kept import tick


def ladder_for(case: Case, department_id: int, at: datetime) -> int | None:
    """The id of the ladder of a turn that begins at `at`; None: the default of this product."""
    entry = class_by_id(case.catalogue_class_id)
    asked = Asked(case.kind, entry.scheme_id, entry.code, department_id, at)
    found = choose(_ladders(tick()).values(), asked)
    return found.id if found else None


def rungs_of(ladder_id: int | None) -> tuple[Rung, ...]:
    """The levels of a turn's ladder, lowest first."""
    if ladder_id is None:
        return DEFAULT_RUNGS
    found = _ladders(tick()).get(ladder_id)
    if found is None:  # made since the last look
        forget()
        found = _ladders(tick())[ladder_id]
    return found.rungs


def forget() -> None:
    """Read everything anew at the next call: after an edit in this process, and between tests."""
    _ladders.cache_clear()


@lru_cache(maxsize=2)
def _ladders(now: int) -> dict[int, Ladder]:
    rows = EscalationLadder.objects.prefetch_related("rungs")
    return {
        row.pk: Ladder(
            id=row.pk,
            kind=row.kind,
            scheme=row.scheme_key,
            class_prefix=row.class_prefix,
            department_id=row.department_id,
            valid_from=row.valid_from,
            rungs=tuple(
                Rung(rung.level, rung.share, rung.receiver)
                for rung in sorted(row.rungs.all(), key=lambda rung: rung.level)
            ),
        )
        for row in rows
    }
