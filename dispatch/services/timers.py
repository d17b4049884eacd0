"""The sweep: whatever the clock owes by now is done, in due order (domain law §6.4).

What is due stands in the database; a sweep that was down catches up window by window. Several
sweeps may run at once. A bad item is rolled back, listed as a `SweepError` and skipped until its
next try; nothing else waits for it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce, Least

from cases.models import Case, Task, TaskKind
from cases.models.notice import NoticeKind
from cases.selectors.duty import on_duty
from cases.services.notices import notify
from cases.services.tasks import pass_task_on
from cases.services.transactions import whole_request
from cases.workflow import DESKS, State
from dispatch.models import CatchUp, RequestStep
from dispatch.selectors.duty import unanswerable_appeals
from dispatch.services.checking import barred_employers, close_held_case
from dispatch.services.forcing import BY_CLOCK, POLICY, force_close_case, policy_due
from dispatch.services.reviews import pass_request_on
from dispatch.services.suspending import resume_case
from dispatch.services.sweep_errors import left_out, list_error, resolve_errors
from dispatch.services.timer_notices import NOTICE_SOURCES, Source, fire
from dispatch.services.turns import open_turn
from gridcity.contracts import CLOCK, Role

log = logging.getLogger(__name__)

NOTICES_AT_ONCE = 500
TRANSITIONS_AT_ONCE = 50
# So many are looked for: where another worker holds the first of them, the next are not held.
TRANSITIONS_FOUND = 4 * TRANSITIONS_AT_ONCE
# Due order holds to the minute; inside it the kinds follow each other.
WINDOW = timedelta(minutes=1)
WINDOWS_PER_SWEEP = 240
# A sweep that finds something older than this says for good how late it was.
LATE_FROM = timedelta(minutes=1)


@dataclass(slots=True)
class Swept:
    """What a sweep did, and how late the oldest of it was."""

    done: dict[str, int] = field(default_factory=dict)
    failed: int = 0
    lag: timedelta = timedelta()

    @property
    def count(self) -> int:
        """How many items were done, or tried in vain."""
        return sum(self.done.values()) + self.failed

    def add(self, kind: str, count: int) -> None:
        if count:
            self.done[kind] = self.done.get(kind, 0) + count


def sweep_timers(*, at: datetime) -> Swept:
    """Do what is due before `at`, oldest first; bounded, the next sweep goes on."""
    swept = Swept()
    heads = {job: job.head(at) for job in _JOBS}
    for _window in range(WINDOWS_PER_SWEEP):
        waiting = {job: head for job, head in heads.items() if head is not None}
        if not waiting:
            break
        first = min(waiting.values())
        swept.lag = max(swept.lag, at - first)
        until = min(at, first + WINDOW)
        before = swept.count
        for job, head in waiting.items():
            if head < until:  # what a window brings is due later: the other kinds stay as they are
                job.run(until, at, swept)
                heads[job] = job.head(at)
        if swept.count == before and first in heads.values():
            break  # somebody holds what is due first: the next sweep goes on
    if swept.lag >= LATE_FROM and swept.done:
        CatchUp.objects.create(
            at=at, oldest_due_at=at - swept.lag, done=swept.done, failed=swept.failed
        )
    return swept


def lag_by_kind(*, at: datetime) -> dict[str, timedelta]:
    """How late the oldest thing is that the clock owes, by kind; kinds that owe nothing are at 0.

    What failed and waits for its next try is listed as an error and is no lag.
    """
    heads = {job.name: job.head(at) for job in _JOBS}
    return {kind: timedelta() if head is None else at - head for kind, head in heads.items()}


@dataclass(frozen=True, slots=True)
class Notices:
    """Set-based work; where a batch fails, its items are tried one by one."""

    source: Source

    @property
    def name(self) -> str:
        return self.source.kind

    def head(self, at: datetime) -> datetime | None:
        return self.source.head(at)

    def run(self, until: datetime, at: datetime, swept: Swept) -> None:
        while True:
            try:
                count = fire(self.source, until=until, at=at, limit=NOTICES_AT_ONCE)
            except Exception:
                log.exception("a batch of %s timers failed; trying one by one", self.source.kind)
                count = self._one_by_one(until, at, swept)
            else:
                swept.add(self.source.kind, count)
            if count < NOTICES_AT_ONCE:
                return

    def _one_by_one(self, until: datetime, at: datetime, swept: Swept) -> int:
        """Each item alone; one that fails is listed, so that the next look leaves it out."""
        count = 0
        while count < NOTICES_AT_ONCE:
            with transaction.atomic():
                due = self.source.lock(until, at, 1)
            if not due:
                return count
            try:
                fire(self.source, until=until, at=at, limit=1)
                swept.add(self.source.kind, 1)
            except Exception as problem:
                list_error(self.source.kind, due[0].clock_id, problem, at)
                swept.failed += 1
            count += 1
        return count


@dataclass(frozen=True, slots=True)
class Transitions:
    """Changes of state: a batch is locked, each item has a savepoint of its own.

    `lock` leaves out what somebody moves now, or has moved.
    """

    kind: str
    find: Callable[[datetime, datetime], list[tuple[datetime, int]]]
    lock: Callable[[list[int]], dict[int, Case]]
    act: Callable[[int, Case, datetime, datetime], None]

    @property
    def name(self) -> str:
        return self.kind

    def head(self, at: datetime) -> datetime | None:
        found = self.find(at, at)
        return found[0][0] if found else None

    def run(self, until: datetime, at: datetime, swept: Swept) -> None:
        while True:
            due = self.find(until, at)
            moved = 0
            for start in range(0, len(due), TRANSITIONS_AT_ONCE):
                moved += self._batch(due[start : start + TRANSITIONS_AT_ONCE], at, swept)
            if len(due) < TRANSITIONS_FOUND or not moved:
                return

    def _batch(self, due: list[tuple[datetime, int]], at: datetime, swept: Swept) -> int:
        """Those of them that nobody holds, in one transaction; returns how many moved."""
        with transaction.atomic():
            cases = self.lock([item for _due_at, item in due])
            moved = [
                item
                for due_at, item in due
                if item in cases and self._one(item, cases[item], due_at, at, swept)
            ]
            resolve_errors(self.kind, moved, at)
        swept.add(self.kind, len(moved))
        return len(moved)

    def _one(self, item: int, case: Case, due_at: datetime, at: datetime, swept: Swept) -> bool:
        try:
            with whole_request():
                self.act(item, case, due_at, at)
        except Exception as problem:
            list_error(self.kind, item, problem, at)
            swept.failed += 1
            return False
        return True


def _held() -> QuerySet[Case]:
    """Cases locked for a move; those that somebody holds are left to the next sweep."""
    return Case.objects.select_for_update(of=("self",), no_key=True, skip_locked=True)


def _held_of(cases_of: Iterable[tuple[int, int]]) -> dict[int, Case]:
    """The cases of items that are no cases themselves, from pairs of item and case id."""
    pairs = list(cases_of)
    cases = _held().in_bulk([case_id for _item, case_id in pairs])
    return {item: cases[case_id] for item, case_id in pairs if case_id in cases}


def _closes_due(until: datetime, at: datetime) -> list[tuple[datetime, int]]:
    cases = Case.objects.filter(state=State.TO_CLOSE, due_at__lt=until)
    cases = cases.exclude(pk__in=left_out("close", at)).order_by("due_at", "pk")
    return [
        (due_at, pk)
        for due_at, pk in cases.values_list("due_at", "pk")[:TRANSITIONS_FOUND]
        if due_at is not None
    ]


def _lock_for_close(items: list[int]) -> dict[int, Case]:
    return _held().filter(state=State.TO_CLOSE).in_bulk(items)


def _close(item: int, case: Case, due_at: datetime, at: datetime) -> None:
    if case.due_at is not None and case.due_at < at:  # refused and checked anew since it was found
        close_held_case(case, actor=CLOCK, at=at, occurred_at=case.due_at)


def _tasks_due(until: datetime, at: datetime) -> list[tuple[datetime, int]]:
    """Open tasks past their limit, or past the end of their supervisor's shift."""
    tasks = (
        Task.objects.filter(Q(due_at__lt=until) | Q(shift_ends_at__lt=until), ended_at=None)
        .exclude(pk__in=left_out("task", at))
        .annotate(acts_at=Least(F("due_at"), Coalesce(F("shift_ends_at"), F("due_at"))))
        .order_by("acts_at", "pk")
    )
    return list(tasks.values_list("acts_at", "pk")[:TRANSITIONS_FOUND])


def _lock_for_task(items: list[int]) -> dict[int, Case]:
    tasks = Task.objects.filter(pk__in=items, ended_at=None)
    return _held_of(tasks.values_list("pk", "case_id"))


def _pass_on(item: int, case: Case, due_at: datetime, at: datetime) -> None:
    is_check = Task.objects.filter(pk=item, kind=TaskKind.CHECK).exists()
    barred = barred_employers(open_turn(case)) if is_check else frozenset()
    if pass_task_on(task_id=item, at=at, exclude_employers=barred) is None:
        _tell_nobody_went(case, at)


def _tell_nobody_went(case: Case, at: datetime) -> None:
    """The task came back to its desk because nobody was left 无人在岗: the desk hears of it."""
    case.refresh_from_db(fields=["state"])
    desk = DESKS.get(State(case.state))
    if desk is not None:
        notify(case, on_duty([desk]), NoticeKind.NOBODY, at=at)


def _resumes_due(until: datetime, at: datetime) -> list[tuple[datetime, int]]:
    """Suspended cases whose end date has begun."""
    cases = Case.objects.filter(state=State.SUSPENDED, ended_at=None, due_at__lt=until)
    cases = cases.exclude(pk__in=left_out("resume", at)).order_by("due_at", "pk")
    return [
        (due_at, pk)
        for due_at, pk in cases.values_list("due_at", "pk")[:TRANSITIONS_FOUND]
        if due_at is not None
    ]


def _lock_for_resume(items: list[int]) -> dict[int, Case]:
    return _held().filter(state=State.SUSPENDED).in_bulk(items)


def _resume(item: int, case: Case, due_at: datetime, at: datetime) -> None:
    if case.due_at is not None and case.due_at < at:  # suspended anew since it was found
        resume_case(number=case.number, actor=CLOCK, at=at, occurred_at=case.due_at)


def _reviews_due(until: datetime, at: datetime) -> list[tuple[datetime, int]]:
    """Pre-approvals that no lead has given within his limit, and appeals that nobody may answer."""
    passes = Q(reviewer_role=Role.DEPARTMENT) | unanswerable_appeals()
    steps = RequestStep.objects.filter(passes, ended_at=None, due_at__lt=until).exclude(
        pk__in=left_out("review", at)
    )
    return list(steps.order_by("due_at", "pk").values_list("due_at", "pk")[:TRANSITIONS_FOUND])


def _lock_for_review(items: list[int]) -> dict[int, Case]:
    waiting = RequestStep.objects.filter(pk__in=items, ended_at=None)
    return _held_of(waiting.values_list("pk", "request__case_id"))


def _pass_review_on(item: int, case: Case, due_at: datetime, at: datetime) -> None:
    pass_request_on(step_id=item, at=at)


def _forced_due(until: datetime, at: datetime) -> list[tuple[datetime, int]]:
    cases = Case.objects.filter(policy_due(until)).exclude(pk__in=left_out("force", at))
    rows = cases.order_by("force_close_at", "pk").values_list("force_close_at", "pk")
    return [(due_at, pk) for due_at, pk in rows[:TRANSITIONS_FOUND] if due_at is not None]


def _lock_for_force(items: list[int]) -> dict[int, Case]:
    return _held().filter(ended_at=None, force_close_at__isnull=False).in_bulk(items)


def _force(item: int, case: Case, due_at: datetime, at: datetime) -> None:
    if case.state in BY_CLOCK:  # it may have moved since it was found
        force_close_case(
            number=case.number, actor=CLOCK, at=at, reason=POLICY, occurred_at=case.force_close_at
        )


_JOBS: tuple[Notices | Transitions, ...] = (
    *(Notices(source) for source in NOTICE_SOURCES),
    Transitions("task", _tasks_due, _lock_for_task, _pass_on),
    Transitions("resume", _resumes_due, _lock_for_resume, _resume),
    Transitions("force", _forced_due, _lock_for_force, _force),
    Transitions("review", _reviews_due, _lock_for_review, _pass_review_on),
    Transitions("close", _closes_due, _lock_for_close, _close),
)
