"""What the rows of a case and its facts must say alike."""

from __future__ import annotations

from assessment.models import CaseFact, StayFact, TaskFact, TurnFact
from cases.models import Case, Event, Stay, Task
from cases.workflow import ENDED, State
from dispatch.models import Turn
from gridcity.contracts import Role


def current(model):
    """The versions that hold now, as they are known now."""
    return model.objects.filter(known_to__year=9999, valid_to__year=9999)


def check_facts_of_now():
    """The versions of now say what the rows of cases, turns, stays and tasks say."""
    for fact in current(CaseFact).select_related("case"):
        if fact.key == fact.case.round:
            check_case(fact, fact.case)
    turns = {(one.case_id, one.key): one for one in current(TurnFact)}
    assert len(turns) == Turn.objects.count()
    for turn in Turn.objects.all():
        check_turn(turns[turn.case_id, turn.number], turn)
    stays = {(one.case_id, one.key): one for one in current(StayFact)}
    rows = Stay.objects.exclude(state__in=[str(state) for state in ENDED])
    assert len(stays) == rows.count()
    for stay in rows:
        check_stay(stays[stay.case_id, stay.seq], stay)
    facts = current(TaskFact).order_by("case_id", "key")
    tasks = Task.objects.order_by("case_id", "pk")
    assert facts.count() == tasks.count()
    for fact, task in zip(facts, tasks, strict=True):
        say_alike(fact, task, "case_id", "assignee_id", "sent_at", "due_at", "outcome", "in_time")
        check_ends_alike(fact, task)


def say_alike(fact, row, *fields):
    for field in fields:
        assert getattr(fact, field) == getattr(row, field), field


def check_case(fact, case):
    if fact.key == 1:
        assert fact.reported_at in (None, case.occurred_at, case.reported_at)
        say_alike(fact, case, "filed_at")
    say_alike(fact, case, "catalogue_class_id", "cell_id", "street_id", "source")
    assert fact.out == (case.state in {State.VOIDED, State.MERGED})
    check_ends_alike(fact, case)
    if case.state == State.HANDLING:
        assert fact.due_at == case.due_at


def check_turn(fact, turn):
    say_alike(
        fact, turn, "department_id", "began_at", "finished_at", "finish_in_time", "end_kind",
        "round",
    )  # fmt: skip
    check_ends_alike(fact, turn)
    assert (fact.wrong, fact.reworks) == (turn.wrong_dispatch, turn.rework_count)
    if turn.running_since is not None:
        assert fact.due_at == turn.due_at


def check_stay(fact, stay):
    say_alike(fact, stay, "state", "began_at", "ended_at", "undone", "due_at", "in_time")


def check_ends_alike(fact, row):
    """What the clock ended, it ended when that was due; the row says when it was swept."""
    if fact.ended_at != row.ended_at:
        case_id = row.pk if isinstance(row, Case) else row.case_id
        by_clock = Event.objects.filter(case=case_id, role=Role.CLOCK, at=row.ended_at)
        assert fact.ended_at in by_clock.values_list("occurred_at", flat=True)
