"""The rows of one case, as its page and its API answer read them."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import F, FloatField, Func, Q, QuerySet

from cases.models import Case, Event, Photo, Reporter, Stay, Task
from dispatch.models import Request, RequestKind, Turn
from dispatch.selectors.visible import seen_as
from parts.selectors.compiled import compiled, compiled_by, one_of

# What the case itself is read with, but for geometries that nobody looks at.
PLACE = ("cell", "part")
WIDE = ("cell__geom", "cell__neighbours", "part__geom")


@compiled_by("sight")
def case_of(sight: str | None, department_id: Any, user_id: Any, number: Any) -> QuerySet[Case]:
    """The case of a number, where it lies within a sight."""
    cases = seen_as(sight, department_id, user_id).filter(number=number)
    return cases.select_related(*PLACE).defer(*WIDE)[:1]


@compiled
def turns_of(case_id: Any) -> QuerySet[Turn]:
    return Turn.objects.filter(case_id=case_id).select_related("department").order_by("number")


@compiled
def stays_of(case_id: Any) -> QuerySet[Stay]:
    return Stay.objects.filter(case_id=case_id).order_by("seq")


@compiled_by("is_cut")
def tasks_of(is_cut: bool, until: Any, case_id: Any) -> QuerySet[Task]:
    tasks = Task.objects.filter(case_id=case_id).order_by("id")
    return tasks.filter(sent_at__lte=until) if is_cut else tasks


@compiled_by("is_cut")
def events_of(is_cut: bool, until: Any, case_id: Any) -> QuerySet[Event]:
    events = Event.objects.filter(case_id=case_id).order_by("seq")
    return events.filter(at__lte=until) if is_cut else events


@compiled_by("is_cut")
def photos_of(is_cut: bool, until: Any, case_id: Any) -> QuerySet[Photo]:
    """The photos, each with the metres from its point to that of the case (`away`)."""
    sphere = "st_distancesphere"
    away = Func(F("point"), F("case__point"), function=sphere, output_field=FloatField())
    photos = Photo.objects.filter(case_id=case_id).defer("hash_bands").order_by("id")
    photos = photos.annotate(away=away)
    return photos.filter(added_at__lte=until) if is_cut else photos


@compiled_by("is_cut")
def requests_of(is_cut: bool, until: Any, department_id: Any, case_id: Any) -> QuerySet[Request]:
    """The requests; those asked until an instant, and the department's own appeals."""
    requests = Request.objects.filter(case_id=case_id).order_by("id")
    own = Q(turn__department_id=department_id, kind=RequestKind.APPEAL)
    return requests.filter(Q(asked_at__lte=until) | own) if is_cut else requests


@compiled_by("with_leave")
def reporters_of(with_leave: bool, case_id: Any) -> QuerySet[Reporter]:
    """Who reported a case, then who reported those that were merged into it.

    With leave: those alone who may be called by the department.
    """
    # The ids first, each by an index: an “or” over the join would read all reporters there are.
    itself = Case.objects.filter(pk=case_id).values("pk")
    merged = Case.objects.filter(merged_into_id=case_id).values("pk")
    rows = Reporter.objects.filter(case__in=itself.union(merged, all=True), purged_at=None)
    rows = rows.annotate(of_number=F("case__number"))
    rows = rows.filter(may_call=True) if with_leave else rows
    return rows.order_by(F("case__merged_into").asc(nulls_first=True), "pk")


@compiled
def people_of(ids: Any) -> QuerySet[Any]:
    """The users of these ids."""
    return get_user_model().objects.filter(one_of("pk", ids))
