"""The clock in memory: what `dispatch.services.timers` does at each sweep, case by case."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from cases.models import Event, Stay, TaskKind, TaskOutcome
from cases.services.tasks import NOBODY_ON_DUTY, barred_from, ended_by_clock
from cases.services.transition import desk_term, next_event
from cases.workflow import DESKS, State
from dispatch.models import ClockKind, RequestStep, TimerFiring
from dispatch.selectors.ladders import rungs_of
from dispatch.services.forcing import BY_CLOCK, POLICY
from dispatch.services.review_steps import passes_on
from dispatch.services.timer_notices import DESK_LATE, IDLE, beyond_desk
from dispatch.services.timers import WINDOW
from dispatch.simulation.deeds import Deeds
from dispatch.simulation.making import maker
from dispatch.simulation.record import Record
from gridcity.contracts import CLOCK, Role

# The shares of a desk's limit at which its levels tell somebody; what waits a day has none.
SHARES = {IDLE: 0, DESK_LATE: 100, 2: 200}


class Clockwork(Deeds):
    """Whatever the clock owes a case, in the order in which a sweep does it."""

    def sweep_case(self, record: Record, at: datetime) -> None:
        """Do what was due before `at`: window by window, inside one kind by kind."""
        while (first := self.owed_first(record)) is not None and first < at:
            until = min(at, first + WINDOW)
            self.tell_of_turn(record, until, at)
            for due, level in list(late_stay(record)):
                if due < until:
                    self.tell_of_stay(record, level, due, at)
            for due, level in list(late_step(record)):
                if due < until:
                    self.tell_of_step(record, level, due, at)
            self.do_by_clock(record, until, at)

    def owed_first(self, record: Record) -> datetime | None:
        """When the clock owes something next."""
        found = owed(record)
        if record.requests and (due := self.review_due(record)) is not None:
            found.append(due)
        return min(found) if found else None

    def review_due(self, record: Record) -> datetime | None:
        """When a review passes on that no lead gives, or that no dispatcher may give."""
        request, step = record.request, record.step
        if request is None or step is None:
            return None
        people = [one.user_id or 0 for one in self.people.desks[Role.DISPATCHER]]
        return step.due_at if passes_on(request, step.reviewer_role, people) else None

    def do_by_clock(self, record: Record, until: datetime, at: datetime) -> None:
        """Changes of state, each at most once in a window."""
        case = record.case
        if (due := task_due(record)) is not None and due < until:
            self.pass_task_on(record, at)
        if case.state == State.SUSPENDED and case.due_at is not None and case.due_at < until:
            self.resume(record, CLOCK, at, occurred_at=case.due_at)
        if (due := force_due(record)) is not None and due < until:
            self.force_close(record, CLOCK, at, POLICY, occurred_at=due)
        if (due := self.review_due(record)) is not None and due < until:
            self.pass_on(record, at)
        if case.state == State.TO_CLOSE and case.due_at is not None and case.due_at < until:
            self.close(record, CLOCK, at, occurred_at=case.due_at)

    # ---------------------------------------------------------------- what the clock tells

    def tell_of_turn(self, record: Record, until: datetime, at: datetime) -> None:
        """One level of the turn's ladder a window."""
        turn = record.turn
        if turn is None or turn.timer_at is None or turn.timer_at >= until:
            return
        rung = rungs_of(turn.ladder_id)[turn.timer_level]
        self.tell(record, ClockKind.TURN, turn.pk, rung.level, rung.share, turn.timer_at,
                  rung.receiver, at)  # fmt: skip
        turn.timer_level += 1
        turn.timer_at = turn.marks[turn.timer_level] if turn.timer_level < len(turn.marks) else None

    def tell_of_stay(self, record: Record, level: int, due: datetime, at: datetime) -> None:
        stay = record.stay
        assert stay is not None
        record.told[stay.state].add(level)
        role = DESKS[State(stay.state)]
        self.tell(record, ClockKind.STAY, stay.pk, level, SHARES[level], due,
                  role if level == DESK_LATE else beyond_desk(role), at)  # fmt: skip

    def tell_of_step(self, record: Record, level: int, due: datetime, at: datetime) -> None:
        step = record.step
        assert step is not None
        role = step.reviewer_role
        self.tell(record, ClockKind.STEP, step.pk, level, SHARES[level], due,
                  role if level == DESK_LATE else beyond_desk(role), at)  # fmt: skip

    def tell(
        self, record: Record, kind: ClockKind, clock_id: int, level: int, share: int,
        due: datetime, told: str, at: datetime,
    ) -> None:  # fmt: skip
        """The ledger's row and the event `urge`; neither version nor stay changes."""
        record.firings.append(
            maker(TimerFiring)(id=self.ids.next(TimerFiring), clock_kind=kind, clock_id=clock_id,
                        level=level, share=share, case=record.case, occurred_at=due, at=at)
        )  # fmt: skip
        state = State(record.case.state)
        event = next_event(
            record.case, action="urge", actor=CLOCK, role=Role.CLOCK, at=at,
            occurred_at=min(due, at), reason="", states=(state, state), made=maker(Event),
            changes={"clock": kind, "share": share, "told": told},
        )  # fmt: skip
        self.append(record, event)

    # ---------------------------------------------------------------- what the clock does

    def pass_task_on(self, record: Record, at: datetime) -> None:
        """To the next supervisor who has not had it; where nobody is left it is recalled."""
        task, case = record.task, record.case
        assert task is not None
        found = ended_by_clock(task, at)
        assert found is not None
        due, outcome = found
        is_check = task.kind == TaskKind.CHECK
        employers = self.people.barred[record.held().department_id] if is_check else frozenset()
        had = {one.assignee_id for one in record.tasks if one.sending == task.sending}
        following = self.find(record, at, had | barred_from(case, task), employers)
        if not following:
            term = None if is_check else self.goes_on(record, State.REPORTED, at)
            self.move(record, "recall_task", CLOCK, at, occurred_at=due, reason=NOBODY_ON_DUTY,
                      term=term)  # fmt: skip
            self.end_task(task, TaskOutcome.RECALLED, at)
            return
        self.end_task(task, outcome, at)
        self.restart_stage(record, at)
        self.move(
            record, "pass_task_on", CLOCK, at, occurred_at=due,
            changes={"from": task.assignee_id, "to": following, "outcome": outcome},
        )  # fmt: skip
        self.give(record, TaskKind(task.kind), task.sending, following, at)

    def restart_stage(self, record: Record, at: datetime) -> None:
        term, stay = desk_term(State(record.case.state), at), record.stay
        assert stay is not None
        record.case.due_at, record.case.green_until = term.due_at, term.green_until
        stay.due_at, stay.green_until = term.due_at, term.green_until


def owed(record: Record) -> list[datetime]:
    """When each thing is due, reviews apart: who is on duty does not tell of it."""
    turn, case = record.turn, record.case
    found: list[datetime | None] = [due for due, _level in late_stay(record)]
    if record.steps:
        found += [due for due, _level in late_step(record)]
    if record.tasks:
        found.append(task_due(record))
    if turn is not None:
        found.append(turn.timer_at)
    if case.force_close_at is not None:
        found.append(force_due(record))
    if case.state in _BY_DUE:
        found.append(case.due_at)
    return [due for due in found if due is not None]


_BY_DUE = frozenset({State.SUSPENDED, State.TO_CLOSE})


def late_stay(record: Record) -> Iterator[tuple[datetime, int]]:
    """The levels of the desk's clock that are not told yet."""
    stay = record.stay
    if stay is None or stay.due_at is None or stay.state not in DESKS:
        return
    told = record.told[stay.state]
    if DESK_LATE not in told and stay.state != State.TO_CLOSE:
        yield stay.due_at, DESK_LATE
    if 2 not in told:
        yield twice(stay, stay.due_at), 2
    if stay.idle_at is not None and IDLE not in levels(record, ClockKind.STAY, stay.pk):
        yield stay.idle_at, IDLE  # each visit's day is its own


def late_step(record: Record) -> Iterator[tuple[datetime, int]]:
    """The levels of a review's clock that are not told yet."""
    step = record.step
    if step is None:
        return
    told = levels(record, ClockKind.STEP, step.pk)
    if DESK_LATE not in told and step.reviewer_role != Role.DEPARTMENT:
        yield step.due_at, DESK_LATE
    if 2 not in told:
        yield twice(step, step.due_at), 2
    if step.idle_at is not None and IDLE not in told:
        yield step.idle_at, IDLE


def levels(record: Record, kind: ClockKind, clock_id: int) -> set[int]:
    """The levels of a clock that were told."""
    return {
        one.level for one in record.firings if (one.clock_kind, one.clock_id) == (kind, clock_id)
    }


def twice(clock: Stay | RequestStep, due_at: datetime) -> datetime:
    """When twice a limit has run."""
    return clock.twice_at or due_at + timedelta(seconds=clock.limit_s or 0)


def task_due(record: Record) -> datetime | None:
    task = record.task
    return None if task is None else min(task.due_at, task.shift_ends_at or task.due_at)


def force_due(record: Record) -> datetime | None:
    """When the policy closes by force, unless the case was elsewhere at that instant."""
    due = record.case.force_close_at
    if due is None or record.case.state not in BY_CLOCK or record.was_elsewhere(BY_CLOCK, due):
        return None
    return due
