"""Which cases a user may see at all; the others do not exist for him (domain law §1)."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from cases.models import Case
from cases.models.case import CaseQuerySet
from cases.selectors.patrol import in_sight
from cases.workflow import State
from dispatch.models import Turn, TurnAssistant, TurnEnd
from gridcity.contracts import Actor, NotVisible, Role
from parts.selectors.compiled import compiled_by

SEES_ALL = frozenset({Role.ACCEPTOR, Role.DUTY_CHIEF, Role.OFFICIAL})


def visible_cases(actor: Actor) -> CaseQuerySet:
    """The cases this actor may see: by role and object, in the queryset, denied by default."""
    return seen_as(**sight_of(actor))


def sight_of(actor: Actor) -> dict[str, Any]:
    """What `seen_as` wants to know of an actor, for reads that are composed before they know it."""
    return {
        "sight": _sight(actor), "department_id": actor.department_id, "user_id": actor.user_id
    }  # fmt: skip


def _sight(actor: Actor) -> str | None:
    """The role by which an actor sees cases; an official's sight for all who see all."""
    if actor.roles & SEES_ALL:
        return Role.OFFICIAL
    sights = (Role.DISPATCHER, Role.DEPARTMENT, Role.SUPERVISOR, Role.CLIENT)
    found = next((role for role in sights if role in actor.roles), None)
    return None if found == Role.DEPARTMENT and actor.department_id is None else found


def seen_as(sight: str | None, department_id: Any, user_id: Any) -> CaseQuerySet:
    """The cases within a sight; the department and the user may be known later only."""
    cases = Case.objects.all()
    if sight == Role.OFFICIAL:
        return cases
    if sight == Role.DISPATCHER:
        return cases.filter(filed_at__isnull=False)
    if sight == Role.DEPARTMENT:
        return cases.filter(of_department(department_id))
    if sight == Role.SUPERVISOR:
        return cases.filter(in_sight(user_id))
    if sight == Role.CLIENT:
        return cases.filter(reported_by_id=user_id)
    return cases.none()


def of_department(department_id: Any) -> Q:
    """Cases that a department has or had, or assists in."""
    turns = Turn.objects.filter(case=OuterRef("pk"), department_id=department_id).exclude(
        end_kind=TurnEnd.UNDONE  # a dispatch taken back before anybody opened it
    )
    assisting = TurnAssistant.objects.filter(
        turn__case=OuterRef("pk"), department_id=department_id
    ).exclude(turn__end_kind=TurnEnd.UNDONE)
    return Q(Exists(turns)) | Q(Exists(assisting))


def check_current(actor: Actor, number: str) -> int:
    """The id of a case that the actor sees whole, as it is now. Raises NotVisible.

    A department whose turn is over sees the case, but nothing of what others do with it (§1).
    """
    pk = check_visible(actor, number)
    if Role.DEPARTMENT not in actor.roles:
        return pk
    own = Q(department_id=actor.department_id) | Q(assistants__department_id=actor.department_id)
    last = Turn.objects.filter(case_id=pk).order_by("-number").values("pk")[:1]
    if not Turn.objects.filter(own, pk__in=last).exists():
        raise NotVisible
    return pk


def check_visible(actor: Actor, number: str) -> int:
    """The id of a case that the actor may see. Raises NotVisible."""
    return standing_of(actor, number)[0]


def standing_of(actor: Actor, number: str) -> tuple[int, State]:
    """The id and the state of a case that the actor may see. Raises NotVisible."""
    found = _standing.first(**sight_of(actor), number=number)
    if found is None:
        raise NotVisible
    return found[0], State(found[1])


@compiled_by("sight")
def _standing(
    sight: str | None, department_id: Any, user_id: Any, number: Any
) -> QuerySet[Case, tuple[int, str]]:
    cases = seen_as(sight, department_id, user_id).filter(number=number)
    return cases.values_list("pk", "state")[:1]
