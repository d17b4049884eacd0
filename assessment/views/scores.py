"""Scores of closed periods: the snapshots, the ranking of one, and what a score is made of."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from assessment.models import POST_SUBJECTS, SnapshotKind
from assessment.selectors.dashboard import READERS
from assessment.selectors.snapshots import (
    FINAL_AFTER,
    explain,
    get_snapshot,
    list_snapshots,
    rows_of,
    schemes_of,
)
from assessment.services.snapshots import correct_snapshot, publish_snapshot
from dispatch.selectors.actors import actor_of
from dispatch.views.entry import entering
from gridcity.contracts import NotVisible, Role

# Who reads figures, and whoever is scored: each department and each person of a post its own.
SEES_SCORES = READERS | {Role.DEPARTMENT, Role.ACCEPTOR, Role.SUPERVISOR}


@require_GET
def snapshots(request: HttpRequest) -> HttpResponse:
    """GET /scores/[?scheme=KEY]: what was written down of closed periods, the latest first."""
    actor = entering(request, SEES_SCORES)
    wanted = request.GET.get("scheme", "").replace("\0", "")[:40]
    context = {
        "snapshots": list_snapshots(actor, wanted),
        "schemes": schemes_of(actor),
        "wanted": wanted,
    }
    return render(request, "assessment/snapshots.html", context)


@require_GET
def ranking(request: HttpRequest, pk: int) -> HttpResponse:
    """GET /scores/<id>/: every object with its score, best first."""
    actor = entering(request, SEES_SCORES)
    snapshot = get_snapshot(actor, pk)
    rows = rows_of(snapshot, actor)
    context = {
        "snapshot": snapshot,
        "rows": rows,
        "terms": snapshot.scheme.terms,
        "final_from": snapshot.end + FINAL_AFTER,
        "is_provisional": snapshot.kind == SnapshotKind.PROVISIONAL,
        "is_post": snapshot.subject in POST_SUBJECTS,
        "may_correct": Role.DUTY_CHIEF in actor.roles,
        "may_publish": Role.DUTY_CHIEF in actor.roles and snapshot.subject not in POST_SUBJECTS,
        "may_replay": bool(actor.roles & READERS),
    }
    return render(request, "assessment/ranking.html", context)


@require_GET
def explained(request: HttpRequest, pk: int, key: str) -> HttpResponse:
    """GET /scores/<id>/<key>/: the total, its terms, and the lists behind their figures."""
    actor = entering(request, SEES_SCORES)
    snapshot = get_snapshot(actor, pk)
    row = next((one for one in rows_of(snapshot, actor) if one.key == key), None)
    if row is None:
        raise NotVisible
    context = {
        "snapshot": snapshot,
        "row": row,
        "terms": explain(snapshot, row, reverse("assessment:list")),
        "is_post": snapshot.subject in POST_SUBJECTS,
        "opens_lists": bool(actor.roles & READERS) or row.key == actor.username,
    }
    return render(request, "assessment/explained.html", context)


@require_POST
def publish(request: HttpRequest, pk: int) -> HttpResponse:
    """POST /scores/<id>/publish/: by the duty chief, once."""
    publish_snapshot(snapshot_id=pk, actor=actor_of(request.user), at=timezone.now())
    return redirect("assessment:ranking", pk)


@require_POST
def correct(request: HttpRequest, pk: int) -> HttpResponse:
    """POST /scores/<id>/correct/ with a reason: a new snapshot that names this one."""
    made = correct_snapshot(
        snapshot_id=pk, actor=actor_of(request.user), at=timezone.now(),
        reason=request.POST.get("reason", ""),
    )  # fmt: skip
    return redirect("assessment:ranking", made.pk)
