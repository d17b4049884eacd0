"""What goes into the fold and what comes out of it: events as they are said, facts by grain."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from assessment.facts.versions import Fact


@dataclass(slots=True)
class Said:
    """One event, as far as facts are made of it.

    `occurred` is when it happened in life; `due` until when the stage runs after it.
    """

    seq: int
    action: str
    actor: int | None
    role: str
    occurred_at: datetime
    at: datetime
    time_flagged: bool
    from_state: str
    to_state: str
    changes: Mapping[str, Any]
    occurred: datetime = field(init=False)
    due: datetime | None = field(init=False)

    def __post_init__(self) -> None:
        # A flagged clock is not believed (domain law §11).
        self.occurred = self.at if self.time_flagged else self.occurred_at
        self.due = self._instant("stage_due")

    @property
    def was_due(self) -> datetime | None:
        """Until when the handling ran that it ends, where no earlier event has said so."""
        return self._instant("was_due")

    def _instant(self, name: str) -> datetime | None:
        text = self.changes.get(name)
        return datetime.fromisoformat(text) if text else None


@dataclass(frozen=True, slots=True)
class Beside:
    """What the fold is told beside the events, all of it written down for good.

    `refusals` says how many refused returns make shirking, at a time, and `returns` how many
    approved ones make the ownership disputed; `spent` how many working
    seconds of a state (of its desk, or of the department by code) lie between two instants;
    `openings` when each person first opened a stay, by its number and the person's id;
    `shift_begin` when the planned shift of a person, by id, began in which an instant lies.
    """

    refusals: Callable[[datetime], int]
    returns: Callable[[datetime], int]
    spent: Callable[[str, str | None, datetime, datetime], int]
    openings: Mapping[int, Mapping[int, datetime]] = field(default_factory=dict)
    shift_begin: Callable[[int, datetime], datetime | None] = lambda _person, _at: None


@dataclass(slots=True)
class Facts:
    """All facts of one case, by grain."""

    cases: list[Fact] = field(default_factory=list)
    turns: list[Fact] = field(default_factory=list)
    tasks: list[Fact] = field(default_factory=list)
    stays: list[Fact] = field(default_factory=list)
    calls: list[Fact] = field(default_factory=list)

    def all(self) -> list[Fact]:
        return [*self.cases, *self.turns, *self.tasks, *self.stays, *self.calls]
