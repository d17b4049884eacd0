"""Scores of closed periods: the snapshots, the ranking of one, and what a score is made of."""

from __future__ import annotations

from dataclasses import replace

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from assessment.models import SnapshotKind
from assessment.selectors.dashboard import READERS
from assessment.selectors.guarantees import comments_on, warnings_of
from assessment.selectors.snapshots import (
    explain,
    get_snapshot,
    list_snapshots,
    rows_of,
    schemes_of,
)
from assessment.services.snapshots import FINAL_AFTER, correct_snapshot, publish_snapshot
from dispatch.selectors.actors import actor_of
from dispatch.views.entry import entering
from gridcity.contracts import NotVisible, Role

# Who reads figures, and each department its own.
SEES_SCORES = READERS | {Role.DEPARTMENT}


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
    met = warnings_of(snapshot)
    rows = [replace(row, warnings=met.get(row.key, ())) for row in rows_of(snapshot, actor)]
    context = {
        "comments": comments_on(snapshot),
        "snapshot": snapshot,
        "rows": rows,
        "terms": snapshot.scheme.terms,
        "final_from": snapshot.end + FINAL_AFTER,
        "is_provisional": snapshot.kind == SnapshotKind.PROVISIONAL,
        "may_publish": Role.DUTY_CHIEF in actor.roles,
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
        "terms": explain(
            snapshot, row, reverse("assessment:list"), reverse("assessment:inspections")
        ),
        "opens_lists": bool(actor.roles & READERS),
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
