"""What passes between a story and who carries it out: the case as it stands, and the next step."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple

from gridcity.contracts import Actor


class View(NamedTuple):
    """A case as the people of its story see it; of turn, task and request the open ones."""

    state: str
    version: int
    due_at: datetime | None
    verify_outcome: str = ""
    filed_by: int | None = None
    ever_finished: bool = False
    round: int = 1
    to_call_back: bool = False
    assignee: int | None = None
    department_id: int | None = None  # of the last turn, also after its end
    dispatched_by: int | None = None
    turn: int = 0
    reworks: int = 0
    overdue: bool = False
    request: str = ""
    reviewer: str = ""
    leading: str = ""  # of a report: the number of an open case of its cell and class
    is_led: bool = False  # merged into a case that is open
    ended_at: datetime | None = None
    turn_forced: bool = False  # the last turn was ended by a forced close
    missed_by: int | None = None  # of a miss that nobody has objected to yet
    object_until: datetime | None = None
    confirmed_by: int | None = None
    objected: bool = False  # and not answered
    entered: str = ""  # the action by which it came to its state, who did it, and since when
    entered_by: int | None = None
    since: datetime | None = None
    returns: int = 0  # approved, of all turns
    designated: bool = False  # the last turn was
    consent: str = ""  # the department that a duty chief has consented to designate

    def has_just(self, action: str, now: datetime) -> bool:
        """Whether it came here this instant, by this action."""
        return self.entered == action and self.since == now


class Step(NamedTuple):
    """One action of one person, named as in the table of transitions, with what he says."""

    action: str
    actor: Actor
    said: dict[str, Any]


class Plan(NamedTuple):
    """When somebody acts next, and how; without a step somebody only looks again then.

    It is carried out while the case is of the version that it was made for.
    """

    at: datetime
    version: int
    step: Step | None = None

    def holds(self, version: int, leading: Callable[[], str], is_led: Callable[[], bool]) -> bool:
        """Whether the case is still as it was, and so is the case that leads it or was to."""
        if version != self.version or self.step is None:
            return False
        if self.step.action == "undo_merge":
            return is_led()
        return self.step.action != "merge" or self.step.said["leading"] == leading()
