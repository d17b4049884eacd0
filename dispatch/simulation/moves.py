"""Moving a case in memory as `cases.services.transition.move` moves it in the database."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cache
from typing import Any, NamedTuple

from cases.models import Case, Event, Photo, PhotoRole, Stay, Task, TaskKind, TaskOutcome
from cases.selectors.settings import stage_limit_s
from cases.services.tasks import STATE_OF
from cases.services.transition import (
    Term,
    desk_term,
    left_in_time,
    next_event,
    next_stay,
    said_of_stage,
    used_in_stay,
)
from cases.workflow import ENDED, State, Transition, choose, judge
from dispatch.services.turns import allow, term_of
from dispatch.simulation.making import maker
from dispatch.simulation.people import People
from dispatch.simulation.pictures import (
    ACCURACY_M,
    SCENES,
    scene,
    scene_file,
    scene_sha256,
)
from dispatch.simulation.record import Ids, Record
from gridcity.contracts import Actor, Role


class Way(NamedTuple):
    """A row of the table of transitions for who takes it, in which role, whence and where to."""

    row: Transition
    role: str
    before: State
    after: State


@cache
def way(state: str, action: str, roles: frozenset[str], target: State | None) -> Way:
    """A story never does what the table refuses."""
    before = State(state)
    row = judge(before, action, roles).transition
    assert row is not None, f"{action} in {state} by {sorted(roles)}"
    if target is not None and row.leads_to(before) != target:
        row = choose(before, action, target)
    role = Actor(None, "", roles).role_among(row.roles) or ""
    return Way(row, role, before, row.leads_to(before))


class Moves:
    """What every action of a bulk simulation is made of."""

    def __init__(self, people: People, ids: Ids) -> None:
        self.people = people
        self.ids = ids

    def move(
        self,
        record: Record,
        action: str,
        actor: Actor,
        at: datetime,
        *,
        occurred_at: datetime | None = None,
        reason: str = "",
        changes: dict[str, Any] | None = None,
        target: State | None = None,
        term: Term | None = None,
    ) -> Event:
        """Append the event, raise the version, change the stay: the rows of one action."""
        case = record.case
        row, role, before, after = way(case.state, action, actor.roles, target)
        if row.target is not None and after not in ENDED:
            term = term or desk_term(after, max(at, case.state_since))
        event = next_event(
            case, action=action, actor=actor, role=role, at=at, occurred_at=occurred_at,
            reason=reason, changes=(changes or {}) | said_of_stage(case, row, term),
            states=(before, after), made=maker(Event),
        )  # fmt: skip
        self.append(record, event)
        if row.raises_version:
            case.version += 1
        if row.target is not None:
            self.change_stay(record, after, actor, role, event, term)
        return event

    def append(self, record: Record, event: Event) -> None:
        event.id = self.ids.next(Event)
        record.events.append(event)
        if event.from_state != event.to_state:
            record.entered = event

    def change_stay(
        self, record: Record, after: State, actor: Actor, role: str, event: Event,
        term: Term | None,
    ) -> None:  # fmt: skip
        """End the open stay and begin the next; a case that comes back has a pause between."""
        case, at = record.case, max(event.at, record.case.state_since)
        if case.state in ENDED:
            self.keep_stay(
                record,
                maker(Stay)(
                    case=case, seq=record.ended_seq, state=case.state, began_at=case.state_since,
                    ended_at=at, actor_role=Role.CLOCK,
                ),
            )  # fmt: skip
        elif record.stay is not None:
            stay = record.stay
            stay.in_time = left_in_time(case, actor, event, at)
            stay.ended_at, stay.actor_id, stay.actor_role = at, actor.user_id, role
        if after in ENDED:
            record.ended_seq = event.seq
        self.keep_stay(record, self.next_stay(case, after, event.seq, at, term))

    @staticmethod
    def next_stay(
        case: Case, state: State, seq: int, at: datetime, term: Term | None
    ) -> Stay | None:
        return next_stay(case, state, seq=seq, at=at, term=term, made=maker(Stay))

    def keep_stay(self, record: Record, stay: Stay | None) -> None:
        if stay is None:
            return
        stay.id = self.ids.next(Stay)
        record.stays.append(stay)
        if not stay.used_before_s:
            record.told[stay.state] = set()

    def goes_on(self, record: Record, state: State, at: datetime) -> Term:
        """A stage that continues with what its last visit left."""
        last = record.last_stay_in(state)
        return desk_term(state, at, used_in_stay(last, last.ended_at or at))

    def show_term(self, record: Record) -> None:
        """Put a deadline of the open turn that has moved on case and stay."""
        term, case, stay = term_of(record.held()), record.case, record.stay
        assert stay is not None
        case.due_at, case.green_until = term.due_at, term.green_until
        stay.limit_s, stay.due_at, stay.green_until = term.limit_s, term.due_at, term.green_until
        stay.provisional = term.provisional

    def allow_more(self, record: Record, extra: timedelta) -> None:
        """As `dispatch.services.turns.allow_more`."""
        if extra:
            allow(record.held(), extra)
            if record.held().running_since is not None:
                self.show_term(record)

    # ---------------------------------------------------------------- tasks and photos

    def find(self, record: Record, at: datetime, but: set[int], employers: frozenset[str]) -> int:
        """Who is sent; 0 when nobody is there."""
        assert record.case.cell_id is not None
        for user_id in self.people.on_duty(record.case.cell_id, at):
            if user_id not in but and self.people.actors[user_id].employer not in employers:
                return user_id
        return 0

    def give(
        self, record: Record, kind: TaskKind, sending: int, assignee: int, at: datetime
    ) -> Task:
        """The task of one supervisor."""
        limit_s = stage_limit_s(STATE_OF[kind], at) or 0
        task = maker(Task)(
            id=self.ids.next(Task), case=record.case, kind=kind, sending=sending,
            assignee_id=assignee, sent_at=at, due_at=at + timedelta(seconds=limit_s),
            shift_ends_at=self.people.shift_end(assignee, at),
        )  # fmt: skip
        record.tasks.append(task)
        return task

    def end_task(self, task: Task, outcome: TaskOutcome, at: datetime) -> None:
        uncharged = {TaskOutcome.RECALLED, TaskOutcome.LAPSED, TaskOutcome.SHIFT_ENDED}
        task.ended_at, task.outcome = at, outcome
        task.in_time = None if outcome in uncharged else at <= task.due_at

    def photo(
        self, record: Record, event: Event, picture: int, role: PhotoRole, taken_at: datetime,
        actor: Actor, at: datetime,
    ) -> None:  # fmt: skip
        """A row that points at the files of its scene."""
        record.photos.append(
            maker(Photo)(
                id=self.ids.next(Photo), case=record.case, event=event, role=role,
                taken_at=taken_at, point=record.ewkb, uploaded_by_id=actor.user_id, added_at=at,
                **of_scene(picture % SCENES),
            )
        )  # fmt: skip


@cache
def of_scene(picture: int) -> dict[str, Any]:
    """What the photos of a scene have in common."""
    made = scene(picture)
    return {
        "file": scene_file(picture), "thumbnail": scene_file(picture, small=True),
        "width": made.size[0], "height": made.size[1], "sha256": scene_sha256(picture),
        "perceptual_hash": made.perceptual_hash, "accuracy_m": ACCURACY_M, "placed_by": "gps",
    }  # fmt: skip
