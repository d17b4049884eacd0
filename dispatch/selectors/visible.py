"""Which cases a user may see at all; the others do not exist for him (domain law §1)."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q

from cases.models import Case
from cases.models.case import CaseQuerySet
from cases.selectors.patrol import in_sight
from dispatch.models import Turn, TurnAssistant, TurnEnd
from gridcity.contracts import Actor, NotVisible, Role

SEES_ALL = frozenset({Role.ACCEPTOR, Role.DUTY_CHIEF, Role.OFFICIAL})


def visible_cases(actor: Actor) -> CaseQuerySet:
    """The cases this actor may see: by role and object, in the queryset, denied by default."""
    cases = Case.objects.all()
    if actor.roles & SEES_ALL:
        return cases
    if Role.DISPATCHER in actor.roles:
        return cases.filter(filed_at__isnull=False)
    if Role.DEPARTMENT in actor.roles:
        return cases.filter(of_department(actor.department_id))
    if Role.SUPERVISOR in actor.roles:
        return cases.filter(in_sight(actor.user_id))
    if Role.CLIENT in actor.roles:
        return cases.filter(reported_by_id=actor.user_id)
    return cases.none()


def of_department(department_id: int | None) -> Q:
    """Cases that a department has or had, or assists in."""
    if department_id is None:
        return Q(pk__in=[])
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
    found = visible_cases(actor).filter(number=number).values_list("pk", flat=True).first()
    if found is None:
        raise NotVisible
    return found
