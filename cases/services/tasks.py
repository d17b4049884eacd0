"""Verify and check tasks: sent to a supervisor on duty, answered, passed on, recalled."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from cases.models import Case, Stay, Task, TaskKind, TaskOutcome
from cases.models.notice import NoticeKind
from cases.selectors.settings import stage_limit_s
from cases.services.notices import notify
from cases.services.transition import Term, desk_term, lock_case, move, term_that_goes_on
from cases.workflow import State
from gridcity.contracts import CLOCK, Actor, Forbidden, NotAllowed
from parts.selectors import (
    cell_today,
    shift_end,
    supervisors_of_neighbours,
    supervisors_on_duty,
)
from parts.services.writing import insert, save

STATE_OF: dict[str, State] = {TaskKind.VERIFY: State.VERIFYING, TaskKind.CHECK: State.CHECKING}

# Said of a recall by the clock when no supervisor is left (domain law §6.4); stored as data.
NOBODY_ON_DUTY = "无人在岗"


def send_task(
    case: Case,
    *,
    kind: TaskKind,
    at: datetime,
    exclude: Collection[int] = (),
    exclude_employers: Collection[str] = (),
) -> Task:
    """Send a new task for a locked case to the nearest supervisor on duty (domain law §4).

    Of the case's cell first, else of neighbouring cells. Raises NotAllowed when nobody is there.
    """
    if case.cell_id is None:
        raise NotAllowed(_("The case has no place yet: set its point first."))
    assignee = find_supervisor(case, at, exclude, exclude_employers)
    if assignee is None:
        raise NotAllowed(_("No supervisor of this cell or its neighbours is on duty."))
    return give(case, kind=kind, sending=next_sending(case), assignee=assignee, at=at)


def next_sending(case: Case) -> int:
    """The number of a new sending; a task that is passed on keeps that of the first."""
    last = Task.objects.filter(case=case).order_by("-id").values_list("sending", flat=True).first()
    return (last or 0) + 1


def find_supervisor(
    case: Case, at: datetime, exclude: Collection[int], exclude_employers: Collection[str]
) -> int | None:
    """The first who may go: of the cell, then of neighbours, nearest first."""
    assert case.cell_id is not None
    # The grid may have changed since the case was filed: whoever walks its place today goes.
    cell_id = cell_today(cell_id=case.cell_id, point=case.point)
    candidates = [
        *supervisors_on_duty(cell_id=cell_id, at=at),
        *supervisors_of_neighbours(cell_id=cell_id, at=at),
    ]
    wanted = [user_id for user_id in dict.fromkeys(candidates) if user_id not in exclude]
    if not wanted or not exclude_employers:
        return wanted[0] if wanted else None
    barred = set(
        get_user_model()
        .objects.filter(pk__in=wanted, employer__in=exclude_employers)
        .values_list("pk", flat=True)
    )
    return next((user_id for user_id in wanted if user_id not in barred), None)


def give(case: Case, *, kind: TaskKind, sending: int, assignee: int, at: datetime) -> Task:
    """Write the task and tell its supervisor."""
    limit_s = stage_limit_s(STATE_OF[kind], at) or 0
    task = Task(
        case=case,
        kind=kind,
        sending=sending,
        assignee_id=assignee,
        sent_at=at,
        due_at=at + timedelta(seconds=limit_s),
        shift_ends_at=shift_end(user_id=assignee, at=at),
    )
    insert(task)
    notify(case, [assignee], NoticeKind.TASK, at=at, values={"task": kind})
    return task


def answer_task(
    case: Case, *, kind: TaskKind, outcome: TaskOutcome, actor: Actor, at: datetime
) -> Task:
    """End the open task of a locked case with an answer.

    The first answer recorded wins, also when it comes from one who was offline while the task
    passed on: then the task of the next lapses (domain law §4, last sentence).
    Raises NotAllowed without an open task, Forbidden for a supervisor who never had it.
    """
    open_task = Task.objects.filter(case=case, kind=kind, ended_at=None).first()
    if open_task is None:
        raise NotAllowed(_("This case has no open task."))
    if open_task.assignee_id == actor.user_id:
        return end_task(open_task, outcome=outcome, at=at)
    earlier = Task.objects.filter(
        case=case, kind=kind, sending=open_task.sending, assignee_id=actor.user_id
    ).first()
    if earlier is None:
        raise Forbidden(_("This task was sent to another supervisor."))
    end_task(open_task, outcome=TaskOutcome.LAPSED, at=at)
    return earlier


def end_task(task: Task, *, outcome: TaskOutcome, at: datetime) -> Task:
    """Write how and when a task ended; a task that lapses or is recalled is judged by nobody."""
    task.ended_at, task.outcome = at, outcome
    uncharged = {TaskOutcome.RECALLED, TaskOutcome.LAPSED, TaskOutcome.SHIFT_ENDED}
    task.in_time = None if outcome in uncharged else at <= task.due_at
    save(task, ("ended_at", "outcome", "in_time"))
    return task


def lapse_task(case: Case, *, outcome: TaskOutcome, at: datetime) -> Task | None:
    """End the open task of a locked case, if there is one, without an answer."""
    task = Task.objects.filter(case=case, ended_at=None).first()
    return end_task(task, outcome=outcome, at=at) if task else None


@transaction.atomic
def recall_task(
    *, number: str, actor: Actor, at: datetime, reason: str, version: int | None = None
) -> Case:
    """`recall_task` ⚑: take a task back; not charged to the supervisor (domain law §4)."""
    case = lock_case(number, version=version)
    move(
        case, action="recall_task", actor=actor, at=at, reason=reason,
        term=term_after_recall(case, at),
    )  # fmt: skip
    lapse_task(case, outcome=TaskOutcome.RECALLED, at=at)
    return case


def term_after_recall(case: Case, at: datetime) -> Term | None:
    """Acceptance goes on after a verification, also one that was recalled (domain law §6.2)."""
    if case.state != State.VERIFYING:
        return None
    return term_that_goes_on(case, State.REPORTED, at)


@transaction.atomic
def pass_task_on(
    *, task_id: int, at: datetime, exclude_employers: Collection[str] = ()
) -> Task | None:
    """By the clock: give an unanswered task to the next supervisor who has not had it.

    Past its limit the miss is counted; at the end of the shift it passes on without one. When
    nobody is left the task is recalled and charged to nobody. Does nothing to a task that was
    answered meanwhile. Returns the new task.
    """
    task = Task.objects.select_related("case").get(pk=task_id)
    case = lock_case(task.case.number)
    task = Task.objects.select_for_update(of=("self",)).get(pk=task_id)
    ended = None if task.ended_at is not None else ended_by_clock(task, at)
    if ended is None:
        return None
    due, outcome = ended
    had = Task.objects.filter(case=case, sending=task.sending).values_list("assignee_id", flat=True)
    barred = {*had, *barred_from(case, task)}
    following = find_supervisor(case, at, barred, exclude_employers)
    if following is None:
        move(
            case, action="recall_task", actor=CLOCK, at=at, occurred_at=due, reason=NOBODY_ON_DUTY,
            term=term_after_recall(case, at),
        )  # fmt: skip
        end_task(task, outcome=TaskOutcome.RECALLED, at=at)
        return None
    end_task(task, outcome=outcome, at=at)
    restart_stage(case, at)
    move(
        case,
        action="pass_task_on",
        actor=CLOCK,
        at=at,
        occurred_at=due,
        changes={"from": task.assignee_id, "to": following, "outcome": outcome},
    )
    kind = TaskKind(task.kind)
    return give(case, kind=kind, sending=task.sending, assignee=following, at=at)


def ended_by_clock(task: Task, at: datetime) -> tuple[datetime, TaskOutcome] | None:
    """When and how an unanswered task left its supervisor: what came first decides (law §6.4).

    At the end of his shift it is no miss; what is answered at the due instant is in time.
    """
    shift_end = task.shift_ends_at
    if shift_end is not None and shift_end <= min(task.due_at, at):
        return shift_end, TaskOutcome.SHIFT_ENDED
    if task.due_at < at:
        return task.due_at, TaskOutcome.MISSED
    return None


def restart_stage(case: Case, at: datetime) -> None:
    """A verification or check starts anew with each task (domain law §6.2)."""
    term = desk_term(State(case.state), at)
    case.due_at, case.green_until = term.due_at, term.green_until
    save(case, ("due_at", "green_until"))
    Stay.objects.filter(case=case, ended_at=None).update(
        due_at=term.due_at, green_until=term.green_until
    )


def barred_from(case: Case, task: Task) -> set[int]:
    """Nobody verifies his own report (domain law §4, send_verify)."""
    is_verify = task.kind == TaskKind.VERIFY and case.reported_by_id is not None
    return {case.reported_by_id} if is_verify and case.reported_by_id else set()
