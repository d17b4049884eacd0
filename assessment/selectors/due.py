"""What can still be saved: open work that is not late yet, what is due soonest first."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db.models import F

from cases.models import Case, Miss, Task
from cases.models.case import CaseQuerySet
from cases.selectors.misses import visible_misses
from dispatch.models import Turn
from dispatch.selectors.boxes import cases_in
from gridcity.contracts import Actor, Role

MOST_DUE = 10


def due_soonest(actor: Actor, at: datetime) -> list[dict[str, Any]]:
    """Of a department: open turns not finished, by what is left.

    The clock of an open turn that is not finished is that of its case.
    """
    turns = Turn.objects.filter(
        department_id=actor.department_id or 0, ended_at=None, finished_at=None
    ).values("case")
    return _soonest(Case.objects.filter(pk__in=turns, ended_at=None), at)


def due_at_post(actor: Actor, post: str, at: datetime) -> list[dict[str, Any]]:
    """Of a person: a supervisor's own tasks, of another post what waits at its desk."""
    if post == Role.SUPERVISOR:
        return _tasks(actor, at)
    return _soonest(cases_in(replace(actor, roles=frozenset({post})), "todo"), at)


def _soonest(cases: CaseQuerySet, at: datetime) -> list[dict[str, Any]]:
    rows = (
        cases.filter(due_at__gte=at)
        .order_by("due_at", "id")
        .values(
            "number", "state", "due_at", "green_until",
            class_name=F("catalogue_class__name"), street_name=F("street__name"),
        )[:MOST_DUE]
    )  # fmt: skip
    return [dict(row) for row in rows]


def _tasks(actor: Actor, at: datetime) -> list[dict[str, Any]]:
    rows = (
        Task.objects.filter(assignee_id=actor.user_id, ended_at=None, due_at__gte=at)
        .order_by("due_at", "pk")
        .values(
            "due_at", task_id=F("pk"), number=F("case__number"), state=F("case__state"),
            green_until=F("case__green_until"), class_name=F("case__catalogue_class__name"),
            street_name=F("case__street__name"),
        )[:MOST_DUE]
    )  # fmt: skip
    return [dict(row) for row in rows]


def misses_to_object(actor: Actor, at: datetime) -> list[Miss]:
    """What is charged to a supervisor as missed and still open to his objection, last day first."""
    mine = visible_misses(actor).filter(supervisor_id=actor.user_id, objected_at=None)
    return list(mine.filter(object_until__gte=at).order_by("object_until", "pk"))
