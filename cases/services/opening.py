"""Who first looked at what waits for his desk: from then on it is charged to him."""

from __future__ import annotations

from datetime import datetime

from cases.models import Stay
from cases.workflow import TURN, State
from gridcity.contracts import Actor

# Supervisors are charged by their tasks, departments by their turns (assessment, §3).
NOT_A_DESK = frozenset({State.VERIFYING, State.CHECKING, State.HANDLING, State.SUSPENDED})


def waits_for_desk(stay: Stay, actor: Actor) -> bool:
    """Whether this open stay waits for a desk of the actor and nobody has opened it yet."""
    state = State(stay.state)
    if stay.ended_at is not None or stay.first_opened_at is not None or state in NOT_A_DESK:
        return False
    return bool(TURN[state] & actor.roles)


def note_first_opening(*, stay: Stay, actor: Actor, at: datetime) -> bool:
    """Remember in one statement who opened a desk's stay first; a second one changes nothing."""
    if not waits_for_desk(stay, actor):
        return False
    return bool(
        Stay.objects.filter(pk=stay.pk, ended_at=None, first_opened_at=None).update(
            first_opened_at=at, first_opened_by=actor.user_id
        )
    )
