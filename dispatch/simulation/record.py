"""One case of a bulk simulation in memory: its rows as the models know them, none of them saved."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TypeVar

from django.db import connection
from django.db.models import Model

from cases.models import CallBack, Case, Event, Miss, Photo, Rating, Reporter, Stay, Task
from cases.workflow import State
from dispatch.models import (
    Request,
    RequestKind,
    RequestState,
    RequestStep,
    TimerFiring,
    Turn,
    TurnEnd,
    TurnFact,
)
from dispatch.routing import Proposal
from dispatch.simulation.reports import Report, Share
from dispatch.simulation.steps import View

Row = TypeVar("Row", Turn, Stay, Task, Request, RequestStep)

# In the order of their references.
WRITTEN: tuple[type[Model], ...] = (
    Case, Event, Stay, Task, Reporter, Rating, Photo, CallBack, Miss, Turn, Request, RequestStep,
    TurnFact, TimerFiring,
)  # fmt: skip

NOBODY = Proposal(department=None, automatic=False, steps=())


# What the people of a story see, in the order of `View`: of a miss, and of the last turn.
UNSEEN_MISS = (None, None, None, False)
UNSEEN_TURN = (None, None, 0, 0, False)


def seen_of_miss(miss: Miss) -> tuple[int | None, datetime | None, int | None, bool]:
    return (
        None if miss.objected_at else miss.supervisor_id,
        miss.object_until,
        miss.confirmed_by_id,
        miss.objected_at is not None and miss.answered_at is None,
    )


def seen_of_turn(turn: Turn) -> tuple[int | None, int | None, int, int, bool]:
    return (
        turn.department_id,
        turn.dispatched_by_id,
        turn.number,
        turn.rework_count,
        turn.overdue_at is not None,
    )


class Ids:
    """The next id of each table, as its sequence would give it; a share takes every n-th."""

    def __init__(self, share: Share | None = None) -> None:
        self._last: dict[type[Model], int] = {}
        self._step = share.of if share else 1
        with connection.cursor() as cursor:
            for model in WRITTEN:
                cursor.execute(
                    "select coalesce(pg_sequence_last_value("
                    "pg_get_serial_sequence(%s, 'id')::regclass), 0)",
                    [model._meta.db_table],
                )
                (self._last[model],) = cursor.fetchone()
        self._first_case = self._last[Case]
        if share is not None:
            self._last = {
                key: last + share.number + 1 - share.of for key, last in self._last.items()
            }

    def next(self, model: type[Model]) -> int:
        self._last[model] += self._step
        return self._last[model]

    def of_case(self, position: int) -> int:
        """The id of a report's case; later ones get later ids, whoever reckons them."""
        found = self._first_case + position + 1
        self._last[Case] = max(self._last[Case], found)
        return found

    def last(self, model: type[Model]) -> int:
        """The last id that was given."""
        return self._last[model]

    def given(self) -> dict[type[Model], int]:
        return dict(self._last)

    def reached(self, last: dict[type[Model], int]) -> None:
        """Others have given ids up to these."""
        for model, number in last.items():
            self._last[model] = max(self._last[model], number)

    def settle(self) -> None:
        """Let the sequences go on after what was given."""
        with connection.cursor() as cursor:
            for model, last in self._last.items():
                cursor.execute(
                    "select setval(pg_get_serial_sequence(%s, 'id'), greatest(%s, 1), %s)",
                    [model._meta.db_table, last, last > 0],
                )


def open_one(rows: list[Row]) -> Row | None:
    """The last of some rows, unless it has ended; only the last can be open."""
    last = rows[-1] if rows else None
    return last if last is not None and last.ended_at is None else None


@dataclass(slots=True)
class Record:
    """A case with everything that hangs on it; the open one of a kind is the last in its list."""

    case: Case
    report: Report
    ewkb: str  # of the point that was reported, where photos are taken
    point: tuple[float, float]  # where the case is now, in degrees (EPSG:4490)
    events: list[Event] = field(default_factory=list)
    stays: list[Stay] = field(default_factory=list)
    tasks: list[Task] = field(default_factory=list)
    reporters: list[Reporter] = field(default_factory=list)
    photos: list[Photo] = field(default_factory=list)
    call_backs: list[CallBack] = field(default_factory=list)
    ratings: list[Rating] = field(default_factory=list)
    misses: list[Miss] = field(default_factory=list)
    turns: list[Turn] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    steps: list[RequestStep] = field(default_factory=list)
    facts: list[TurnFact] = field(default_factory=list)
    firings: list[TimerFiring] = field(default_factory=list)
    # Levels of a desk's clock that were told, by state: they stay told while that clock goes on.
    told: dict[str, set[int]] = field(default_factory=dict)
    ended_seq: int = 0
    entered: Event | None = None  # by which the case came to its state
    # Indexes of the cases of its cell and class; what it leads, and what leads it.
    beside: list[int] = field(default_factory=list)
    members: list[Record] = field(default_factory=list)
    lead: Record | None = None
    looked_at_next: datetime | None = None
    # What routing said last, and what it was asked: class, day, whether it is worked then.
    asked: tuple[int, date, bool] | None = None
    proposed: Proposal = NOBODY

    @property
    def turn(self) -> Turn | None:
        """The open turn."""
        return open_one(self.turns)

    @property
    def stay(self) -> Stay | None:
        return open_one(self.stays)

    @property
    def task(self) -> Task | None:
        return open_one(self.tasks)

    @property
    def request(self) -> Request | None:
        """The request that waits, an appeal too."""
        return open_one(self.requests)

    @property
    def step(self) -> RequestStep | None:
        return open_one(self.steps)

    def held(self) -> Turn:
        """The open turn, which must be there."""
        assert self.turn is not None
        return self.turn

    def last_stay_in(self, state: State) -> Stay:
        return next(stay for stay in reversed(self.stays) if stay.state == state)

    @property
    def is_led(self) -> bool:
        """Whether it is merged into a case that is open."""
        return self.lead is not None and self.lead.case.ended_at is None

    def returns(self) -> int:
        """How many of its turns ended with an approved return."""
        return sum(turn.end_kind == TurnEnd.RETURNED for turn in self.turns)

    def consent(self, department_id: int | None = None) -> Request | None:
        """The first consent to a designation that no dispatch has used, to a department or any."""
        for one in self.requests:
            is_given = one.kind == RequestKind.DESIGNATION and one.state == RequestState.APPROVED
            is_theirs = department_id in {None, one.proposed_department_id}
            if is_given and is_theirs and one.used_by_id is None:
                return one
        return None

    def was_elsewhere(self, states: tuple[State, ...], since: datetime) -> bool:
        """Whether a stay outside these states ran at that instant or later."""
        return any(
            stay.state not in states and (stay.ended_at is None or stay.ended_at > since)
            for stay in self.stays
        )

    def someone_to_call(self) -> bool:
        """Whether who reported it, or a case merged into it, left a number."""
        return bool(self.reporters) or any(member.reporters for member in self.members)

    def left_to_call(self) -> list[Reporter]:
        """As `cases.selectors.calling`: who was not reached since the end, its own one first."""
        merged = sorted(self.members, key=lambda one: one.case.number)
        listed = [*self.reporters, *(one for member in merged for one in member.reporters)]
        since = self.case.ended_at
        reached = {
            one.reporter_id
            for one in self.call_backs
            if one.contacted and (since is None or one.at >= since)
        }
        return [one for one in listed if one.pk not in reached]

    def view(self, leading: str = "") -> View:
        """The case as its people see it; `leading` is the number of a case that could lead it."""
        case, task, request, step = self.case, self.task, self.request, self.step
        turn, entered = self.turns[-1] if self.turns else None, self.entered
        consent = self.consent() if self.requests else None
        return View(  # in its own order, as the database gives it to the services' player
            case.state,
            case.version,
            case.due_at,
            case.verify_outcome,
            case.filed_by_id,
            case.ever_finished,
            case.round,
            case.to_call_back,
            task.assignee_id if task else None,
            *(seen_of_turn(turn) if turn else UNSEEN_TURN),
            request.kind if request else "",
            step.reviewer_role if step else "",
            leading,
            self.is_led,
            case.ended_at,
            turn is not None and turn.end_kind == TurnEnd.FORCED,
            *(seen_of_miss(self.misses[0]) if self.misses else UNSEEN_MISS),
            entered.action if entered else "",
            entered.actor_id if entered else None,
            case.state_since,
            self.returns() if self.requests else 0,
            turn is not None and turn.is_designation,
            consent.proposed_department.code if consent and consent.proposed_department else "",
        )

    def rows(self) -> Iterator[tuple[type[Model], Sequence[Model]]]:
        """Everything that is to be written, table by table."""
        return zip(
            WRITTEN,
            (
                [self.case], self.events, self.stays, self.tasks, self.reporters, self.ratings,
                self.photos, self.call_backs, self.misses, self.turns, self.requests, self.steps,
                self.facts, self.firings,
            ),
            strict=True,
        )  # fmt: skip
