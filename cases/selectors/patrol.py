"""What a supervisor sees on his phone: his tasks, his reports, and what is open around him."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet, Subquery

from cases.models import Case, Miss, Photo, PhotoRole, Task
from cases.workflow import ENDED
from gridcity.contracts import NotVisible
from parts.selectors import patrolled_cells

LIKELY_SINCE = timedelta(days=30)
LIKELY = 8
REPORT_COLUMNS: list[str] = [
    "id",
    "number",
    "state",
    "reported_at",
    "photo_id",
    "place_text",
    "catalogue_class__name",
    "street__name",
    "community__name",
]


def in_sight(user_id: int | None) -> Q:
    """What a supervisor reported, had a task for or is to have missed; what is open in his cells.

    Other cases do not exist for him (domain law §1).
    """
    tasks = Task.objects.filter(case=OuterRef("pk"), assignee_id=user_id)
    cells = patrolled_cells(user_id)
    is_open = ~Q(state__in=sorted(str(state) for state in ENDED))
    missed = Miss.objects.filter(case=OuterRef("pk"), supervisor_id=user_id)
    return (
        Q(reported_by_id=user_id)
        | Q(Exists(tasks))
        | Q(Exists(missed))
        | (is_open & Q(cell_id__in=cells))
    )


def seen_among(numbers: Collection[str], *, user_id: int) -> set[str]:
    """Those of these cases that a supervisor may open; one query."""
    rows = Case.objects.filter(in_sight(user_id), number__in=numbers)
    return set(rows.values_list("number", flat=True))


def open_tasks(*, user_id: int) -> QuerySet[Task]:
    """The tasks that wait for this supervisor, due first; one query."""
    photo = Photo.objects.filter(case=OuterRef("case")).order_by("pk").values("pk")[:1]
    return (
        Task.objects.filter(assignee_id=user_id, ended_at=None)
        .select_related("case__catalogue_class", "case__street", "case__community")
        .annotate(photo_id=Subquery(photo))
        .order_by("due_at", "pk")
    )


def get_open_task(*, task_id: int, user_id: int) -> Task:
    """One task with its case and photos. Raises NotVisible when it is another's or over."""
    photos = Prefetch("case__photos", Photo.objects.select_related("uploaded_by").order_by("pk"))
    task = (
        Task.objects.filter(pk=task_id, assignee_id=user_id, ended_at=None)
        .select_related("case__catalogue_class", "case__street", "case__community")
        .select_related("case__cell", "case__part")
        .prefetch_related(photos)
        .first()
    )
    if task is None:
        raise NotVisible
    return task


def photos_before_and_after(case: Case) -> tuple[list[Photo], list[Photo]]:
    """The photos of a loaded case, those after handling apart."""
    after = [photo for photo in case.photos.all() if photo.role == PhotoRole.AFTER]
    return [photo for photo in case.photos.all() if photo.role != PhotoRole.AFTER], after


def reports_of(*, user_id: int) -> QuerySet[Case, dict[str, Any]]:
    """What this user reported, as rows of a list; the page orders and cuts it."""
    photo = Photo.objects.filter(case=OuterRef("pk")).order_by("pk").values("pk")[:1]
    rows = Case.objects.filter(reported_by_id=user_id).annotate(photo_id=Subquery(photo))
    return rows.values(*REPORT_COLUMNS)


def likely_classes(*, user_id: int, at: datetime) -> list[str]:
    """`kind:code` of the classes this user reported lately, newest first, each once."""
    recent = (
        Case.objects.filter(reported_by_id=user_id)
        .order_by("-pk")
        .values_list("kind", "catalogue_class__code", "reported_at")[:40]
    )
    since = at - LIKELY_SINCE
    keys = (f"{kind}:{code}" for kind, code, reported_at in recent if reported_at >= since)
    return list(dict.fromkeys(keys))[:LIKELY]


def first_photos(numbers: Collection[str]) -> dict[str, int]:
    """Id of the first photo of each of these cases, by case number; one query."""
    rows = Photo.objects.filter(case__number__in=numbers).order_by("case", "pk").distinct("case")
    return dict(rows.values_list("case__number", "pk"))
