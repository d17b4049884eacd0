"""Scores of closed periods: the snapshots, the ranking of one, and what a score is made of."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from assessment.models import POST_SUBJECTS, Scheme, Snapshot, SnapshotKind
from assessment.periods import SPANS
from assessment.selectors.cell_means import cells_means
from assessment.selectors.dashboard import READERS
from assessment.selectors.explained import explain, with_words
from assessment.selectors.guarantees import comments_on, warnings_of
from assessment.selectors.replays import redefined_since, replay_of
from assessment.selectors.snapshots import (
    final_after,
    get_snapshot,
    list_snapshots,
    period_of,
    rows_of,
    schemes_of,
)
from assessment.services.snapshots import correct_snapshot, fingerprint, publish_snapshot
from assessment.services.snapshots import replay as recount
from assessment.views.reading import clean_word, lists_for
from dispatch.selectors.actors import actor_of
from dispatch.views.entry import entering
from gridcity.contracts import NotVisible, Role

# Who reads figures, and whoever is scored: each department and each person of a post its own.
SEES_SCORES = READERS | {Role.DEPARTMENT, Role.ACCEPTOR, Role.SUPERVISOR}


@require_GET
def snapshots(request: HttpRequest) -> HttpResponse:
    """GET /scores/[?scheme=KEY&span=month&before=…]: what was written down, the latest first."""
    actor = entering(request, SEES_SCORES)
    query = {key: clean_word(request.GET.get(key, "")) for key in ("scheme", "span")}
    if query["span"] not in SPANS:
        query["span"] = ""
    before = _instant(request.GET.get("before", ""))
    found, earlier = list_snapshots(actor, **query, before=before)
    context = {
        "snapshots": found,
        "schemes": schemes_of(actor),
        "spans": [(key, word) for key, (word, _spelled) in SPANS.items()],
        "is_first": before is None,
        "earlier": urlencode(query | {"before": earlier.isoformat()}) if earlier else "",
        **query,
    }
    return render(request, "assessment/snapshots.html", context)


def _instant(text: str) -> datetime | None:
    """An instant of an address of ours; None for anything else."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else None


@require_GET
def ranking(request: HttpRequest, pk: int) -> HttpResponse:
    """GET /scores/<id>/[?page=…]: every object with its score, best first."""
    actor = entering(request, SEES_SCORES)
    snapshot = get_snapshot(actor, pk)
    met, means = warnings_of(snapshot), cells_means(snapshot, compute=False)
    rows = rows_of(snapshot, actor)
    is_post = snapshot.subject in POST_SUBJECTS
    shown = [row for row in rows if not is_post or row.has_figures]
    page = Paginator(shown, RANKING_PAGE).get_page(request.GET.get("page"))
    listed = [
        replace(
            row, warnings=met.get(row.key, ()),
            cells_mean=means.of(row.pk).total if means else None,
        )
        for row in page
    ]  # fmt: skip
    context = {
        "comments": comments_on(snapshot),
        "snapshot": snapshot,
        "page": page,
        "rows": with_words(actor, snapshot, listed, reverse("assessment:list")),
        "without": len(rows) - len(shown),
        "terms": snapshot.scheme.terms,
        "final_from": snapshot.end + final_after(snapshot.end),
        "is_provisional": snapshot.kind == SnapshotKind.PROVISIONAL,
        "is_post": is_post,
        "may_correct": Role.DUTY_CHIEF in actor.roles,
        "may_publish": Role.DUTY_CHIEF in actor.roles and not is_post,
        "may_replay": bool(actor.roles & READERS),
        "opens_lists": bool(actor.roles & READERS),
        "width": len(snapshot.scheme.terms) + (3 if is_post else 4),
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
    lists = lists_for(actor, snapshot.subject, row.key)
    means = cells_means(snapshot, compute=True)
    context = {
        "snapshot": snapshot,
        "row": row,
        "means": means,
        "cells_mean": means.of(row.pk) if means else None,
        "period": period_of(snapshot),
        "terms": explain(actor, snapshot, row, lists, reverse("assessment:inspections")),
        "is_post": snapshot.subject in POST_SUBJECTS,
        "opens_lists": bool(lists),
        "opens_cells": bool(actor.roles & READERS),
    }
    return render(request, "assessment/explained.html", context)


RANKING_PAGE = MOVED_PAGE = 100


@require_GET
def replay(request: HttpRequest, pk: int) -> HttpResponse:
    """GET /scores/<id>/replay/[?scheme=ID&as_of=now&by=today]: recomputed, and what moved."""
    actor = entering(request, READERS)
    snapshot = get_snapshot(actor, pk)
    versions = Scheme.objects.filter(subject=snapshot.subject, discarded_at=None)
    scheme = scheme_asked(request, snapshot, versions)
    is_now = request.GET.get("as_of") == "now"
    as_of = max(timezone.now(), snapshot.as_of) if is_now else snapshot.as_of
    is_today = request.GET.get("by") == "today"
    lists = reverse("assessment:list")
    found = replay_of(actor, snapshot, scheme, as_of, lists, today=is_today)
    is_same = not is_now and not is_today and scheme.pk == snapshot.scheme_id
    again = fingerprint(recount(snapshot)) if is_same else ""
    page = Paginator(found.cases, MOVED_PAGE).get_page(request.GET.get("page"))
    context = {
        "snapshot": snapshot,
        "scheme": scheme,
        "period": found.period,
        "versions": versions.filter(Q(is_active=True) | Q(is_open_to_comment=True)).order_by(
            "key", "-version"
        ),
        "is_now": is_now,
        "is_today": is_today,
        "redefined": redefined_since(snapshot),
        "found": found,
        "again": again,
        "moved": [row for row in found.rows if row.has_moved],
        "page": page,
    }
    return render(request, "assessment/replay.html", context)


def scheme_asked(request: HttpRequest, snapshot: Snapshot, versions: QuerySet[Scheme]) -> Scheme:
    """The version that the address names, of the same kind of objects; else the snapshot's own."""
    asked = request.GET.get("scheme", "")
    if not asked:
        return snapshot.scheme
    if not asked.isdecimal() or len(asked) > 9:
        raise NotVisible
    seen = versions.filter(Q(is_active=True) | Q(is_open_to_comment=True))
    found = seen.filter(pk=int(asked)).first()
    if found is None:
        raise NotVisible
    return found


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
